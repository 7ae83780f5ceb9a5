"""Layers: each a differentiable map with its own way back, one idea a file."""

from skdeep.nn.layers.activations import (
    ACTIVATIONS,
    ELU,
    GELU,
    Identity,
    LeakyReLU,
    Logistic,
    ReLU,
    SiLU,
    Softplus,
    Tanh,
)
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter, Shape
from skdeep.nn.layers.composite import Branches, Columns, Residual, Sequence
from skdeep.nn.layers.dense import Dense
from skdeep.nn.layers.dropout import Dropout
from skdeep.nn.layers.normalization import BatchNorm, LayerNorm

__all__ = [
    "ACTIVATIONS",
    "ELU",
    "GELU",
    "PREDICT",
    "BatchNorm",
    "Branches",
    "Columns",
    "Dense",
    "Dropout",
    "Identity",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "Logistic",
    "Mode",
    "Parameter",
    "ReLU",
    "Residual",
    "Sequence",
    "Shape",
    "SiLU",
    "Softplus",
    "Tanh",
]
