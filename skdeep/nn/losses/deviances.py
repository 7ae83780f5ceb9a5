"""Deviances of distributions whose logarithmic mean is the output."""

from __future__ import annotations

import scipy.special

from skdeep.nn.losses.base import Loss
from skdeep.nn.memory import Array

__all__ = ["Poisson"]


class Poisson(Loss):
    """Half the Poisson deviance of counts whose logarithmic mean is the output.

    ``y log(y / mu) - y + mu`` with ``mu = exp(z)``; targets are not negative.
    """

    link = "exp"

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return mu - y z + (y log y - y), and mu - y."""
        xp = self.xp
        loss = xp.multiply(z, target, out=self.buffer("loss", z.shape))
        xp.exp(z, out=z)
        xp.subtract(z, loss, out=loss)
        # 0 log 0 = 0
        xlogy = getattr(getattr(xp, "special", scipy.special), "xlogy", scipy.special.xlogy)
        loss += xlogy(target, target) - target
        value = self._mean(loss, weight)
        z -= target
        return value, self._weigh(z, weight)

    def predict(self, z: Array) -> Array:
        """Return exp(z), in place."""
        return self.xp.exp(z, out=z)
