"""Networks for raw tables, of numbers and of the codes of categories."""

from __future__ import annotations

from typing import Any

import numpy as np

from skdeep.export.estimators.dispatch import Output, estimator_nodes, label_output
from skdeep.export.estimators.preprocessing import add_scaling
from skdeep.export.graph import Graph, Name
from skdeep.export.networks import network_nodes, prediction_nodes
from skdeep.neural_network import TabularNetClassifier, TabularNetRegressor


def _features(estimator: Any, graph: Graph, X: Name) -> tuple[Name | None, Name | None, Name]:
    """Return scaled numbers, further columns and codes, as `TableFeatures` does."""
    encoder, table = estimator._encoder, estimator._table
    numeric = np.flatnonzero(~encoder.is_categorical_)
    categorical = np.flatnonzero(encoder.is_categorical_)
    numbers = None
    if table.kept.any():
        raw = graph.add("Gather", X, numeric[table.kept], axis=1)
        scaled = add_scaling(graph, raw, table.scaler)
        numbers = graph.add("Where", graph.add("IsNaN", raw), graph.floats(0.0), scaled)
    others = []
    indicated = numeric[encoder.has_missing_[numeric]]
    if len(indicated):
        column = graph.add("Gather", X, indicated, axis=1)
        others.append(graph.cast(graph.add("IsNaN", column), "FLOAT"))
    if table.two.any():  # of codes 1 and 2, and 0 for neither
        code = graph.add("Gather", X, categorical[table.two], axis=1)
        known = graph.cast(graph.add("Greater", code, graph.floats(0.0)), "FLOAT")
        sign = graph.add("Sub", graph.add("Mul", code, graph.floats(2.0)), graph.floats(3.0))
        others.append(graph.add("Mul", known, sign))
    if not table.kept.any() and not others and not table.sizes:
        missing = graph.cast(graph.add("IsNaN", graph.slice(X, 0, 1, axis=1)), "FLOAT")
        others.append(graph.add("Mul", missing, graph.floats(0.0)))  # a column of zeros
    joined = graph.add("Concat", *others, axis=1) if others else None
    codes = graph.cast(graph.add("Gather", X, categorical[~table.two], axis=1), "INT64")
    return numbers, joined, codes


def _mixed(estimator: Any, graph: Graph, X: Name) -> Name:
    """Return the mean of all members of all views, each view by its weight."""
    numbers, others, codes = _features(estimator, graph, X)
    loss, total = estimator._loss, None
    for weight, network, architecture in estimator._groups():
        first = np.cumsum([0, *(architecture.sizes[i] for i in architecture.many)])[:-1]
        parts = [part for part in (numbers, others) if part is not None]
        if architecture.few:
            parts.append(graph.add("Gather", codes, np.array(architecture.few), axis=1))
        if architecture.many:
            many = graph.add("Gather", codes, np.array(architecture.many), axis=1)
            parts.append(graph.add("Add", many, first.astype(np.int64)))
        members = np.array([1, architecture.recipe.n_members, 1])
        inputs = tuple(
            graph.add("Expand", graph.add("Unsqueeze", part, np.array([1])), members)
            for part in parts
        )
        outputs = network_nodes(network, graph, inputs)
        outputs = prediction_nodes(loss, graph, outputs, architecture.n_outputs)
        if loss.link == "gaussian":  # the means come first
            outputs = graph.slice(outputs, 0, 1, axis=-1)
        mean = graph.add("ReduceMean", outputs, np.array([1]), keepdims=0)
        share = graph.add("Mul", mean, graph.floats(weight))
        total = share if total is None else graph.add("Add", total, share)
    assert total is not None
    return total


@estimator_nodes.register(TabularNetClassifier)
def _(estimator: Any, graph: Graph, X: Name) -> list[Output]:
    prior = estimator._prior
    certain = graph.add("Mul", _mixed(estimator, graph, X), graph.floats(1 - np.sum(prior)))
    mixed = graph.add("Add", certain, graph.floats(prior))
    index = graph.add("ArgMax", mixed, axis=1, keepdims=0)
    width = len(estimator.classes_)
    return [
        label_output(graph, index, estimator.classes_),
        Output("probabilities", mixed, "FLOAT", (width,)),
    ]


@estimator_nodes.register(TabularNetRegressor)
def _(estimator: Any, graph: Graph, X: Name) -> list[Output]:
    targets = estimator._targets
    slope = np.where(targets.constant, 0.0, targets.scale)
    scaled = graph.add("Mul", _mixed(estimator, graph, X), graph.floats(slope))
    found = graph.add("Add", scaled, graph.floats(targets.offset))
    low, high = (graph.floats(end) for end in estimator._range)
    width = 1 if estimator._loss.link == "gaussian" else targets.n_outputs
    return [Output("variable", graph.add("Clip", found, low, high), "FLOAT", (width,))]
