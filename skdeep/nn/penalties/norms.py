"""Penalties on the size of each weight."""

from __future__ import annotations

from skdeep.nn.memory import Array
from skdeep.nn.penalties.base import Penalty
from skdeep.nn.vectors import axpy

__all__ = ["L1", "L2", "ElasticNet"]


class L2(Penalty):
    """Half the squared length of the weights times `alpha`, with the gradient alpha w.

    Parameters
    ----------
    alpha : float >= 0
        Strength.
    """

    def value(self, weights: Array) -> float:
        """Return alpha / 2 times the sum of squares."""
        return 0.5 * self.alpha * float(weights.dot(weights))

    def add_gradient(self, weights: Array, grad: Array) -> None:
        """Add alpha w to `grad`."""
        axpy(self.alpha, weights, grad)


class L1(Penalty):
    """The sum of the weights' absolute values times `alpha`, with the gradient alpha sign(w).

    At zero, where there is no gradient, that is zero, the smallest of the subgradients.

    Parameters
    ----------
    alpha : float >= 0
        Strength.

    References
    ----------
    R. Tibshirani, "Regression shrinkage and selection via the lasso", Journal of the Royal
    Statistical Society B 58, 1996.
    """

    def value(self, weights: Array) -> float:
        """Return alpha times the sum of absolute values."""
        return self.alpha * float(abs(weights).sum())

    def add_gradient(self, weights: Array, grad: Array) -> None:
        """Add alpha sign(w) to `grad`."""
        grad += self.alpha * ((weights > 0) * 1.0 - (weights < 0) * 1.0)

    def split(self) -> tuple[None, L1]:
        """Return nothing smooth, and itself."""
        return None, self

    def shrink(self, weights: Array, step: float | Array) -> None:
        """Take the proximal step: towards zero by `step` times alpha, and not past it.

        That minimizes ``step * alpha * |w| + (w - weights)**2 / 2``, in place [1]_. There may be a
        step for each weight.

        References
        ----------
        .. [1] N. Parikh, S. Boyd, "Proximal algorithms", Foundations and Trends in Optimization
           1, 2014, section 6.5.2.
        """
        bound = step * self.alpha
        weights -= weights.clip(-bound, bound)


class ElasticNet(Penalty):
    """A mixture of L1 and L2: alpha (l1_ratio \\|w\\| + (1 - l1_ratio) w**2 / 2), summed.

    Parameters
    ----------
    alpha : float >= 0
        Strength.
    l1_ratio : float in [0, 1], default=0.5
        The part of L1.

    References
    ----------
    H. Zou, T. Hastie, "Regularization and variable selection via the elastic net", Journal of the
    Royal Statistical Society B 67, 2005.
    """

    def __init__(self, alpha: float, l1_ratio: float = 0.5) -> None:
        super().__init__(alpha)
        if not 0 <= l1_ratio <= 1:
            raise ValueError(f"ElasticNet takes an l1_ratio in [0, 1], got {l1_ratio!r}.")
        self.l1_ratio = l1_ratio

    def split(self) -> tuple[L2, L1]:
        """Return both parts, which this penalty is the sum of."""
        return L2(self.alpha * (1 - self.l1_ratio)), L1(self.alpha * self.l1_ratio)

    def value(self, weights: Array) -> float:
        """Return the sum of both parts."""
        return sum(part.value(weights) for part in self.split())

    def add_gradient(self, weights: Array, grad: Array) -> None:
        """Add the gradients of both parts."""
        for part in self.split():
            part.add_gradient(weights, grad)
