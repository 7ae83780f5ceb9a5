"""Penalties on weights and on activations, and a bound on weights."""

from skdeep.nn.penalties.activity import ActivityL1
from skdeep.nn.penalties.anchored import L2Toward
from skdeep.nn.penalties.base import Penalty
from skdeep.nn.penalties.bounds import MaxNorm
from skdeep.nn.penalties.norms import L1, L2, ElasticNet
from skdeep.nn.penalties.orthogonality import Orthogonality
from skdeep.nn.penalties.sums import PenaltySum

__all__ = [
    "L1",
    "L2",
    "ActivityL1",
    "ElasticNet",
    "L2Toward",
    "MaxNorm",
    "Orthogonality",
    "Penalty",
    "PenaltySum",
]
