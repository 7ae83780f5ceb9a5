"""What a fitted least-squares model can tell: predictions, names, statistics, a summary."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.exceptions import RankWarning
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from skdeep.linear_model.least_squares.accumulation import Accumulation
from skdeep.linear_model.least_squares.factored_fit import FactoredFit
from skdeep.linear_model.least_squares.polynomials.monomials import Monomials
from skdeep.linear_model.least_squares.qr.row_factor import block_rows, factor_threads
from skdeep.linear_model.least_squares.summary import coefficient_table
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.clean import validated
from skdeep.utils.scores.r2 import r2
from skdeep.utils.threads import limit_blas_threads
from skdeep.utils.user_warnings import warn_user

__all__ = ["PolynomialModelMixin"]

Array = NDArray[np.float64]

# Numbers of the basis that `predict` holds at once.
MAX_BLOCK_ENTRIES = 2**22
# What a fit may leave behind; the next one starts without.
FITTED = (
    "coef_",
    "intercept_",
    "rank_",
    "residual_std_",
    "r2_",
    "n_iter_",
    "loss_curve_",
    "degree_",
    "alpha_",
    "cv_errors_",
    "_rows",
    "_factored_fit",
    "_basis",
)

_DEPENDENT = (
    "Columns depend on each other, so many coefficients fit alike. These are the smallest; their",
    "errors say how far they would move with other data, not how well each effect is known.",
)


class PolynomialModelMixin:
    """The methods that a fitted polynomial has, however its degree and penalty were chosen.

    The estimator sets, by `_become`, what `_fit_rows` or its own solver returns.
    """

    coef_: Array
    intercept_: Any
    rank_: int
    residual_std_: Any
    r2_: Any
    n_features_in_: int
    fit_intercept: bool
    _basis: Any
    _rows: Accumulation
    _factored_fit: FactoredFit

    @in_kind
    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the coefficient of determination, R2, of the predictions, whatever the unit.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            True targets.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row counts.

        Returns
        -------
        float
            1 at best; with several targets, the mean of theirs.
        """
        return r2(np.asarray(y), self.predict(X), sample_weight)

    @in_kind
    def predict(self, X: ArrayLike) -> Array:
        """Predict the targets, in the basis that was fitted in.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_targets)
            Predictions.
        """
        check_is_fitted(self)
        rows = validated(
            self,
            X,
            reset=False,
            dtype=[np.float64, np.float32],
            order="C",
            accept_sparse="csr" if self._takes_sparse() else False,
        )
        if sparse.issparse(rows) or self._basis is None or self._basis[0].plain_is_stable:
            with limit_blas_threads(None), np.errstate(over="ignore", invalid="ignore"):
                return _in_range(rows @ self.coef_.T + self.intercept_)
        basis, coef, shift = self._basis
        out = np.empty((len(rows), coef.shape[1]), dtype=self.coef_.dtype)
        step = max(1, min(block_rows(basis.n_columns), MAX_BLOCK_ENTRIES // basis.n_columns))
        with limit_blas_threads(None), np.errstate(over="ignore", invalid="ignore"):
            for start in range(0, len(rows), step):
                part = slice(start, start + step)
                out[part] = (coef.T @ basis.evaluate(rows[part])).T + shift
        return _in_range(out[:, 0] if self.coef_.ndim == 1 else out)

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        """Return the names of the monomials.

        Parameters
        ----------
        input_features : array-like of str of shape (n_features,), default=None
            Names of the features; None takes those seen in `fit`, or ``x0``, ``x1``, ...

        Returns
        -------
        ndarray of str objects
            One name for each entry of `coef_`.
        """
        check_is_fitted(self)
        n_features = self.n_features_in_
        if input_features is None:
            names = list(getattr(self, "feature_names_in_", [f"x{j}" for j in range(n_features)]))
        else:
            names = [str(name) for name in np.asarray(input_features, dtype=object)]
            if len(names) != n_features:
                raise ValueError(
                    f"input_features should have {n_features} names, one for each feature; "
                    f"got {len(names)}."
                )
        return np.array(self._fitted_monomials().names(names), dtype=object)

    def summary(self) -> str:
        """Return the table of coefficients as text.

        Returns
        -------
        str
            Fit statistics, then for each coefficient its standard error, t statistic, two-sided
            p value and 95% confidence interval; one table for each target.

        Raises
        ------
        ValueError
            If the solver gave no standard errors.
        """
        check_is_fitted(self)
        try:
            fit = self._factored("standard_errors_")
        except AttributeError:
            raise ValueError(
                "There are no standard errors to summarise: they need solver='qr', a table that "
                "is factorised and positive=False."
            ) from None
        coef, level = np.atleast_2d(self.coef_), np.atleast_1d(self.intercept_)
        all_errors = fit.standard_errors().T
        residual, r2 = np.atleast_1d(self.residual_std_), np.atleast_1d(self.r2_)
        names = list(self.get_feature_names_out())
        tables = []
        for j in range(len(coef)):
            b, e = coef[j], all_errors[j, 1:]
            if fit.constant:
                b, e = np.append(level[j], b), all_errors[j]
            lines = [
                f"Least squares, degree {fit.basis.monomials.degree}, alpha {fit.alpha:g}"
                + (f", target {j}" if len(coef) > 1 else ""),
                f"rows {fit.n_samples:g}, residual degrees of freedom {fit.freedom:.6g}, "
                f"rank {self.rank_} of {len(names)}, condition number {self.condition_number_:.3g}",
                f"residual standard deviation {residual[j]:.6g}, R squared {r2[j]:.6g}",
                *(_DEPENDENT if self.rank_ < len(names) and not fit.alpha else ()),
                "",
                *coefficient_table(["(intercept)"] * fit.constant + names, b, e, fit.freedom),
            ]
            tables.append("\n".join(lines))
        return "\n\n".join(tables)

    @property
    def standard_errors_(self) -> Array:
        """Standard errors of the coefficients."""
        errors = self._factored("standard_errors_").standard_errors()[1:].T
        return errors.reshape(self.coef_.shape)

    @property
    def intercept_standard_error_(self) -> Any:
        """Standard error of the intercept."""
        errors = self._factored("intercept_standard_error_").standard_errors()[0]
        return float(errors[0]) if self.coef_.ndim == 1 else errors

    @property
    def singular_(self) -> Array:
        """Singular values of the centred features."""
        fit = self._factored("singular_", degree=1)
        return fit.singular_values()[: self._rows.n_rows]

    @property
    def condition_number_(self) -> float:
        """Condition number of the plain monomials at unit length."""
        return self._factored("condition_number_").condition_number()

    def _factored(self, name: str, degree: int | None = None) -> FactoredFit:
        """Return the fit by factorisation, or say that it has no such attribute."""
        fit = vars(self).get("_factored_fit")
        if fit is None or (name.endswith(("errors_", "error_")) and fit.positive):
            raise AttributeError(
                f"{type(self).__name__} has {name!r} only after a fit by factorisation"
                " without positive=True."
            )
        if degree is not None and fit.basis.monomials.degree != degree:
            raise AttributeError(f"{type(self).__name__} has {name!r} only with degree={degree}.")
        return fit

    def _takes_sparse(self) -> bool:
        """Say whether `fit` and `predict` take sparse matrices."""
        raise NotImplementedError

    def _fitted_monomials(self) -> Monomials:
        return (
            Monomials(self.n_features_in_, 1) if self._basis is None else self._basis[0].monomials
        )

    def _fit_rows(
        self,
        rows: Accumulation,
        *,
        alpha: float,
        positive: bool,
        one_target: bool,
        dtype: Any,
        table: tuple[Any, Array, Array | None] | None = None,
    ) -> dict[str, Any]:
        """Return the fitted attributes of a factorisation."""
        with limit_blas_threads(factor_threads(rows.R)):
            fit = FactoredFit(
                rows,
                alpha=alpha,
                positive=positive,
                eps=float(np.finfo(dtype).eps),
                table=table,
            )
        if fit.dependent:
            self._warn_of_dependent_columns(fit)
        return {
            **self._coefficients(fit.coef[1:].T, fit.coef[0], one_target, dtype),
            "rank_": fit.rank,
            "residual_std_": float(fit.residual_std[0]) if one_target else fit.residual_std,
            "r2_": float(fit.r2[0]) if one_target else fit.r2,
            "n_iter_": 1,
            "_rows": rows,
            "_factored_fit": fit,
            "_basis": (fit.basis, fit.basis_coef, fit.shift),
        }

    def _coefficients(
        self, coef: Array, intercept: Array, one_target: bool, dtype: Any
    ) -> dict[str, Any]:
        with np.errstate(over="ignore"):
            coef, intercept = coef.astype(dtype), intercept.astype(dtype)
        if not (np.isfinite(coef).all() and np.isfinite(intercept).all()):
            raise ValueError(
                f"The coefficients leave the range of {np.dtype(dtype)}: features or targets are "
                "too large or too small. Scale them."
            )
        if one_target:
            return {"coef_": coef[0], "intercept_": intercept[0]}
        return {
            "coef_": np.ascontiguousarray(coef),
            "intercept_": intercept if self.fit_intercept else 0.0,
        }

    def _become(self, fitted: dict[str, Any]) -> None:
        """Take on the attributes of a fit, and drop those of the one before."""
        for name in FITTED:
            self.__dict__.pop(name, None)
        self.__dict__.update(fitted)

    def _warn_of_dependent_columns(self, fit: FactoredFit) -> None:
        n_features = fit.basis.monomials.n_features
        names = getattr(self, "feature_names_in_", [f"x{j}" for j in range(n_features)])
        monomials = fit.basis.monomials
        shown = ", ".join(repr(monomials.name(j, list(names))) for j in fit.dependent[:10])
        more = len(fit.dependent) - 10
        warn_user(
            f"{len(monomials)} columns have rank {fit.rank}: {shown}"
            + (f" and {more} more" if more > 0 else "")
            + (" depends" if len(fit.dependent) == 1 else " depend")
            + " linearly on the others; of all solutions the one with the smallest coefficients "
            "is taken.",
            RankWarning,
        )


def _in_range(predictions: Array) -> Array:
    """Return predictions as they are.

    Raises
    ------
    ValueError
        If they are no numbers, of features far beyond those of training.
    """
    finite = np.isfinite(predictions)
    if not finite.all():
        row = int(np.argwhere(~finite)[0, 0])
        raise ValueError(
            f"The prediction for row {row} leaves the range of {predictions.dtype}: its features "
            "are too large."
        )
    return predictions
