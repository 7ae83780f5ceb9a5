"""Descent along the gradient, plainly and with momentum."""

from __future__ import annotations

from typing import Any

from skdeep.nn.memory import Array
from skdeep.nn.optimizers.base import Optimizer
from skdeep.nn.vectors import axpy

__all__ = ["SGD", "Momentum", "Nesterov"]


class SGD(Optimizer):
    """Stochastic gradient descent: w <- w - rate g.

    Parameters
    ----------
    clip_norm, clip_value, weight_decay
        As in `Optimizer`.

    References
    ----------
    H. Robbins, S. Monro, "A stochastic approximation method", Annals of Mathematical Statistics 22,
    1951.
    """

    proximal = True

    def update(self, w: Array, g: Array, part: slice) -> None:
        """Step down the gradient."""
        axpy(-self.rate, g, w)


class Momentum(Optimizer):
    """Gradient descent with a velocity: v <- momentum v - rate g, w <- w + v.

    Parameters
    ----------
    momentum : float in [0, 1], default=0.9
        What a step keeps of the velocity.
    clip_norm, clip_value, weight_decay
        As in `Optimizer`.

    References
    ----------
    B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
    """

    slots = ("velocity",)
    velocity: Array
    proximal = True
    lasting = 0.0

    def __init__(self, momentum: float = 0.9, **common: Any) -> None:
        super().__init__(**common)
        self.momentum = momentum

    def settle(self, *args: Any, **keywords: Any) -> None:
        """Make the velocity, zero, and forget all steps."""
        super().settle(*args, **keywords)
        self.lasting = 0.0

    def begin(self, learning_rate: float) -> None:
        """Let the velocity of a unit of gradient that has always been there grow."""
        super().begin(learning_rate)
        self.lasting = self.momentum * self.lasting + learning_rate

    def reach(self, g: Array, part: slice) -> float:
        """Return that velocity: rate / (1 - momentum) in the end, more where the rate falls."""
        return self.lasting

    def update(self, w: Array, g: Array, part: slice) -> None:
        """Step along the velocity."""
        v = self.velocity[part]
        v *= self.momentum
        axpy(-self.rate, g, v)
        w += v


class Nesterov(Momentum):
    """Momentum that looks ahead: v <- momentum v - rate g, w <- w + momentum v - rate g.

    Written with the gradient where a step along the velocity leads, that is

    ::

        v <- momentum v - rate gradient(x + momentum v)          x <- x + v

    and here it is in the shifted variable w = x + momentum v, whose gradient is the one at hand.

    Parameters
    ----------
    momentum, clip_norm, clip_value, weight_decay
        As in `Momentum`.

    References
    ----------
    I. Sutskever, J. Martens, G. Dahl, G. Hinton, "On the importance of initialization and momentum
    in deep learning", ICML 2013.
    """

    def reach(self, g: Array, part: slice) -> float:
        """Return what `update` makes of a unit of gradient that has always been there."""
        return self.momentum * self.lasting + self.rate

    def update(self, w: Array, g: Array, part: slice) -> None:
        """Step along where the velocity will be."""
        v = self.velocity[part]
        v *= self.momentum
        axpy(-self.rate, g, v)
        axpy(-self.rate, g, w)
        axpy(self.momentum, v, w)
