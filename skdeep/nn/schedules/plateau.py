"""Schedules that listen to the training, and fall where there is no progress."""

from __future__ import annotations

from typing import ClassVar

from skdeep.nn.schedules.base import Schedule

__all__ = ["Adaptive", "ReduceOnPlateau"]


class Adaptive(Schedule):
    """Constant while there is progress, a fifth of that whenever there is none.

    Below 1e-6 it gives up.

    Parameters
    ----------
    initial, warmup_epochs
        As in `Schedule`.
    """

    listens: ClassVar[bool] = True

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


class ReduceOnPlateau(Schedule):
    """Multiplied by `factor` whenever more than `patience` epochs have passed without progress.

    Parameters
    ----------
    initial, warmup_epochs
        As in `Schedule`.
    factor : float in (0, 1), default=0.1
    patience : int >= 0, default=5
        Epochs without progress that are forgiven, since the last that made some or the last fall.
    minimum : float >= 0, default=0.0
        Where it stops falling.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016:
    divided by ten when the error stops falling, section 3.4.

    Examples
    --------
    >>> from skdeep.nn import ReduceOnPlateau
    >>> schedule = ReduceOnPlateau(0.1, factor=0.5, patience=1)
    >>> rates = []
    >>> for n_without_progress in (0, 1, 2, 3, 4, 5):
    ...     schedule.listen(n_without_progress)
    ...     rates.append(schedule.rate(len(rates), 0))
    >>> rates
    [0.1, 0.1, 0.05, 0.05, 0.025, 0.025]
    """

    listens: ClassVar[bool] = True

    def __init__(
        self,
        initial: float,
        *,
        factor: float = 0.1,
        patience: int = 5,
        minimum: float = 0.0,
        warmup_epochs: int = 0,
    ) -> None:
        super().__init__(initial, warmup_epochs=warmup_epochs)
        self.factor, self.patience, self.minimum = factor, patience, minimum
        self.current, self.n_waited = initial, 0

    def after_warmup(self, epoch: float, n_seen: int) -> float:
        """Return the rate as it has fallen so far."""
        return self.current

    def listen(self, n_without_progress: int) -> None:
        """Fall once the patience has ended."""
        self.n_waited = self.n_waited + 1 if n_without_progress else 0
        if self.n_waited > self.patience:
            self.current = max(self.current * self.factor, min(self.minimum, self.current))
            self.n_waited = 0
