"""Which function writes which layer."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from skdeep.export.graph import Graph, Name
from skdeep.nn import Layer

__all__ = ["children_of", "layer_nodes"]


@singledispatch
def layer_nodes(layer: Layer, graph: Graph, x: Any, shape: Any) -> Name:
    """Add what a layer does in prediction, and return the name of its output.

    Parameters
    ----------
    layer : Layer
        Bound to its network.
    graph : Graph
    x : str, or tuple of str
        The input, or several.
    shape : tuple
        Of one input sample.

    Raises
    ------
    NotImplementedError
        For a layer that has no function here.
    """
    raise NotImplementedError(
        f"{type(layer).__name__} has no form in ONNX here. Register one, a function of "
        "(layer, graph, x, shape), by skdeep.export.layer_nodes.register."
    )


def children_of(layer: Layer, shape: Any) -> list[tuple[Layer, Any]]:
    """Return the layers inside of a layer, each with the shape of its input sample."""
    return [(child, at) for _, child, at in layer.children(shape)]
