"""How a linear classifier trains on mini-batches, in epochs of `fit` and in `partial_fit`."""

from __future__ import annotations

import copy
from contextlib import nullcontext
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from skdeep.linear_model.classifiers.callbacks import IterationReporter
from skdeep.linear_model.classifiers.data import ClassifierDataMixin
from skdeep.linear_model.classifiers.minibatch import (
    DEFAULT_RATES,
    batch_order,
    make_run,
)
from skdeep.linear_model.losses.base import LogitLoss
from skdeep.nn import (
    L2,
    OPTIMIZER_NAMES,
    Batches,
    DivergedError,
    ElasticNet,
    Optimizer,
    Run,
    WeightAverage,
)
from skdeep.nn.training.described import make_average, make_optimizer, make_schedule
from skdeep.utils.clean import check_classification_targets
from skdeep.utils.interface.methods import available_if
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.user_warnings import warn_user

__all__ = ["MiniBatchTrainingMixin"]

Array = NDArray[np.float64]


class MiniBatchTrainingMixin(ClassifierDataMixin):
    """Epochs of mini-batches, and `partial_fit`."""

    def _fit_minibatch(
        self,
        rows: Any,
        codes: NDArray[np.intp],
        n_classes: int,
        weight: Array,
        offset: Array | None,
        reporter: IterationReporter,
    ) -> dict[str, Any]:
        start = self._start(rows, codes, n_classes, weight)
        state = *self._new_optimizer(), check_random_state(self.random_state)
        loss = self._offset_loss(codes, n_classes, weight, offset)
        run, batches = self._run(rows, codes, loss, weight, start, *state)
        reporter.begin(lambda: self._attributes(run, rows.dtype))
        run.begin_fit()
        stopped = False
        with run.working(batches):
            while run.n_epochs < self.max_iter and not stopped:
                self._epoch(run)
                if self.verbose:
                    print(f"Iteration {run.n_epochs}, loss {run.record.loss:.8g}")
                stopped = reporter.step(lambda: self._attributes(run, rows.dtype))
                stopped = stopped or run.has_converged()
        if not run.n_epochs:
            reporter.step(lambda: self._attributes(run, rows.dtype))
        if not stopped and not run.schedule.ends:
            warn_user(
                f"{self.solver} stopped at max_iter={self.max_iter} epochs while its loss still "
                "fell: raise max_iter or learning_rate_init.",
                ConvergenceWarning,
            )
        return self._after(run, run.record.loss_curve, rows)

    def _is_minibatch(self) -> bool:
        if self.solver not in OPTIMIZER_NAMES:
            names = ", ".join(map(repr, OPTIMIZER_NAMES))
            raise AttributeError(
                f"partial_fit needs a mini-batch solver, one of {names}; got "
                f"solver={self.solver!r}."
            )
        return True

    @available_if(_is_minibatch)
    @all_or_nothing
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> MiniBatchTrainingMixin:
        """Visit the given rows once, in mini-batches, from the present weights on.

        The optimizer, the average of weights and the count of epochs go on as well. A schedule that
        waits for a lack of progress does so in `fit` alone.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,)
            Classes.
        classes : array-like of shape (n_classes,), default=None
            All classes that will come; needed in the first call unless `y` has them all.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row counts.

        Returns
        -------
        self : object
            The estimator after one epoch.

        Raises
        ------
        ValueError
            If a class was not announced, or `classes` or `fit_intercept` changed.
        """
        self._check_params()
        first = not hasattr(self, "coef_")
        with_intercept = bool(self.fit_intercept)
        before = getattr(self, "_with_intercept", with_intercept)
        if not first and with_intercept != before:
            raise ValueError(
                f"partial_fit goes on with fit_intercept={before}, as the rows before were "
                f"fitted; got fit_intercept={self.fit_intercept}."
            )
        rows, target = self._validated(X, y, reset=first)
        check_classification_targets(target)
        known = np.unique(target if classes is None else np.asarray(classes))
        if not first:
            if classes is not None and not np.array_equal(known, self.classes_):
                raise ValueError(
                    f"`classes={classes!r}` is not the same as on last call to partial_fit, was: "
                    f"{self.classes_!r}."
                )
            known = self.classes_
        if len(known) < 2:
            raise ValueError(
                f"partial_fit needs at least 2 classes, got one class: {known.tolist()[0]!r}; name "
                "all that will come in `classes`."
            )
        unknown = np.setdiff1d(target, known)
        if len(unknown):
            raise ValueError(
                f"y has the class {unknown.tolist()[0]!r}, which is not among the classes "
                f"{known.tolist()}."
            )
        codes = np.searchsorted(known, target)
        weight = self._weights(rows, target, known, codes, sample_weight)
        if first:
            start = self._start(rows, codes, len(known), weight)
            state = *self._new_optimizer(), check_random_state(self.random_state)
            losses: list[float] = []
        else:
            coef = self.coef_.toarray() if sparse.issparse(self.coef_) else self.coef_
            start = coef, self.intercept_
            given = check_random_state(self.random_state)
            random = getattr(self, "_random", None) or given
            # Ours is copied like the optimizer; one that others draw from, too, goes on.
            random = random if random is given else copy.deepcopy(random)
            state = *self._next_optimizer(), random
            losses = list(getattr(self, "loss_curve_", []))
        loss = self._loss(codes, len(known), weight)
        run, batches = self._run(rows, codes, loss, weight, start, *state)
        run.n_epochs = len(losses)
        run.go_past_the_end()
        with run.working(batches):
            self._epoch(run)
        fitted = self._after(run, losses + run.record.loss_curve, rows)
        self.__dict__.update({"classes_": known, "_with_intercept": with_intercept, **fitted})
        return self

    def _new_optimizer(self) -> tuple[Optimizer, WeightAverage | None]:
        return make_optimizer(self, sgd_has_momentum=False), make_average(self)

    def _next_optimizer(self) -> tuple[Optimizer, WeightAverage | None]:
        """Return copies of the last optimizer and average, or new ones where others are asked for.

        Copies, so that an epoch that fails takes no momentum with it.
        """
        (optimizer, average), last = self._new_optimizer(), getattr(self, "_optimizer", None)
        new = vars(optimizer)
        if type(last) is type(optimizer) and (
            bool(vars(last).get("momentum")) == bool(new.get("momentum"))
        ):
            optimizer = last.copy()
            vars(optimizer).update({**new, "t": optimizer.t})
        last = getattr(self, "_average", None)
        if type(last) is type(average):
            average = copy.deepcopy(last)
        return optimizer, average

    def _run(
        self,
        rows: Any,
        codes: NDArray[np.intp],
        loss: LogitLoss,
        weight: Array,
        start: tuple[Array, Array],
        optimizer: Optimizer,
        average: WeightAverage | None,
        random: np.random.RandomState,
    ) -> tuple[Run, Batches]:
        rate = self.learning_rate_init or DEFAULT_RATES[self.solver]
        strength, l1_ratio = 0.0 if np.isinf(self.C) else 1.0 / float(self.C), self._l1_ratio()
        return make_run(
            rows,
            loss,
            start[0],
            start[1] if self.fit_intercept else None,
            total=float(weight.sum()),
            penalty=ElasticNet(strength, l1_ratio) if l1_ratio else L2(strength),
            batch_size=int(self.batch_size),
            optimizer=optimizer,
            schedule=make_schedule(self, rate),
            average=average,
            order=lambda: batch_order(codes, self.balanced_batches, random),
            random_state=random,
            tol=float(self.tol),
            patience=self.n_iter_no_change - 1,
        )

    def _epoch(self, run: Run) -> None:
        try:
            run.epoch()
        except DivergedError:
            diverged = True
        else:
            diverged = not np.isfinite(run.network.params).all()
        if diverged:
            raise self._diverged(run)

    def _diverged(self, run: Run) -> ValueError:
        rate = run.schedule.rate(run.n_epochs, run.record.t)
        return ValueError(
            f"The loss diverged: lower learning_rate_init, which is {rate:g}, or scale the "
            "features."
        )

    def _attributes(self, run: Run, dtype: Any) -> dict[str, Any]:
        """Return the weights of this moment, or their average."""
        with nullcontext() if run.average is None else run.average.shown(run.network):
            layer: Any = run.network.root
            intercept = layer.bias if self.fit_intercept else np.zeros(layer.units)
            return {
                "coef_": np.ascontiguousarray(layer.weight.T).astype(dtype),
                "intercept_": intercept.astype(dtype),
            }

    def _after(self, run: Run, losses: list[float], rows: Any) -> dict[str, Any]:
        if rows.dtype == np.float32 and run.n_epochs:
            # Training is in float64, predictions in the type of the rows.
            size = max(float(rows.max()), -float(rows.min()))
            if np.abs(run.network.params).sum() * max(size, 1.0) > np.finfo(np.float32).max:
                raise self._diverged(run)
        fitted = self._attributes(run, rows.dtype)
        run.show_average()  # which keeps the weights that training goes on from
        return {
            **fitted,
            "n_iter_": np.array([len(losses)], dtype=np.int32),
            "loss_curve_": losses,
            "_optimizer": run.optimizer,
            "_average": run.average,
            "_random": run.random_state,
        }
