"""Optimizers, from the simplest to the most elaborate.

Each acts on the network's one parameter vector w and one gradient vector g, in place, and may
destroy the gradient. The base class owns what all of them share: clipping, decoupled weight decay,
the count of steps and the state vectors; a subclass writes only its update.
"""

from skdeep.nn.optimizers.adam import Adam, AdamW, AMSGrad, NAdam
from skdeep.nn.optimizers.base import BLOCK, Optimizer
from skdeep.nn.optimizers.descent import SGD, Momentum, Nesterov
from skdeep.nn.optimizers.lion import Lion
from skdeep.nn.optimizers.members import Members
from skdeep.nn.optimizers.muon import Muon
from skdeep.nn.optimizers.named import OPTIMIZER_NAMES, named_optimizer
from skdeep.nn.optimizers.scaled import AdaGrad, RMSProp

__all__ = [
    "BLOCK",
    "OPTIMIZER_NAMES",
    "SGD",
    "AMSGrad",
    "AdaGrad",
    "Adam",
    "AdamW",
    "Lion",
    "Members",
    "Momentum",
    "Muon",
    "NAdam",
    "Nesterov",
    "Optimizer",
    "RMSProp",
    "named_optimizer",
]
