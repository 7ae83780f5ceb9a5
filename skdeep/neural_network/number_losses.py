"""The losses of regressors by name: what they are, what targets they take, what they predict."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

import numpy as np
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
from skdeep.utils.params import none, one_of, real, rule

__all__ = [
    "NUMBER_LOSSES",
    "HuberDelta",
    "LossName",
    "Power",
    "QuantileShare",
    "QuantileShares",
    "check_deviations",
    "check_domain",
    "check_quantiles",
    "check_same_outputs",
    "make_loss",
    "make_targets",
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


# The keywords, for whoever has a loss.
LossName = Annotated[
    str,
    one_of(*NUMBER_LOSSES),
    """What a wrong prediction costs:

    - 'squared_error' (halved), 'absolute_error', 'huber': of the residual;
    - 'quantile': the pinball loss of the `quantile`, or of several `quantiles`;
    - 'gaussian': minus the log-likelihood, of a mean and a variance that the network both
      tells, the latter by ``predict(X, return_std=True)``;
    - 'poisson', 'gamma', 'tweedie': half the deviance of a mean that is the exponential of
      the output, for counts, for numbers above 0, and for what `power` says.
    """,
]
HuberDelta = Annotated[
    float,
    real(0, closed="neither"),
    "Residuals beyond this count linearly in loss='huber'.",
]
QuantileShare = Annotated[
    float, real(0, 1, closed="neither"), "The quantile that loss='quantile' predicts."
]
QuantileShares = Annotated[
    Any,
    none()
    | rule(
        "a sequence of real numbers in (0, 1) in increasing order",
        _are_increasing_shares,
        "sequence of float in (0, 1)",
    ),
    """Several quantiles for loss='quantile' to predict in place of one, and for no other loss. The
    network tells the lowest, and how far each is above the one before, so that they never cross.
    """,
]
Power = Annotated[
    float,
    rule(
        "a real number outside of (0, 1)",
        lambda value: real().allows(value) and not 0 < value < 1,
        "float outside of (0, 1)",
    ),
    """The power of the mean that the variance goes by, for loss='tweedie': 1 is Poisson's, 2
    gamma's, and between them targets may be 0, such as claims that mostly do not occur.
    """,
]


def make_loss(estimator: Any) -> Loss:
    """Return the loss that the keywords of a regressor describe."""
    return NUMBER_LOSSES[estimator.loss](estimator)


def make_targets(
    estimator: Any, y: NDArray[Any], weight: NDArray[Any] | None, *, standardize: bool
) -> NumberTargets:
    """Return what encodes the targets of a regressor, and decodes its predictions."""
    options: dict[str, Any] = {
        "standardize": standardize,
        # With a logarithmic mean, numbers stay above zero: they are divided and not shifted.
        "shifts": make_loss(estimator).link != "exp",
    }
    if estimator.loss == "gaussian":
        return GaussianTargets(y, weight, **options)
    if estimator.loss == "quantile" and estimator.quantiles is not None:
        return QuantileTargets(estimator.quantiles, y, weight, **options)
    return NumberTargets(y, weight, **options)


def check_quantiles(estimator: Any) -> None:
    """Raise ValueError if a regressor is given quantiles for a loss that has none."""
    if estimator.quantiles is not None and estimator.loss != "quantile":
        raise ValueError(
            f"{type(estimator).__name__} predicts quantiles={estimator.quantiles!r} with "
            f"loss='quantile' alone. Got loss={estimator.loss!r}; set one or the other."
        )


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


def check_same_outputs(estimator: Any, targets: NumberTargets) -> None:
    """Raise ValueError if the keywords ask for other outputs than a network that goes on has."""
    standardize = targets.mean is not None
    wanted = make_targets(
        estimator, np.zeros((1, targets.n_targets)), None, standardize=standardize
    )
    if not targets.is_like(wanted):
        raise ValueError(
            f"{type(estimator).__name__} goes on with a network that says other things of a target "
            f"than loss={estimator.loss!r} and quantiles={estimator.quantiles!r} ask for. Set them "
            "back, or fit anew with warm_start=False."
        )


def check_deviations(estimator: Any, loss: Loss, return_std: Any) -> None:
    """Raise ValueError if deviations are asked of an estimator that was fitted without."""
    if return_std and loss.link != "gaussian":
        raise ValueError(
            f"{type(estimator).__name__} knows standard deviations only with loss='gaussian'; it "
            f"was fitted with another one. Got return_std={return_std!r}."
        )
