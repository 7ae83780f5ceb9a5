"""A penalty that pulls towards given weights in place of zero."""

from __future__ import annotations

from typing import Any

from skdeep.nn.memory import Array
from skdeep.nn.penalties.base import Penalty

__all__ = ["L2Toward"]


class L2Toward(Penalty):
    """Half the squared distance from given weights times `alpha`, with the gradient alpha (w - c).

    For a network that goes on from what it learned on other data, and shall not forget it.

    Parameters
    ----------
    alpha : float >= 0
        Strength.
    center : array of shape (n_penalized,) or float
        The weights, c.

    References
    ----------
    X. Li, Y. Grandvalet, F. Davoine, "Explicit inductive bias for transfer learning with
    convolutional networks", ICML 2018, where it is called L2-SP.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import L2Toward
    >>> penalty = L2Toward(0.5, center=np.array([1.0, 2.0]))
    >>> penalty.value(np.array([1.0, 4.0]))
    1.0
    """

    entrywise = False

    def __init__(self, alpha: float, center: Any) -> None:
        super().__init__(alpha)
        self.center = center

    def value(self, weights: Array) -> float:
        """Return alpha / 2 times the sum of squared differences."""
        difference = weights - self.center
        return 0.5 * self.alpha * float(difference @ difference)

    def add_gradient(self, weights: Array, grad: Array) -> None:
        """Add alpha (w - c) to `grad`."""
        difference = weights - self.center
        difference *= self.alpha
        grad += difference
