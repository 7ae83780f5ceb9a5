"""How a network estimator is trained: by mini-batches, or by L-BFGS on all data at once."""

from __future__ import annotations

import math
import time
import warnings
from contextlib import ExitStack
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from skdeep.neural_network.progress import Validation, record_epoch
from skdeep.neural_network.tasks import Tasks
from skdeep.nn import (
    L2,
    Adam,
    Adaptive,
    Batches,
    Constant,
    Cosine,
    Dense,
    DivergedError,
    Exponential,
    InverseScaling,
    Loss,
    Momentum,
    Nesterov,
    Network,
    Objective,
    Optimizer,
    Schedule,
    Step,
    Trainer,
    minimize_lbfgs,
)
from skdeep.nn.objective import settle_statistics
from skdeep.nn.sharing import WorkShare
from skdeep.nn.vectors import length
from skdeep.utils.threads import available_threads, limit_blas_threads

__all__ = ["fit_lbfgs", "fit_stochastic", "make_optimizer", "make_schedule", "product_threads"]

# Below this many multiplications a second BLAS thread costs about what it saves, and on a busy
# machine many times more.
_ONE_THREAD = 2**22
# From here on, threads that share a step are worth what it costs to wake them.
_SHARED = 2**26


def make_optimizer(estimator: Any) -> Optimizer:
    """Return the optimizer that the estimator's parameters describe."""
    common = {
        "clip_norm": estimator.clip_norm,
        "weight_decay": estimator.decoupled_weight_decay,
    }
    if estimator.solver == "adam":
        return Adam(estimator.beta_1, estimator.beta_2, estimator.epsilon, **common)
    rule = Nesterov if estimator.nesterovs_momentum else Momentum
    return rule(estimator.momentum, **common)


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
        case _:
            return Cosine(
                initial,
                n_epochs=estimator.max_iter,
                minimum=estimator.learning_rate_min,
                warmup_epochs=warmup,
            )


def product_threads(network: Network, n_rows: int) -> int | None:
    """Return the number of BLAS threads to allow for batches of that size, or None for all."""
    return 1 if largest_product(network, n_rows) < _ONE_THREAD else None


def largest_product(network: Network, n_rows: int) -> int:
    """Return the number of multiplications in the largest matrix product of a batch."""
    weights = [layer.weight for layer in network.layers() if isinstance(layer, Dense)]
    return max((n_rows * weight.size for weight in weights), default=0)


