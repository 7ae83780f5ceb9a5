"""What the parameters of the network estimators may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.metrics import get_scorer_names

from skdeep.nn import ACTIVATIONS, INITIALIZERS
from skdeep.utils.params import (
    Rule,
    boolean,
    check_params,
    integer,
    none,
    one_of,
    random_state,
    real,
    rule,
    sequence_of,
)

__all__ = ["MLP_RULES", "STOCHASTIC_SOLVERS", "check_mlp_params", "hidden_sizes", "one_a_layer"]

STOCHASTIC_SOLVERS = ("sgd", "adam")
SCHEDULES = ("constant", "invscaling", "adaptive", "step", "exponential", "cosine")
WEIGHT_INITS = tuple(name for name in INITIALIZERS if name not in ("zeros", "ones"))

_activation = one_of(*ACTIVATIONS)
_rate = real(0, 1, closed="left")

MLP_RULES: dict[str, list[Rule]] = {
    "hidden_layer_sizes": [integer(1), sequence_of(integer(1))],
    "activation": [_activation, sequence_of(_activation)],
    "solver": [one_of("lbfgs", *STOCHASTIC_SOLVERS)],
    "alpha": [real(0)],
    "batch_size": [one_of("auto"), integer(1)],
    "learning_rate": [one_of(*SCHEDULES)],
    "learning_rate_init": [real(0, closed="neither")],
    "power_t": [real(0)],
    "max_iter": [integer(1)],
    "shuffle": [boolean()],
    "random_state": [random_state()],
    "tol": [real(0)],
    "verbose": [boolean(), integer(0)],
    "warm_start": [boolean()],
    "momentum": [real(0, 1)],
    "nesterovs_momentum": [boolean()],
    "early_stopping": [boolean()],
    "validation_fraction": [_rate],
    "beta_1": [_rate],
    "beta_2": [_rate],
    "epsilon": [real(0, closed="neither")],
    "n_iter_no_change": [
        integer(1),
        rule("inf", lambda value: isinstance(value, float) and value == np.inf),
    ],
    "max_fun": [integer(1)],
    "dropout": [_rate, sequence_of(_rate)],
    "input_dropout": [_rate],
    "batch_norm": [boolean()],
    "layer_norm": [boolean()],
    "weight_init": [none(), one_of(*WEIGHT_INITS)],
    "dtype": [
        none(),
        one_of("float32", "float64"),
        rule(
            "numpy.float32 or numpy.float64",
            lambda value: isinstance(value, (type, np.dtype)) and value in (np.float32, np.float64),
        ),
    ],
    "clip_norm": [none(), real(0, closed="neither")],
    "decoupled_weight_decay": [real(0)],
    "scoring": [
        none(),
        rule(
            "'loss', a name among sklearn.metrics.get_scorer_names() or a callable",
            lambda value: (
                value in ("loss", *get_scorer_names())
                if isinstance(value, str)
                else callable(value)
            ),
        ),
    ],
    "learning_rate_decay": [real(0, 1, closed="right")],
    "learning_rate_step": [integer(1)],
    "learning_rate_min": [real(0)],
    "warmup_epochs": [integer(0)],
}


def hidden_sizes(estimator: Any) -> list[int]:
    """Return the numbers of hidden units as a list."""
    sizes = estimator.hidden_layer_sizes
    return [int(size) for size in (sizes if np.iterable(sizes) else [sizes])]


def one_a_layer(value: Any, n_layers: int) -> list[Any]:
    """Return `value` once a hidden layer: it is one for all, or a sequence of one each."""
    return list(value) if np.iterable(value) and not isinstance(value, str) else [value] * n_layers


def check_mlp_params(estimator: Any, more: Mapping[str, Sequence[Rule]]) -> None:
    """Raise ValueError for a parameter that is wrong by itself or beside another."""
    check_params(estimator, {**MLP_RULES, **more})
    owner = type(estimator).__name__
    n_layers = len(hidden_sizes(estimator))
    for name in ("activation", "dropout"):
        given = one_a_layer(getattr(estimator, name), n_layers)
        if len(given) != n_layers:
            raise ValueError(
                f"The {name!r} parameter of {owner} must be one value for all hidden layers or "
                f"one for each of the {n_layers}. Got {len(given)} values instead: {given!r}."
            )
    if estimator.batch_norm and estimator.layer_norm:
        raise ValueError(
            f"{owner} takes batch_norm=True or layer_norm=True, not both: each normalizes the "
            "same units."
        )
    if estimator.batch_norm and estimator.batch_size == 1 and estimator.solver != "lbfgs":
        raise ValueError(
            f"{owner} cannot learn with batch_norm=True and batch_size=1: a unit less its mean "
            "over one sample is zero. Raise batch_size, or use layer_norm=True."
        )
    if estimator.solver == "lbfgs":
        dropped = [*one_a_layer(estimator.dropout, n_layers), estimator.input_dropout]
        if any(dropped):
            raise ValueError(
                f"{owner} cannot use dropout with solver='lbfgs', whose line search needs the "
                "same loss at every look; use solver='adam' or 'sgd', or alpha to regularize."
            )
