"""Losses of linear classifiers, as functions of the logits.

A loss knows the classes of the rows and their weights. `at` evaluates it once at given logits and
returns what a second-order method needs there: the value, the gradient, and the Hessian as a map.
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
    "LogisticLoss",
    "LogitLoss",
    "LossPoint",
    "SharedCurvature",
    "SoftmaxLoss",
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
    """

    n_outputs: int
    shift_invariant: bool

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
class _SoftmaxPoint(SharedCurvature):
    value: float
    gradient: Array


class SoftmaxLoss:
    r"""Cross entropy of the softmax.

    With logits :math:`z`, probabilities :math:`p_k = e^{z_k} / \sum_l e^{z_l}` and targets
    :math:`t`, which are 1 at the row's class, or with label smoothing
    :math:`t = (1 - \epsilon) e_y + \epsilon / K`,

    .. math:: \ell = \log \sum_k e^{z_k} - \sum_k t_k z_k, \qquad
              \frac{\partial \ell}{\partial z} = p - t, \qquad
              \frac{\partial^2 \ell}{\partial z^2} = \operatorname{diag}(p) - p p^T.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Index of the class of each row.
    n_outputs : int
        The number of classes.
    weight : ndarray of shape (n_samples,)
        What the loss of each row is multiplied by.
    smoothing : float, default=0.0
        :math:`\epsilon`.
    """

    shift_invariant = True

    def __init__(
        self, y: NDArray[np.intp], n_outputs: int, weight: Array, smoothing: float = 0.0
    ) -> None:
        self.y, self.weight, self.smoothing = y, weight, smoothing
        self.n_outputs = n_outputs
        self._places = np.arange(len(y))

    def value(self, logits: Array) -> float:
        """Return the weighted sum of the cross entropies."""
        return self._value(*self._exponentials(logits))

    def at(self, logits: Array) -> _SoftmaxPoint:
        """Return the loss with its derivatives."""
        shifted, exponentials, total = self._exponentials(logits)
        value = self._value(shifted, exponentials, total)
        exponentials /= total[:, None]
        gradient = exponentials - self.smoothing / self.n_outputs
        # p - t adds up to zero: where p is nearly 1, the others know by how much it is not.
        gradient[self._places, self.y] = 0.0
        gradient[self._places, self.y] = -gradient.sum(axis=1)
        gradient *= self.weight[:, None]
        return _SoftmaxPoint(exponentials, self.weight, value, gradient)

    def part(self, rows: NDArray[np.intp]) -> SoftmaxLoss:
        """Return the loss of some rows."""
        return SoftmaxLoss(self.y[rows], self.n_outputs, self.weight[rows], self.smoothing)

    def _exponentials(self, logits: Array) -> tuple[Array, Array, Array]:
        shifted = logits - logits.max(axis=1, keepdims=True)
        exponentials = np.exp(shifted)
        return shifted, exponentials, exponentials.sum(axis=1)

    def _value(self, shifted: Array, exponentials: Array, total: Array) -> float:
        right = shifted[self._places, self.y]
        if self.smoothing:
            right = (1.0 - self.smoothing) * right + self.smoothing * shifted.mean(axis=1)
        # Where one class takes all, log(total) would round the others away.
        others = total - 1.0
        small = others < 1e-4
        if small.any():
            top = exponentials[small]
            top[np.arange(len(top)), top.argmax(axis=1)] = 0.0
            others[small] = top.sum(axis=1)
        return float(self.weight @ (np.log1p(others) - right))


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


class LogisticLoss:
    r"""Cross entropy of two classes with one logit.

    .. math:: \ell = \log(1 + e^z) - t z, \qquad \ell' = \sigma(z) - t, \qquad
              \ell'' = \sigma(z) (1 - \sigma(z)), \qquad \sigma(z) = 1 / (1 + e^{-z})

    with :math:`t = (1 - \epsilon) y + \epsilon / 2`.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        0 or 1.
    weight : ndarray of shape (n_samples,)
        What the loss of each row is multiplied by.
    smoothing : float, default=0.0
        :math:`\epsilon`, the label smoothing.
    """

    n_outputs = 1
    shift_invariant = False

    def __init__(self, y: NDArray[np.intp], weight: Array, smoothing: float = 0.0) -> None:
        self.y, self.weight, self.smoothing = y, weight, smoothing
        self._target = (1.0 - smoothing) * y + 0.5 * smoothing

    def value(self, logits: Array) -> float:
        """Return the weighted sum of the cross entropies."""
        z = logits[:, 0]
        # log(1 + e^z) - t z, with the large terms of z taken together.
        gap = np.maximum(z, 0.0) - self._target * z
        return float(self.weight @ (gap + np.log1p(np.exp(-np.abs(z)))))

    def at(self, logits: Array) -> BinaryPoint:
        """Return the loss with its derivatives."""
        z = logits[:, 0]
        small = np.exp(-np.abs(z))
        value = float(self.weight @ (np.maximum(z, 0.0) - self._target * z + np.log1p(small)))
        # Probability of the less probable class, without cancellation.
        tail = small / (1.0 + small)
        positive = z > 0
        # sigma - t: from the side where sigma is small or 1 - sigma is.
        wrong = np.where(positive, (1.0 - self._target) - tail, tail - self._target)
        return BinaryPoint(self.weight * tail * (1.0 - tail), value, (self.weight * wrong)[:, None])

    def part(self, rows: NDArray[np.intp]) -> LogisticLoss:
        """Return the loss of some rows."""
        return LogisticLoss(self.y[rows], self.weight[rows], self.smoothing)
