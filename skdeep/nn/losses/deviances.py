"""Half deviances of distributions whose logarithmic mean is the output."""

from __future__ import annotations

import scipy.special

from skdeep.nn.losses.base import Loss
from skdeep.nn.memory import Array

__all__ = ["Gamma", "Poisson", "Tweedie"]


class _LogMean(Loss):
    """A loss of mu = exp(z), the mean of the targets."""

    link = "exp"

    def predict(self, z: Array) -> Array:
        """Return exp(z), in place."""
        return self.xp.exp(z, out=z)

    def outputs_of(self, predictions: Array) -> Array:
        """Return log(mu)."""
        return self.xp.log(predictions)

    def _xlogy(self, target: Array) -> Array:
        """Return y log y, which is 0 for 0."""
        special = getattr(self.xp, "special", scipy.special)
        return getattr(special, "xlogy", scipy.special.xlogy)(target, target)


class Poisson(_LogMean):
    """Half the Poisson deviance of counts whose logarithmic mean is the output.

    ``y log(y / mu) - y + mu`` with ``mu = exp(z)``; targets are not negative.

    References
    ----------
    P. McCullagh and J. A. Nelder, "Generalized Linear Models", Chapman and Hall, 1989, table 2.1.
    """

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return mu - y z + (y log y - y), and mu - y."""
        xp = self.xp
        loss = xp.multiply(z, target, out=self.buffer("loss", z.shape))
        xp.exp(z, out=z)
        xp.subtract(z, loss, out=loss)
        loss += self._xlogy(target) - target
        value = self._mean(loss, weight)
        z -= target
        return value, self._weigh(z, weight)


class Gamma(_LogMean):
    """Half the gamma deviance of numbers above 0, whose errors count relative to their mean.

    ``log(mu / y) + y / mu - 1`` with ``mu = exp(z)``.

    References
    ----------
    P. McCullagh and J. A. Nelder, "Generalized Linear Models", Chapman and Hall, 1989, table 2.1.

    Examples
    --------
    Twice as much as expected costs the same in any unit:

    >>> import numpy as np
    >>> from skdeep.nn import Gamma
    >>> loss = Gamma()
    >>> loss.settle(np, np.float64)
    >>> y = np.array([[2.0], [2000.0]])
    >>> values = [loss.value(np.log([[row[0] / 2]]), row[None]) for row in y]
    >>> [round(value, 4) for value in values]
    [0.3069, 0.3069]
    """

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return z - log y + y / mu - 1, and 1 - y / mu."""
        xp = self.xp
        ratio = xp.exp(xp.negative(z), out=self.buffer("ratio", tuple(z.shape)))
        ratio *= target
        z -= xp.log(target)
        z += ratio
        z -= 1.0
        value = self._mean(z, weight)
        xp.subtract(self.constant(1.0, tuple(z.shape)), ratio, out=z)
        return value, self._weigh(z, weight)


class Tweedie(_LogMean):
    """Half the deviance of a distribution whose variance is a power of its mean.

    ::

        y**(2 - p) / ((1 - p) (2 - p)) - y mu**(1 - p) / (1 - p) + mu**(2 - p) / (2 - p)

    with ``mu = exp(z)``, and its limits for p = 1, the Poisson deviance, and p = 2, the gamma
    deviance. With p = 0 it is half the squared error. Between 1 and 2 targets may be 0, as sums of
    claims are that mostly do not occur; from 2 on they are above 0.

    Parameters
    ----------
    power : float outside of (0, 1), default=1.5

    References
    ----------
    B. Jørgensen, "Exponential dispersion models", Journal of the Royal Statistical Society B 49,
    1987.
    """

    def __init__(self, power: float = 1.5) -> None:
        if not (power <= 0 or power >= 1):
            raise ValueError(f"Tweedie takes a power outside of (0, 1), got {power!r}.")
        self.power = power

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return the loss, and mu**(2 - p) - y mu**(1 - p)."""
        xp, p = self.xp, self.power
        one = xp.exp(z * (1.0 - p))
        one *= target
        two = xp.exp(z * (2.0 - p))
        loss = self._of_target(target)
        loss += z if p == 2 else two / (2.0 - p)
        loss -= z * target if p == 1 else one / (1.0 - p)
        if p > 2:  # an infinite mean is not infinitely far, but no output of a sound network
            loss += z - z
        value = self._mean(loss, weight)
        return value, self._weigh(xp.subtract(two, one, out=z), weight)

    def _of_target(self, target: Array) -> Array:
        """Return what depends on the target alone, by which a perfect prediction costs 0."""
        xp, p = self.xp, self.power
        loss = self.buffer("loss", tuple(target.shape))
        if p == 0:
            loss[...] = target * target * 0.5
        elif p == 1:
            loss[...] = self._xlogy(target) - target
        elif p == 2:
            loss[...] = -xp.log(target) - 1.0
        else:
            positive = xp.maximum(target, self.constant(0.0, tuple(target.shape)))
            loss[...] = positive ** (2.0 - p) / ((1.0 - p) * (2.0 - p))
        return loss
