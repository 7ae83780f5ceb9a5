"""Least squares by iteration: LSQR on wide sparse tables, gradient descent with its loss curve."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from skdeep.linear_model.least_squares.exponents import extreme_exponents
from skdeep.linear_model.least_squares.gradient_descent import descend
from skdeep.linear_model.least_squares.lsqr import solve_sparse
from skdeep.linear_model.least_squares.polynomial_model import PolynomialModelMixin
from skdeep.linear_model.least_squares.polynomials.basis import PolynomialBasis
from skdeep.linear_model.least_squares.polynomials.monomials import Monomials
from skdeep.linear_model.least_squares.qr import double_double as dd
from skdeep.utils.user_warnings import warn_user

__all__ = ["IterativeLeastSquaresMixin"]

Array = NDArray[np.float64]


class IterativeLeastSquaresMixin(PolynomialModelMixin):
    """The fits of `LeastSquaresRegressor` that do not factorise."""

    alpha: float
    fit_intercept: bool
    tol: float
    solver: str
    learning_rate_init: float | None
    batch_size: int
    max_iter: int
    random_state: Any

    def _monomials(self, n_features: int) -> Monomials:
        raise NotImplementedError

    def _fit_sparse(
        self, X: Any, targets: Array, weight: Array | None, one_target: bool
    ) -> dict[str, Any]:
        """Return the fitted attributes of LSQR."""
        coef, intercept, n_iter = solve_sparse(
            X,
            targets,
            weight,
            constant=self.fit_intercept,
            alpha=float(self.alpha),
            tol=float(self.tol),
        )
        fitted = self._coefficients(coef, intercept, one_target, X.dtype)
        return {**fitted, "n_iter_": max(1, n_iter), "_basis": None}

    def _fit_descent(
        self,
        X: Array,
        targets: Array,
        weight: Array | None,
        one_target: bool,
        context: Any,
        hooks: dict[str, Any],
    ) -> dict[str, Any]:
        """Return the fitted attributes of gradient descent in the basis."""
        monomials = self._monomials(X.shape[1])
        monomials.check_size(len(monomials))
        basis = PolynomialBasis(X, monomials, self.fit_intercept)
        exponent = int(extreme_exponents(np.abs(targets).max()))
        targets = np.ldexp(targets, -exponent)
        weights = np.ones(len(X)) if weight is None else weight
        shift = np.zeros(targets.shape[1])
        if self.fit_intercept:
            shift = weights @ targets / weights.sum()
        penalty = np.zeros((basis.n_columns, basis.n_columns))
        if self.alpha > 0:
            seen = basis.conversion_matrix()[1:]
            penalty = self.alpha / weights.sum() * (seen.T @ seen)

        def attributes(coef: Array) -> dict[str, Any]:
            monomial = basis.to_monomials(dd.exact(coef))[0]
            monomial[0] += shift
            monomial = basis.in_units(monomial, exponent)
            fitted = self._coefficients(monomial[1:].T, monomial[0], one_target, X.dtype)
            state = basis, np.ldexp(coef, exponent), np.ldexp(shift, exponent)
            return {**fitted, "_basis": state}

        def after_epoch(coef: Array) -> bool:
            epoch = context.subcontext(task_name="epoch")
            epoch.call_on_fit_task_begin(**hooks)
            return epoch.call_on_fit_task_end(
                **hooks, reconstruction_attributes=lambda: attributes(coef)
            )

        descent = descend(
            basis.evaluate(X),
            targets - shift,
            weights,
            penalty,
            learning_rate=self.learning_rate_init,
            batch_size=int(self.batch_size) if self.solver == "sgd" else None,
            max_iter=int(self.max_iter),
            tol=float(self.tol),
            random=check_random_state(self.random_state),
            after_epoch=after_epoch,
        )
        if not descent.converged:
            warn_user(
                f"solver={self.solver!r} stopped at max_iter={self.max_iter} epochs while its "
                "loss still fell: raise max_iter or learning_rate_init.",
                ConvergenceWarning,
            )
        with np.errstate(over="ignore", under="ignore"):
            losses = np.ldexp(descent.losses, 2 * exponent).tolist()
        return {
            **attributes(descent.coef),
            "loss_curve_": losses,
            "n_iter_": len(descent.losses),
        }
