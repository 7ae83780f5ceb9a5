"""The cross-entropy of classes that exclude each other."""

from __future__ import annotations

import numpy as np

from skdeep.nn.losses.base import Loss, drop_negligible
from skdeep.nn.memory import Array
from skdeep.nn.products import rows_of, write_product

__all__ = ["SoftmaxCrossEntropy"]


class SoftmaxCrossEntropy(Loss):
    """Minus the log-probability of the right class, of several that exclude each other.

    Targets are class indices, or the probabilities of all classes, (n_samples, n_classes), such as
    those of mixed samples. With label smoothing s, the target of a sample of class y is the
    distribution (1 - s) 1_y + s / n_classes instead of 1_y, and the loss is the cross-entropy
    with it.

    Parameters
    ----------
    label_smoothing : float in [0, 1), default=0.0

    References
    ----------
    C. Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016,
    section 7 (label smoothing).
    """

    link = "softmax"

    def __init__(self, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = label_smoothing

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return the cross-entropy and the difference of the two distributions."""
        n, k = z.shape
        if self.xp is not np or not z.flags.c_contiguous:
            z = z.reshape(-1).reshape(n, k)  # in order of rows, also where reshape had to copy
        spread = self._shift(z)
        weight = self.average(n) if weight is None else weight
        of = self._of_distributions if target.ndim == 2 else self._of_classes
        value, grad = of(z, target, weight)
        if spread > 20:  # some probabilities are below 2e-9
            drop_negligible(self, grad, weight[:, None])
        return value, grad

    def _of_classes(self, z: Array, target: Array, weight: Array) -> tuple[float, Array]:
        """Return the cross-entropy with the right classes, for z that exp may be taken of."""
        xp = self.xp
        n, k = z.shape
        smoothing = self.label_smoothing
        flat = z.reshape(-1)
        right = xp.add(self.row_starts(n, k), target)
        expected = flat[right]
        if smoothing:
            expected *= 1.0 - smoothing
            expected += xp.matmul(z, self.constant(smoothing / k, (k,)))
        xp.exp(z, out=z)
        total = write_product(self, z, self.constant(1.0, (k,)), self.buffer("total", (n,)))
        value = self._total(xp.log(total) - expected, weight)
        z *= (weight / total)[:, None]
        flat[right] -= weight * (1.0 - smoothing) if smoothing else weight
        if smoothing:
            z -= weight[:, None] * (smoothing / k)
        return value, z

    def _of_distributions(self, z: Array, target: Array, weight: Array) -> tuple[float, Array]:
        """Return the cross-entropy with targets that are probabilities of all classes."""
        xp = self.xp
        n, k = z.shape
        one = self.constant(1.0, (k,))
        if self.label_smoothing:
            target = target * (1.0 - self.label_smoothing) + self.label_smoothing / k
        expected = xp.matmul(xp.multiply(z, target, out=self.buffer("product", (n, k))), one)
        xp.exp(z, out=z)
        total = xp.matmul(z, one)
        value = self._total(xp.log(total) - expected, weight)
        z /= total[:, None]
        z -= target
        z *= weight[:, None]
        return value, z

    def predict(self, z: Array) -> Array:
        """Return softmax(z) along the last axis, in place."""
        rows = rows_of(z)
        self._shift(rows)
        self.xp.exp(rows, out=rows)
        rows /= self.xp.matmul(rows, self.constant(1.0, (rows.shape[1],)))[:, None]
        return rows.reshape(z.shape)

    def _shift(self, z: Array) -> float:
        """Subtract a constant from each row, which no softmax notices, so that exp is safe.

        Returns
        -------
        float
            How far z is spread.
        """
        high = z.max()
        spread = float(high - z.min())
        if spread < 50:  # one constant is safe for all rows, and found much faster
            z -= high
        else:
            z -= self.xp.amax(z, axis=1, keepdims=True)
        return spread
