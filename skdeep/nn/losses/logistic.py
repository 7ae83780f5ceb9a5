"""The cross-entropy of independent yes-or-no answers."""

from __future__ import annotations

from skdeep.nn.losses.base import Loss, drop_negligible
from skdeep.nn.memory import Array

__all__ = ["LogisticCrossEntropy"]


class LogisticCrossEntropy(Loss):
    """Minus the log-probability of independent yes-or-no answers, one an output.

    Targets are 0 or 1. Label smoothing s moves them to s / 2 and 1 - s / 2.

    Parameters
    ----------
    label_smoothing : float in [0, 1), default=0.0
    """

    link = "logistic"

    def __init__(self, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = label_smoothing

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return max(z, 0) - y z + log(1 + exp(-\\|z\\|)) and logistic(z) - y."""
        xp = self.xp
        shape = z.shape
        if self.label_smoothing:
            target = target * (1 - self.label_smoothing) + self.label_smoothing / 2
        loss = xp.maximum(z, self.constant(0.0, shape), out=self.buffer("loss", shape))
        loss -= xp.multiply(z, target, out=self.buffer("product", shape))
        loss += xp.log1p(self._tail(z))
        self.predict(z)
        z -= target
        drop_negligible(self, z, 1.0)
        return self._mean(loss, weight), self._weigh(z, weight)

    def predict(self, z: Array) -> Array:
        """Return 1 / (1 + exp(-z)), in place, exact to the last digits on both sides."""
        xp = self.xp
        tail = self._tail(z)
        positive = z >= 0
        xp.add(tail, 1.0, out=z)
        tail[positive] = 1.0
        return xp.divide(tail, z, out=z)

    def _tail(self, z: Array) -> Array:
        """Return exp(-\\|z\\|), which overflows nowhere."""
        tail = self.xp.abs(z, out=self.buffer("tail", z.shape))
        self.xp.negative(tail, out=tail)
        return self.xp.exp(tail, out=tail)
