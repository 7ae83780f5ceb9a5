"""Steps scaled by the sizes of the gradients so far: AdaGrad and RMSProp."""

from __future__ import annotations

from typing import Any

from skdeep.nn.memory import Array
from skdeep.nn.optimizers.base import Optimizer
from skdeep.nn.vectors import axpy, scratch

__all__ = ["AdaGrad", "RMSProp"]


class AdaGrad(Optimizer):
    """Steps over the root of the sum of squared gradients, which only shrink.

    ::

        s <- s + g**2          w <- w - rate g / (sqrt(s) + epsilon)

    Parameters
    ----------
    epsilon : float > 0, default=1e-8
        Added to the root.
    clip_norm, clip_value, weight_decay
        As in `Optimizer`.

    References
    ----------
    J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and stochastic
    optimization", JMLR 12, 2011.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import AdaGrad
    >>> optimizer, w = AdaGrad(), np.array([0.0, 0.0])
    >>> optimizer.settle(np, np.float64, 2)
    >>> for _ in range(2):  # the first step is the rate, the second that over the root of 2
    ...     optimizer.step(w, np.array([1.0, -100.0]), learning_rate=0.1)
    >>> w.round(4)
    array([-0.1707,  0.1707])
    """

    slots = ("squares",)
    squares: Array

    def __init__(self, epsilon: float = 1e-8, **common: Any) -> None:
        super().__init__(**common)
        self.epsilon = epsilon

    def update(self, w: Array, g: Array, part: slice) -> None:
        """Add the squares, and step by the gradient over their root."""
        xp, squares, root = self.xp, self.squares[part], scratch(self.xp, g)
        xp.multiply(g, g, out=root)
        squares += root
        xp.sqrt(squares, out=root)
        root += self.epsilon
        g /= root
        axpy(-self.rate, g, w)


class RMSProp(Optimizer):
    """Steps over the root of a running mean of squared gradients, with momentum if wished.

    ::

        s <- decay s + (1 - decay) g**2         v <- momentum v + g / (sqrt(s) + epsilon)
        w <- w - rate v

    Parameters
    ----------
    decay : float in [0, 1), default=0.99
        What the mean of squares keeps from step to step.
    momentum : float in [0, 1), default=0.0
        What a step keeps of the velocity v.
    epsilon : float > 0, default=1e-8
        Added to the root.
    clip_norm, clip_value, weight_decay
        As in `Optimizer`.

    References
    ----------
    G. Hinton, N. Srivastava, K. Swersky, "Neural networks for machine learning", lecture 6e, 2012.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import RMSProp
    >>> optimizer, w = RMSProp(decay=0.96), np.array([0.0, 0.0])
    >>> optimizer.settle(np, np.float64, 2)
    >>> optimizer.step(w, np.array([1.0, -100.0]), learning_rate=0.1)
    >>> w.round(4)  # the rate over the root of 0.04
    array([-0.5,  0.5])
    """

    slots = ("squares", "velocity")
    squares: Array
    velocity: Array

    def __init__(
        self, decay: float = 0.99, momentum: float = 0.0, epsilon: float = 1e-8, **common: Any
    ) -> None:
        super().__init__(**common)
        self.decay, self.momentum, self.epsilon = decay, momentum, epsilon

    def update(self, w: Array, g: Array, part: slice) -> None:
        """Add to the mean of squares, and step along the gradient over its root."""
        xp, squares, root = self.xp, self.squares[part], scratch(self.xp, g)
        xp.multiply(g, g, out=root)
        squares *= self.decay
        axpy(1 - self.decay, root, squares)
        xp.sqrt(squares, out=root)
        root += self.epsilon
        g /= root
        if self.momentum:
            v = self.velocity[part]
            v *= self.momentum
            v += g
            g = v
        axpy(-self.rate, g, w)
