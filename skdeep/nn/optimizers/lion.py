"""Lion: steps by signs alone."""

from __future__ import annotations

from typing import Any

from skdeep.nn.memory import Array
from skdeep.nn.optimizers.base import Optimizer
from skdeep.nn.vectors import axpy, scratch

__all__ = ["Lion"]


class Lion(Optimizer):
    """The sign of an average of gradients, found by a search among programs.

    ::

        w <- w - rate sign(beta_1 m + (1 - beta_1) g)         m <- beta_2 m + (1 - beta_2) g

    Every parameter moves by the rate at every step, so the rate should be three to ten times
    smaller than Adam's, and a decoupled weight decay as much larger.

    Parameters
    ----------
    beta_1 : float in [0, 1), default=0.9
        What the average in a step keeps of the mean.
    beta_2 : float in [0, 1), default=0.99
        What the mean keeps from step to step.
    clip_norm, clip_value, weight_decay
        As in `Optimizer`.

    References
    ----------
    X. Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023, algorithm 2.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Lion
    >>> optimizer, w = Lion(), np.array([0.0, 0.0, 0.0])
    >>> optimizer.settle(np, np.float64, 3)
    >>> optimizer.step(w, np.array([0.001, -100.0, 0.0]), learning_rate=0.1)
    >>> w
    array([-0.1,  0.1,  0. ])
    """

    slots = ("m",)
    m: Array

    def __init__(self, beta_1: float = 0.9, beta_2: float = 0.99, **common: Any) -> None:
        super().__init__(**common)
        self.beta_1, self.beta_2 = beta_1, beta_2

    def update(self, w: Array, g: Array, part: slice) -> None:
        """Add to the mean, and step by the sign."""
        xp, m, average = self.xp, self.m[part], scratch(self.xp, g)
        xp.multiply(m, self.beta_1, out=average)
        axpy(1 - self.beta_1, g, average)
        m *= self.beta_2
        axpy(1 - self.beta_2, g, m)
        # x / max(|x|, tiny) is the sign, in passes that NumPy has vectorised: sign takes five
        # times as long.
        xp.abs(average, out=g)
        xp.clip(g, xp.finfo(g.dtype).tiny, None, out=g)
        average /= g
        axpy(-self.rate, average, w)
