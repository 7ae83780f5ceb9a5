"""The losses of regressors by name: what they are, what targets they take, what they predict."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from numpy.typing import NDArray

from skdeep.neural_network.targets import GaussianTargets, NumberTargets, QuantileTargets
from skdeep.nn import (
    AbsoluteError,
    Gamma,
    Gaussian,
    Huber,
    Loss,
    Poisson,
    Quantile,
    Quantiles,
    SquaredError,
    Tweedie,
)
from skdeep.utils.params import Rule, rule

__all__ = [
    "NUMBER_LOSSES",
    "check_domain",
    "increasing_shares",
    "make_loss",
    "make_targets",
    "power_of_variance",
]

#: By the name that `loss` has; each made of the keywords of the estimator.
NUMBER_LOSSES = {
    "squared_error": lambda estimator: SquaredError(),
    "poisson": lambda estimator: Poisson(),
    "absolute_error": lambda estimator: AbsoluteError(),
    "huber": lambda estimator: Huber(estimator.huber_delta),
    "quantile": lambda estimator: (
        Quantile(estimator.quantile)
        if estimator.quantiles is None
        else Quantiles(estimator.quantiles)
    ),
    "gaussian": lambda estimator: Gaussian(),
    "gamma": lambda estimator: Gamma(),
    "tweedie": lambda estimator: Tweedie(estimator.power),
}


def _are_increasing_shares(value: Any) -> bool:
    try:
        ends = [0.0, *map(float, value), 1.0]
    except (TypeError, ValueError):
        return False
    return len(ends) > 2 and all(low < high for low, high in pairwise(ends))


#: What `quantiles` may be.
increasing_shares = rule(
    "a sequence of real numbers in (0, 1) in increasing order",
    _are_increasing_shares,
    "sequence of float in (0, 1)",
)


def power_of_variance(real: Rule) -> Rule:
    """Return the rule for `power`: the real numbers for which there is a distribution."""
    return rule(
        "a real number outside of (0, 1)",
        lambda value: real.allows(value) and not 0 < value < 1,
        "float outside of (0, 1)",
    )


def make_loss(estimator: Any) -> Loss:
    """Return the loss that the keywords of a regressor describe."""
    return NUMBER_LOSSES[estimator.loss](estimator)


def make_targets(estimator: Any, y: NDArray[Any], weight: NDArray[Any] | None) -> NumberTargets:
    """Return what encodes the targets of a regressor, and decodes its predictions."""
    options: dict[str, Any] = {
        "standardize": estimator.standardize_target,
        # With a logarithmic mean, numbers stay above zero: they are divided and not shifted.
        "shifts": make_loss(estimator).link != "exp",
    }
    if estimator.loss == "gaussian":
        return GaussianTargets(y, weight, **options)
    if estimator.loss == "quantile" and estimator.quantiles is not None:
        return QuantileTargets(estimator.quantiles, y, weight, **options)
    return NumberTargets(y, weight, **options)


def check_domain(estimator: Any, y: NDArray[Any], what: str) -> None:
    """Raise ValueError if the loss of a regressor is none for `y`, which is called `what`."""
    loss = estimator.loss
    if loss == "poisson" and (y < 0).any():
        raise ValueError(
            f"loss='poisson' is for counts: {what} must not be negative, got {y.min():g}."
        )
    if loss == "gamma" and (y <= 0).any():
        raise ValueError(f"loss='gamma' is for numbers above 0: {what} has {y.min():g}.")
    if loss != "tweedie":
        return
    power = estimator.power
    name = f"loss='tweedie' with power={power:g}"
    if power >= 2 and (y <= 0).any():
        raise ValueError(f"{name} is for numbers above 0: {what} has {y.min():g}.")
    if power >= 1 and (y < 0).any():
        raise ValueError(f"{name} is for numbers of at least 0: {what} has {y.min():g}.")
