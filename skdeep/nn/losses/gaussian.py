"""The likelihood of a normal distribution, of which a network tells mean and variance."""

from __future__ import annotations

import math

from skdeep.nn.losses.base import Loss
from skdeep.nn.losses.softplus import inverse_softplus, softplus_and_slope
from skdeep.nn.memory import Array
from skdeep.nn.products import rows_of

__all__ = ["Gaussian"]


class Gaussian(Loss):
    """Minus the log-likelihood of numbers that are normal, each with a variance of its own.

    Of outputs [m, s] side by side, each as wide as the target,

    ::

        ((y - m)**2 / v + log v + log 2 pi) / 2,  v = log(1 + exp(s)) + min_variance

    `predict` makes of them the means and the standard deviations. The smallest variance keeps the
    loss of a target that is met exactly from going to minus infinity; it is in the unit of the
    target, which should therefore be standardized.

    Parameters
    ----------
    min_variance : float > 0, default=1e-6

    References
    ----------
    D. A. Nix, A. S. Weigend, "Estimating the mean and variance of the target probability
    distribution", ICNN 1994.

    B. Lakshminarayanan, A. Pritzel, C. Blundell, "Simple and scalable predictive uncertainty
    estimation using deep ensembles", NeurIPS 2017 (for the softplus).

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Gaussian
    >>> loss = Gaussian()
    >>> loss.settle(np, np.float64)
    >>> loss.predict(np.array([[3.0, 0.0]])).round(4)  # log 2 is the variance
    array([[3.    , 0.8326]])
    """

    link = "gaussian"
    n_heads = 2

    def __init__(self, min_variance: float = 1e-6) -> None:
        if not min_variance > 0:
            raise ValueError(f"Gaussian takes a min_variance above 0, got {min_variance!r}.")
        self.min_variance = min_variance

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """With r = m - y, the gradients are r / v and (1 - r**2 / v) / (2 v) dv/ds."""
        xp = self.xp
        k = target.shape[1]
        residual, s = z[:, :k], z[:, k:]
        residual -= target
        variance, slope = softplus_and_slope(xp, s)
        variance += self.min_variance
        relative = residual * residual / variance
        loss = xp.log(variance)
        loss += relative
        loss += math.log(2 * math.pi)
        loss *= 0.5
        residual /= variance
        relative -= 1.0
        s[...] = relative * slope / variance * -0.5
        return self._mean(loss, weight), self._weigh(z, weight)

    def predict(self, z: Array) -> Array:
        """Return the means and the standard deviations side by side, in place."""
        s = rows_of(z)[:, z.shape[-1] // 2 :]
        variance, _ = softplus_and_slope(self.xp, s)
        variance += self.min_variance
        s[...] = self.xp.sqrt(variance)
        return z

    def outputs_of(self, predictions: Array) -> Array:
        """Return the outputs of means and standard deviations side by side."""
        z = self.xp.array(predictions)
        s = rows_of(z)[:, z.shape[-1] // 2 :]
        s[...] = inverse_softplus(self.xp, s * s - self.min_variance)
        return z
