"""The loss whose minimum is a quantile."""

from __future__ import annotations

from skdeep.nn.losses.residuals import ResidualLoss
from skdeep.nn.memory import Array

__all__ = ["Quantile"]


class Quantile(ResidualLoss):
    """The pinball loss, whose minimum is the `quantile` of the targets.

    Parameters
    ----------
    quantile : float in (0, 1), default=0.5

    References
    ----------
    R. Koenker, G. Bassett, "Regression quantiles", Econometrica 46, 1978.
    """

    def __init__(self, quantile: float = 0.5) -> None:
        if not 0 < quantile < 1:
            raise ValueError(f"Quantile takes a quantile in (0, 1), got {quantile!r}.")
        self.quantile = quantile

    def apply(self, residual: Array, loss: Array) -> None:
        """Write max((1 - q) r, -q r), and (sign(r) + 1 - 2 q) / 2 where r is not zero."""
        xp = self.xp
        xp.multiply(residual, 1 - self.quantile, out=loss)
        below = xp.multiply(residual, -self.quantile, out=self.buffer("below", residual.shape))
        xp.maximum(loss, below, out=loss)
        sign = xp.sign(residual)
        xp.multiply(sign, 0.5, out=residual)
        residual += (0.5 - self.quantile) * xp.abs(sign)
