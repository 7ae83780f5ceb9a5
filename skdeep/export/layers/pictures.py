"""Convolutions and pools: their operators have the channels second, where skdeep has them last."""

from __future__ import annotations

from typing import Any

import numpy as np

from skdeep.export.graph import Graph, Name
from skdeep.export.layers.dispatch import children_of, layer_nodes
from skdeep.neural_network.images.pictures import Pixels
from skdeep.nn import (
    AvgPool2D,
    Conv1D,
    Conv2D,
    ConvTranspose2D,
    GlobalAvgPool2D,
    LocalResponseNorm,
    MaxPool2D,
    PaddedShortcut,
    SqueezeExcitation,
)

_TO_CHANNELS_FIRST, _TO_CHANNELS_LAST = (0, 3, 1, 2), (0, 2, 3, 1)


def _channels_first(graph: Graph, operator: str, x: Name, *more: Any, **attributes: Any) -> Name:
    """Add a node between two changes of the order of axes."""
    y = graph.add(operator, graph.transpose(x, *_TO_CHANNELS_FIRST), *more, **attributes)
    return graph.transpose(y, *_TO_CHANNELS_LAST)


def _window(geometry: Any) -> dict[str, Any]:
    """Return what the operators call kernel, strides and border."""
    (above, below), (left, right) = geometry.padding
    return {
        "kernel_shape": list(geometry.kernel),
        "strides": list(geometry.stride),
        "pads": [above, left, below, right],
    }


def _weights(graph: Graph, layer: Any, weight: Any) -> list[Name]:
    """Return window and biases; the window of shape (filters, channels, rows, columns)."""
    weights = [graph.floats(weight.transpose(3, 2, 0, 1))]
    return [*weights, graph.floats(layer.bias)] if layer.use_bias else weights


def _convolution(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    geometry = layer.geometry(shape)
    y = _channels_first(
        graph,
        "Conv",
        x,
        *_weights(graph, layer, layer.weight.reshape(geometry.weight_shape)),
        dilations=list(geometry.dilation),
        group=layer.groups,
        **_window(geometry),
    )
    return graph.add("Relu", y) if layer.activation == "relu" else y


@layer_nodes.register(Conv2D)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return _convolution(layer, graph, x, shape)


@layer_nodes.register(Conv1D)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    row = graph.add("Unsqueeze", x, np.array([1]))
    return graph.add("Squeeze", _convolution(layer, graph, row, shape), np.array([1]))


@layer_nodes.register(ConvTranspose2D)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    geometry = layer.geometry(shape)
    height, width, _ = geometry.input_shape
    # Pixels of the output that no window of the convolution begins at lie at its end.
    rest = [
        size - (stride * (places - 1) + dilation * (kernel - 1) + 1 - sum(border))
        for size, stride, places, dilation, kernel, border in zip(
            (height, width),
            geometry.stride,
            geometry.places,
            geometry.dilation,
            geometry.kernel,
            geometry.padding,
            strict=True,
        )
    ]
    return _channels_first(
        graph,
        "ConvTranspose",
        x,
        *_weights(graph, layer, layer.weight),
        dilations=list(geometry.dilation),
        group=layer.groups,
        output_padding=rest,
        **_window(geometry),
    )


@layer_nodes.register(MaxPool2D)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return _channels_first(graph, "MaxPool", x, **_window(layer.geometry(shape)))


@layer_nodes.register(AvgPool2D)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    window = _window(layer.geometry(shape))
    return _channels_first(graph, "AveragePool", x, count_include_pad=0, **window)


@layer_nodes.register(GlobalAvgPool2D)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return graph.add("ReduceMean", x, np.array([1, 2]), keepdims=0)


@layer_nodes.register(LocalResponseNorm)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    # The operator divides alpha by the size, and has the window's odd channel at the end.
    if layer.size % 2 == 0 or len(shape) != 3:
        band = graph.floats(layer.band(shape[-1]))
        sums = graph.add("MatMul", graph.add("Mul", x, x), band)
        s = graph.add("Mul", sums, graph.floats(layer.alpha))
        s = graph.add("Add", s, graph.floats(layer.k))
        return graph.add("Mul", x, graph.add("Pow", s, graph.floats(-layer.beta)))
    return _channels_first(
        graph,
        "LRN",
        x,
        size=layer.size,
        alpha=float(layer.alpha * layer.size),
        beta=float(layer.beta),
        bias=float(layer.k),
    )


@layer_nodes.register(SqueezeExcitation)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    ((gate, at),) = children_of(layer, shape)
    factors = graph.reshape(layer_nodes(gate, graph, x, at), -1, 1, 1, shape[-1])
    return graph.add("Mul", x, factors)


@layer_nodes.register(PaddedShortcut)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    if layer.stride > 1:
        for axis in (1, 2):
            x = graph.slice(x, 0, shape[axis - 1], axis=axis, step=layer.stride)
    more = layer.output_shape(shape)[2] - shape[2]
    return graph.add("Pad", x, np.array([0, 0, 0, 0, 0, 0, 0, more])) if more else x


@layer_nodes.register(Pixels)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    if layer.channels_first:
        x = graph.transpose(x, *_TO_CHANNELS_LAST)
    centred = graph.add("Sub", x, graph.floats(layer.mean))
    return graph.add("Mul", centred, graph.floats(layer.factor))
