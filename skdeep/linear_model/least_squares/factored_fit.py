"""Everything that the triangular factor of a table says about its least-squares fit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack, solve_triangular, svdvals

from skdeep.linear_model.least_squares.accumulation import Accumulation
from skdeep.linear_model.least_squares.exponents import column_lengths
from skdeep.linear_model.least_squares.polynomials.conversion import MonomialConversion
from skdeep.linear_model.least_squares.qr import double_double as dd
from skdeep.linear_model.least_squares.qr.refinement import refine
from skdeep.linear_model.least_squares.qr.row_factor import factor_threads
from skdeep.linear_model.least_squares.qr.triangular_solve import solve
from skdeep.utils.threads import limit_blas_threads

__all__ = ["FactoredFit"]

Array = NDArray[np.float64]

# Refinement costs about a hundred operations an entry of the design: milliseconds up to here.
MAX_REFINED_ENTRIES = 2**16
# By how much rounding errors may be amplified before that is done. Where noise is more than this
# part of the sum of squares, coefficients are far less certain than rounding makes them, and
# a problem of more than so many entries may lose more.
TOLERABLE, TOLERABLE_BESIDE_NOISE = 1e3, 1e6
NOISE, FREELY_REFINED_ENTRIES = 1e-6, 2**12


class FactoredFit:
    """Least squares solved from an accumulation of rows.

    Parameters
    ----------
    rows : Accumulation
        The factor and its basis.
    alpha : float
        The penalty.
    positive : bool
        Whether the coefficients of the monomials must be non-negative.
    eps : float
        Relative rounding error of the data.
    table : tuple of (X, y, weight) or None
        All rows, where they are at hand: then a small problem is refined.

    Attributes
    ----------
    basis_coef : ndarray of shape (n_columns, n_targets)
        The solution in the basis.
    coef : ndarray of shape (1 + n_terms, n_targets)
        The solution in plain monomials, the intercept first.
    rank : int
        The number of independent columns without the constant.
    dependent : list of int
        The terms that are combinations of earlier ones.
    freedom : float
        Degrees of freedom of the residual.
    residual_std, r2 : ndarray of shape (n_targets,)
        See `LeastSquaresRegressor`.
    """

    def __init__(
        self,
        rows: Accumulation,
        *,
        alpha: float,
        positive: bool,
        eps: float,
        table: tuple[Any, Array, Array | None] | None = None,
    ) -> None:
        self.basis, self.R, self.rows = rows.basis, rows.R, rows
        self.n_samples, self.constant = rows.n_samples, rows.constant
        self.alpha, self.positive, self.eps = alpha, positive, eps
        n, first = self.basis.n_columns, int(self.constant)
        solution = self._solve()
        self.rank, self.dependent = solution.rank, solution.dependent
        unexplained = self.R[:n, n:] - self.R[:n, :n] @ solution.coef
        squares = (unexplained**2).sum(axis=0) + (self.R[n:, n:] ** 2).sum(axis=0)
        # Without an intercept the total is taken about zero.
        total = (self.R[first:, n:] ** 2).sum(axis=0)
        coef = dd.exact(solution.coef)
        entries = self.R.shape[1] * rows.n_rows
        if table is not None and entries <= MAX_REFINED_ENTRIES and self._plain():
            noisy = entries > FREELY_REFINED_ENTRIES and bool(np.all(squares > NOISE * total))
            if self._amplifies(TOLERABLE_BESIDE_NOISE if noisy else TOLERABLE):
                coef, squares = self._refined(solution.coef, *table)
        self.basis_coef = np.ldexp(coef[0], rows.exponents)
        self.shift = np.ldexp(rows.shift, rows.exponents)
        high, low = self.basis.to_monomials(coef)
        if self.constant:
            level = dd.add((high[0], low[0]), dd.exact(rows.shift))
            high[0] = level[0]
        if positive:
            np.maximum(high[1:], 0.0, out=high[1:])
        self.coef = self.basis.in_units(high, rows.exponents)
        self.freedom = self.n_samples - self._n_fitted(solution.operator) - first
        with np.errstate(divide="ignore", invalid="ignore"):
            self.r2 = np.where(total > 0, 1.0 - squares / total, np.nan)
            self._deviation = np.sqrt(np.where(self.freedom > 1e-9, squares / self.freedom, np.nan))
        self.residual_std = np.ldexp(self._deviation, rows.exponents)

    def _plain(self) -> bool:
        """Say whether this is least squares of full rank and nothing else."""
        n = self.basis.n_columns
        return self.alpha == 0 and not self.positive and self.rank == n - int(self.constant)

    def _amplifies(self, tolerable: float) -> bool:
        """Say whether the plain monomials amplify rounding errors by more than is tolerable."""
        reciprocal, _ = lapack.dtrcon(self._unit_monomials(), norm="1", uplo="U", diag="N")
        return bool(reciprocal * tolerable < 1.0)

    def _unit_monomials(self) -> Array:
        """Return the triangular factor of the plain monomials, columns at unit length."""
        n = self.basis.n_columns
        conversion = self.basis.conversion_matrix()[0 if self.constant else 1 :]
        design = solve_triangular(conversion, self.R[:n, :n].T, trans="T", check_finite=False).T
        length = np.sqrt((design**2).sum(axis=0))
        return design / np.where(length > 0, length, 1.0)  # a column of zeros stays one

    def _solve(self) -> Any:
        n = self.basis.n_columns
        return solve(
            self.R[:n, :n],
            self.R[:n, n:],
            constant=self.constant,
            conversion=MonomialConversion(self.basis),
            alpha=self.alpha,
            positive=self.positive,
            tol=max(n, 100) * self.eps,
        )

    def _refined(
        self, coef: Array, X: Any, y: Array, weight: Array | None
    ) -> tuple[dd.DoubleDouble, Array]:
        n = self.basis.n_columns
        design = self.basis.evaluate_exactly(X)
        root = np.ones(len(y)) if weight is None else np.sqrt(weight)
        targets = dd.two_sum(self.rows.scaled_targets(y), -self.rows.shift)
        found = [
            refine(design, (targets[0][:, j], targets[1][:, j]), root, self.R[:n, :n], coef[:, j])
            for j in range(y.shape[1])
        ]
        high = np.stack([solution[0] for solution, _ in found], axis=1)
        low = np.stack([solution[1] for solution, _ in found], axis=1)
        return (high, low), np.array([squares for _, squares in found])

    def _n_fitted(self, operator: Array | None) -> float:
        """Return the effective number of slopes: the trace of the map of the fitted values."""
        if self.alpha == 0 or operator is None:
            return float(self.rank)
        first, n = int(self.constant), self.basis.n_columns
        slopes = slice(first, n)
        return float(np.sum(self.R[slopes, slopes] * operator[slopes, slopes].T))

    def standard_errors(self) -> Array:
        """Return the standard errors of `coef`, shape (1 + n_terms, n_targets)."""
        n = self.basis.n_columns
        with limit_blas_threads(factor_threads(self.R)):
            operator = self._solve().operator
            if operator is None:
                operator = solve_triangular(self.R[:n, :n], np.eye(n), check_finite=False)
        seen = self.basis.to_monomials(dd.exact(operator))[0]
        errors = column_lengths(seen.T)[:, None] * self._deviation
        return self.basis.in_units(errors, self.rows.exponents)

    def singular_values(self) -> Array:
        """Return the singular values of the centred features, for degree 1."""
        first, n = int(self.constant), self.basis.n_columns
        return svdvals(self.R[first:n, first:n] / MonomialConversion(self.basis).matrix)

    def condition_number(self) -> float:
        """Return the condition number of the plain monomials with columns of unit length."""
        n = self.basis.n_columns
        if self.rank < n - int(self.constant) or len(self.R) < n:
            return float("inf")
        values = svdvals(self._unit_monomials())
        return float(values[0] / values[-1]) if values[-1] > 0 else float("inf")
