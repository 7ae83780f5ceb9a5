"""The hinge of Crammer and Singer: the largest wrong logit against the right one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.losses.base import SharedCurvature
from skdeep.linear_model.losses.hinge import MulticlassHinge

__all__ = ["CrammerSinger"]

Array = NDArray[np.float64]


@dataclass
class _LargestPoint:
    value: float
    gradient: Array
    shares: Array  # q
    slopes: Array  # q - e_y
    outer_weight: Array  # weight of the outer product of the slopes
    spread_weight: Array  # weight of diag(q) - q q^T

    def curvature(self, direction: Array, rows: slice = slice(None)) -> Array:
        q, u = self.shares[rows], self.slopes[rows]
        mean = np.einsum("ij,ij->i", q, direction)
        result = self.spread_weight[rows, None] * q * (direction - mean[:, None])
        along = np.einsum("ij,ij->i", u, direction)
        return result + (self.outer_weight[rows] * along)[:, None] * u

    def curvature_of(self, first: int, second: int) -> Array:
        q, u = self.shares, self.slopes
        own = q[:, first] if first == second else 0.0
        spread = self.spread_weight * (own - q[:, first] * q[:, second])
        return spread + self.outer_weight * u[:, first] * u[:, second]


class CrammerSinger(MulticlassHinge):
    r"""The hinge of the worst wrong class: :math:`\max_k (z_k - z_y + [k \ne y])^q`.

    At a temperature :math:`T` the maximum of the margins :math:`m_k` is
    :math:`M = T \log \sum_k e^{m_k / T}` with shares :math:`q = \mathrm{softmax}(m / T)`. Then
    :math:`\partial M / \partial z = q - e_y` and :math:`\partial^2 M / \partial z^2 =
    (\operatorname{diag}(q) - q q^T) / T`.

    Parameters
    ----------
    y, n_outputs, weight, power, temperature
        As in `MulticlassHinge`.

    References
    ----------
    K. Crammer, Y. Singer, "On the algorithmic implementation of multiclass kernel-based vector
    machines", JMLR 2, 2001.
    """

    @cached_property
    def _wrong(self) -> Array:
        """1 for the wrong classes, 0 for the right ones."""
        result = np.ones((self.n_outputs, len(self.y)))
        result[self.y, self._places] = 0.0
        return result

    @cached_property
    def _right(self) -> Array:
        return self.weight * (1.0 - self._wrong)

    def _largest(self, logits: Array) -> tuple[Array, Array]:
        """Return the largest margin of each row and how the classes share in it."""
        margins = self.margins(logits)
        margins -= margins[self.y, self._places]
        largest = margins.max(axis=0)
        if self.temperature == 0:
            # On a tie with the right class there is no loss and no slope.
            worst = np.where(largest > 0, margins.argmax(axis=0), self.y)
            shares = np.zeros_like(margins)
            shares[worst, self._places] = 1.0
            return largest, shares.T
        shares = np.exp((margins - largest) / self.temperature)
        total = shares.sum(axis=0)
        shares /= total
        return largest + self.temperature * np.log(total), shares.T

    def value(self, logits: Array) -> float:
        """Return the weighted sum of the losses."""
        if self.temperature == 0:
            return float(self.weight @ self.largest(self.margins(logits)) ** self.power)
        return float(self.weight @ self._largest(logits)[0] ** self.power)

    def at(self, logits: Array) -> _LargestPoint:
        """Return the loss with its derivatives."""
        largest, shares = self._largest(logits)
        slopes = shares.copy()
        slopes[self._places, self.y] -= 1.0
        inverse = 1.0 / self.temperature if self.temperature > 0 else 0.0
        if self.power == 1:
            scale, outer = self.weight, np.zeros(len(largest))
            spread = self.weight * inverse
        else:
            scale = 2.0 * self.weight * largest
            outer, spread = 2.0 * self.weight, scale * inverse
        value = float(self.weight @ largest**self.power)
        return _LargestPoint(value, scale[:, None] * slopes, shares, slopes, outer, spread)

    @property
    def group_weight(self) -> Array:
        """The weights of the rows."""
        return self.weight

    def margins(self, logits: Array, offset: float = 1.0) -> Array:
        """Return the logits, those of the wrong classes higher by `offset`.

        The loss is by how much the largest exceeds that of the right class.
        """
        return logits.T + offset * self._wrong if offset else logits.T

    def largest(self, margins: Array) -> Array:
        """Return the losses; see `HingeLoss`."""
        return margins.max(axis=0) - margins[self.y, self._places]

    def slopes(self, multiplier: Array) -> Array:
        """Return the gradient in the logits; see `HingeLoss`."""
        return (multiplier - self._right).T

    def smoothed_hessian(self, ratio: Array) -> SharedCurvature:
        """Return the Hessian of the maxima, rounded off; see `HingeLoss`."""
        total = ratio.sum(axis=0)
        return SharedCurvature((ratio / total).T, total)