def fit_stochastic(
    estimator: Any,
    X: Any,
    target: NDArray[Any],
    weight: NDArray[Any] | None,
    rows: NDArray[np.intp] | None,
    validation: Validation | None,
    *,
    loss: Loss,
    batch_size: int,
    incremental: bool,
    tasks: Tasks,
) -> None:
    """Train the estimator's network by mini-batches, one epoch if `incremental`.

    Parameters
    ----------
    rows : ndarray of int or None
        The rows to train on, None for all.
    tasks : Tasks
        Told when each epoch begins and ends.
    """
    network: Network = estimator.network_
    batches = Batches(X, target, weight, batch_size, network.dtype)
    stops_early = estimator.early_stopping and validation is not None
    best = network.snapshot() if stops_early else None
    if stops_early and estimator.best_loss_ is not None:
        # The epochs of a fit that did not stop early kept no network that could be restored.
        estimator.best_loss_, estimator.best_validation_score_ = None, -math.inf
    validation_loss = loss.replica()
    validation_loss.settle(network.xp, network.dtype)
    n_epochs = 1 if incremental else estimator.max_iter
    orders = _orders(estimator, X.shape[0], rows, batch_size)

    with ExitStack() as stack:
        # Before the threads, which take it over.
        stack.enter_context(np.errstate(over="ignore", invalid="ignore", divide="ignore"))
        share = None
        threads = available_threads()
        if threads > 1 and largest_product(network, batch_size) >= _SHARED:
            share = stack.enter_context(WorkShare(threads))
            stack.callback(network.share_work, None)
            network.share_work(share)
        limit = product_threads(network, batch_size) if share is None else 1
        stack.enter_context(limit_blas_threads(limit))
        trainer = Trainer(
            network,
            loss,
            estimator._optimizer,
            alpha=estimator.alpha,
            rng=estimator._dropout_rng,
            share=share,
        )
        estimator.n_iter_ = 0
        try:
            while estimator.n_iter_ < n_epochs:
                tasks.begin_epoch()
                begin = time.perf_counter()
                rate = estimator._schedule.rate(estimator._n_epochs, estimator.t_)
                mean_loss = trainer.epoch(batches, next(orders), rate)
                estimator.t_ += X.shape[0] if rows is None else len(rows)
                estimator._n_epochs += 1
                checked = None
                if validation is not None:
                    checked = validation.evaluate(estimator, network, validation_loss)
                is_best = record_epoch(
                    estimator,
                    loss=mean_loss,
                    validation=checked,
                    learning_rate=rate,
                    gradient_norm=trainer.gradient_norm,
                    seconds=time.perf_counter() - begin,
                )
                if estimator.verbose:
                    print(f"Iteration {estimator.n_iter_}, loss = {mean_loss:.8f}")
                    if checked is not None:
                        print(f"Validation score: {checked[1]:f}")
                if is_best and stops_early:
                    best = network.snapshot()
                if tasks.end_epoch() or _has_converged(estimator, stops_early) or incremental:
                    break
            else:
                if not estimator._schedule.ends:
                    warnings.warn(
                        f"Stochastic Optimizer: Maximum iterations ({n_epochs}) reached and the "
                        "optimization hasn't converged yet.",
                        ConvergenceWarning,
                        stacklevel=6,
                    )
        except DivergedError as diverged:
            _after_divergence(estimator, diverged, stops_early)
        except KeyboardInterrupt:
            warnings.warn("Training interrupted by user.", stacklevel=6)
    if best is not None and np.isfinite(estimator.best_validation_score_ or 0.0):
        network.restore(best)
    elif not (np.isfinite(network.params).all() and np.isfinite(network.statistics).all()):
        raise ValueError(
            f"{_NON_FINITE} They are not finite after epoch {estimator.n_iter_}, whose loss was "
            f"{estimator.loss_:.6g}. {_advice(estimator)}."
        )


def _orders(estimator: Any, n: int, rows: NDArray[np.intp] | None, batch_size: int) -> Any:
    """Yield the order of the rows in each epoch, None where they stay as they stand."""
    n_samples = n if rows is None else len(rows)
    sample = np.arange(n_samples)
    while True:
        if not estimator.shuffle:
            yield rows
            continue
        # The draws of sklearn.utils.shuffle, so that the same seed gives the same order.
        permutation = np.arange(n_samples)
        estimator._random_state.shuffle(permutation)
        sample = sample[permutation]
        if batch_size >= n_samples:  # one batch: its order changes nothing
            yield rows
        else:
            yield sample if rows is None else rows[sample]


def _has_converged(estimator: Any, stops_early: bool) -> bool:
    """Tell whether there was no progress for long enough, and the schedule cannot help."""
    if estimator._no_improvement_count <= estimator.n_iter_no_change:
        return False
    what = "Validation score" if stops_early else "Training loss"
    message = (
        f"{what} did not improve more than tol={estimator.tol:f} for "
        f"{estimator.n_iter_no_change} consecutive epochs."
    )
    goes_on = estimator._schedule.falls_on_plateau()
    if goes_on:
        estimator._no_improvement_count = 0
        rate = estimator._schedule.rate(estimator._n_epochs, estimator.t_)
        message += f" Setting learning rate to {rate:f}"
    if estimator.verbose:
        print(message if goes_on else message + " Stopping.")
    return not goes_on


def _after_divergence(estimator: Any, diverged: DivergedError, stops_early: bool) -> None:
    """Keep the best epoch with a warning, or raise if there is none."""
    what = (
        f"The loss became {diverged.value} in epoch {estimator.n_iter_ + 1}"
        f"{_loss_before(estimator)}. {_advice(estimator)}"
    )
    score = estimator.best_validation_score_
    if stops_early and score is not None and math.isfinite(score):
        record_epoch(
            estimator,
            loss=diverged.value,
            validation=(math.nan, math.nan),
            learning_rate=math.nan,
            gradient_norm=math.nan,
            seconds=0.0,
        )
        warnings.warn(
            f"{what}. The network of the best epoch is kept.", ConvergenceWarning, stacklevel=7
        )
        return
    raise ValueError(f"{_NON_FINITE} {what}.") from diverged


