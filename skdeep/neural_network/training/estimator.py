"""How a network estimator trains the network that it has: the run, its record, its callbacks."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.callback import CallbackSupportMixin
from sklearn.utils.validation import check_is_fitted

from skdeep.neural_network.described import Described
from skdeep.neural_network.training.chunked import ChunkedSamples
from skdeep.neural_network.training.messages import warn_of_single_rows
from skdeep.neural_network.training.regularizers import anchored, make_bound, make_penalty
from skdeep.neural_network.training.resumable import ResumableFit
from skdeep.neural_network.training.samples import Samples
from skdeep.neural_network.training.stochastic import StochasticFit, fit_stochastic
from skdeep.neural_network.training.tasks import Tasks
from skdeep.neural_network.training.whole_data import fit_on_all
from skdeep.neural_network.training_params import WHOLE_SOLVERS, TrainingParams
from skdeep.nn import Batches, ChunkedBatches, Loss, Network, Record, Run
from skdeep.nn.second_order import check_size
from skdeep.nn.training.described import make_average, make_optimizer, make_schedule
from skdeep.utils.saving.plain_state import PlainState
from skdeep.utils.user_warnings import warn_user

__all__ = ["NetworkTraining"]


class NetworkTraining(Described, TrainingParams, CallbackSupportMixin, PlainState, BaseEstimator):
    """An estimator that trains its network by the run that its parameters describe.

    Attributes
    ----------
    loss_ : float
        Loss of the last epoch.
    loss_curve_ : list of float
        Loss of each epoch.
    best_loss_ : float or None
        The lowest of them; None where early stopping went by a validation part.
    validation_scores_, validation_loss_curve_ : list of float or None
        Score and loss of each epoch on the validation part, if there was one.
    best_validation_score_ : float or None
        The highest of the scores.
    history_ : dict of lists
        Columns 'epoch', 'loss', 'learning_rate', 'gradient_norm' (of the last batch's loss; where a
        step takes all data, of loss and penalty), 'seconds', and 'validation_loss' and
        'validation_score' where there was a validation part.
    n_iter_ : int
        Epochs of the last `fit`.
    t_ : int
        Training samples seen.
    """

    network_: Network
    _loss: Loss
    _random_state: np.random.RandomState
    _rng: np.random.Generator | None
    _record: Record
    _run: Run | None

    def _train(
        self,
        samples: Samples | ChunkedSamples,
        rows: NDArray[np.intp] | None,
        held_out: Samples | None,
        given: tuple[Any, Any, dict[str, Any]],
        incremental: bool,
    ) -> None:
        """Train the network, one epoch if `incremental`.

        Parameters
        ----------
        samples : Samples or ChunkedSamples
        rows : ndarray of int or None
            Those to train on, None for all.
        held_out : Samples or None
            To validate on.
        given : (X, y, metadata)
            As the user gave them, for callbacks.
        incremental : bool
        """
        if isinstance(samples, ChunkedSamples) or self.solver not in WHOLE_SOLVERS:
            fit = self._begin_epochs(samples, rows, held_out, given, incremental)
            fit_stochastic(fit, self._batches(samples, rows), rows)
            self._end_training(samples, fit.tasks)
            return
        self._run = None
        self._check_whole()
        tasks = self._tasks(given, incremental)
        fit_on_all(
            self.solver,
            self.network_,
            self._record,
            samples.batch(self.network_),
            None if held_out is None else self._validator(held_out),
            loss=self._loss.replica(),
            penalty=make_penalty(self, self.network_, anchored(self)),
            max_iter=self.max_iter,
            max_fun=self.max_fun,
            tol=self.tol,
            verbose=self.verbose,
            tasks=tasks,
            after_epoch=self._show_record,
        )
        self._end_training(samples, tasks)

    def _begin_epochs(
        self,
        samples: Samples | ChunkedSamples,
        rows: NDArray[np.intp] | None,
        held_out: Samples | None,
        given: tuple[Any, Any, dict[str, Any]],
        incremental: bool = False,
        quiet: bool = False,
    ) -> StochasticFit:
        """Return the fit by mini-batches, of which no epoch is trained yet.

        With `quiet` it tells no callbacks, of which there are none.
        """
        self._run = self._go_on_running() if incremental and self._run else self._new_run()
        if incremental:
            self._run.go_past_the_end()
        self._run.keeps_best = self.early_stopping and held_out is not None
        if hasattr(self, "_skl_callbacks"):  # one may load the state of an earlier run
            data = {"X": samples, "training rows": rows, "validation part": held_out}
            self._resumable_fit = ResumableFit(self._run, self.get_params(deep=False), data)
        tasks = self._tasks(given, incremental or quiet)
        self._record = self._run.record
        return StochasticFit(
            self._run,
            None if held_out is None else self._validator(held_out),
            n_epochs=self.max_iter,
            incremental=incremental,
            verbose=self.verbose,
            tasks=tasks,
            after_epoch=self._show_record,
            advice=self._advice(),
        )

    def _batches(
        self, samples: Samples | ChunkedSamples, rows: NDArray[np.intp] | None
    ) -> Batches | ChunkedBatches:
        batch_size = self._batch_size(len(samples) if rows is None else len(rows))
        if batch_size == 1:
            warn_of_single_rows(type(self).__name__, self.network_)
        return samples.batches(self.network_, batch_size)

    def _end_training(self, samples: Samples | ChunkedSamples, tasks: Tasks) -> None:
        """Let go of what only training needs."""
        self.network_.forget_batch()
        tasks.end()
        self._forget_draws()
        self.__dict__.pop("_resumable_fit", None)

    def _forget_draws(self) -> None:
        """Let go of the generator of shuffles: each fit and `partial_fit` has its own."""
        del self._random_state
        if self._run is not None:
            self._run.forget_draws()

    def _tasks(self, given: tuple[Any, Any, dict[str, Any]], quiet: bool) -> Tasks:
        return Tasks(self, *given, as_it_is=self._as_it_is, quiet=quiet)

    def _check_whole(self) -> None:
        """Raise ValueError if the network is none for a solver that takes all data at once."""
        owner, solver = type(self).__name__, self.solver
        if self.network_.draws:
            raise ValueError(
                f"{owner} cannot use dropout with solver={solver!r}, whose steps need the same "
                "loss at every look; use solver='adam' or 'sgd', or alpha to regularize."
            )
        try:
            check_size(solver, self.network_.n_parameters)
        except ValueError as error:
            raise ValueError(f"{owner} with {error}") from error

    def _batch_size(self, n_samples: int) -> int:
        if self.batch_size == "auto":
            return min(200, n_samples)
        if self.batch_size > n_samples:
            warn_user(
                f"batch_size={self.batch_size} is larger than the number of training samples; "
                f"it is going to be clipped to {n_samples}."
            )
        return min(int(self.batch_size), n_samples)

    def _new_run(self) -> Run:
        """Return the training run that the parameters describe."""
        return Run(
            self.network_,
            self._loss.replica(),
            make_optimizer(self),
            make_schedule(self),
            average=make_average(self),
            rng=self._rng,
            record=self._record,
            **self._run_options(),
        )

    def _go_on_running(self) -> Run:
        """Return a copy of the last run, for the parameters as they are now."""
        assert self._run is not None
        run = self._run.copy(self.network_, self._loss.replica())
        run.rng, run.record = self._rng, self._record
        vars(run).update(self._run_options())
        return run

    def _run_options(self) -> dict[str, Any]:
        return {
            "penalty": make_penalty(self, self.network_, anchored(self)),
            "bound": make_bound(self),
            "shuffle": self.shuffle,
            "random_state": self._random_state,
            "tol": self.tol,
            "patience": self.n_iter_no_change,
        }

    def _validator(self, held_out: Samples) -> Any:
        """Return what tells loss and score of a network on samples that training does not see."""
        loss = self._loss.replica()
        loss.settle(np, self.network_.dtype)
        return lambda network: held_out.evaluate(self, network, loss)

    def _advice(self) -> str:
        rate = self.learning_rate_init
        return f"Lower learning_rate_init (now {rate:g}), set clip_norm, or scale the features"

    def forget_training(self) -> Self:
        """Let go of what only `partial_fit` needs: the optimizer's state and the best epoch's copy.

        The network predicts as before, and a file of it holds little more than its parameters.
        `partial_fit` then goes on with a new optimizer.

        Returns
        -------
        self : object
            The estimator.

        Examples
        --------
        >>> import pickle
        >>> from sklearn.datasets import load_digits
        >>> from skdeep import MLPClassifier
        >>> X, y = load_digits(return_X_y=True)
        >>> clf = MLPClassifier((100, 100), random_state=0).fit(X / 16, y)
        >>> whole = len(pickle.dumps(clf))
        >>> 2 * len(pickle.dumps(clf.forget_training())) < whole
        True
        """
        check_is_fitted(self)
        self._run = None
        return self

    def _show_record(self) -> None:
        """Set the fitted attributes that tell what the epochs came to."""
        self.__dict__.update(_shown(self._record))

    @property
    def _no_improvement_count(self) -> int:
        """What scikit-learn's own tests look at."""
        return self._record.n_without_progress

    def _as_it_is(self) -> dict[str, Any]:
        """Return what makes an estimator of this moment, which training does not change."""
        record = self._record.copy()
        network = self.network_.copy()
        if self._run is not None:
            self._run.show_average(network)
            self._run.settle(network)
        return {"network_": network, "_record": record, "_run": None, **_shown(record)}


def _shown(record: Record) -> dict[str, Any]:
    """Return the fitted attributes that tell what the epochs of a record came to."""
    columns = record.as_dict()
    del columns["n_without_progress"]
    return {name + "_": value for name, value in columns.items()}
