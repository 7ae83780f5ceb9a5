"""What the solvers make of the parameters, and which do not go together."""

from __future__ import annotations

import dataclasses
from typing import Any

from skdeep.neural_network.training_params import (
    STOCHASTIC_SOLVERS,
    SolverParams,
    TrainingParams,
)
from skdeep.utils.parameters import changed_parameters, check_parameters, with_values
from skdeep.utils.user_warnings import warn_user

__all__ = ["check_training"]

# What L-BFGS and the other solvers without mini-batches use of the training keywords; they ignore
# all others.
_ON_ALL = {"solver", "alpha", "max_iter", "max_fun", "tol", "random_state"}
_ON_ALL |= {"anchor", "orthogonality", "verbose", "warm_start", "dtype", "scoring"}


def check_training(estimator: Any) -> None:
    """Check every parameter by itself, and that the solver uses those that have been set.

    Parameters
    ----------
    estimator : BaseNetwork

    Raises
    ------
    ValueError
        If a parameter breaks its rule, or if one that skdeep adds to scikit-learn's has been set
        for a solver that does not use it.

    Warns
    -----
    UserWarning
        If one that scikit-learn's networks take and ignore, too, has been set for such a solver.
    """
    check_parameters(estimator)
    if estimator.solver in STOCHASTIC_SOLVERS:
        return
    theirs = {field.name for field in dataclasses.fields(SolverParams)}
    # What an estimator calls its default may be another than that of all networks; to set that one
    # asks for nothing either, as clip_norm=None.
    fields = dataclasses.fields(TrainingParams)
    defaults = {field.name: field.default for field in fields if field.name not in _ON_ALL}
    changed = changed_parameters(estimator, list(defaults))
    ignored = [name for name in changed if getattr(estimator, name) != defaults[name]]
    ours = [name for name in ignored if name not in theirs]
    sentence = (
        f"{type(estimator).__name__} with solver={estimator.solver!r} sees all data at every step, "
        "finds the length of its steps by itself and does not use {}; {}"
    )
    if ours:
        remedy = "leave it at its default, or use solver='adam' or 'sgd'."
        raise ValueError(sentence.format(with_values(estimator, ours), remedy))
    if ignored:
        remedy = "scikit-learn's solver='lbfgs' ignores it, too."
        warn_user(sentence.format(with_values(estimator, ignored), remedy))
