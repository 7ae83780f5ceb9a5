"""What the linear classifiers share: from validated data to weights, and back to classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.exceptions import ConvergenceWarning

from skdeep.linear_model.classifiers.callbacks import IterationReporter
from skdeep.linear_model.classifiers.coordinates import Coordinates
from skdeep.linear_model.classifiers.decision import check_offset
from skdeep.linear_model.classifiers.keywords import ONLY_MINIBATCH, MiniBatchParams
from skdeep.linear_model.classifiers.minibatch_training import MiniBatchTrainingMixin
from skdeep.linear_model.solvers.newton import Minimum, minimize
from skdeep.linear_model.solvers.objective import LinearObjective
from skdeep.nn import OPTIMIZER_NAMES
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.classes import encode_classes
from skdeep.utils.parameters import changed_parameters, check_parameters, with_values
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.saving.plain_state import PlainState
from skdeep.utils.scores.accuracy import AccuracyMixin
from skdeep.utils.user_warnings import warn_user
from skdeep.utils.weights import without_weightless

__all__ = ["LinearClassifier"]

Array = NDArray[np.float64]

# What a fit may leave behind; the next one starts without.
FITTED = (
    "classes_",
    "coef_",
    "intercept_",
    "n_iter_",
    "loss_curve_",
    "_with_intercept",
    "_optimizer",
    "_average",
    "_random",
)


class LinearClassifier(
    MiniBatchTrainingMixin,
    MiniBatchParams,
    CallbackSupportMixin,
    AccuracyMixin,
    PlainState,
    BaseEstimator,
):
    """A classifier whose decision is linear in the features.

    A subclass says which loss it has.
    """

    def _check_params(self) -> None:
        check_parameters(self)
        if self.solver not in OPTIMIZER_NAMES:
            if ignored := changed_parameters(self, ONLY_MINIBATCH):
                raise ValueError(
                    f"{type(self).__name__} with solver={self.solver!r}, which is exact, does not "
                    f"use {with_values(self, ignored)}; leave it at its default, or use a solver "
                    "for mini-batches such as 'adam'."
                )
            if changed_parameters(self, ["n_iter_no_change"]):
                warn_user(
                    f"{type(self).__name__} with solver={self.solver!r}, which is exact, does not "
                    f"use n_iter_no_change={self.n_iter_no_change!r}."
                )
        elif self.solver == "sgd" and changed_parameters(self, ["momentum"]):
            raise ValueError(
                f"{type(self).__name__} with solver='sgd' has no momentum, got "
                f"momentum={self.momentum!r}; use solver='momentum' or 'nesterov'."
            )

    @in_kind
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
            If a parameter or the data is not as described, if a mini-batch solver diverges, or if
            weights overflow.

        Warns
        -----
        sklearn.exceptions.ConvergenceWarning
            If `max_iter` is reached before the solution.
        """
        return self._fit(X, y, sample_weight)

    def _fit(
        self, X: Any, y: Any, sample_weight: Any, offset: ArrayLike | None = None
    ) -> LinearClassifier:
        self._check_params()
        rows, target = self._validated(X, y, reset=True)
        classes, codes = encode_classes(target)
        if len(classes) < 2:
            raise ValueError(
                f"{type(self).__name__} needs samples of at least 2 classes in the data, but the "
                f"data contains only one class: {classes.tolist()[0]!r}."
            )
        weight = self._weights(rows, target, classes, codes, sample_weight)
        offset = check_offset(offset, len(codes), len(classes))
        given = {"sample_weight": sample_weight, "offset": offset}
        metadata = {name: value for name, value in given.items() if value is not None}
        reporter = IterationReporter(
            self,
            self._init_callback_context(max_subtasks=max(int(self.max_iter), 1) + 1),
            {
                "estimator": self,
                "X": X,
                "y": y,
                "metadata": metadata or None,
            },
            "epoch" if self.solver in OPTIMIZER_NAMES else f"{self.solver}-iter",
            {"classes_": classes},
        )
        if self.solver in OPTIMIZER_NAMES:
            fitted = self._fit_minibatch(rows, codes, len(classes), weight, offset, reporter)
        else:
            fitted = self._fit_exact(rows, codes, len(classes), weight, offset, reporter)
        for name in FITTED:
            self.__dict__.pop(name, None)
        self.__dict__.update(
            {"classes_": classes, "_with_intercept": bool(self.fit_intercept), **fitted}
        )
        reporter.close()
        return self

    def _fit_exact(
        self,
        rows: Any,
        codes: NDArray[np.intp],
        n_classes: int,
        weight: Array,
        offset: Array | None,
        reporter: IterationReporter,
    ) -> dict[str, Any]:
        weight, rows, codes, offset = without_weightless(weight, rows, codes, offset)
        coordinates = Coordinates(rows, weight, bool(self.fit_intercept), self._turns_wide_tables())
        objective = self._objective(coordinates, codes, n_classes, weight, offset)
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
        if objective.loss.shift_invariant and not objective.has_l1:
            # Outputs add up to zero at the optimum, and steps need not care for their sum.
            theta -= theta.mean(axis=0)
        reporter.begin(lambda: attributes(theta))

        def after_step(theta: Array, value: float) -> bool:
            if self.verbose:
                print(f"Iteration {reporter.n_done + 1}, objective {value:.8g}")
            return reporter.step(lambda: attributes(theta))

        minimum = self._minimize(objective, theta, after_step)
        if minimum.n_iter == 0:
            reporter.step(lambda: attributes(theta))
        if not minimum.converged:
            warn_not_converged(self.solver, f"after {minimum.n_iter} iteration(s)")
        fitted = attributes(minimum.theta)
        if not all(np.isfinite(weights).all() for weights in fitted.values()):
            raise ValueError(
                f"The weights are not finite, in {rows.dtype}: the features are too large or too "
                "small to be squared. Scale them."
            )
        return {
            **fitted,
            "n_iter_": np.array([minimum.n_iter], dtype=np.int32),
        }

    def _turns_wide_tables(self) -> bool:
        """Say whether few rows with many features are worth the coordinates of the rows."""
        return False

    def _minimize(self, objective: LinearObjective, theta: Array, after_step: Any) -> Minimum:
        return minimize(
            objective,
            theta,
            tol=float(self.tol),
            max_iter=int(self.max_iter),
            after_step=after_step,
        )

    def _objective(
        self,
        coordinates: Coordinates,
        codes: NDArray[np.intp],
        n_classes: int,
        weight: Array,
        offset: Array | None = None,
    ) -> LinearObjective:
        # Without a penalty the sum of losses stands alone.
        strength = 0.0 if np.isinf(self.C) else 1.0
        weight = weight if np.isinf(self.C) else weight * float(self.C)
        l1 = self._l1_ratio()
        return LinearObjective(
            coordinates.X,
            self._offset_loss(codes, n_classes, weight, offset),
            strength * (1.0 - l1) / coordinates.scale**2,
            strength * l1 / coordinates.scale,
            bool(self.fit_intercept),
        )


def warn_not_converged(solver: str, when: str) -> None:
    """Warn that a solver has used up its iterations, and say what helps."""
    warn_user(
        f"{solver} failed to converge {when}: its objective can still fall. Increase the number "
        "of iterations, max_iter, or strengthen the penalty by a lower C.",
        ConvergenceWarning,
    )
