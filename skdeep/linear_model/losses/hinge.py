"""The hinge losses of linear support vector machines, as functions of the logits.

The hinge has a kink, so a `temperature` may round it off, ``max(0, m)`` becoming
``T log(1 + exp(m / T))``; at 0 it is the hinge itself, and the gradient one of its subgradients.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from skdeep.linear_model.losses.base import BinaryCurvature, BinaryPoint, Curvature, LogitLoss

__all__ = ["BinaryHinge", "HingeLoss", "MulticlassHinge", "WestonWatkins", "hinge"]

Array = NDArray[np.float64]


class HingeLoss(LogitLoss, Protocol):
    """A loss that at power 1 is a sum of maxima of margins, which are affine in the logits.

    Beside the maxima there may be a term that is linear in the logits.

    Attributes
    ----------
    power : int
        1 or 2.
    temperature : float
        How far kinks are rounded off.
    weight : ndarray of shape (n_samples,)
        What the loss of each row is multiplied by.
    group_weight : ndarray of shape (n_groups,)
        What each maximum is multiplied by.
    """

    power: int
    temperature: float
    weight: Array

    @property
    def group_weight(self) -> Array: ...

    def margins(self, logits: Array, offset: float = 1.0) -> Array:
        """Return the alternatives of the maxima, shape (n_alternatives, n_groups).

        With ``offset=0.0`` it is their linear part.
        """
        ...

    def largest(self, margins: Array) -> Array:
        """Return the loss of each group."""
        ...

    def slopes(self, multiplier: Array) -> Array:
        """Return the gradient in the logits where each margin has this part in the loss.

        The parts are those of subgradients: they add up to `group_weight`.
        """
        ...

    def smoothed_hessian(self, ratio: Array) -> Curvature:
        """Return the Hessian of the maxima, rounded off.

        With the columns ``r`` of `ratio`, which has the shape of the margins, it is the linear part
        of `margins` around ``diag(r) - r r^T / sum(r)``.
        """
        ...


def hinge(margin: Array, power: int, temperature: float) -> tuple[Array, Array]:
    """Return the rounded hinge of the margins to a power, and its slope."""
    if temperature == 0:
        value = np.maximum(margin, 0.0)
        if power == 1:
            return value, (margin > 0).astype(np.float64)
        return value * value, 2.0 * value
    t = margin / temperature
    value, slope = temperature * np.logaddexp(0.0, t), expit(t)
    return (value, slope) if power == 1 else (value**2, 2.0 * value * slope)


def hinge_curvature(margin: Array, power: int, temperature: float) -> Array:
    """Return the second derivative of the same."""
    if temperature == 0:
        return 2.0 * (margin > 0).astype(np.float64) if power == 2 else np.zeros_like(margin)
    t = margin / temperature
    slope = expit(t)
    curvature = slope * expit(-t) / temperature
    if power == 1:
        return curvature
    return 2.0 * (slope**2 + temperature * np.logaddexp(0.0, t) * curvature)


def _jumps(loss: Any) -> bool:
    """Say whether the curvature jumps, see `LogitLoss`; a hinge of power 1 has none."""
    return bool(loss.power == 2 and loss.temperature == 0)


class BinaryHinge:
    r"""The hinge of two classes with one logit: :math:`\max(0, 1 - (2y - 1) z)^q`.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        0 or 1.
    weight : ndarray of shape (n_samples,)
        What the loss of each row is multiplied by.
    power : {1, 2}
        :math:`q`.
    temperature : float, default=0.0
        How far the kink is rounded off.
    """

    n_outputs = 1
    shift_invariant = False
    curvature_jumps = property(_jumps)

    def __init__(
        self, y: NDArray[np.intp], weight: Array, power: int, temperature: float = 0.0
    ) -> None:
        self.y, self.weight, self.power, self.temperature = y, weight, power, temperature
        self._sign = 2.0 * y - 1.0

    def value(self, logits: Array) -> float:
        """Return the weighted sum of the losses."""
        margin = 1.0 - self._sign * logits[:, 0]
        return float(self.weight @ hinge(margin, self.power, self.temperature)[0])

    def at(self, logits: Array) -> BinaryPoint:
        """Return the loss with its derivatives."""
        margin = 1.0 - self._sign * logits[:, 0]
        value, slope = hinge(margin, self.power, self.temperature)
        curvature = hinge_curvature(margin, self.power, self.temperature)
        gradient = -(self.weight * self._sign * slope)[:, None]
        return BinaryPoint(self.weight * curvature, float(self.weight @ value), gradient)

    @property
    def group_weight(self) -> Array:
        """The weights of the rows."""
        return self.weight

    def margins(self, logits: Array, offset: float = 1.0) -> Array:
        """Return the margin of each row beside 0, shape (2, n_samples)."""
        margins = np.zeros((2, len(logits)))
        np.subtract(offset, self._sign * logits[:, 0], out=margins[0])
        return margins

    def largest(self, margins: Array) -> Array:
        """Return the losses; see `HingeLoss`."""
        return margins.max(axis=0)

    def slopes(self, multiplier: Array) -> Array:
        """Return the gradient in the logits; see `HingeLoss`."""
        return -(self._sign * multiplier[0])[:, None]

    def smoothed_hessian(self, ratio: Array) -> BinaryCurvature:
        """Return the Hessian of the maxima, rounded off; see `HingeLoss`."""
        return BinaryCurvature(_of_pair(ratio))

    def part(self, rows: NDArray[np.intp]) -> BinaryHinge:
        """Return the loss of some rows."""
        return BinaryHinge(self.y[rows], self.weight[rows], self.power, self.temperature)


def _of_pair(ratio: Array) -> Array:
    """Return the curvature in the first of two alternatives."""
    return ratio[0] * ratio[1] / (ratio[0] + ratio[1])


@dataclass
class PairsCurvature:
    curvatures: Array
    y: NDArray[np.intp]

    def curvature(self, direction: Array, rows: slice = slice(None)) -> Array:
        y = self.y[rows]
        places = np.arange(len(y))
        result = self.curvatures[rows] * (direction - direction[places, y][:, None])
        result[places, y] = -result.sum(axis=1)
        return result

    def curvature_of(self, first: int, second: int) -> Array:
        if first == second:
            return np.where(self.y == first, self.curvatures.sum(axis=1), self.curvatures[:, first])
        of_first = np.where(self.y == second, self.curvatures[:, first], 0.0)
        return -of_first - np.where(self.y == first, self.curvatures[:, second], 0.0)


class _PairsPoint(PairsCurvature):
    """A loss at given margins, whose curvature is found where somebody asks for it."""

    def __init__(self, loss: WestonWatkins, margins: Array, value: float, gradient: Array) -> None:
        self.loss, self.margins, self.y = loss, margins, loss.y
        self.value, self.gradient = value, gradient

    @cached_property
    def curvatures(self) -> Array:  # type: ignore[override]
        return self.loss.curvatures(self.margins)


class MulticlassHinge:
    """What the hinges of several classes are made from.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Index of the class of each row.
    n_outputs : int
        The number of classes.
    weight : ndarray of shape (n_samples,)
        What the loss of each row is multiplied by.
    power : {1, 2}
        :math:`q`.
    temperature : float, default=0.0
        How far the kinks are rounded off.
    """

    shift_invariant = True
    curvature_jumps = property(_jumps)

    def __init__(
        self,
        y: NDArray[np.intp],
        n_outputs: int,
        weight: Array,
        power: int,
        temperature: float = 0.0,
    ) -> None:
        self.y, self.weight, self.power, self.temperature = y, weight, power, temperature
        self.n_outputs = n_outputs
        self._places = np.arange(len(y))

    def part(self, rows: NDArray[np.intp]) -> Self:
        """Return the loss of some rows."""
        return type(self)(
            self.y[rows], self.n_outputs, self.weight[rows], self.power, self.temperature
        )


class WestonWatkins(MulticlassHinge):
    r"""The hinge summed over the wrong classes: :math:`\sum_{k \ne y} \max(0, 1 + z_k - z_y)^q`.

    With slopes :math:`a_k` and curvatures :math:`b_k` of the terms, the gradient is :math:`a_k` for
    the wrong classes and :math:`-\sum_k a_k` for the right one, the Hessian
    :math:`\sum_k b_k (e_k - e_y)(e_k - e_y)^T`.

    Parameters
    ----------
    y, n_outputs, weight, power, temperature
        As in `MulticlassHinge`.

    References
    ----------
    J. Weston, C. Watkins, "Support vector machines for multi-class pattern recognition", ESANN
    1999.
    """

    def _terms(self, logits: Array) -> tuple[Array, Array, Array]:
        """Return the margins, and value and slope of each term, 0 for the right class."""
        right = self._places, self.y
        margins = 1.0 + logits - logits[right][:, None]
        value, slopes = hinge(margins, self.power, self.temperature)
        value[right] = slopes[right] = 0.0
        return margins, value, slopes

    def value(self, logits: Array) -> float:
        """Return the weighted sum of the losses."""
        return float(self.weight @ self._terms(logits)[1].sum(axis=1))

    def at(self, logits: Array) -> _PairsPoint:
        """Return the loss with its derivatives."""
        margins, value, slopes = self._terms(logits)
        gradient = slopes * self.weight[:, None]
        gradient[self._places, self.y] = -gradient.sum(axis=1)
        return _PairsPoint(self, margins, float(self.weight @ value.sum(axis=1)), gradient)

    def curvatures(self, margins: Array) -> Array:
        """Return the weighted second derivatives of the terms."""
        result = hinge_curvature(margins, self.power, self.temperature)
        result[self._places, self.y] = 0.0
        result *= self.weight[:, None]
        return result

    @property
    def group_weight(self) -> Array:
        """The weight of its row for each pair of class and row."""
        return np.tile(self.weight, self.n_outputs)

    def margins(self, logits: Array, offset: float = 1.0) -> Array:
        """Return each pair's margin beside 0, shape (2, n_outputs * n_samples).

        That of the right class is constant and never the larger one.
        """
        result = np.zeros((2, logits.size))
        margins = result[0].reshape(self.n_outputs, -1)
        right = logits[self._places, self.y]
        np.subtract(logits.T + offset, right, out=margins)
        margins[self.y, self._places] = -offset
        return result

    def largest(self, margins: Array) -> Array:
        """Return the losses; see `HingeLoss`."""
        return margins.max(axis=0)

    def slopes(self, multiplier: Array) -> Array:
        """Return the gradient in the logits; see `HingeLoss`."""
        result = multiplier[0].reshape(self.n_outputs, -1).copy()
        result[self.y, self._places] = 0.0
        result[self.y, self._places] = -result.sum(axis=0)
        return result.T

    def smoothed_hessian(self, ratio: Array) -> PairsCurvature:
        """Return the Hessian of the maxima, rounded off; see `HingeLoss`."""
        curvatures = _of_pair(ratio).reshape(self.n_outputs, -1)
        curvatures[self.y, self._places] = 0.0
        return PairsCurvature(curvatures.T, self.y)
