"""How a linear classifier trains on mini-batches, in epochs of `fit` and in `partial_fit`."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets

from skdeep.linear_model.classifiers.callbacks import IterationReporter
from skdeep.linear_model.classifiers.data import ClassifierDataMixin
from skdeep.linear_model.classifiers.minibatch import (
    DEFAULT_RATES,
    batch_order,
    make_run,
)
from skdeep.linear_model.losses.base import LogitLoss
from skdeep.nn import (
    OPTIMIZER_NAMES,
    Batches,
    DivergedError,
    ElasticNet,
    Optimizer,
    Run,
    named_optimizer,
    named_schedule,
)
from skdeep.utils.restore import all_or_nothing

__all__ = ["MINIBATCH", "MiniBatchTrainingMixin"]

Array = NDArray[np.float64]

MINIBATCH = OPTIMIZER_NAMES


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
        optimizer, random = self._new_optimizer(), check_random_state(self.random_state)
        loss = self._offset_loss(codes, n_classes, weight, offset)
        run, batches = self._run(rows, codes, loss, weight, start, optimizer, random)
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
            warnings.warn(
                f"{self.solver} stopped at max_iter={self.max_iter} epochs while its loss still "
                "fell: raise max_iter or learning_rate_init.",
                ConvergenceWarning,
                stacklevel=6,
            )
        return self._after(run, random, run.record.loss_curve, rows)

    def _is_minibatch(self) -> bool:
        if self.solver not in MINIBATCH:
            raise AttributeError(
                f"partial_fit needs a mini-batch solver, one of {', '.join(map(repr, MINIBATCH))}; "
                f"got solver={self.solver!r}."
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
            optimizer, random = self._new_optimizer(), check_random_state(self.random_state)
            losses: list[float] = []
        else:
            coef = self.coef_.toarray() if sparse.issparse(self.coef_) else self.coef_
            start = coef, self.intercept_
            optimizer = self._next_optimizer()
            random = getattr(self, "_random", None) or check_random_state(self.random_state)
            losses = list(getattr(self, "loss_curve_", []))
        loss = self._loss(codes, len(known), weight)
        run, batches = self._run(rows, codes, loss, weight, start, optimizer, random)
        run.n_epochs = len(losses)
        with run.working(batches):
            self._epoch(run)
        fitted = self._after(run, random, losses + run.record.loss_curve, rows)
        self.__dict__.update({"classes_": known, "_with_intercept": with_intercept, **fitted})
        return self

    def _new_optimizer(self) -> Optimizer:
        return named_optimizer(self.solver, clip_norm=self.clip_norm, clip_value=self.clip_value)

    def _next_optimizer(self) -> Optimizer:
        """Return a copy of the last optimizer, or a new one for another solver.

        A copy, so that an epoch that fails takes no momentum with it.
        """
        new, last = self._new_optimizer(), getattr(self, "_optimizer", None)
        same = type(last) is type(new) and vars(last).get("momentum") == vars(new).get("momentum")
        if last is None or not same:
            return new
        last = last.copy()
        last.clip_norm, last.clip_value = new.clip_norm, new.clip_value
        return last

    def _run(
        self,
        rows: Any,
        codes: NDArray[np.intp],
        loss: LogitLoss,
        weight: Array,
        start: tuple[Array, Array],
        optimizer: Optimizer,
        random: np.random.RandomState,
    ) -> tuple[Run, Batches]:
        rate = self.learning_rate_init or DEFAULT_RATES[self.solver]
        strength = 0.0 if np.isinf(self.C) else 1.0 / float(self.C)
        return make_run(
            rows,
            loss,
            start[0],
            start[1] if self.fit_intercept else None,
            total=float(weight.sum()),
            penalty=ElasticNet(strength, self._l1_ratio()),
            batch_size=int(self.batch_size),
            optimizer=optimizer,
            schedule=named_schedule(self.learning_rate, rate, n_epochs=int(self.max_iter)),
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
        layer: Any = run.network.root
        intercept = layer.bias if self.fit_intercept else np.zeros(layer.units)
        return {
            "coef_": np.ascontiguousarray(layer.weight.T).astype(dtype),
            "intercept_": intercept.astype(dtype),
        }

    def _after(
        self, run: Run, random: np.random.RandomState, losses: list[float], rows: Any
    ) -> dict[str, Any]:
        if rows.dtype == np.float32 and run.n_epochs:
            # Training is in float64, predictions in the type of the rows.
            size = max(float(rows.max()), -float(rows.min()))
            if np.abs(run.network.params).sum() * max(size, 1.0) > np.finfo(np.float32).max:
                raise self._diverged(run)
        return {
            **self._attributes(run, rows.dtype),
            "n_iter_": np.array([len(losses)], dtype=np.int32),
            "loss_curve_": losses,
            "_optimizer": run.optimizer,
            "_random": random,
        }
