"""Recurrent layers, attention and positions, for sequences of one length.

The operators have the steps first and ask for gates in an order of their own: LSTM for input,
output, forget and cell, GRU for update, reset and hidden.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.export.graph import Graph, Name
from skdeep.export.layers.dispatch import children_of, layer_nodes
from skdeep.export.layers.elements import add_affine
from skdeep.nn import (
    GRU,
    LSTM,
    LearnedPositions,
    MeanOverSteps,
    MultiHeadAttention,
    SimpleRNN,
    SinusoidalPositions,
    TransformerBlock,
)
from skdeep.nn.layers.attention.positions import rotary_table


def _gates(array: NDArray[Any], units: int, *order: int) -> NDArray[Any]:
    """Return the columns of each gate as rows, gates in that order, with an axis of directions."""
    parts = [array[..., i * units : (i + 1) * units] for i in order]
    return np.concatenate(parts, axis=-1).T[None]


def _recurrent(
    graph: Graph, operator: str, layer: Any, x: Name, weights: list[NDArray[Any]], **more: Any
) -> Name:
    """Add a recurrent node; `weights` are W, R and both biases, side by side."""
    steps = graph.transpose(x, 1, 0, 2)
    every, last = graph.add_several(
        operator,
        steps,
        *(graph.floats(array) for array in weights),
        n_outputs=2,
        hidden_size=layer.units,
        direction="reverse" if layer.reverse else "forward",
        **more,
    )
    if layer.return_sequences:  # of shape (n_steps, 1, n_samples, units)
        return graph.transpose(graph.add("Squeeze", every, np.array([1])), 1, 0, 2)
    return graph.add("Squeeze", last, np.array([0]))


@layer_nodes.register(SimpleRNN)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    bias = np.concatenate([layer.bias, np.zeros_like(layer.bias)])[None]
    weights = [layer.weight.T[None], layer.recurrent_weight.T[None], bias]
    activation = {"tanh": "Tanh", "relu": "Relu"}[layer.activation]
    return _recurrent(graph, "RNN", layer, x, weights, activations=[activation])


@layer_nodes.register(LSTM)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    order, m = (0, 2, 1, 3), layer.units  # skdeep has input, forget, output, cell
    bias = _gates(layer.bias[None], m, *order)[..., 0]
    weights = [_gates(array, m, *order) for array in (layer.weight, layer.recurrent_weight)]
    both = np.concatenate([bias, np.zeros_like(bias)], axis=1)
    return _recurrent(graph, "LSTM", layer, x, [*weights, both])


@layer_nodes.register(GRU)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    # skdeep has reset, update, candidate of the input, and candidate, reset, update of the state.
    m = layer.units
    weights = [_gates(layer.weight, m, 1, 0, 2), _gates(layer.recurrent_weight, m, 2, 1, 0)]
    of_input = _gates(layer.bias[None], m, 1, 0, 2)[..., 0]
    of_state = np.zeros_like(of_input)
    of_state[0, 2 * m :] = layer.recurrent_bias
    both = np.concatenate([of_input, of_state], axis=1)
    return _recurrent(graph, "GRU", layer, x, [*weights, both], linear_before_reset=1)


@layer_nodes.register(MeanOverSteps)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return graph.add("ReduceMean", x, np.array([1]), keepdims=0)


@layer_nodes.register(LearnedPositions)
@layer_nodes.register(SinusoidalPositions)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return graph.add("Add", x, graph.floats(layer.vectors(*shape)))


@layer_nodes.register(MultiHeadAttention)
def _(layer: Any, graph: Graph, x: Any, shape: Any) -> Name:
    if isinstance(x, tuple):
        raise NotImplementedError("MultiHeadAttention of two inputs has no form in ONNX here.")
    n_steps, d = shape
    size = d // layer.heads
    joined = add_affine(graph, x, layer.weight, layer.bias)

    def of_heads(i: int) -> Name:
        part = graph.slice(joined, i * d, (i + 1) * d, axis=2)
        return graph.transpose(graph.reshape(part, 0, n_steps, layer.heads, size), 0, 2, 1, 3)

    queries, keys, values = map(of_heads, range(3))
    if layer.rotary:
        table = rotary_table(layer, n_steps, size)
        queries, keys = (_turned(graph, part, *table, size) for part in (queries, keys))
    scores = graph.add("MatMul", queries, graph.transpose(keys, 0, 1, 3, 2))
    scores = graph.add("Mul", scores, graph.floats(1 / math.sqrt(size)))
    if layer.causal:
        future = np.triu(np.full((n_steps, n_steps), -1e30), 1)
        scores = graph.add("Add", scores, graph.floats(future))
    weights = graph.add("Softmax", scores, axis=-1)
    found = graph.transpose(graph.add("MatMul", weights, values), 0, 2, 1, 3)
    found = graph.reshape(found, 0, n_steps, d)
    return add_affine(graph, found, layer.output_weight, layer.output_bias)


def _turned(graph: Graph, x: Name, cos: Any, sin: Any, size: int) -> Name:
    """Return pairs of features, (i, i + size / 2), turned by their angles."""
    half = size // 2
    first, second = graph.slice(x, 0, half, axis=3), graph.slice(x, half, size, axis=3)
    cosine, sine = graph.floats(cos), graph.floats(sin)
    turned = [
        graph.add("Sub", graph.add("Mul", first, cosine), graph.add("Mul", second, sine)),
        graph.add("Add", graph.add("Mul", first, sine), graph.add("Mul", second, cosine)),
    ]
    return graph.add("Concat", *turned, axis=-1)


@layer_nodes.register(TransformerBlock)
def _(layer: Any, graph: Graph, x: Any, shape: Any) -> Name:
    if layer.cross:
        raise NotImplementedError("TransformerBlock with cross=True has no form in ONNX here.")
    for child, at in children_of(layer, shape):
        x = layer_nodes(child, graph, x, at)
    return x
