"""The optimizer, the schedule and the average of weights that an estimator's keywords describe."""

from __future__ import annotations

from typing import Any

from skdeep.nn import (
    ExponentialAverage,
    Optimizer,
    Schedule,
    StochasticAverage,
    WeightAverage,
    named_optimizer,
    named_schedule,
)

__all__ = ["make_average", "make_optimizer", "make_schedule"]


def make_optimizer(estimator: Any) -> Optimizer:
    """Return the optimizer that the estimator's parameters describe."""
    name, nesterov = estimator.solver, estimator.nesterovs_momentum
    if name == "sgd":
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
        weight_decay=estimator.decoupled_weight_decay,
    )


def make_schedule(estimator: Any) -> Schedule:
    """Return the learning-rate schedule that the estimator's parameters describe."""
    return named_schedule(
        estimator.learning_rate,
        estimator.learning_rate_init,
        n_epochs=estimator.max_iter,
        power=estimator.power_t,
        decay=estimator.learning_rate_decay,
        step_size=estimator.learning_rate_step,
        minimum=estimator.learning_rate_min,
        patience=estimator.learning_rate_patience,
        growth=estimator.learning_rate_growth,
        warmup_epochs=estimator.warmup_epochs,
    )


def make_average(estimator: Any) -> WeightAverage | None:
    """Return the average of weights that the estimator's parameters describe."""
    match estimator.average:
        case "ema":
            return ExponentialAverage(estimator.average_decay)
        case "swa":
            return StochasticAverage(int(estimator.average_start * estimator.max_iter))
        case _:
            return None
