"""What a loss of the logits gives to a second-order method: value, gradient and Hessian.

A loss knows the classes of the rows and their weights. `at` evaluates it once at given logits and
returns what is needed there, the Hessian as a map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BinaryCurvature",
    "BinaryPoint",
    "Curvature",
    "LogitLoss",
    "LossPoint",
    "SharedCurvature",
]

Array = NDArray[np.float64]


class Curvature(Protocol):
    """The Hessian of a loss at given logits."""

    def curvature(self, direction: Array, rows: slice = slice(None)) -> Array:
        """Return the Hessian times a change of the logits of some rows."""
        ...

    def curvature_of(self, first: int, second: int) -> Array:
        """Return the second derivatives in two of the outputs, shape (n_samples,)."""
        ...


class LossPoint(Curvature, Protocol):
    """A loss at given logits.

    Attributes
    ----------
    value : float
        The weighted sum over the rows.
    gradient : ndarray of shape (n_samples, n_outputs)
        Its gradient in the logits.
    """

    value: float
    gradient: Array


class LogitLoss(Protocol):
    """A convex loss of the logits.

    Attributes
    ----------
    n_outputs : int
        The number of logits of a row.
    shift_invariant : bool
        Whether adding one number to all logits of a row changes nothing.
    curvature_jumps : bool
        Whether the Hessian is constant but for jumps, as that of a squared hinge.
    """

    n_outputs: int
    shift_invariant: bool
    curvature_jumps: bool

    def value(self, logits: Array) -> float:
        """Return the weighted sum of the losses of the rows."""
        ...

    def at(self, logits: Array) -> LossPoint:
        """Return the loss with its derivatives."""
        ...

    def part(self, rows: NDArray[np.intp]) -> LogitLoss:
        """Return the loss of some rows."""
        ...


@dataclass
class SharedCurvature:
    r"""The Hessian :math:`w (\operatorname{diag}(q) - q q^T)` of each row, see `Curvature`.

    Attributes
    ----------
    shares : ndarray of shape (n_samples, n_outputs)
        :math:`q`, which adds up to 1.
    weight : ndarray of shape (n_samples,)
        :math:`w`.
    """

    shares: Array
    weight: Array

    def curvature(self, direction: Array, rows: slice = slice(None)) -> Array:
        q = self.shares[rows]
        result = q * direction
        result -= q * result.sum(axis=1)[:, None]
        result *= self.weight[rows, None]
        return result

    def curvature_of(self, first: int, second: int) -> Array:
        q = self.shares
        own = q[:, first] if first == second else 0.0
        return self.weight * (own - q[:, first] * q[:, second])


@dataclass
class BinaryCurvature:
    """The Hessian of a loss of two classes; see `Curvature`.

    Attributes
    ----------
    second : ndarray of shape (n_samples,)
        The second derivative in each logit.
    """

    second: Array

    def curvature(self, direction: Array, rows: slice = slice(None)) -> Array:
        return self.second[rows, None] * direction

    def curvature_of(self, first: int, second: int) -> Array:
        return self.second


@dataclass
class BinaryPoint(BinaryCurvature):
    """A loss of two classes at given logits; see `LossPoint`."""

    value: float
    gradient: Array
