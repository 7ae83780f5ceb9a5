"""How a network estimator is trained on all data at once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skdeep.neural_network.training.messages import INTERRUPTED, NON_FINITE, loss_before
from skdeep.neural_network.training.tasks import Tasks
from skdeep.nn import Network, Objective, Penalty, Record, minimize
from skdeep.nn.training.threads import product_threads
from skdeep.nn.vectors import length
from skdeep.utils.threads import limit_blas_threads
from skdeep.utils.user_warnings import warn_user

__all__ = ["fit_on_all"]

_STOPPED_BY_CALLBACK = 99  # SciPy's status for a callback that raised StopIteration

Validate = Callable[[Network], tuple[float, float]]


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
    is_seen = tasks.watched or validate is not None  # a callback, or a scorer of the user's

    def after_iteration(value: float) -> bool:
        nonlocal begin, last
        # The line search has moved running statistics at every point that it tried.
        if is_seen:
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
        if is_seen:
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
            warn_user(INTERRUPTED)
            network.restore(last)  # not the point that the line search was trying
            objective.settle_statistics()
            after_epoch()
            return
    if not (math.isfinite(result.fun) and np.isfinite(network.params).all()):
        raise ValueError(
            f"{NON_FINITE} The loss became {result.fun} in epoch {result.nit + 1} of "
            f"solver={solver!r}{loss_before(record)}. Scale the features and the target, or use "
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
