"""How a linear classifier trains on mini-batches, in epochs of `fit` and in `partial_fit`."""

from __future__ import annotations

import copy
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
from skdeep.linear_model.classifiers.minibatch import STEP_RULES, batch_order, train_epoch
from skdeep.linear_model.solvers.objective import LinearObjective
from skdeep.utils.restore import all_or_nothing

__all__ = ["MINIBATCH", "MiniBatchTrainingMixin"]

Array = NDArray[np.float64]

MINIBATCH = tuple(STEP_RULES)


class MiniBatchTrainingMixin(ClassifierDataMixin):
    """Epochs of mini-batches, and `partial_fit`."""

    def _fit_minibatch(
        self,
        rows: Any,
        codes: NDArray[np.intp],
        n_classes: int,
        weight: Array,
        reporter: IterationReporter,
    ) -> dict[str, Any]:
        coef, intercept = self._start(rows, codes, n_classes, weight)
        theta = np.column_stack((coef, intercept)) if self.fit_intercept else coef
        step_rule, random = self._new_rule(), check_random_state(self.random_state)
        objective = self._batch_objective(rows, codes, n_classes, weight)
        reporter.begin(lambda: self._attributes(theta, rows.dtype))
        losses: list[float] = []
        best, idle, stopped = np.inf, 0, False
        for epoch in range(1, self.max_iter + 1):
            losses.append(self._epoch(objective, theta, step_rule, codes, random, weight))
            if self.verbose:
                print(f"Iteration {epoch}, loss {losses[-1]:.8g}")
            idle = idle + 1 if losses[-1] > best - self.tol else 0
            best = min(best, losses[-1])
            stopped = reporter.step(lambda: self._attributes(theta, rows.dtype))
            if stopped or idle >= self.n_iter_no_change:
                stopped = True
                break
        if not losses:
            reporter.step(lambda: self._attributes(theta, rows.dtype))
        if not stopped:
            warnings.warn(
                f"{self.solver} stopped at max_iter={self.max_iter} epochs while its loss still "
                "fell: raise max_iter or learning_rate_init.",
                ConvergenceWarning,
                stacklevel=5,
            )
        return {
            **self._attributes(theta, rows.dtype),
            "n_iter_": np.array([len(losses)], dtype=np.int32),
            "loss_curve_": losses,
            "_rule": step_rule,
            "_random": random,
        }

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
            coef, intercept = self._start(rows, codes, len(known), weight)
            step_rule, random = self._new_rule(), check_random_state(self.random_state)
            losses: list[float] = []
        else:
            coef = self.coef_.toarray() if sparse.issparse(self.coef_) else self.coef_
            intercept = self.intercept_
            step_rule = self._next_rule()
            random = getattr(self, "_random", None) or check_random_state(self.random_state)
            losses = list(getattr(self, "loss_curve_", []))
        theta = np.array(
            np.column_stack((coef, intercept)) if self.fit_intercept else coef, dtype=np.float64
        )
        objective = self._batch_objective(rows, codes, len(known), weight)
        losses.append(self._epoch(objective, theta, step_rule, codes, random, weight))
        self.__dict__.update(
            {
                "classes_": known,
                **self._attributes(theta, rows.dtype),
                "n_iter_": np.array([len(losses)], dtype=np.int32),
                "loss_curve_": losses,
                "_with_intercept": with_intercept,
                "_rule": step_rule,
                "_random": random,
            }
        )
        return self

    def _new_rule(self) -> Any:
        kind = STEP_RULES[self.solver]
        return kind(self.learning_rate_init or kind.default_rate)

    def _next_rule(self) -> Any:
        """Return a copy of the last rule, at the present rate; a new one for another solver.

        A copy, so that an epoch that fails takes no momentum with it.
        """
        new, last = self._new_rule(), getattr(self, "_rule", None)
        if last is None or type(last) is not type(new):
            return new
        step_rule = copy.copy(last)
        step_rule.rate = new.rate
        return step_rule

    def _batch_objective(
        self, rows: Any, codes: NDArray[np.intp], n_classes: int, weight: Array
    ) -> LinearObjective:
        strength = 0.0 if np.isinf(self.C) else 1.0 / float(self.C)
        ones, l1 = np.ones(rows.shape[1]), self._l1_ratio()
        return LinearObjective(
            rows,
            self._loss(codes, n_classes, weight),
            strength * (1.0 - l1) * ones,
            strength * l1 * ones,
            bool(self.fit_intercept),
        )

    def _epoch(
        self,
        objective: LinearObjective,
        theta: Array,
        step_rule: Any,
        codes: NDArray[np.intp],
        random: np.random.RandomState,
        weight: Array,
    ) -> float:
        order = batch_order(codes, self.balanced_batches, random)
        with np.errstate(over="ignore", invalid="ignore"):
            loss = train_epoch(
                objective, theta, step_rule, order, int(self.batch_size), float(weight.sum())
            )
        if not (np.isfinite(loss) and np.isfinite(theta).all()):
            raise ValueError(
                f"The loss diverged: lower learning_rate_init, which is {step_rule.rate:g}, or "
                "scale the features."
            )
        return loss

    def _attributes(self, theta: Array, dtype: Any) -> dict[str, Any]:
        coef = theta[:, :-1] if self.fit_intercept else theta
        intercept = theta[:, -1] if self.fit_intercept else np.zeros(len(theta))
        return {"coef_": coef.astype(dtype), "intercept_": intercept.astype(dtype)}
