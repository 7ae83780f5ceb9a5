"""What all learning-rate schedules share, the constant one, and one by any function."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

__all__ = ["Constant", "Function", "Schedule"]


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
        Whether it leads to an end after `n_epochs`, at `minimum` or next to it, so that training
        until then is not cut short.
    by_step : bool
        Whether the rate changes at every step, and not only from epoch to epoch.
    listens : bool
        Whether the rate goes by the progress that there is.
    """

    ends: ClassVar[bool] = False
    listens: ClassVar[bool] = False
    by_step: bool = False
    n_epochs: int
    minimum: float = 0.0

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

    def ends_of_falls(self) -> list[int]:
        """Return the epochs after which the rate has fallen to zero, the last of them the end."""
        return []

    def listen(self, n_without_progress: int) -> None:
        """Hear after each epoch how many have passed since the last that made progress."""

    def falls_on_plateau(self) -> bool:
        """Answer to a lack of progress: True if the rate fell and training should go on."""
        return False

    def state(self) -> dict[str, Any]:
        """Return what the rates to come depend on, but for functions, by name."""
        return {name: value for name, value in vars(self).items() if not callable(value)}


class Constant(Schedule):
    """Always the same rate."""


class Function(Schedule):
    """The initial rate times what a function of the epoch returns.

    Parameters
    ----------
    initial, warmup_epochs
        As in `Schedule`.
    function : callable
        ``function(epoch) -> float >= 0``, with the number of epochs after the warm-up.

    Raises
    ------
    ValueError
        From `rate`, if the function returns no finite number of 0 or more.

    Examples
    --------
    >>> from skdeep.nn import Function
    >>> schedule = Function(0.1, function=lambda epoch: 0.96 ** (epoch // 8))
    >>> [round(schedule.rate(epoch, 0), 4) for epoch in (0, 7, 8, 16)]
    [0.1, 0.1, 0.096, 0.0922]
    """

    def __init__(
        self, initial: float, *, function: Callable[[float], float], warmup_epochs: int = 0
    ) -> None:
        super().__init__(initial, warmup_epochs=warmup_epochs)
        self.function = function

    def after_warmup(self, epoch: float, n_seen: int) -> float:
        """Return initial * function(epoch)."""
        factor = self.function(epoch)
        try:
            rate = self.initial * float(factor)
        except (TypeError, ValueError):
            rate = math.nan
        if not 0 <= rate < math.inf:
            raise ValueError(
                f"A learning rate's function must return a finite number of 0 or more. Got "
                f"{factor!r} for epoch {epoch}."
            )
        return rate
