"""Transformers of tables of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from skdeep.export.estimators.dispatch import Output, estimator_nodes
from skdeep.export.graph import Graph, Name
from skdeep.preprocessing import PiecewiseLinearEncoder, RobustSmoothScaler, Whitener
from skdeep.preprocessing.robust_smooth_scaler import bound_of

__all__ = ["add_scaling"]


def add_scaling(graph: Graph, x: Name, scaler: RobustSmoothScaler) -> Name:
    """Return scaled numbers."""
    centred = graph.add("Sub", x, graph.floats(scaler.center_))
    u = graph.add("Div", centred, graph.floats(scaler.scale_))
    if scaler.clip is None:
        return u
    share = graph.add("Div", u, graph.floats(bound_of(scaler, np.float32)))
    length = graph.add("Add", graph.add("Mul", share, share), graph.floats(1.0))
    return graph.add("Div", u, graph.add("Sqrt", length))


@estimator_nodes.register(RobustSmoothScaler)
def _(estimator: Any, graph: Graph, X: Name) -> list[Output]:
    return [
        Output("variable", add_scaling(graph, X, estimator), "FLOAT", (estimator.n_features_in_,))
    ]


@estimator_nodes.register(PiecewiseLinearEncoder)
def _(estimator: Any, graph: Graph, X: Name) -> list[Output]:
    edges = estimator.bin_edges_
    source = np.repeat(np.arange(len(edges)), [len(one) - 1 for one in edges])
    low = np.concatenate([one[:-1] for one in edges])
    width = np.concatenate([np.diff(one) for one in edges])
    each = graph.add("Gather", X, source, axis=1)
    shares = graph.add("Div", graph.add("Sub", each, graph.floats(low)), graph.floats(width))
    clipped = graph.add("Clip", shares, graph.floats(0.0), graph.floats(1.0))
    return [Output("variable", clipped, "FLOAT", (len(low),))]


@estimator_nodes.register(Whitener)
def _(estimator: Any, graph: Graph, X: Name) -> list[Output]:
    Z = graph.add("Sub", X, graph.floats(estimator.mean_))
    if estimator.components_ is None:
        return [Output("variable", Z, "FLOAT", (estimator.n_features_in_,))]
    origin = np.zeros((1, estimator.n_features_in_)) + estimator.mean_
    unit = np.eye(estimator.n_features_in_)
    # It is linear: where it sends the origin and the unit vectors says all.
    matrix = estimator.transform(unit + origin) - estimator.transform(origin)
    product = graph.add("MatMul", Z, graph.floats(matrix))
    return [Output("variable", product, "FLOAT", (matrix.shape[1],))]
