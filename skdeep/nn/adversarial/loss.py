"""What the two sides of an adversarial game lose."""

from __future__ import annotations

from skdeep.nn.losses import LogisticCrossEntropy
from skdeep.nn.memory import Array

__all__ = ["AdversarialLoss"]


class AdversarialLoss(LogisticCrossEntropy):
    """The sum of what discriminator and generator lose, each of its own columns.

    Of logits [D(x), D(G(z)), D(G(z))] as :class:`AdversarialGame` makes them in training, and
    targets [1, 0, 1]::

        discriminator: -log p(x) - log(1 - p(G(z))),    generator: -log p(G(z))

    with p the logistic function of D: the loss of [1]_ in its form that does not saturate. The last
    two columns hold the same numbers, and differ in who learns from their gradients.

    References
    ----------
    .. [1] I. Goodfellow et al., "Generative adversarial nets", NIPS 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn.adversarial import AdversarialLoss
    >>> loss = AdversarialLoss()
    >>> loss.settle(np, np.float64)
    >>> value = loss.value(np.zeros((4, 3)), np.tile([1.0, 0.0, 1.0], (4, 1)))
    >>> round(value, 4), {name: round(part, 4) for name, part in loss.parts().items()}
    (2.0794, {'discriminator_loss': 1.3863, 'generator_loss': 0.6931})
    """

    _sums: Array | None = None
    _n_seen = 0

    def parts(self) -> dict[str, float]:
        """Return the mean of each side's loss over the samples since the last call."""
        if self._sums is None:
            return {}
        real, made, taken = (float(part) / self._n_seen for part in self._sums)
        self._sums, self._n_seen = None, 0
        return {"discriminator_loss": real + made, "generator_loss": taken}

    def _mean(self, per_output: Array, weight: Array | None) -> float:
        sums = self.xp.matmul(self.constant(1.0, (len(per_output),)), per_output)
        self._sums = sums if self._sums is None else self._sums + sums
        self._n_seen += len(per_output)
        return super()._mean(per_output, weight)
