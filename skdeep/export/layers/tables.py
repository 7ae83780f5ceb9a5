"""Layers of networks for tables: categories, bins and waves of numbers, members side by side."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from skdeep.export.graph import Graph, Name
from skdeep.export.layers.dispatch import layer_nodes
from skdeep.nn import Embedding, MemberDense, OneHot, PeriodicEmbedding, PiecewiseLinear


@layer_nodes.register(Embedding)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    if layer.members:  # each has a table of its own, one below the other
        first = layer.n_indices * np.arange(shape[0])
        x = graph.add("Add", x, first.reshape(-1, *(1,) * (len(shape) - 1)))
    y = graph.add("Gather", graph.floats(layer.weight.reshape(-1, layer.units)), x, axis=0)
    return graph.reshape(y, -1, *layer.output_shape(shape)) if layer.joined else y


@layer_nodes.register(OneHot)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    columns = []
    for i, size in enumerate(layer.sizes):  # index 0, the unknown, is a row of zeros
        table = np.eye(size)[:, 1:]
        index = graph.add("Gather", x, np.array(i), axis=-1)
        columns.append(graph.add("Gather", graph.floats(table), index, axis=0))
    return graph.add("Concat", *columns, axis=-1)


@layer_nodes.register(PiecewiseLinear)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    if not layer.equal_bins():  # of columns that have one value each
        return graph.add("Gather", x, np.zeros(0, np.int64), axis=-1)
    each = graph.add("Gather", x, layer.sources(), axis=-1)
    above = graph.add("Sub", each, graph.floats(layer.low))
    shares = graph.add("Mul", above, graph.floats(layer.inverse))
    return graph.add("Clip", shares, graph.floats(0.0), graph.floats(1.0))


@layer_nodes.register(PeriodicEmbedding)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    own = math.prod(layer.frequency.shape[:-1])
    columns = graph.add("Unsqueeze", x, np.array([-1]))
    angle = graph.add("Mul", columns, graph.floats(layer.frequency * layer.rate))
    wave = graph.add("Cos", graph.add("Add", angle, graph.floats(layer.phase * layer.rate)))
    rows = graph.transpose(graph.reshape(wave, -1, own, layer.n_frequencies), 1, 0, 2)
    weight = layer.weight.reshape(own, layer.n_frequencies, layer.units) * layer.rate
    y = graph.transpose(graph.add("MatMul", rows, graph.floats(weight)), 1, 0, 2)
    bias = layer.bias.reshape(own, layer.units) * layer.rate
    y = graph.add("Add", y, graph.floats(bias))
    return graph.reshape(y, -1, *layer.output_shape(shape))


@layer_nodes.register(MemberDense)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    members = graph.transpose(x, 1, 0, 2)
    y = graph.add("MatMul", members, graph.floats(layer.effective_weight()))
    return graph.add("Add", graph.transpose(y, 1, 0, 2), graph.floats(layer.bias * layer.bias_rate))
