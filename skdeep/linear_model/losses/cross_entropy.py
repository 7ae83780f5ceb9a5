"""Cross entropy of the softmax, and of two classes with one logit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.losses.base import BinaryPoint, SharedCurvature

__all__ = ["LogisticLoss", "SoftmaxLoss"]

Array = NDArray[np.float64]

# Outputs that are walked column by column, a few times faster than so short rows one by one.
_FEW = 4


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
    curvature_jumps = False

    def __init__(
        self, y: NDArray[np.intp], n_outputs: int, weight: Array, smoothing: float = 0.0
    ) -> None:
        self.y, self.weight, self.smoothing = y, weight, smoothing
        self.n_outputs = n_outputs
        # Where the right outputs stand in memory, by rows and by columns.
        self._by_rows = np.arange(0, len(y) * n_outputs, n_outputs) + y
        self._by_columns: NDArray[np.intp] | None = None

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
        flat, right = self._right(gradient)
        flat[right] = 0.0
        flat[right] = -_by_rows(np.add, gradient)
        gradient *= self.weight[:, None]
        return _SoftmaxPoint(exponentials, self.weight, value, gradient)

    def part(self, rows: NDArray[np.intp]) -> SoftmaxLoss:
        """Return the loss of some rows."""
        return SoftmaxLoss(self.y[rows], self.n_outputs, self.weight[rows], self.smoothing)

    def _exponentials(self, logits: Array) -> tuple[Array, Array, Array]:
        shifted = logits - _by_rows(np.maximum, logits)[:, None]
        exponentials = np.exp(shifted)
        return shifted, exponentials, _by_rows(np.add, exponentials)

    def _right(self, array: Array) -> tuple[Array, NDArray[np.intp]]:
        """Return all entries in their order in memory, and which of them are the right outputs."""
        if array.flags.c_contiguous:
            return array.reshape(-1), self._by_rows
        if self._by_columns is None:
            self._by_columns = self.y * len(self.y) + np.arange(len(self.y))
        return array.T.reshape(-1), self._by_columns

    def _value(self, shifted: Array, exponentials: Array, total: Array) -> float:
        flat, places = self._right(shifted)
        right = flat[places]
        if self.smoothing:
            right = (1.0 - self.smoothing) * right + self.smoothing * shifted.mean(axis=1)
        # Where one class takes all, log(total) would round the others away.
        others = total - 1.0
        if np.minimum.reduce(others, initial=np.inf) < 1e-4:
            small = others < 1e-4
            top = exponentials[small]
            top[np.arange(len(top)), top.argmax(axis=1)] = 0.0
            others[small] = top.sum(axis=1)
        return float(self.weight @ (np.log1p(others) - right))


def _by_rows(function: np.ufunc, array: Array) -> Array:
    """Return the sum, or the largest, of each row."""
    if array.shape[1] > _FEW:
        return function.reduce(array, axis=1)
    return reduce(function, array.T)


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
    curvature_jumps = False

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
