"""How a network estimator is trained by mini-batches: epochs, and when they end."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from skdeep.neural_network.training.messages import INTERRUPTED, NON_FINITE, loss_before
from skdeep.neural_network.training.tasks import Tasks
from skdeep.nn import Batches, ChunkedBatches, DivergedError, Network, Run
from skdeep.utils.user_warnings import warn_user

__all__ = ["StochasticFit", "fit_stochastic"]

Validate = Callable[[Network], tuple[float, float]]

# So many samples of one `partial_fit` tell means and variances better than running averages do,
# which lag behind the weights; fewer tell them worse.
_ENOUGH = 32


class StochasticFit:
    """A fit by mini-batches, or one epoch of `partial_fit`, but for how an epoch is trained.

    Parameters
    ----------
    run : Run
    validate : callable or None
        As `Run.epoch` takes it.
    n_epochs : int
    incremental : bool
        Whether it is one epoch.
    verbose : bool
    tasks : Tasks
        Told when each epoch begins and ends.
    after_epoch : callable
        Called when the record of an epoch is complete: of each that somebody looks at, and of the
        last.
    advice : str
        What helps against divergence.

    Attributes
    ----------
    ended : bool
        Whether there are no more epochs.
    """

    def __init__(
        self,
        run: Run,
        validate: Validate | None,
        *,
        n_epochs: int,
        incremental: bool,
        verbose: bool,
        tasks: Tasks,
        after_epoch: Callable[[], None],
        advice: str,
    ) -> None:
        self.run, self.validate = run, validate
        self.tasks, self.after_epoch = tasks, after_epoch
        self.incremental, self.verbose, self.advice = incremental, verbose, advice
        self.n_epochs = n_epochs
        # A callback, or a scorer of the user's.
        self._is_seen = tasks.watched or validate is not None
        self._was_stopped = self._was_interrupted = False
        resumed = not incremental and run.n_epochs > 0  # a run that was stopped, as it was
        if incremental:
            run.record.n_iter = 0
        elif not resumed:
            run.begin_fit()
        self._n_left = 1 if incremental else n_epochs - run.n_epochs
        if resumed:
            after_epoch()
            self._was_stopped = _has_converged(run, verbose)

    @property
    def ended(self) -> bool:
        """Whether there are no more epochs."""
        return self._was_stopped or self._n_left <= 0

    def epoch(self, train: Callable[[], object]) -> None:
        """Go through an epoch.

        Parameters
        ----------
        train : callable
            Takes its steps and writes them down, as `Run.epoch` does.

        Raises
        ------
        ValueError
            If the loss is not finite, and there is no best epoch to go back to.
        """
        run, record = self.run, self.run.record
        try:
            self.tasks.begin_epoch()
            train()
            if self._is_seen:
                self.after_epoch()
            if self.verbose:
                print(f"Iteration {record.n_iter}, loss = {record.loss:.8f}")
                if self.validate is not None and record.validation_scores is not None:
                    print(f"Validation score: {record.validation_scores[-1]:f}")
            self._n_left -= 1
            self._was_stopped = self.tasks.end_epoch() or _has_converged(run, self.verbose)
        except DivergedError as diverged:
            self._was_stopped = True
            _after_divergence(run, diverged, self.advice)
        except KeyboardInterrupt:
            self._was_stopped = self._was_interrupted = True
            warn_user(INTERRUPTED)

    def end(self) -> None:
        """Leave the network as it is to be used.

        Raises
        ------
        ValueError
            If the parameters are not finite, and there is no best epoch to go back to.
        """
        run, record, network = self.run, self.run.record, self.run.network
        if not (self._was_stopped or self.incremental or run.schedule.ends):
            warn_user(
                f"Stochastic Optimizer: Maximum iterations ({self.n_epochs}) reached and the "
                "optimization hasn't converged yet.",
                ConvergenceWarning,
            )
        self.after_epoch()
        if not run.restore_best():
            # An interrupt may have cut off the pass for statistics before a validation.
            half_settled = self._was_interrupted and self.validate is not None
            settles = not self.incremental or run.n_samples >= _ENOUGH
            if run.show_average() or half_settled or settles:
                try:
                    run.settle()
                except KeyboardInterrupt:
                    warn_user(INTERRUPTED)
                    run.settle()
            if not (np.isfinite(network.params).all() and np.isfinite(network.statistics).all()):
                raise ValueError(
                    f"{NON_FINITE} They are not finite after epoch {record.n_iter}, whose loss "
                    f"was {record.loss:.6g}. {self.advice}."
                )
        run.end_fit()


def fit_stochastic(
    fit: StochasticFit, batches: Batches | ChunkedBatches, rows: NDArray[np.intp] | None
) -> None:
    """Train by mini-batches.

    Parameters
    ----------
    fit : StochasticFit
    batches : Batches
    rows : ndarray of int or None
        The rows to train on, None for all.

    Raises
    ------
    ValueError
        If the loss or the parameters are not finite any more, and there is no best epoch to go
        back to.
    """
    with fit.run.working(batches, rows):
        while not fit.ended:
            fit.epoch(lambda: fit.run.epoch(fit.validate))
        fit.end()


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
        f"The loss became {diverged.value} in epoch {record.n_iter + 1}{loss_before(record)}. "
        f"{advice}"
    )
    score = record.best_validation_score
    if run.keeps_best and score is not None and math.isfinite(score):
        record.add(loss=diverged.value, validation=(math.nan, math.nan))
        warn_user(f"{what}. The network of the best epoch is kept.", ConvergenceWarning)
        return
    raise ValueError(f"{NON_FINITE} {what}.") from diverged
