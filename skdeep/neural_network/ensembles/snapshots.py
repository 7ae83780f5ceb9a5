"""Several networks of one training: what it has at the end of each wave of the rate."""

from __future__ import annotations

import copy
import warnings
from contextvars import ContextVar
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skdeep.neural_network.training.estimator import NetworkTraining
from skdeep.neural_network.training_params import STOCHASTIC_SOLVERS

__all__ = ["check_snapshots", "fit_snapshots"]


class _Cycles:
    """What a training passes at the end of each cycle, from its `first` epoch on."""

    def __init__(self, first: int, length: int) -> None:
        self.first, self.length = first, length
        self.kept: list[dict[str, Any]] = []


_cycles: ContextVar[_Cycles] = ContextVar("skdeep_cycles")


class _Keeper:
    """A callback of scikit-learn's that keeps the network at the end of each cycle.

    One is enough for all fits: scikit-learn caches signatures of methods, and with them callbacks.
    """

    def setup(self, estimator: Any, context: Any) -> None:
        """Do nothing."""

    def teardown(self, estimator: Any, context: Any) -> None:
        """Do nothing."""

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Do nothing."""

    def on_fit_task_end(self, estimator: Any, context: Any) -> None:
        """Keep the network if a cycle has ended; an estimator of every epoch would cost more."""
        cycles = _cycles.get()
        done = estimator.n_iter_ - cycles.first
        if context.parent is not None and done > 0 and done % cycles.length == 0:
            cycles.kept.append(estimator._as_it_is())


_keeper = _Keeper()


def check_snapshots(estimator: Any, n_estimators: int) -> None:
    """Raise ValueError if an estimator has no snapshots to take.

    Parameters
    ----------
    estimator : object
        The network estimator.
    n_estimators : int
    """
    owner, must = type(estimator).__name__, "strategy='snapshot' anneals the learning rate "
    if not isinstance(estimator, NetworkTraining):
        raise ValueError(
            f"{must}again and again, and {owner} has a schedule of its own; use strategy='restart' "
            "or 'bagging'."
        )
    if estimator.solver not in STOCHASTIC_SOLVERS:
        raise ValueError(
            f"{must}again and again, and solver={estimator.solver!r} has none; use solver='adam' "
            "or 'sgd', or strategy='restart'."
        )
    if estimator.early_stopping or estimator.average is not None:
        given = "early_stopping=True"
        if not estimator.early_stopping:
            given = f"average={estimator.average!r}"
        raise ValueError(
            f"{must}n_estimators={n_estimators} times and keeps the network at the end of each. "
            f"{owner} with {given} would keep another one; set it back, or use strategy='restart'."
        )
    if _cycle(estimator, n_estimators) < 1:
        raise ValueError(
            f"{must}n_estimators={n_estimators} times, once in an epoch or more, and {owner} has "
            f"max_iter={estimator.max_iter} and warmup_epochs={estimator.warmup_epochs}; raise "
            "max_iter."
        )


def fit_snapshots(
    estimator: Any, n_estimators: int, X: Any, y: Any, metadata: dict[str, Any]
) -> list[Any]:
    """Return the networks that one training passes, at the end of each cosine of the rate.

    Parameters
    ----------
    estimator : NetworkTraining
        Not fitted; its own to change.
    n_estimators : int
        Cycles, of equal length.
    X, y, metadata
        What `fit` takes.
    """
    length = _cycle(estimator, n_estimators)
    estimator.set_params(
        learning_rate="cosine_restarts",
        learning_rate_step=length,
        learning_rate_growth=1,
        max_iter=estimator.warmup_epochs + length * n_estimators,
        n_iter_no_change=np.inf,
        warm_start=False,
    )
    given = list(getattr(estimator, "_skl_callbacks", []))
    cycles = _Cycles(estimator.warmup_epochs, length)
    outer = _cycles.set(cycles)
    with warnings.catch_warnings():  # the last cycle's end is meant
        warnings.filterwarnings("ignore", "Stochastic Optimizer: Max", ConvergenceWarning)
        try:
            estimator.set_callbacks(*given, _keeper).fit(X, y, **metadata)
        finally:
            _cycles.reset(outer)
    estimator.set_callbacks(*given)
    snapshots = []
    for kept in cycles.kept:
        snapshot = copy.copy(estimator)
        vars(snapshot).update(kept)
        snapshots.append(snapshot)
    return snapshots or [estimator]  # a fit that a callback or the user ended in the first cycle


def _cycle(estimator: Any, n_estimators: int) -> int:
    """Return the number of epochs of a cycle."""
    return (estimator.max_iter - estimator.warmup_epochs) // n_estimators
