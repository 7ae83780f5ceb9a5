"""Schedules along parts of a cosine: once, with restarts, up and down."""

from __future__ import annotations

import math

from skdeep.nn.schedules.base import Schedule

__all__ = ["Cosine", "CosineOfLog", "CosineRestarts", "OneCycle"]


class Cosine(Schedule):
    """Half a cosine from `initial` down to `minimum` over `n_epochs` epochs.

    Parameters
    ----------
    initial, warmup_epochs
        As in `Schedule`; the warm-up is a part of the `n_epochs`.
    n_epochs : int >= 1
    minimum : float >= 0, default=0.0
        Where the half wave ends, one epoch after the last.

    References
    ----------
    I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
    """

    ends = True

    def __init__(
        self, initial: float, *, n_epochs: int, minimum: float = 0.0, warmup_epochs: int = 0
    ) -> None:
        super().__init__(initial, warmup_epochs=warmup_epochs)
        self.n_epochs, self.minimum = n_epochs, minimum

    def after_warmup(self, epoch: float, n_seen: int) -> float:
        """Return minimum + (initial - minimum) (1 + cos(pi epoch / n_epochs)) / 2."""
        length = max(1, self.n_epochs - self.warmup_epochs)
        return _fall(self.initial, self.minimum, min(1.0, epoch / length))


class CosineOfLog(Schedule):
    """Several falls to zero, each twice as long as the one before.

    ::

        initial / 2 (1 - cos(2 pi log2(1 + (2**n_cycles - 1) t))),    t = epoch / n_epochs

    Rates that rise again lead out of what is only nearly flat, and the last fall, half of the
    training, ends in it. The rate changes at every step.

    Parameters
    ----------
    initial : float > 0
        The highest rate.
    n_epochs : int
    n_cycles : int, default=4
    warmup_epochs : int >= 0, default=0
        As in `Schedule`; a part of the `n_epochs`.

    References
    ----------
    Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and boosted
    trees on tabular data", NeurIPS 2024 ("coslog4").
    """

    ends = True
    by_step = True

    def __init__(
        self, initial: float, *, n_epochs: int, n_cycles: int = 4, warmup_epochs: int = 0
    ) -> None:
        super().__init__(initial, warmup_epochs=warmup_epochs)
        self.n_epochs, self.n_cycles = n_epochs, n_cycles

    def after_warmup(self, epoch: float, n_seen: int) -> float:
        """Return the rate after `epoch` epochs, or of the end."""
        done = min(epoch / max(1, self.n_epochs - self.warmup_epochs), 1.0)
        cycles = math.log2(1 + (2**self.n_cycles - 1) * done)
        return self.initial * 0.5 * (1 - math.cos(2 * math.pi * cycles))

    def ends_of_falls(self) -> list[int]:
        """Return the first epochs that end where, or after, a fall has come to zero."""
        n, of = self.n_epochs - self.warmup_epochs, 2**self.n_cycles - 1
        parts = [2**i - 1 for i in range(1, self.n_cycles + 1)]
        return [self.warmup_epochs - (-n * part // of) for part in parts]


class CosineRestarts(Schedule):
    """Half a cosine from `initial` down to `minimum`, again and again.

    Parameters
    ----------
    initial, warmup_epochs
        As in `Schedule`.
    period : int >= 1, default=10
        Epochs of the first fall.
    growth : int >= 1, default=1
        How many times as long as the one before each fall is.
    minimum : float >= 0, default=0.0

    References
    ----------
    I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017,
    equation 5.

    Examples
    --------
    >>> from skdeep.nn import CosineRestarts
    >>> schedule = CosineRestarts(0.1, period=2, growth=2)
    >>> [round(schedule.rate(epoch, 0), 3) for epoch in range(7)]
    [0.1, 0.05, 0.1, 0.085, 0.05, 0.015, 0.1]
    """

    def __init__(
        self,
        initial: float,
        *,
        period: int = 10,
        growth: int = 1,
        minimum: float = 0.0,
        warmup_epochs: int = 0,
    ) -> None:
        super().__init__(initial, warmup_epochs=warmup_epochs)
        self.period, self.growth, self.minimum = period, growth, minimum

    def after_warmup(self, epoch: float, n_seen: int) -> float:
        """Return minimum + (initial - minimum) (1 + cos(pi done)) / 2 of the present period."""
        length = self.period
        if self.growth == 1:
            epoch %= length
        while epoch >= length:
            epoch -= length
            length *= self.growth
        return _fall(self.initial, self.minimum, epoch / length)


class OneCycle(Schedule):
    """Up to `initial` and down to almost nothing, at every step, in one cycle over the training.

    Half a cosine from initial / 25 up over the first 30% of the epochs, and half a cosine from
    there down to initial / 250000.

    Parameters
    ----------
    initial, warmup_epochs
        As in `Schedule`; `initial` is the peak.
    n_epochs : int >= 1
    rise : float in (0, 1), default=0.3
        The part of the epochs in which the rate rises.

    References
    ----------
    L. N. Smith, N. Topin, "Super-convergence: very fast training of neural networks using large
    learning rates", arXiv:1708.07120, 2017; with the cosines and factors of fastai and PyTorch.

    Examples
    --------
    >>> from skdeep.nn import OneCycle
    >>> schedule = OneCycle(1.0, n_epochs=10)
    >>> [round(schedule.rate(epoch, 0), 3) for epoch in (0, 1.5, 3, 6.5, 10)]
    [0.04, 0.52, 1.0, 0.5, 0.0]
    """

    ends = True
    by_step = True

    def __init__(
        self, initial: float, *, n_epochs: int, rise: float = 0.3, warmup_epochs: int = 0
    ) -> None:
        super().__init__(initial, warmup_epochs=warmup_epochs)
        self.n_epochs, self.rise = n_epochs, rise

    def after_warmup(self, epoch: float, n_seen: int) -> float:
        """Return the rate at that place of the cycle."""
        done = min(1.0, epoch / max(1, self.n_epochs - self.warmup_epochs))
        first = self.initial / 25
        if done < self.rise:
            return _fall(first, self.initial, done / self.rise)
        return _fall(self.initial, first / 1e4, (done - self.rise) / (1 - self.rise))


def _fall(begin: float, end: float, done: float) -> float:
    """Return where half a cosine from `begin` to `end` is when that part of it is done."""
    return end + (begin - end) * (1 + math.cos(math.pi * done)) / 2
