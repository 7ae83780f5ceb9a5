"""Networks: how their input is read, and what is made of their outputs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from skdeep.export.estimators.dispatch import (
    Input,
    Output,
    estimator_nodes,
    input_of,
    label_output,
)
from skdeep.export.graph import Graph, Name
from skdeep.export.layers import layer_nodes
from skdeep.export.networks import network_nodes, prediction_nodes
from skdeep.neural_network import (
    Autoencoder,
    ConvNetClassifier,
    ConvNetRegressor,
    MLPClassifier,
    MLPRegressor,
    NetworkEnsembleClassifier,
    NetworkEnsembleRegressor,
    RecurrentClassifier,
    RecurrentRegressor,
    TransformerClassifier,
    TransformerRegressor,
    VariationalAutoencoder,
)
from skdeep.nn.shapes.links import links, with_weights


@input_of.register(RecurrentClassifier)
@input_of.register(RecurrentRegressor)
@input_of.register(TransformerClassifier)
@input_of.register(TransformerRegressor)
def _(estimator: Any) -> Input:
    shape, tokens = estimator.network_.input_shape, estimator.network_.root.input_dtype
    if tokens is not None:
        return Input("INT64", shape)
    return Input("FLOAT", (math.prod(shape),) if _is_flat(estimator) else shape)


class LearnedFeatures(TransformerMixin, BaseEstimator):
    """A network as a step before the last of a pipeline: what its last hidden layer says.

    Parameters
    ----------
    network : fitted estimator
        Of one network, with `transform`.
    """

    def __init__(self, network: Any) -> None:
        self.network = network


@input_of.register(LearnedFeatures)
def _(estimator: LearnedFeatures) -> Input:
    return input_of(estimator.network)


@input_of.register(NetworkEnsembleClassifier)
@input_of.register(NetworkEnsembleRegressor)
def _(estimator: Any) -> Input:
    return input_of(estimator.estimators_[0])


def _is_flat(estimator: Any) -> bool:
    """Tell whether a sequence stands in a row of a table."""
    return estimator._reader is None


def _predictions(estimator: Any, graph: Graph, X: Name) -> tuple[Name, int]:
    """Add a network, and return what its loss makes of the outputs, and how many there are."""
    network = estimator.network_
    X = _shaped(estimator, graph, X)
    width = network.output_shape[-1]
    return prediction_nodes(estimator._loss, graph, network_nodes(network, graph, X), width), width


def _shaped(estimator: Any, graph: Graph, X: Name) -> Name:
    """Return samples as the network reads them, pictures that stand in rows for one."""
    shape = estimator.network_.input_shape
    return X if input_of(estimator).shape == shape else graph.reshape(X, -1, *shape)


@estimator_nodes.register(LearnedFeatures)
def _(estimator: LearnedFeatures, graph: Graph, X: Name) -> list[Output]:
    network = estimator.network.network_
    X = _shaped(estimator.network, graph, X)
    chain = links(network.root, network.input_shape)
    *_, output = with_weights(chain)
    shape = chain[output].input_shape
    if chain[output].layer is not network.layers()[-1] or len(shape) > 1:
        raise NotImplementedError(
            f"The features of {type(estimator.network).__name__} have a form in ONNX here where "
            "one layer reads them in rows, at the end of all."
        )
    for link in chain[:output]:
        X = layer_nodes(link.layer, graph, X, link.input_shape)
    return [Output("variable", X, "FLOAT", shape)]


@estimator_nodes.register(MLPClassifier)
@estimator_nodes.register(ConvNetClassifier)
@estimator_nodes.register(RecurrentClassifier)
@estimator_nodes.register(TransformerClassifier)
def _(estimator: Any, graph: Graph, X: Name) -> list[Output]:
    predictions, width = _predictions(estimator, graph, X)
    steps, targets = estimator.network_.output_shape[:-1], estimator._targets
    if targets.kind == "multiclass-multioutput":
        return _tasks(graph, predictions, targets)
    if targets.kind == "multilabel-indicator":
        above = graph.add("Greater", predictions, graph.floats(targets.boundary))
        label = Output("label", graph.cast(above, "INT64"), "INT64", (*steps, width))
        return [label, _said(targets, predictions, (*steps, width))]
    if targets.kind == "multiclass":
        index = graph.add("ArgMax", predictions, axis=-1, keepdims=0)
        label = label_output(graph, index, targets.classes, steps)
        return [label, _said(targets, predictions, (*steps, width))]
    above = graph.add("Greater", predictions, graph.floats(targets.boundary))
    index = graph.add("Squeeze", graph.cast(above, "INT64"), np.array([-1]))
    if len(targets.classes) == 1:
        index = graph.add("Mul", index, np.array(0))
    label = label_output(graph, index, targets.classes, steps)
    if targets.boundary == 0:  # a margin
        return [label, _said(targets, predictions, (*steps, width))]
    one = graph.floats(1.0)
    if len(targets.classes) == 1:
        sure = graph.add("Max", predictions, one)
        return [label, _said(targets, sure, (*steps, 1))]
    both = graph.add("Concat", graph.add("Sub", one, predictions), predictions, axis=-1)
    return [label, _said(targets, both, (*steps, 2))]


def _said(targets: Any, value: Name, shape: tuple[int, ...]) -> Output:
    return Output("scores" if targets.boundary == 0 else "probabilities", value, "FLOAT", shape)


def _tasks(graph: Graph, predictions: Name, targets: Any) -> list[Output]:
    """Return the labels of several targets side by side, and the probabilities of each."""
    labels, outputs, start = [], [], 0
    for i, classes in enumerate(targets.classes):
        part = graph.slice(predictions, start, start + len(classes), axis=-1)
        start += len(classes)
        index = graph.add("ArgMax", part, axis=-1, keepdims=1)
        labels.append(label_output(graph, index, classes))
        outputs.append(Output(f"probabilities_{i}", part, "FLOAT", (len(classes),)))
    joined = graph.add("Concat", *(label.value for label in labels), axis=-1)
    return [Output("label", joined, labels[0].kind, (len(labels),)), *outputs]


@estimator_nodes.register(MLPRegressor)
@estimator_nodes.register(ConvNetRegressor)
@estimator_nodes.register(RecurrentRegressor)
@estimator_nodes.register(TransformerRegressor)
def _(estimator: Any, graph: Graph, X: Name) -> list[Output]:
    predictions, width = _predictions(estimator, graph, X)
    steps, targets = estimator.network_.output_shape[:-1], estimator._targets
    heads, n_targets = targets.n_heads, targets.n_targets
    if estimator._loss.link == "gaussian":  # the means come first
        predictions, width, heads = graph.slice(predictions, 0, n_targets, axis=-1), n_targets, 1
    if targets.mean is not None:
        offset, scale = (np.tile(moments, heads) for moments in (targets.offset, targets.scale))
        slope = np.where(np.tile(targets.constant, heads), 0.0, scale)
        scaled = graph.add("Mul", predictions, graph.floats(slope))
        predictions = graph.add("Add", scaled, graph.floats(offset))
    if heads > 1 and n_targets > 1:  # (heads, targets) side by side become (targets, heads)
        apart = graph.reshape(predictions, -1, heads, n_targets)
        shape = (n_targets, heads)
        return [Output("variable", graph.transpose(apart, 0, 2, 1), "FLOAT", shape)]
    return [Output("variable", predictions, "FLOAT", (*steps, width))]


@estimator_nodes.register(NetworkEnsembleClassifier)
def _(estimator: Any, graph: Graph, X: Name) -> list[Output]:
    members = [estimator_nodes(member, graph, X) for member in estimator.estimators_]
    label, said = members[0][0], members[0][1]
    if said.name != "probabilities" or len(members[0]) > 2 or len(label.shape):
        raise NotImplementedError(
            "NetworkEnsembleClassifier has a form in ONNX here for one target of several classes; "
            "export its members, estimators_, one by one."
        )
    mean = graph.add("Mean", *(outputs[1].value for outputs in members))
    index = graph.add("ArgMax", mean, axis=1, keepdims=0)
    return [
        label_output(graph, index, estimator.classes_),
        Output("probabilities", mean, "FLOAT", said.shape),
    ]


@estimator_nodes.register(NetworkEnsembleRegressor)
def _(estimator: Any, graph: Graph, X: Name) -> list[Output]:
    members = [estimator_nodes(member, graph, X)[0] for member in estimator.estimators_]
    mean = graph.add("Mean", *(output.value for output in members))
    return [members[0]._replace(value=mean)]


@estimator_nodes.register(Autoencoder)
@estimator_nodes.register(VariationalAutoencoder)
def _(estimator: Any, graph: Graph, X: Name) -> list[Output]:
    network: Any = estimator.network_
    encoder = network.root.layers[0]
    code = layer_nodes(encoder, graph, X, network.input_shape)
    return [Output("variable", code, "FLOAT", encoder.output_shape(network.input_shape))]
