"""Layers: each a differentiable map with its own way back, one idea a file."""

from skdeep.nn.layers.activations import (
    ACTIVATIONS,
    ELU,
    GELU,
    SELU,
    Elementwise,
    HardTanh,
    Identity,
    LeakyReLU,
    Logistic,
    Maxout,
    Mish,
    PReLU,
    ReLU,
    ShiftedReLU,
    SiLU,
    Softplus,
    Tanh,
    make_activation,
)
from skdeep.nn.layers.attention import (
    AdditiveAttention,
    LearnedPositions,
    MeanOverSteps,
    MultiHeadAttention,
    SinusoidalPositions,
    TransformerBlock,
)
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter, Shape
from skdeep.nn.layers.blocks import (
    AuxiliaryHeads,
    AuxiliaryLoss,
    Average,
    LocalResponseNorm,
    PaddedShortcut,
    SqueezeExcitation,
    fractal,
)
from skdeep.nn.layers.codes import CommonSpread, Contractive, GaussianCode, TransposedDense
from skdeep.nn.layers.composite import Branches, Columns, Residual, Sequence
from skdeep.nn.layers.convolution import Conv2D
from skdeep.nn.layers.convolution_1d import Conv1D
from skdeep.nn.layers.convolution_transpose import ConvTranspose2D
from skdeep.nn.layers.dense import Dense
from skdeep.nn.layers.dropout import AlphaDropout, Dropout, SpatialDropout, StochasticDepth
from skdeep.nn.layers.embedding import Embedding, OneHot
from skdeep.nn.layers.flatten import Flatten
from skdeep.nn.layers.frozen import Frozen
from skdeep.nn.layers.normalization import BatchNorm, LayerNorm
from skdeep.nn.layers.pooling import AvgPool2D, GlobalAvgPool2D, MaxPool2D
from skdeep.nn.layers.recurrent import GRU, LSTM, Bidirectional, EncoderDecoder, SimpleRNN
from skdeep.nn.layers.scale import Scale
from skdeep.nn.layers.tables.members import MemberDense
from skdeep.nn.layers.tables.numbers import PeriodicEmbedding, PiecewiseLinear

__all__ = [
    "ACTIVATIONS",
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "PREDICT",
    "SELU",
    "AdditiveAttention",
    "AlphaDropout",
    "AuxiliaryHeads",
    "AuxiliaryLoss",
    "Average",
    "AvgPool2D",
    "BatchNorm",
    "Bidirectional",
    "Branches",
    "Columns",
    "CommonSpread",
    "Contractive",
    "Conv1D",
    "Conv2D",
    "ConvTranspose2D",
    "Dense",
    "Dropout",
    "Elementwise",
    "Embedding",
    "EncoderDecoder",
    "Flatten",
    "Frozen",
    "GaussianCode",
    "GlobalAvgPool2D",
    "HardTanh",
    "Identity",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "LearnedPositions",
    "LocalResponseNorm",
    "Logistic",
    "MaxPool2D",
    "Maxout",
    "MeanOverSteps",
    "MemberDense",
    "Mish",
    "Mode",
    "MultiHeadAttention",
    "OneHot",
    "PReLU",
    "PaddedShortcut",
    "Parameter",
    "PeriodicEmbedding",
    "PiecewiseLinear",
    "ReLU",
    "Residual",
    "Scale",
    "Sequence",
    "Shape",
    "ShiftedReLU",
    "SiLU",
    "SimpleRNN",
    "SinusoidalPositions",
    "Softplus",
    "SpatialDropout",
    "SqueezeExcitation",
    "StochasticDepth",
    "Tanh",
    "TransformerBlock",
    "TransposedDense",
    "fractal",
    "make_activation",
]
