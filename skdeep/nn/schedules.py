"""Learning-rate schedules: the rate of each epoch, or of each step.

A schedule tells the rate from the number of epochs done, with a fraction within an epoch, and of
samples seen. It is asked before each epoch, or before each step if it says so. `Adaptive` alone
listens to the training: it falls when there is no progress.
"""

from __future__ import annotations

import math
from typing import ClassVar

__all__ = [
    "Adaptive",
    "Constant",
    "Cosine",
    "CosineOfLog",
    "Exponential",
    "InverseScaling",
    "Schedule",
    "Step",
]


class Schedule:
    """The base of all schedules, and the constant one.

    Parameters
    ----------
    initial : float > 0
        The rate that the schedule starts from.
    warmup_epochs : int >= 0, default=0
        The rate climbs to `initial` in equal steps over that many epochs, and the schedule starts
        after them.

    Attributes
    ----------
    ends : bool
        Whether it leads to an end, so that training until then is not cut short.
    by_step : bool
        Whether the rate changes at every step, and not only from epoch to epoch.
    """

    ends: ClassVar[bool] = False
    by_step: bool = False

    def __init__(self, initial: float, *, warmup_epochs: int = 0) -> None:
        self.initial = initial
        self.warmup_epochs = warmup_epochs

    def rate(self, epoch: float, n_seen: int) -> float:
        """Return the rate after `epoch` epochs, a fraction within one, and `n_seen` samples."""
        if epoch < self.warmup_epochs:
            return self.initial * (epoch + 1) / (self.warmup_epochs + 1)
        return self.after_warmup(epoch - self.warmup_epochs, n_seen)

    def after_warmup(self, epoch: float, n_seen: int) -> float:
        """Return the rate `epoch` epochs after the warm-up."""
        return self.initial

    def falls_on_plateau(self) -> bool:
        """Answer to a lack of progress: True if the rate fell and training should go on."""
        return False


class Constant(Schedule):
    """Always the same rate."""


class InverseScaling(Schedule):
    """initial / (n_seen + 1)**power, once samples have been seen.

    Parameters
    ----------
    initial, warmup_epochs
        As in `Schedule`.
    power : float >= 0, default=0.5
    """

    def __init__(self, initial: float, *, power: float = 0.5, warmup_epochs: int = 0) -> None:
        super().__init__(initial, warmup_epochs=warmup_epochs)
        self.power = power

    def after_warmup(self, epoch: float, n_seen: int) -> float:
        """Return initial / (n_seen + 1)**power, and `initial` in the first epoch."""
        return self.initial / (n_seen + 1) ** self.power if epoch else self.initial


class Adaptive(Schedule):
    """Constant while there is progress, a fifth of that whenever there is none.

    Below 1e-6 it gives up.

    Parameters
    ----------
    initial, warmup_epochs
        As in `Schedule`.
    """

    def __init__(self, initial: float, *, warmup_epochs: int = 0) -> None:
        super().__init__(initial, warmup_epochs=warmup_epochs)
        self.current = initial

    def after_warmup(self, epoch: float, n_seen: int) -> float:
        """Return the rate as it has fallen so far."""
        return self.current

    def falls_on_plateau(self) -> bool:
        """Divide by five, unless that small already."""
        if self.current <= 1e-6:
            return False
        self.current /= 5.0
        return True


class Step(Schedule):
    """Multiplied by `decay` after every `step_size` epochs.

    Parameters
    ----------
    initial, warmup_epochs
        As in `Schedule`.
    decay : float in (0, 1], default=0.1
    step_size : int >= 1, default=10
    """

    def __init__(
        self, initial: float, *, decay: float = 0.1, step_size: int = 10, warmup_epochs: int = 0
    ) -> None:
        super().__init__(initial, warmup_epochs=warmup_epochs)
        self.decay, self.step_size = decay, step_size

    def after_warmup(self, epoch: float, n_seen: int) -> float:
        """Return initial * decay**floor(epoch / step_size)."""
        return self.initial * self.decay ** (epoch // self.step_size)


class Exponential(Step):
    """`Step` without its stairs: initial * decay**(epoch / step_size)."""

    def after_warmup(self, epoch: float, n_seen: int) -> float:
        """Return initial * decay**(epoch / step_size)."""
        return self.initial * self.decay ** (epoch / self.step_size)


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
        wave = (1 + math.cos(math.pi * min(1.0, epoch / length))) / 2
        return self.minimum + (self.initial - self.minimum) * wave


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

    References
    ----------
    Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and boosted
    trees on tabular data", NeurIPS 2024 ("coslog4").
    """

    ends = True
    by_step = True

    def __init__(self, initial: float, *, n_epochs: int, n_cycles: int = 4) -> None:
        super().__init__(initial)
        self.n_epochs, self.n_cycles = n_epochs, n_cycles

    def after_warmup(self, epoch: float, n_seen: int) -> float:
        """Return the rate after `epoch` epochs, or of the end."""
        done = min(epoch / self.n_epochs, 1.0)
        cycles = math.log2(1 + (2**self.n_cycles - 1) * done)
        return self.initial * 0.5 * (1 - math.cos(2 * math.pi * cycles))
