"""Losses of the residual: squared, absolute, and what is between them."""

from __future__ import annotations

from skdeep.nn.losses.base import Loss
from skdeep.nn.memory import Array

__all__ = ["AbsoluteError", "Huber", "ResidualLoss", "SquaredError"]


class ResidualLoss(Loss):
    """A loss of the residual z - y alone."""

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return the loss and its gradient, both functions of z - y."""
        z -= target
        loss = self.buffer("loss", z.shape)
        self.apply(z, loss)
        return self._mean(loss, weight), self._weigh(z, weight)

    def apply(self, residual: Array, loss: Array) -> None:
        """Write the losses into `loss` and the derivatives over `residual`."""
        raise NotImplementedError


class SquaredError(ResidualLoss):
    """Half the squared residual, summed over outputs."""

    def apply(self, residual: Array, loss: Array) -> None:
        """Write r**2 / 2; the derivative is r itself."""
        self.xp.multiply(residual, residual, out=loss)
        loss *= 0.5


class AbsoluteError(ResidualLoss):
    """The absolute residual, whose minimum is the median."""

    def apply(self, residual: Array, loss: Array) -> None:
        """Write \\|r\\| and sign(r)."""
        self.xp.abs(residual, out=loss)
        self.xp.sign(residual, out=residual)


class Huber(ResidualLoss):
    """Squared near zero, absolute beyond `delta`, with one slope where they meet.

    Parameters
    ----------
    delta : float > 0, default=1.0

    References
    ----------
    P. J. Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics
    35, 1964.
    """

    def __init__(self, delta: float = 1.0) -> None:
        if not delta > 0:
            raise ValueError(f"Huber takes a delta above 0, got {delta!r}.")
        self.delta = delta

    def apply(self, residual: Array, loss: Array) -> None:
        """With c = r clipped to [-d, d], write c (r - c / 2) and c."""
        xp = self.xp
        clipped = self.buffer("clipped", residual.shape)
        xp.clip(residual, -self.delta, self.delta, out=clipped)
        xp.multiply(clipped, 0.5, out=loss)
        xp.subtract(residual, loss, out=loss)
        loss *= clipped
        residual[...] = clipped