_NON_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and "
    "need to be preprocessed."
)


def _loss_before(estimator: Any) -> str:
    if not estimator.n_iter_:
        return ""
    return f" after a loss of {estimator.loss_curve_[-1]:.6g} in the epoch before"


def _advice(estimator: Any) -> str:
    rate = estimator.learning_rate_init
    return f"Lower learning_rate_init (now {rate:g}), set clip_norm, or scale the features"


class _WatchedObjective(Objective):
    """An objective whose evaluation begins an epoch, unless it has begun, but for the start."""

    tasks: Tasks
    started = False

    def __call__(self, vector: Any) -> tuple[float, Any]:
        if self.started:
            self.tasks.begin_epoch()
        self.started = True
        return super().__call__(vector)


def fit_lbfgs(
    estimator: Any,
    X: Any,
    target: NDArray[Any],
    weight: NDArray[Any] | None,
    validation: Validation | None,
    *,
    loss: Loss,
    tasks: Tasks,
) -> None:
    """Train the estimator's network on all data at once; an iteration is recorded as an epoch."""
    network: Network = estimator.network_
    total = float(X.shape[0]) if weight is None else float(weight.sum())
    penalty = L2(estimator.alpha / total) if estimator.alpha else None
    share = None if weight is None else (weight / total).astype(network.dtype)
    if X.dtype != network.dtype:
        X = X.astype(network.dtype)
    objective = _WatchedObjective(network, loss, X, target, share, penalty, total)
    objective.tasks = tasks
    validation_loss = loss.replica()
    validation_loss.settle(network.xp, network.dtype)
    begin = time.perf_counter()
    estimator.n_iter_ = 0
    last = network.snapshot()

    def after_iteration(value: float) -> bool:
        nonlocal begin, last
        # The line search has moved running statistics at every point that it tried.
        if network.statistics.size and (tasks.watched or validation is not None):
            settle_statistics(network, objective)
        last = network.snapshot()
        checked = None
        if validation is not None:
            checked = validation.evaluate(estimator, network, validation_loss)
        now = time.perf_counter()
        record_epoch(
            estimator,
            loss=value,
            validation=checked,
            learning_rate=math.nan,
            gradient_norm=length(network.xp, network.grad),
            seconds=now - begin,
        )
        begin = now
        if estimator.verbose:
            print(f"Iteration {estimator.n_iter_}, loss = {value:.8f}")
        return tasks.end_epoch()

    with (
        limit_blas_threads(product_threads(network, X.shape[0])),
        np.errstate(over="ignore", invalid="ignore", divide="ignore"),
    ):
        try:
            result = minimize_lbfgs(
                objective,
                max_iter=estimator.max_iter,
                max_fun=estimator.max_fun,
                tol=estimator.tol,
                after_iteration=after_iteration,
            )
        except KeyboardInterrupt:
            warnings.warn("Training interrupted by user.", stacklevel=6)
            network.restore(last)  # not the point that the line search was trying
            if network.statistics.size:
                settle_statistics(network, objective)
            return
    if not (math.isfinite(result.fun) and np.isfinite(network.params).all()):
        raise ValueError(
            f"{_NON_FINITE} The loss became {result.fun} in epoch {result.nit + 1} of "
            f"solver='lbfgs'{_loss_before(estimator)}. Scale the features and the target, or use "
            "solver='adam', whose steps learning_rate_init and clip_norm make smaller."
        )
    estimator.loss_ = float(result.fun)
    estimator.n_iter_ = min(int(result.nit), estimator.max_iter)
    if not result.success and result.status != _STOPPED_BY_CALLBACK:
        warnings.warn(
            f"lbfgs failed to converge after {result.nit} iteration(s) (status={result.status}): "
            f"{result.message}. Increase the number of iterations (max_iter={estimator.max_iter}) "
            "or scale the data.",
            ConvergenceWarning,
            stacklevel=6,
        )


_STOPPED_BY_CALLBACK = 99  # SciPy's status for a callback that raised StopIteration
