"""What a network is made of: layers, initializers, losses, optimizers, schedules, training.

It sees NumPy and SciPy alone and reads as plain mathematics; the estimators of
`skdeep.neural_network` say which of it they need.
"""

from skdeep.nn.batches import Batch, Batches
from skdeep.nn.initializers import INITIALIZERS
from skdeep.nn.layers import (
    ACTIVATIONS,
    ELU,
    GELU,
    PREDICT,
    BatchNorm,
    Branches,
    Columns,
    Dense,
    Dropout,
    Identity,
    Layer,
    LayerNorm,
    LeakyReLU,
    Logistic,
    Mode,
    Parameter,
    ReLU,
    Residual,
    Sequence,
    SiLU,
    Softplus,
    Tanh,
)
from skdeep.nn.losses import (
    AbsoluteError,
    Huber,
    LogisticCrossEntropy,
    Loss,
    Poisson,
    Quantile,
    SoftmaxCrossEntropy,
    SquaredError,
)
from skdeep.nn.network import Network
from skdeep.nn.objective import Objective, minimize_lbfgs
from skdeep.nn.optimizers import SGD, Adam, AdamW, Momentum, Nesterov, Optimizer
from skdeep.nn.penalties import L1, L2, ElasticNet, Penalty
from skdeep.nn.run import Run
from skdeep.nn.schedules import (
    Adaptive,
    Constant,
    Cosine,
    Exponential,
    InverseScaling,
    Schedule,
    Step,
)
from skdeep.nn.training.record import Record
from skdeep.nn.training.statistics import settle_statistics
from skdeep.nn.training.trainer import DivergedError, Trainer

__all__ = [
    "ACTIVATIONS",
    "ELU",
    "GELU",
    "INITIALIZERS",
    "L1",
    "L2",
    "PREDICT",
    "SGD",
    "AbsoluteError",
    "Adam",
    "AdamW",
    "Adaptive",
    "Batch",
    "BatchNorm",
    "Batches",
    "Branches",
    "Columns",
    "Constant",
    "Cosine",
    "Dense",
    "DivergedError",
    "Dropout",
    "ElasticNet",
    "Exponential",
    "Huber",
    "Identity",
    "InverseScaling",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "Logistic",
    "LogisticCrossEntropy",
    "Loss",
    "Mode",
    "Momentum",
    "Nesterov",
    "Network",
    "Objective",
    "Optimizer",
    "Parameter",
    "Penalty",
    "Poisson",
    "Quantile",
    "ReLU",
    "Record",
    "Residual",
    "Run",
    "Schedule",
    "Sequence",
    "SiLU",
    "SoftmaxCrossEntropy",
    "Softplus",
    "SquaredError",
    "Step",
    "Tanh",
    "Trainer",
    "minimize_lbfgs",
    "settle_statistics",
]
