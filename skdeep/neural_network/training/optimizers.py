"""The optimizer, the schedule and the average of weights that an estimator's keywords describe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skdeep.nn import (
    AdaGrad,
    Adam,
    Adaptive,
    AMSGrad,
    Constant,
    Cosine,
    CosineRestarts,
    Exponential,
    ExponentialAverage,
    Function,
    InverseScaling,
    Lion,
    Momentum,
    Muon,
    NAdam,
    Nesterov,
    OneCycle,
    Optimizer,
    ReduceOnPlateau,
    RMSProp,
    Schedule,
    Step,
    StochasticAverage,
    WeightAverage,
)

__all__ = ["make_average", "make_optimizer", "make_schedule"]


def make_optimizer(estimator: Any) -> Optimizer:
    """Return the optimizer that the estimator's parameters describe."""
    return _OPTIMIZERS[estimator.solver](
        estimator,
        {
            "clip_norm": estimator.clip_norm,
            "clip_value": estimator.clip_value,
            "weight_decay": estimator.decoupled_weight_decay,
        },
    )


def _descent(estimator: Any, common: dict[str, Any]) -> Optimizer:
    rule = Nesterov if estimator.nesterovs_momentum else Momentum
    return rule(estimator.momentum, **common)


def _moments(kind: Any) -> Callable[[Any, dict[str, Any]], Optimizer]:
    return lambda e, common: kind(e.beta_1, e.beta_2, e.epsilon, **common)


def _muon(estimator: Any, common: dict[str, Any]) -> Optimizer:
    moments = {name: getattr(estimator, name) for name in ("beta_1", "beta_2", "epsilon")}
    return Muon(estimator.momentum, estimator.nesterovs_momentum, **moments, **common)


_OPTIMIZERS: dict[str, Callable[[Any, dict[str, Any]], Optimizer]] = {
    "sgd": _descent,
    "adagrad": lambda e, common: AdaGrad(e.epsilon, **common),
    "rmsprop": lambda e, common: RMSProp(e.decay, 0.0, e.epsilon, **common),
    "rmsprop_momentum": lambda e, common: RMSProp(e.decay, e.momentum, e.epsilon, **common),
    "adam": _moments(Adam),
    "amsgrad": _moments(AMSGrad),
    "nadam": _moments(NAdam),
    "lion": lambda e, common: Lion(e.beta_1, e.decay, **common),
    "muon": _muon,
}


def make_schedule(estimator: Any) -> Schedule:
    """Return the learning-rate schedule that the estimator's parameters describe."""
    initial, warmup = estimator.learning_rate_init, estimator.warmup_epochs
    decay, step = estimator.learning_rate_decay, estimator.learning_rate_step
    match estimator.learning_rate:
        case "constant":
            return Constant(initial, warmup_epochs=warmup)
        case "invscaling":
            return InverseScaling(initial, power=estimator.power_t, warmup_epochs=warmup)
        case "adaptive":
            return Adaptive(initial, warmup_epochs=warmup)
        case "step":
            return Step(initial, decay=decay, step_size=step, warmup_epochs=warmup)
        case "exponential":
            return Exponential(initial, decay=decay, step_size=step, warmup_epochs=warmup)
        case "plateau":
            return ReduceOnPlateau(
                initial,
                factor=decay,
                patience=estimator.learning_rate_patience,
                minimum=estimator.learning_rate_min,
                warmup_epochs=warmup,
            )
        case "one_cycle":
            return OneCycle(initial, n_epochs=estimator.max_iter, warmup_epochs=warmup)
        case "cosine_restarts":
            return CosineRestarts(
                initial,
                period=step,
                growth=estimator.learning_rate_growth,
                minimum=estimator.learning_rate_min,
                warmup_epochs=warmup,
            )
        case "cosine":
            return Cosine(
                initial,
                n_epochs=estimator.max_iter,
                minimum=estimator.learning_rate_min,
                warmup_epochs=warmup,
            )
        case function:
            return Function(initial, function=function, warmup_epochs=warmup)


def make_average(estimator: Any) -> WeightAverage | None:
    """Return the average of weights that the estimator's parameters describe."""
    match estimator.average:
        case "ema":
            return ExponentialAverage(estimator.average_decay)
        case "swa":
            return StochasticAverage(int(estimator.average_start * estimator.max_iter))
        case _:
            return None
