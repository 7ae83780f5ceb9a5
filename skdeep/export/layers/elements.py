"""Dense layers, activations, normalizations, and layers that are made of layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from skdeep.export.graph import Graph, Name
from skdeep.export.layers.dispatch import children_of, layer_nodes
from skdeep.nn import (
    ELU,
    GELU,
    SELU,
    ActivityL1,
    AuxiliaryHeads,
    Average,
    BatchNorm,
    Branches,
    CommonSpread,
    Contractive,
    Dense,
    Dropout,
    Flatten,
    Frozen,
    GaussianCode,
    HardTanh,
    Identity,
    Layer,
    LayerNorm,
    LeakyReLU,
    Logistic,
    Maxout,
    Mish,
    PReLU,
    ReLU,
    Residual,
    Scale,
    Sequence,
    ShiftedReLU,
    SiLU,
    Softplus,
    Tanh,
    TransposedDense,
)

__all__ = ["add_affine"]


def add_affine(graph: Graph, x: Name, weight: Any, bias: Any = None) -> Name:
    """Return x W + b, along the last axis."""
    y = graph.add("MatMul", x, graph.floats(weight))
    return y if bias is None else graph.add("Add", y, graph.floats(bias))


@layer_nodes.register(Dense)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return add_affine(graph, x, layer.weight, layer.bias if layer.use_bias else None)


@layer_nodes.register(TransposedDense)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return add_affine(graph, x, layer.weight.T, layer.bias)


@layer_nodes.register(Identity)
@layer_nodes.register(Dropout)
@layer_nodes.register(ActivityL1)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return x


_OPERATORS = {ReLU: "Relu", Logistic: "Sigmoid", Tanh: "Tanh", Mish: "Mish", Softplus: "Softplus"}

for _kind, _operator in _OPERATORS.items():

    @layer_nodes.register(_kind)
    def _(layer: Any, graph: Graph, x: Name, shape: Any, operator: str = _operator) -> Name:
        return graph.add(operator, x)


@layer_nodes.register(ELU)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return graph.add("Elu", x, alpha=float(layer.scale))


@layer_nodes.register(SELU)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return graph.add("Selu", x, alpha=layer.ALPHA, gamma=layer.FACTOR)


@layer_nodes.register(LeakyReLU)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return graph.add("LeakyRelu", x, alpha=float(layer.slope))


@layer_nodes.register(HardTanh)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return graph.add("Clip", x, graph.floats(-1.0), graph.floats(1.0))


@layer_nodes.register(ShiftedReLU)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return graph.add("Max", x, graph.floats(-1.0))


@layer_nodes.register(SiLU)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return graph.add("Mul", x, graph.add("Sigmoid", x))


@layer_nodes.register(GELU)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    erf = graph.add("Erf", graph.add("Mul", x, graph.floats(math.sqrt(0.5))))
    gate = graph.add("Mul", graph.add("Add", erf, graph.floats(1.0)), graph.floats(0.5))
    return graph.add("Mul", x, gate)


@layer_nodes.register(Maxout)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    parts = graph.add_several("Split", x, n_outputs=layer.pieces, axis=-1, num_outputs=layer.pieces)
    return graph.add("Max", *parts)


@layer_nodes.register(PReLU)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return graph.add("PRelu", x, graph.floats(layer.slope * layer.rate))


@layer_nodes.register(Scale)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return graph.add("Mul", x, graph.floats(layer.factor * layer.rate))


@layer_nodes.register(BatchNorm)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    factor = layer.scale / np.sqrt(layer.running_variance + layer.eps)
    shift = layer.shift - layer.running_mean * factor
    return graph.add("Add", graph.add("Mul", x, graph.floats(factor)), graph.floats(shift))


@layer_nodes.register(LayerNorm)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    scale, shift = graph.floats(layer.scale), graph.floats(layer.shift)
    return graph.add("LayerNormalization", x, scale, shift, axis=-1, epsilon=float(layer.eps))


@layer_nodes.register(Flatten)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return graph.reshape(x, -1, math.prod(shape))


@layer_nodes.register(GaussianCode)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    return graph.slice(x, 0, shape[-1] // 2, axis=-1)


@layer_nodes.register(CommonSpread)
def _(layer: Any, graph: Graph, x: Name, shape: Any) -> Name:
    zeros = graph.add("Mul", x, graph.floats(0.0))
    return graph.add("Concat", x, graph.add("Add", zeros, graph.floats(layer.spread)), axis=-1)


# Layers made of layers


@layer_nodes.register(Sequence)
@layer_nodes.register(Frozen)
@layer_nodes.register(Contractive)
def _(layer: Layer, graph: Graph, x: Name, shape: Any) -> Name:
    for child, at in children_of(layer, shape):
        x = layer_nodes(child, graph, x, at)
    return x


@layer_nodes.register(AuxiliaryHeads)
def _(layer: Layer, graph: Graph, x: Name, shape: Any) -> Name:
    for name, child, at in layer.children(shape):
        if name.startswith("stage"):
            x = layer_nodes(child, graph, x, at)
    return x


@layer_nodes.register(Residual)
def _(layer: Layer, graph: Graph, x: Name, shape: Any) -> Name:
    parts = [layer_nodes(child, graph, x, at) for child, at in children_of(layer, shape)]
    return graph.add("Add", *(parts if len(parts) > 1 else [*parts, x]))


@layer_nodes.register(Branches)
def _(layer: Layer, graph: Graph, x: Any, shape: Any) -> Name:
    pairs = children_of(layer, shape)
    inputs = x if isinstance(x, tuple) else (x,) * len(pairs)
    parts = [
        layer_nodes(child, graph, one, at) for one, (child, at) in zip(inputs, pairs, strict=True)
    ]
    return graph.add("Concat", *parts, axis=-1)


@layer_nodes.register(Average)
def _(layer: Layer, graph: Graph, x: Name, shape: Any) -> Name:
    parts = [layer_nodes(child, graph, x, at) for child, at in children_of(layer, shape)]
    return graph.add("Mean", *parts)
