"""Nearest neighbours: all distances, and the smallest of them, in double precision."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.export.estimators.dispatch import Output, estimator_nodes, label_output
from skdeep.export.graph import Graph, Name
from skdeep.neighbors import KNNClassifier, KNNRegressor


def _check(estimator: Any, **allowed: Any) -> None:
    """Raise NotImplementedError for what has no form in ONNX here."""
    given = {name: getattr(estimator, name) for name in allowed}
    wrong = [name for name, value in given.items() if value not in allowed[name]]
    if wrong:
        name = wrong[0]
        raise NotImplementedError(
            f"{type(estimator).__name__} has a form in ONNX here for {name}="
            f"{' or '.join(map(repr, allowed[name]))}; got {name}={given[name]!r}."
        )
    if not isinstance(estimator._fit_X, np.ndarray) or estimator._sample_weight is not None:
        raise NotImplementedError(
            f"{type(estimator).__name__} has a form in ONNX here for arrays of numbers without "
            "sample weights."
        )


def _neighbors(estimator: Any, graph: Graph, X: Name) -> tuple[Name, Name]:
    """Return the nearest points' numbers, and what each counts, with sum one: (n, k) each."""
    points = np.asarray(estimator._fit_X, dtype=np.float64)
    centre = _centre(points)
    points = points - centre
    x = graph.add("Sub", graph.cast(X, "DOUBLE"), graph.constant(centre))
    # |x - p|^2 less |x|^2, which all points have in common.
    products = graph.add("MatMul", x, graph.constant(-2 * points.T))
    squares = graph.add("Add", products, graph.constant((points**2).sum(axis=1)))
    k = graph.constant(np.array([estimator.n_neighbors]))
    _, index = graph.add_several("TopK", squares, k, n_outputs=2, axis=1, largest=0, sorted=1)
    near = graph.add("Gather", graph.constant(points), index, axis=0)
    apart = graph.add("Sub", near, graph.add("Unsqueeze", x, np.array([1])))
    square = graph.add("ReduceSum", graph.add("Mul", apart, apart), np.array([2]), keepdims=0)
    if estimator.weights == "uniform":
        weight = graph.add("Add", graph.add("Mul", square, np.array(0.0)), np.array(1.0))
    else:  # where some are at distance zero, they alone count
        zero = graph.cast(graph.add("Equal", square, np.array(0.0)), "DOUBLE")
        n_zero = graph.add("ReduceSum", zero, np.array([1]), keepdims=1)
        safe = graph.add("Add", graph.add("Sqrt", square), zero)
        inverse = graph.add("Div", np.array(1.0), safe)
        some = graph.add("Greater", n_zero, np.array(0.0))
        weight = graph.add("Where", some, zero, inverse)
    total = graph.add("ReduceSum", weight, np.array([1]), keepdims=1)
    return index, graph.add("Div", weight, total)


def _centre(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a point about which squares are small.

    The mean, to so few digits that points on a grid stay on it: their squares are exact then, and
    those equally near are so to the last bit, and taken in their order.
    """
    unit = np.ldexp(1.0, np.frexp(points.std())[1] - 2)
    return np.rint(points.mean(axis=0) / unit) * unit


def _mean(graph: Graph, table: Any, index: Name, weight: Name) -> Name:
    """Return the weighted means of rows of a table, (n, n_columns)."""
    rows = graph.add("Gather", graph.constant(np.asarray(table, dtype=np.float64)), index, axis=0)
    weighted = graph.add("Mul", rows, graph.add("Unsqueeze", weight, np.array([2])))
    return graph.add("ReduceSum", weighted, np.array([1]), keepdims=0)


@estimator_nodes.register(KNNClassifier)
def _(estimator: Any, graph: Graph, X: Name) -> list[Output]:
    _check(
        estimator,
        effective_metric_=("euclidean",),
        weights=("uniform", "distance"),
        tie_breaking=("first",),
        class_weight=(None,),
        outputs_2d_=(False,),
    )
    index, weight = _neighbors(estimator, graph, X)
    one_hot = np.eye(len(estimator.classes_))[np.ravel(estimator._y)]
    shares = _mean(graph, one_hot, index, weight)
    # Sums of the same weights in another order differ by roundings, which are no majority.
    rounded = graph.cast(shares, "FLOAT")
    label = label_output(
        graph, graph.add("ArgMax", rounded, axis=1, keepdims=0), estimator.classes_
    )
    return [label, Output("probabilities", rounded, "FLOAT", (len(estimator.classes_),))]


@estimator_nodes.register(KNNRegressor)
def _(estimator: Any, graph: Graph, X: Name) -> list[Output]:
    _check(estimator, effective_metric_=("euclidean",), weights=("uniform", "distance"))
    index, weight = _neighbors(estimator, graph, X)
    targets = np.asarray(estimator._y).reshape(len(estimator._y), -1)
    mean = graph.cast(_mean(graph, targets, index, weight), "FLOAT")
    return [Output("variable", mean, "FLOAT", (targets.shape[1],))]
