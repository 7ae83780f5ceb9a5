"""What the linear classifiers share: from validated data to weights, and back to classes."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state, compute_class_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from skdeep.linear_model.lbfgs import minimize_whitened
from skdeep.linear_model.linear_decision import LinearDecisionMixin
from skdeep.linear_model.losses import LogitLoss
from skdeep.linear_model.minibatch import STEP_RULES, batch_order, train_epoch
from skdeep.linear_model.nearest_mean import class_means
from skdeep.linear_model.newton import MAX_SHARED_SIZE, Minimum, has_small_hessian, minimize
from skdeep.linear_model.objective import LinearObjective
from skdeep.linear_model.reporter import IterationReporter
from skdeep.linear_model.scaling import Coordinates
from skdeep.utils.params import Rule, boolean, integer, none, one_of, random_state, real, rule
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.weights import check_sample_weight

__all__ = ["LinearClassifier"]

Array = NDArray[np.float64]

MINIBATCH = tuple(STEP_RULES)

# What a fit may leave behind; the next one starts without.
FITTED = ("classes_", "coef_", "intercept_", "n_iter_", "loss_curve_", "_rule", "_random")


def common_rules() -> dict[str, list[Rule]]:
    """Return the rules of the parameters that the linear classifiers share."""
    return {
        "C": [real(0, closed="right")],
        "tol": [real(0)],
        "fit_intercept": [boolean()],
        "class_weight": [
            none(),
            one_of("balanced"),
            rule("a dict from class to weight", lambda value: isinstance(value, dict)),
        ],
        "random_state": [random_state()],
        "max_iter": [integer(0)],
        "verbose": [integer(0), boolean()],
        "warm_start": [boolean()],
        "learning_rate_init": [none(), real(0, closed="neither")],
        "batch_size": [integer(1)],
        "balanced_batches": [none(), one_of("proportional", "equal")],
        "n_iter_no_change": [integer(1)],
        "weight_init": [one_of("zeros", "class_means")],
    }


class LinearClassifier(LinearDecisionMixin, CallbackSupportMixin, ClassifierMixin, BaseEstimator):
    """A classifier whose decision is linear in the features.

    A subclass says which loss it has and checks its parameters.
    """

    C: float
    tol: float
    fit_intercept: bool
    class_weight: Any
    random_state: Any
    solver: str
    max_iter: int
    verbose: int
    warm_start: bool
    learning_rate_init: float | None
    batch_size: int
    balanced_batches: str | None
    n_iter_no_change: int
    weight_init: str

    # -- what a subclass says

    def _check_params(self) -> None:
        raise NotImplementedError

    def _loss(self, y: NDArray[np.intp], n_classes: int, weight: Array) -> LogitLoss:
        raise NotImplementedError

    def _l1_ratio(self) -> float:
        return 0.0

    # -- fitting

    @all_or_nothing
    @with_callbacks
    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> LinearClassifier:
        """Fit the model.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,)
            Classes.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row counts.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter or the data is not as described, or if a mini-batch solver diverges.

        Warns
        -----
        sklearn.exceptions.ConvergenceWarning
            If `max_iter` is reached before the solution.
        """
        self._check_params()
        rows, target = self._validated(X, y, reset=True)
        check_classification_targets(target)
        classes, codes = np.unique(target, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(
                f"{type(self).__name__} needs samples of at least 2 classes in the data, but the "
                f"data contains only one class: {classes.tolist()[0]!r}."
            )
        weight = self._weights(rows, target, classes, codes, sample_weight)
        reporter = IterationReporter(
            self,
            self._init_callback_context(max_subtasks=max(int(self.max_iter), 1) + 1),
            {
                "estimator": self,
                "X": X,
                "y": y,
                "metadata": None if sample_weight is None else {"sample_weight": sample_weight},
            },
            "epoch" if self.solver in MINIBATCH else f"{self.solver}-iter",
            {"classes_": classes},
        )
        if self.solver in MINIBATCH:
            fitted = self._fit_minibatch(rows, codes, len(classes), weight, reporter)
        else:
            fitted = self._fit_exact(rows, codes, len(classes), weight, reporter)
        for name in FITTED:
            self.__dict__.pop(name, None)
        self.__dict__.update({"classes_": classes, **fitted})
        reporter.close()
        return self

    def _fit_exact(
        self,
        rows: Any,
        codes: NDArray[np.intp],
        n_classes: int,
        weight: Array,
        reporter: IterationReporter,
    ) -> dict[str, Any]:
        coordinates = Coordinates(rows, weight, bool(self.fit_intercept))
        objective = self._objective(coordinates, codes, n_classes, weight)
        start = self._start(rows, codes, n_classes, weight)

        def attributes(theta: Array) -> dict[str, Any]:
            coef, intercept = coordinates.to_user(theta, objective.loss.shift_invariant)
            if objective.has_l1:
                coef[theta[:, : objective.n_features] == 0] = 0.0
            elif objective.loss.shift_invariant:
                coef = coef - coef.mean(axis=0)
            return {
                "coef_": coef.astype(rows.dtype, copy=False),
                "intercept_": intercept.astype(rows.dtype, copy=False),
            }

        theta = coordinates.from_user(*start)
        reporter.begin(lambda: attributes(theta))

        def after_step(theta: Array, value: float) -> bool:
            if self.verbose:
                print(f"Iteration {reporter.n_done + 1}, objective {value:.8g}")
            return reporter.step(lambda: attributes(theta))

        minimum = self._minimize(objective, theta, after_step)
        if minimum.n_iter == 0:
            reporter.step(lambda: attributes(theta))
        if not minimum.converged:
            warnings.warn(
                f"{self.solver} failed to converge after {minimum.n_iter} iteration(s): its "
                "objective can still fall. Increase the number of iterations, max_iter, or "
                "strengthen the penalty by a lower C.",
                ConvergenceWarning,
                stacklevel=5,
            )
        return {
            **attributes(minimum.theta),
            "n_iter_": np.array([minimum.n_iter], dtype=np.int32),
        }

    def _minimize(self, objective: LinearObjective, theta: Array, after_step: Any) -> Minimum:
        settings = {
            "tol": float(self.tol),
            "max_iter": int(self.max_iter),
            "after_step": after_step,
        }
        dense = not sparse.issparse(objective.X) and objective.shape[1] <= MAX_SHARED_SIZE
        if dense and not objective.has_l1 and not has_small_hessian(objective):
            return minimize_whitened(objective, theta, **settings)
        return minimize(objective, theta, **settings)

    def _objective(
        self, coordinates: Coordinates, codes: NDArray[np.intp], n_classes: int, weight: Array
    ) -> LinearObjective:
        # Without a penalty the sum of losses stands alone.
        strength = 0.0 if np.isinf(self.C) else 1.0
        weight = weight if np.isinf(self.C) else weight * float(self.C)
        l1 = self._l1_ratio()
        return LinearObjective(
            coordinates.X,
            self._loss(codes, n_classes, weight),
            strength * (1.0 - l1) / coordinates.scale**2,
            strength * l1 / coordinates.scale,
            bool(self.fit_intercept),
        )

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
    ) -> LinearClassifier:
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
            If a class was not announced, or `classes` changed.
        """
        self._check_params()
        first = not hasattr(self, "coef_")
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
            coef, intercept = self.coef_, self.intercept_
            step_rule = getattr(self, "_rule", None) or self._new_rule()
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
                "_rule": step_rule,
                "_random": random,
            }
        )
        return self

    def _new_rule(self) -> Any:
        kind = STEP_RULES[self.solver]
        return kind(self.learning_rate_init or kind.default_rate)

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

    def _start(
        self, rows: Any, codes: NDArray[np.intp], n_classes: int, weight: Array
    ) -> tuple[Array, Array]:
        """Return the weights and intercepts to start from."""
        n_outputs = self._loss(codes[:1], n_classes, weight[:1]).n_outputs
        shape = n_outputs, rows.shape[1]
        old = getattr(self, "coef_", None) if self.warm_start else None
        if old is not None and old.shape == shape:
            dense = old.toarray() if sparse.issparse(old) else np.array(old, dtype=np.float64)
            return dense, np.array(self.intercept_, dtype=np.float64)
        if self.weight_init == "zeros":
            return np.zeros(shape), np.zeros(n_outputs)
        return class_means(rows, codes, n_classes, weight, n_outputs)

    def _weights(
        self,
        rows: Any,
        target: NDArray[Any],
        classes: NDArray[Any],
        codes: NDArray[np.intp],
        sample_weight: Any,
    ) -> Array:
        given = check_sample_weight(sample_weight, rows)
        weight = np.ones(len(target)) if given is None else given
        if self.class_weight is None:
            return weight
        present = np.unique(codes)
        if self.class_weight == "balanced" and len(present) < len(classes):
            classes, codes = classes[present], np.searchsorted(present, codes)
        of_class = compute_class_weight(
            self.class_weight, classes=classes, y=target, sample_weight=given
        )
        return weight * of_class[codes]

    def _validated(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, NDArray[Any]]:
        rows, target = validate_data(
            self,
            X,
            y,
            reset=reset,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            order="C",
        )
        return rows, target
