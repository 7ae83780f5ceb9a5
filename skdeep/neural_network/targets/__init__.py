"""What a network is trained on: labels and numbers as it sees them, and back."""

from skdeep.neural_network.targets.classes import ClassTargets
from skdeep.neural_network.targets.distributions import GaussianTargets, QuantileTargets
from skdeep.neural_network.targets.numbers import NumberTargets
from skdeep.neural_network.targets.tasks import TaskTargets

__all__ = ["ClassTargets", "GaussianTargets", "NumberTargets", "QuantileTargets", "TaskTargets"]
