"""Models: an estimator's graph with its inputs and outputs declared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

import skdeep.export.pipelines as pipelines
from skdeep._version import __version__
from skdeep.export.estimators import estimator_nodes, has_nodes, input_of
from skdeep.export.graph import OPSET, Graph, require_onnx
from skdeep.utils.interface import Signature, signature_of

__all__ = ["to_onnx"]

# The version of the file format that goes with the operators.
_FORMAT = 9


def to_onnx(estimator: Any, *, name: str | None = None) -> Any:
    """Return a fitted estimator, or a pipeline that ends in one, as an ONNX model.

    The model predicts in float32, what the estimator does to the rounding of that, wherever an
    ONNX runtime runs: in C++, Java, a browser, on a telephone. Convolutional and recurrent networks
    are the standard operators `Conv`, `MaxPool`, `LSTM`.

    Parameters
    ----------
    estimator : fitted estimator, or Pipeline
        Of a search, its best estimator. Scikit-learn's steps of a pipeline are written by
        skl2onnx, which knows skdeep's estimators after :func:`register`.
    name : str or None, default=None
        Of the graph; None is the class's.

    Returns
    -------
    onnx.ModelProto
        One input, "X": rows of shape (n_samples, n_features), pictures as rows of pixels too;
        sequences of numbers of shape (n_samples, n_steps, n_features) or rows, as in `fit`;
        tokens, (n_samples, n_steps), as integers, one more than their places in `vocabulary_`. A
        classifier's outputs are "label" and "probabilities", or "scores" where there are no
        probabilities; all others have "variable", with a column for each number. Sequences all have
        the length `n_steps_`.

    Raises
    ------
    ImportError
        If onnx, or for a pipeline skl2onnx, is not installed.
    NotImplementedError
        If an estimator, a layer or a parameter has no form in ONNX here, with its name.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    References
    ----------
    ONNX, "Open Neural Network Exchange: operator schemas", onnx.ai, version 18 of the operators.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skdeep import MLPClassifier
    >>> from skdeep.export import to_onnx
    >>> X, y = load_iris(return_X_y=True)
    >>> net = MLPClassifier((20,), learning_rate_init=0.01, random_state=0).fit(X, y)
    >>> model = to_onnx(net)
    >>> [output.name for output in model.graph.output]
    ['label', 'probabilities']
    >>> written = model.SerializeToString()  # what goes into a file, iris.onnx
    """
    onnx = require_onnx()
    check_is_fitted(estimator)
    estimator, told = _alone(estimator), signature_of(estimator)
    if not has_nodes(estimator):
        return _described(pipelines.pipeline_to_onnx(estimator, told, name=name), told)
    graph, fed = Graph(), input_of(estimator)
    if hasattr(estimator, "_encoder"):  # raw tables
        categories = estimator._encoder.categories_
        listed = [column.choices for column in told.columns if column.choices]
        coded = bool(categories) and [*map(len, listed)] == [*map(len, categories)]
        told = replace(told, coded=coded)
    if fed.kind == "INT64":
        told = replace(told, kind="tokens")
    outputs = estimator_nodes(estimator, graph, "X")
    make = onnx.helper.make_tensor_value_info
    kind = getattr(onnx.TensorProto, fed.kind)
    for output in outputs:
        graph.call(output.value, output.name)
    made = onnx.helper.make_graph(
        graph.nodes,
        name or type(estimator).__name__,
        [make("X", kind, ["n_samples", *map(int, fed.shape)])],
        [
            make(
                output.name,
                getattr(onnx.TensorProto, output.kind),
                ["n_samples", *map(int, output.shape)],
            )
            for output in outputs
        ],
        graph.constants,
    )
    model = onnx.helper.make_model(
        made,
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        producer_name="skdeep",
        producer_version=__version__,
    )
    model.ir_version = _FORMAT
    onnx.checker.check_model(model, full_check=True)
    return _described(model, told)


def _alone(estimator: Any) -> Any:
    """Return what a search found, and the step of a pipeline that has but one."""
    while True:
        steps = getattr(estimator, "steps", ()) if isinstance(estimator, Pipeline) else ()
        at_work = [step for _, step in steps if step is not None and step != "passthrough"]
        if isinstance(estimator, FrozenEstimator):
            estimator = estimator.estimator
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        elif len(at_work) == 1:
            (estimator,) = at_work
        else:
            return estimator


def _described(model: Any, told: Signature) -> Any:
    """Write into a model what it reads and says, for `skdeep.serve` and others."""
    entry = model.metadata_props.add()
    entry.key, entry.value = "skdeep", told.to_json()
    return model
