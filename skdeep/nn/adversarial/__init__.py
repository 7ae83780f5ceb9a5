"""Two networks against each other: the game, its loss, and the slope of a network by its input."""

from skdeep.nn.adversarial.game import AdversarialGame
from skdeep.nn.adversarial.loss import AdversarialLoss
from skdeep.nn.adversarial.slope import SlopePenalty

__all__ = ["AdversarialGame", "AdversarialLoss", "SlopePenalty"]
