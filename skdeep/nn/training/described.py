"""The optimizer, the schedule and the average of weights that an estimator's keywords describe.

Networks and linear classifiers have them from here, with the same keywords: those of
`skdeep.nn.training.keywords`.
"""

from __future__ import annotations

from typing import Any

from skdeep.nn.optimizers import Optimizer, named_optimizer
from skdeep.nn.schedules import Schedule, named_schedule
from skdeep.nn.training.averaging import ExponentialAverage, StochasticAverage, WeightAverage

__all__ = ["make_average", "make_optimizer", "make_schedule"]


def make_optimizer(
    estimator: Any, *, sgd_has_momentum: bool = True, weight_decay: float | None = None
) -> Optimizer:
    """Return the optimizer that the estimator's parameters describe.

    Parameters
    ----------
    estimator : object
        Its attributes are the keywords.
    sgd_has_momentum : bool, default=True
        Whether 'sgd' stands for 'momentum' or 'nesterov', as it does for networks.
    weight_decay : float or None, default=None
        None for `decoupled_weight_decay`.
    """
    name, nesterov = estimator.solver, estimator.nesterovs_momentum
    if weight_decay is None:
        weight_decay = estimator.decoupled_weight_decay
    if name == "sgd" and sgd_has_momentum:
        name = "nesterov" if nesterov else "momentum"
    return named_optimizer(
        name,
        momentum=estimator.momentum,
        nesterov=nesterov,
        beta_1=estimator.beta_1,
        beta_2=estimator.beta_2,
        epsilon=estimator.epsilon,
        decay=estimator.decay,
        clip_norm=estimator.clip_norm,
        clip_value=estimator.clip_value,
        weight_decay=weight_decay,
    )


def make_schedule(
    estimator: Any, initial: float | None = None, *, n_epochs: int | None = None
) -> Schedule:
    """Return the learning-rate schedule that the estimator's parameters describe.

    Parameters
    ----------
    estimator : object
        Its attributes are the keywords.
    initial : float or None, default=None
        The rate that it starts from, None for `learning_rate_init`.
    n_epochs : int or None, default=None
        Over which it extends, None for `max_iter`.
    """
    return named_schedule(
        estimator.learning_rate,
        estimator.learning_rate_init if initial is None else initial,
        n_epochs=estimator.max_iter if n_epochs is None else n_epochs,
        power=estimator.power_t,
        decay=estimator.learning_rate_decay,
        step_size=estimator.learning_rate_step,
        minimum=estimator.learning_rate_min,
        patience=estimator.learning_rate_patience,
        growth=estimator.learning_rate_growth,
        warmup_epochs=estimator.warmup_epochs,
    )


def make_average(estimator: Any, *, n_epochs: int | None = None) -> WeightAverage | None:
    """Return the average of weights that the estimator's parameters describe.

    Parameters
    ----------
    estimator : object
        Its attributes are the keywords.
    n_epochs : int or None, default=None
        Of which 'swa' leaves out a part, None for `max_iter`.
    """
    n_epochs = estimator.max_iter if n_epochs is None else n_epochs
    match estimator.average:
        case "ema":
            return ExponentialAverage(estimator.average_decay)
        case "swa":
            return StochasticAverage(int(estimator.average_start * n_epochs))
        case _:
            return None
