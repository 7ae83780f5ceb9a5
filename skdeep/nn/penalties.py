"""Penalties on the size of the weights."""

from __future__ import annotations

from skdeep.nn.memory import Array
from skdeep.nn.vectors import axpy

__all__ = ["L2"]


class L2:
    """Half the squared length of the weights times `alpha`, with the gradient alpha w.

    Parameters
    ----------
    alpha : float >= 0
        Strength.
    """

    def __init__(self, alpha: float) -> None:
        self.alpha = alpha

    def value(self, weights: Array) -> float:
        """Return alpha / 2 times the sum of squares."""
        return 0.5 * self.alpha * float(weights @ weights)

    def add_gradient(self, weights: Array, grad: Array, spare: Array | None = None) -> None:
        """Add alpha w to `grad`; `spare` is what `axpy` takes."""
        axpy(self.alpha, weights, grad, spare)
