"""Schedules that fall by a formula: inverse scaling, stairs, and a slope."""

from __future__ import annotations

from skdeep.nn.schedules.base import Schedule

__all__ = ["Exponential", "InverseScaling", "Step"]


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
