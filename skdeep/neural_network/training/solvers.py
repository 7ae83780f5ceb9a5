"""How a network estimator is trained: by mini-batches, or on all data at once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from skdeep.neural_network.training.tasks import Tasks
from skdeep.nn import (
    Batches,
    DivergedError,
    Network,
    Objective,
    Penalty,
    Record,
    Run,
    minimize,
)
from skdeep.nn.run import product_threads
from skdeep.nn.vectors import length
from skdeep.utils.threads import limit_blas_threads
from skdeep.utils.user_warnings import warn_user

__all__ = ["fit_on_all", "fit_stochastic"]

Validate = Callable[[Network], tuple[float, float]]


def fit_stochastic(
    run: Run,
    batches: Batches,
    rows: NDArray[np.intp] | None,
    validate: Validate | None,
    *,
    n_epochs: int,
    incremental: bool,
    verbose: bool,
    tasks: Tasks,
    after_epoch: Callable[[], None],
    advice: str,
) -> None:
    """Train by mini-batches, one epoch if `incremental`.

    Parameters
    ----------
    run : Run
    batches : Batches
    rows : ndarray of int or None
        The rows to train on, None for all.
    validate : callable or None
        As `Run.epoch` takes it.
    n_epochs : int
    tasks : Tasks
        Told when each epoch begins and ends.
    after_epoch : callable
        Called when the record of an epoch is complete: of each that somebody looks at, and of the
        last.
    advice : str
        What helps against divergence.

    Raises
    ------
    ValueError
        If the loss or the parameters are not finite any more, and there is no best epoch to go
        back to.
    """
    record, network, interrupted = run.record, run.network, False
    resumed = not incremental and run.n_epochs > 0  # a run that was stopped, as it was
    if incremental:
        record.n_iter = 0
    elif not resumed:
        run.begin_fit()
    n_left = 1 if incremental else n_epochs - run.n_epochs
    seen = tasks.watched or validate is not None  # by a callback, or by a scorer of the user's
    with run.working(batches, rows):
        try:
            if resumed:
                after_epoch()
            ended = resumed and _has_converged(run, verbose)
            while n_left and not ended:
                tasks.begin_epoch()
                run.epoch(validate)
                if seen:
                    after_epoch()
                if verbose:
                    print(f"Iteration {record.n_iter}, loss = {record.loss:.8f}")
                    if validate is not None and record.validation_scores is not None:
                        print(f"Validation score: {record.validation_scores[-1]:f}")
                n_left -= 1
                ended = tasks.end_epoch() or _has_converged(run, verbose)
            if not (ended or incremental or run.schedule.ends):
                warn_user(
                    f"Stochastic Optimizer: Maximum iterations ({n_epochs}) reached and the "
                    "optimization hasn't converged yet.",
                    ConvergenceWarning,
                )
        except DivergedError as diverged:
            _after_divergence(run, diverged, advice)
        except KeyboardInterrupt:
            warn_user(_INTERRUPTED)
            interrupted = True
        after_epoch()
        if not run.restore_best():
            # An interrupt may have cut off the pass for statistics before a validation.
            half_settled = interrupted and validate is not None
            if run.show_average() or half_settled or not incremental:
                try:
                    run.settle()
                except KeyboardInterrupt:
                    warn_user(_INTERRUPTED)
                    run.settle()
            if not (np.isfinite(network.params).all() and np.isfinite(network.statistics).all()):
                raise ValueError(
                    f"{_NON_FINITE} They are not finite after epoch {record.n_iter}, whose loss "
                    f"was {record.loss:.6g}. {advice}."
                )
    run.end_fit()


def _has_converged(run: Run, verbose: bool) -> bool:
    """Tell whether the run has converged, and say why, or how it goes on."""
    stalled = run.record.n_without_progress > run.patience
    converged = run.has_converged()
    if stalled and verbose:
        what = "Validation score" if run.keeps_best else "Training loss"
        rate = run.schedule.rate(run.n_epochs, run.record.t)
        print(
            f"{what} did not improve more than tol={run.tol:f} for {run.patience} consecutive "
            "epochs." + (" Stopping." if converged else f" Setting learning rate to {rate:f}")
        )
    return converged


def _after_divergence(run: Run, diverged: DivergedError, advice: str) -> None:
    """Go on to keep the best epoch, with a warning, or raise if there is none."""
    record = run.record
    what = (
        f"The loss became {diverged.value} in epoch {record.n_iter + 1}{_loss_before(record)}. "
        f"{advice}"
    )
    score = record.best_validation_score
    if run.keeps_best and score is not None and math.isfinite(score):
        record.add(loss=diverged.value, validation=(math.nan, math.nan))
        warn_user(f"{what}. The network of the best epoch is kept.", ConvergenceWarning)
        return
    raise ValueError(f"{_NON_FINITE} {what}.") from diverged


_INTERRUPTED = "Training interrupted by user."
_NON_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and "
    "need to be preprocessed."
)


def _loss_before(record: Record) -> str:
    if not record.n_iter:
        return ""
    return f" after a loss of {record.loss_curve[-1]:.6g} in the epoch before"


class _WatchedObjective(Objective):
    """An objective whose evaluation begins an epoch, unless it has begun, but for the start."""

    tasks: Tasks
    started = False

    def __call__(self, vector: Any) -> tuple[float, Any]:
        if self.started:
            self.tasks.begin_epoch()
        self.started = True
        return super().__call__(vector)


def fit_on_all(
    solver: str,
    network: Network,
    record: Record,
    batch: Any,
    validate: Validate | None,
    *,
    loss: Any,
    penalty: Penalty,
    max_iter: int,
    max_fun: int,
    tol: float,
    verbose: bool,
    tasks: Tasks,
    after_epoch: Callable[[], None],
) -> None:
    """Train on all data at once; an iteration is recorded as an epoch.

    Parameters
    ----------
    solver : str
        As `minimize` takes it.
    network : Network
    record : Record
    batch : Batch
        All samples.
    validate, tasks, after_epoch
        As for `fit_stochastic`.

    Raises
    ------
    ValueError
        If the loss or the parameters are not finite any more.
    """
    mode, total = batch.mode()
    weight = None if mode.weight is None else mode.weight.astype(network.dtype)
    of_all = penalty.scaled(1 / total)
    objective = _WatchedObjective(
        network, loss, batch.x, batch.target, weight, of_all, total, mode.lengths
    )
    objective.tasks = tasks
    record.begin_fit()
    begin = time.perf_counter()
    last = network.snapshot()

    def after_iteration(value: float) -> bool:
        nonlocal begin, last
        # The line search has moved running statistics at every point that it tried.
        if tasks.watched or validate is not None:
            objective.settle_statistics()
        last = network.snapshot()
        validation = None if validate is None else validate(network)
        now = time.perf_counter()
        record.add(
            loss=value,
            validation=validation,
            gradient_norm=length(network.xp, network.grad),
            seconds=now - begin,
        )
        begin = now
        after_epoch()
        if verbose:
            print(f"Iteration {record.n_iter}, loss = {value:.8f}")
        return tasks.end_epoch()

    with (
        limit_blas_threads(product_threads(network, batch.target.shape[0])),
        np.errstate(over="ignore", invalid="ignore", divide="ignore"),
    ):
        try:
            result = minimize(
                objective,
                solver,
                max_iter=max_iter,
                max_fun=max_fun,
                tol=tol,
                after_iteration=after_iteration,
            )
        except KeyboardInterrupt:
            warn_user(_INTERRUPTED)
            network.restore(last)  # not the point that the line search was trying
            objective.settle_statistics()
            return
    if not (math.isfinite(result.fun) and np.isfinite(network.params).all()):
        raise ValueError(
            f"{_NON_FINITE} The loss became {result.fun} in epoch {result.nit + 1} of "
            f"solver={solver!r}{_loss_before(record)}. Scale the features and the target, or use "
            "solver='adam', whose steps learning_rate_init and clip_norm make smaller."
        )
    record.loss = float(result.fun)
    record.n_iter = min(int(result.nit), max_iter)
    after_epoch()
    if not result.success and result.status != _STOPPED_BY_CALLBACK:
        warn_user(
            f"{solver} failed to converge after {result.nit} iteration(s) "
            f"(status={result.status}): {result.message.rstrip('.')}. Increase the number of "
            f"iterations (max_iter={max_iter}) or scale the data.",
            ConvergenceWarning,
        )


_STOPPED_BY_CALLBACK = 99  # SciPy's status for a callback that raised StopIteration
