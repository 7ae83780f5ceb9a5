"""Schedules by the names that estimators give them."""

from __future__ import annotations

from collections.abc import Callable

from skdeep.nn.schedules.base import Constant, Function, Schedule
from skdeep.nn.schedules.decay import Exponential, InverseScaling, Step
from skdeep.nn.schedules.plateau import Adaptive, ReduceOnPlateau
from skdeep.nn.schedules.waves import Cosine, CosineOfLog, CosineRestarts, OneCycle

__all__ = ["SCHEDULE_NAMES", "named_schedule"]

SCHEDULE_NAMES = (
    "constant",
    "invscaling",
    "adaptive",
    "step",
    "exponential",
    "cosine",
    "cosine_restarts",
    "cosine_of_log",
    "one_cycle",
    "plateau",
)


def named_schedule(
    name: str | Callable[[float], float],
    initial: float,
    *,
    n_epochs: int,
    power: float = 0.5,
    decay: float = 0.1,
    step_size: int = 10,
    minimum: float = 0.0,
    patience: int = 5,
    growth: int = 1,
    warmup_epochs: int = 0,
) -> Schedule:
    """Return a schedule that takes what concerns it of these numbers.

    Parameters
    ----------
    name : str or callable
        One of `SCHEDULE_NAMES`, or a function of the epoch for :class:`Function`.
    initial : float
        The rate that it starts from, or the largest of 'cosine_of_log' and 'one_cycle'.
    n_epochs : int
        Over which 'cosine', 'cosine_of_log' and 'one_cycle' extend.
    power : float, default=0.5
        Of 'invscaling'.
    decay : float, default=0.1
        The factor of 'step', 'exponential' and 'plateau'.
    step_size : int, default=10
        Epochs of a stair, and of the first period of 'cosine_restarts'.
    minimum : float, default=0.0
        Where cosines and 'plateau' end.
    patience : int, default=5
        Epochs without progress that 'plateau' forgives.
    growth : int, default=1
        How many times longer each period of 'cosine_restarts' is.
    warmup_epochs : int, default=0
        Of all.

    Raises
    ------
    ValueError
        If no schedule has that name.

    Examples
    --------
    >>> from skdeep.nn import named_schedule
    >>> named_schedule("cosine", 0.1, n_epochs=10).rate(5, 0)
    0.05
    """
    warmup = {"warmup_epochs": warmup_epochs}
    match name:
        case "constant":
            return Constant(initial, **warmup)
        case "invscaling":
            return InverseScaling(initial, power=power, **warmup)
        case "adaptive":
            return Adaptive(initial, **warmup)
        case "step":
            return Step(initial, decay=decay, step_size=step_size, **warmup)
        case "exponential":
            return Exponential(initial, decay=decay, step_size=step_size, **warmup)
        case "cosine":
            return Cosine(initial, n_epochs=n_epochs, minimum=minimum, **warmup)
        case "cosine_restarts":
            return CosineRestarts(
                initial, period=step_size, growth=growth, minimum=minimum, **warmup
            )
        case "cosine_of_log":
            return CosineOfLog(initial, n_epochs=n_epochs, **warmup)
        case "one_cycle":
            return OneCycle(initial, n_epochs=n_epochs, **warmup)
        case "plateau":
            return ReduceOnPlateau(
                initial, factor=decay, patience=patience, minimum=minimum, **warmup
            )
    if isinstance(name, str):
        raise ValueError(f"name must be one of {', '.join(SCHEDULE_NAMES)}; got {name!r}.")
    return Function(initial, function=name, **warmup)
