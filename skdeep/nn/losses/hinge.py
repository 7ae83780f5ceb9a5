"""Hinge losses: nothing for a right answer by a margin of one, linear or square below it."""

from __future__ import annotations

from skdeep.nn.losses.base import Loss
from skdeep.nn.memory import Array

__all__ = ["Hinge", "MulticlassHinge"]


class _Hinge(Loss):
    """What both have: max(0, margin) to a power."""

    def __init__(self, power: int = 1) -> None:
        if power not in (1, 2):
            raise ValueError(f"{type(self).__name__} takes as power 1 or 2, got {power!r}.")
        self.power = power

    def _raise(self, margin: Array) -> Array:
        """Write max(0, m)**power over the margins; return the derivative by them."""
        xp = self.xp
        shape = tuple(margin.shape)
        xp.maximum(margin, self.constant(0.0, shape), out=margin)
        slope = xp.sign(margin)
        if self.power == 2:
            xp.multiply(margin, 2.0, out=slope)
            margin *= margin
        return slope


class Hinge(_Hinge):
    """The hinge of independent yes-or-no answers, one an output.

    ::

        y max(0, 1 - z)**power + (1 - y) max(0, 1 + z)**power

    Targets are 0 or 1, or, of mixed samples, the share of 1. The answer is yes where z > 0.

    Parameters
    ----------
    power : {1, 2}, default=1
        2 is the squared hinge, which has no kink.

    References
    ----------
    C. Cortes, V. Vapnik, "Support-vector networks", Machine Learning 20, 1995.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Hinge
    >>> loss = Hinge()
    >>> loss.settle(np, np.float64)
    >>> loss.value(np.array([[2.0], [0.5], [-1.5]]), np.ones((3, 1)))
    1.0
    """

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return the loss, and what z does to the two margins."""
        xp = self.xp
        shape = tuple(z.shape)
        no = xp.add(z, self.constant(1.0, shape), out=self.buffer("no", shape))
        yes = xp.subtract(self.constant(1.0, shape), z, out=self.buffer("yes", shape))
        slope_no, slope_yes = self._raise(no), self._raise(yes)
        other = xp.subtract(self.constant(1.0, shape), target, out=self.buffer("other", shape))
        no *= other
        yes *= target
        no += yes
        xp.multiply(slope_no, other, out=z)
        z -= xp.multiply(slope_yes, target, out=slope_yes)
        return self._mean(no, weight), self._weigh(z, weight)


class MulticlassHinge(_Hinge):
    """The hinge of classes that exclude each other, of Weston and Watkins.

    ::

        sum over classes k but the right one, y, of max(0, 1 + z_k - z_y)**power

    Targets are class indices, or the probabilities of all classes, (n_samples, n_classes), whose
    losses are then averaged.

    Parameters
    ----------
    power : {1, 2}, default=1
        2 is the squared hinge, which has no kink.

    References
    ----------
    J. Weston, C. Watkins, "Support vector machines for multi-class pattern recognition",
    ESANN 1999.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import MulticlassHinge
    >>> loss = MulticlassHinge()
    >>> loss.settle(np, np.float64)
    >>> loss.value(np.array([[2.0, 1.5, 3.0]]), np.array([0]))
    2.5
    """

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return the loss, and the slopes, those of the right class against all others."""
        n, k = z.shape
        weight = self.average(n) if weight is None else weight
        if target.ndim == 1:
            margin = self.xp.add(z, self.constant(1.0, (n, k)), out=self.buffer("margin", (n, k)))
            return self._of_classes(margin, target, weight)
        # A loss is linear in the distribution: the mean over what the class may be.
        value, grad = 0.0, self.buffer("grad", (n, k))
        grad[...] = 0.0
        per_row = self.xp.zeros((n,), dtype=self.dtype)
        for one in range(k):
            margin = self.xp.add(z, self.constant(1.0, (n, k)), out=self.buffer("margin", (n, k)))
            every = self.xp.full((n,), one)
            of_class, grad_of_class = self._of_classes(margin, every, weight * target[:, one])
            value += of_class
            grad += grad_of_class
            per_row += target[:, one] * self.per_row
        self.per_row = per_row
        return value, grad

    def _of_classes(self, margin: Array, target: Array, weight: Array) -> tuple[float, Array]:
        """Return the same for class indices, and z + 1, which is written over."""
        xp = self.xp
        n, k = margin.shape
        flat = margin.reshape(-1)
        right = xp.add(self.row_starts(n, k), target)
        margin -= (flat[right] - 1.0)[:, None]
        flat[right] = 0.0
        slope = self._raise(margin)
        one = self.constant(1.0, (k,))
        value = self._total(xp.matmul(margin, one), weight)
        slope *= weight[:, None]
        slope.reshape(-1)[right] = -xp.matmul(slope, one)
        return value, slope
