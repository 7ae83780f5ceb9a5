"""Pipelines with scikit-learn's transformers, by skl2onnx."""

from __future__ import annotations

from typing import Any

from sklearn.base import ClassifierMixin, is_classifier

from skdeep.export.estimators import estimator_nodes
from skdeep.export.graph import OPSET, Graph

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
        declared.type = types[output.kind]([n, *output.shape])


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


def pipeline_to_onnx(pipeline: Any, *, name: str | None = None) -> Any:
    """Return a pipeline as a model, fed with rows of float32."""
    skl2onnx = _skl2onnx()
    from skl2onnx.common.data_types import FloatTensorType

    register()
    last = pipeline.steps[-1][1]
    return skl2onnx.convert_sklearn(
        pipeline,
        name=name or "Pipeline",
        initial_types=[("X", FloatTensorType([None, pipeline.n_features_in_]))],
        options={id(last): {"zipmap": False}} if is_classifier(last) else None,
        target_opset=OPSET,
    )
