"""Pipelines with scikit-learn's transformers, by skl2onnx."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sklearn.base import BaseEstimator, ClassifierMixin, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from skdeep.export.estimators import LearnedFeatures, estimator_nodes, has_nodes
from skdeep.export.graph import OPSET, Graph
from skdeep.utils.interface import Signature

__all__ = ["pipeline_to_onnx", "register"]

# What skl2onnx asks of classifiers: "zipmap" False has probabilities as an array.
_OF_CLASSIFIERS = {"zipmap": [False, True, "columns"], "nocl": [True, False]}


def _skl2onnx() -> Any:
    try:
        import skl2onnx
    except ImportError as error:
        raise ImportError(
            "skdeep.export writes scikit-learn's steps of a pipeline by skl2onnx, which is not "
            'installed; pip install "skdeep[export]" brings it.'
        ) from error
    return skl2onnx


def register() -> None:
    """Tell skl2onnx of all estimators, so that ``skl2onnx.to_onnx(pipeline, X)`` knows them.

    `to_onnx` does so by itself.

    Raises
    ------
    ImportError
        If skl2onnx is not installed.
    """
    skl2onnx = _skl2onnx()
    for kind in estimator_nodes.registry:
        if kind is not object:
            options = _OF_CLASSIFIERS if issubclass(kind, ClassifierMixin) else None
            skl2onnx.update_registered_converter(
                kind, f"Skdeep{kind.__name__}", _declare, _convert, options=options
            )


def _declare(operator: Any) -> None:
    """Say of which types and shapes the outputs of an estimator are."""
    from skl2onnx.common import data_types

    types = {
        "FLOAT": data_types.FloatTensorType,
        "INT64": data_types.Int64TensorType,
        "STRING": data_types.StringTensorType,
    }
    found = estimator_nodes(operator.raw_operator, Graph(), "X")
    if len(found) != len(operator.outputs):
        raise NotImplementedError(
            f"{type(operator.raw_operator).__name__} has several targets, which skl2onnx's "
            "pipelines do not hold; export its last step alone."
        )
    n = operator.inputs[0].type.shape[0]
    for declared, output in zip(operator.outputs, found, strict=True):
        declared.type = types[output.kind]([n, *map(int, output.shape)])


def _convert(scope: Any, operator: Any, container: Any) -> None:
    """Put the graph of an estimator into that of its pipeline."""
    graph = Graph(scope.get_unique_operator_name("skdeep") + "_")
    given = operator.inputs[0]
    X = given.full_name
    if type(given.type).__name__ != "FloatTensorType":
        X = graph.cast(X, "FLOAT")
    outputs = estimator_nodes(operator.raw_operator, graph, X)
    for declared, output in zip(operator.outputs, outputs, strict=True):
        graph.call(output.value, declared.full_name)
    container.initializers.extend(graph.constants)
    container.nodes.extend(graph.nodes)
    container.node_domain_version_pair_sets.add(("", OPSET))


def pipeline_to_onnx(estimator: Any, told: Signature, *, name: str | None = None) -> Any:
    """Return a pipeline, or another estimator of scikit-learn, as a model.

    Parameters
    ----------
    estimator : fitted estimator
    told : Signature
        What it reads: rows of float32, or a column each where they are chosen by name, or some are
        text.
    name : str or None, default=None
    """
    skl2onnx = _skl2onnx()
    register()
    _check_wrapped(estimator)
    if isinstance(estimator, Pipeline):  # skl2onnx does not know the steps that do nothing
        at_work = [(key, _thawed(step)) for key, step in estimator.steps if not _is_idle(step)]
        *before, last_step = at_work
        estimator = Pipeline([*((key, _as_features(step)) for key, step in before), last_step])
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    try:
        return skl2onnx.convert_sklearn(
            estimator,
            name=name or type(estimator).__name__,
            initial_types=_inputs(estimator, told),
            options={id(last): {"zipmap": False}} if is_classifier(last) else None,
            target_opset=OPSET,
        )
    except NotImplementedError:
        raise
    except (KeyError, RuntimeError, TypeError, ValueError) as error:  # KeyError: a kind unknown
        shown = type(last).__name__
        raise NotImplementedError(
            f"{shown} has no form in ONNX here. Save it by skops or joblib, and predict with "
            f"skdeep. (skl2onnx: {' '.join(str(error).split())[:200]})"
        ) from error


def _check_wrapped(estimator: Any, around: Any = None) -> None:
    """Refuse classifiers in others of scikit-learn whose scores skl2onnx takes for probabilities.

    Its form of those that vote, stack, boost or calibrate is made of probabilities throughout.
    """
    if has_nodes(estimator):
        if around is None or not is_classifier(estimator):
            return
        name = type(estimator).__name__
        why = None if hasattr(estimator, "predict_proba") else f"{name} has none"
        if isinstance(around, CalibratedClassifierCV):
            if hasattr(estimator, "decision_function"):
                why = f"it calibrates the decision_function that {name} has"
            elif around.method == "isotonic":
                why = "takes the nearest step of method='isotonic', without interpolation"
        if why is not None:
            raise NotImplementedError(
                f"{type(around).__name__} has a form in ONNX here that is made of probabilities, "
                f"and {why}. Save it by skops or joblib, and predict with skdeep."
            )
        return
    says_the_same = isinstance(estimator, (Pipeline, FrozenEstimator))
    says_the_same |= hasattr(estimator, "best_estimator_")
    for part in _parts(list(vars(estimator).values())):
        _check_wrapped(part, around if says_the_same else estimator)


def _parts(values: Any) -> Iterator[Any]:
    """Yield the estimators among values, and in lists of them."""
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from _parts(value)
        elif isinstance(value, BaseEstimator):
            yield value


def _thawed(step: Any) -> Any:
    return step.estimator if isinstance(step, FrozenEstimator) else step


def _as_features(step: Any) -> Any:
    """Return a step before the last as what transforms: of a network that predicts, its features.

    The networks that code their input transform to nothing else.
    """
    predicts = hasattr(step, "network_") and hasattr(step, "predict")
    return LearnedFeatures(step) if predicts else step


def _is_idle(step: Any) -> bool:
    return step is None or (isinstance(step, str) and step == "passthrough")


def _inputs(estimator: Any, told: Signature) -> list[tuple[str, Any]]:
    """Return the inputs as skl2onnx takes them: rows, or columns by name."""
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    if told.kind != "table":
        raise NotImplementedError(
            f"{told.estimator} reads no table here; export the last step of the pipeline alone."
        )
    steps = estimator.steps if hasattr(estimator, "steps") else []
    first = next((step for _, step in steps if not _is_idle(step)), None)
    texts = any(column.datatype == "BYTES" for column in told.columns)
    if not (isinstance(first, ColumnTransformer) and told.named) and not texts:
        return [("X", FloatTensorType([None, told.n_features]))]
    if not told.named:
        raise NotImplementedError(
            "Columns of text have a form in ONNX here in tables with names, such as data frames."
        )
    for column in told.columns:
        if column.missing is not None and column.datatype == "BYTES":
            raise NotImplementedError(
                f"The column {column.name!r} has a category for what is missing, and text in ONNX "
                "is never missing; fill it before fit."
            )
    return [
        (c.name, (StringTensorType if c.datatype == "BYTES" else FloatTensorType)([None, 1]))
        for c in told.columns
    ]
