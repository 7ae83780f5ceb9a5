"""What a network is made of: layers, initializers, losses, optimizers, schedules, training.

It sees NumPy and SciPy alone and reads as plain mathematics; the estimators of
`skdeep.neural_network` say which of it they need.
"""

from skdeep.nn.initializers import INITIALIZERS
from skdeep.nn.layers import (
    ACTIVATIONS,
    ELU,
    GELU,
    PREDICT,
    BatchNorm,
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
from skdeep.nn.penalties import L2
from skdeep.nn.schedules import (
    Adaptive,
    Constant,
    Cosine,
    Exponential,
    InverseScaling,
    Schedule,
    Step,
)
from skdeep.nn.training import Batches, DivergedError, Trainer

__all__ = [
    "ACTIVATIONS",
    "ELU",
    "GELU",
    "INITIALIZERS",
    "L2",
    "PREDICT",
    "SGD",
    "AbsoluteError",
    "Adam",
    "AdamW",
    "Adaptive",
    "BatchNorm",
    "Batches",
    "Constant",
    "Cosine",
    "Dense",
    "DivergedError",
    "Dropout",
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
    "Poisson",
    "Quantile",
    "ReLU",
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
]
