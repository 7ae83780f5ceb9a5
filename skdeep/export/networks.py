"""Networks as graphs, and what their losses make of raw outputs."""

from __future__ import annotations

from typing import Any

from skdeep.export.graph import Graph, Name
from skdeep.export.layers import layer_nodes
from skdeep.nn import Loss, Network, TaskLosses

__all__ = ["network_nodes", "prediction_nodes"]


def network_nodes(network: Network, graph: Graph, x: Any) -> Name:
    """Add a network, and return the name of its raw outputs."""
    return layer_nodes(network.root, graph, x, network.input_shape)


def prediction_nodes(loss: Loss, graph: Graph, z: Name, width: int) -> Name:
    """Return what a loss makes of raw outputs: probabilities, means.

    Parameters
    ----------
    loss : Loss
        Known by its `link`.
    graph : Graph
    z : str
    width : int
        How many outputs there are.
    """
    if isinstance(loss, TaskLosses):
        columns = zip(loss.losses, loss.columns(), strict=True)
        parts = [
            prediction_nodes(
                one, graph, graph.slice(z, at.start, at.stop, axis=-1), at.stop - at.start
            )
            for one, at in columns
        ]
        return graph.add("Concat", *parts, axis=-1)
    match loss.link:
        case "identity":
            return z
        case "softmax":
            return graph.add("Softmax", z, axis=-1)
        case "logistic":
            return graph.add("Sigmoid", z)
        case "exp":
            return graph.add("Exp", z)
        case "gaussian":
            half = width // 2
            mean = graph.slice(z, 0, half, axis=-1)
            variance = graph.add("Softplus", graph.slice(z, half, width, axis=-1))
            variance = graph.add("Add", variance, graph.floats(loss.min_variance))  # type: ignore[attr-defined]
            return graph.add("Concat", mean, graph.add("Sqrt", variance), axis=-1)
        case "quantiles":
            step = width // loss.n_heads
            heads = [graph.slice(z, i, i + step, axis=-1) for i in range(0, width, step)]
            for i in range(1, len(heads)):
                heads[i] = graph.add("Add", heads[i - 1], graph.add("Softplus", heads[i]))
            return graph.add("Concat", *heads, axis=-1)
        case link:
            raise NotImplementedError(f"{type(loss).__name__}, of link {link!r}, has no form here.")
