"""Errors on held-out rows for a whole path of degrees and penalties, from one basis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, qr, solve_triangular

from skdeep.linear_model.least_squares.exponents import extreme_exponents
from skdeep.linear_model.least_squares.polynomials.basis import PolynomialBasis
from skdeep.linear_model.least_squares.polynomials.conversion import MonomialConversion
from skdeep.linear_model.least_squares.qr.row_factor import RowFactor, block_rows, factor_threads
from skdeep.linear_model.least_squares.qr.triangular_solve import MAX_SQUARE, row_space
from skdeep.utils.threads import limit_blas_threads

__all__ = ["HeldOutErrors"]

Array = NDArray[np.float64]


class HeldOutErrors:
    r"""Sums of squared prediction errors on rows that were not fitted.

    The columns of the basis are sorted by degree, so the factor of a lower degree is a leading
    part of ``R``: with :math:`z_i = R^{-T} p_i` and the rotated targets :math:`t`, the prediction
    of degree :math:`d` at row :math:`i` is the sum of :math:`z_{ij} t_j` over its columns, and
    the leverage in the training rows that of :math:`z_{ij}^2`. One pass over the rows serves all
    degrees. A row is left out of its own fit by

    .. math:: y_i - \hat y_{-i} = \frac{y_i - \hat y_i}{1 - h_i}.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        All rows.
    y : ndarray of shape (n_samples, n_targets)
        Their targets.
    weight : ndarray of shape (n_samples,)
        Their weights.
    basis : PolynomialBasis
        Of the largest degree.
    degrees, alphas : sequence
        The candidates.

    References
    ----------
    D. M. Allen, "The relationship between variable selection and data augmentation and a method
    for prediction", Technometrics 16, 1974.
    """

    def __init__(
        self,
        X: Array,
        y: Array,
        weight: Array,
        basis: PolynomialBasis,
        degrees: Sequence[int],
        alphas: Sequence[float],
    ) -> None:
        self.X, self.weight, self.basis = X, weight, basis
        # Targets of extreme size are divided by a power of two.
        self.exponent = int(extreme_exponents(np.abs(y).max(initial=0.0)))
        y = np.ldexp(y, -self.exponent) if self.exponent else y
        self.y = y - y.mean(axis=0) if basis.constant else y
        self.degrees, self.alphas = degrees, alphas
        columns = np.cumsum(np.bincount(basis.monomials.degrees)) + int(basis.constant)
        # The number of columns of each candidate; interactions may end before the degree does.
        self.widths = [int(columns[min(degree, len(columns) - 1)]) for degree in degrees]
        self.conversions = [MonomialConversion(basis.of_degree(degree)) for degree in degrees]

    def left_out(self) -> Array:
        """Return the mean squared leave-one-out errors, shape (n_degrees, n_alphas).

        They are in units of ``4**exponent``, as are those of `of_folds`.
        """
        rows = np.arange(len(self.X))
        return self._sums(self._factor(rows), rows, leave_one_out=True) / self.weight.sum()

    def of_folds(self, folds: Any) -> Array:
        """Return the mean squared errors over folds, shape (n_degrees, n_alphas).

        Parameters
        ----------
        folds : iterable of (train, test) arrays of row numbers
            The folds.
        """
        total: Array = np.zeros((len(self.degrees), len(self.alphas)))
        weight = 0.0
        for train, test in folds:
            total += self._sums(self._factor(train), np.asarray(test), leave_one_out=False)
            weight += self.weight[test].sum()
        if not weight:
            raise ValueError("No fold has a row of any weight to judge by.")
        return total / weight

    def _block(self, rows: NDArray[np.intp]) -> Array:
        """Return basis and targets of some rows, weighted, transposed."""
        n_columns = self.basis.n_columns
        block = np.empty((n_columns + self.y.shape[1], len(rows)))
        self.basis.evaluate(self.X[rows], out=block[:n_columns])
        block[n_columns:] = self.y[rows].T
        block *= np.sqrt(self.weight[rows])
        return block

    def _blocks(self, rows: NDArray[np.intp]) -> Any:
        step = block_rows(self.basis.n_columns + self.y.shape[1])
        for start in range(0, len(rows), step):
            yield self._block(rows[start : start + step])

    def _factor(self, rows: Any) -> Array:
        factor = RowFactor(self.basis.n_columns + self.y.shape[1])
        for block in self._blocks(np.asarray(rows)):
            factor.add(block)
        return factor.R

    def _sums(self, R: Array, rows: NDArray[np.intp], *, leave_one_out: bool) -> Array:
        with limit_blas_threads(factor_threads(R)):
            return self._path_sums(R, rows, leave_one_out)

    def _path_sums(self, R: Array, rows: NDArray[np.intp], leave_one_out: bool) -> Array:
        result = np.full((len(self.degrees), len(self.alphas)), np.inf)
        plain = [place for place, alpha in enumerate(self.alphas) if alpha == 0]
        n = self.basis.n_columns
        if plain:
            rank = _leading_rank(R[:n, :n])
            usable = [width for width in self.widths if width <= rank]
            if usable:
                width = max(usable)
                sums = self._path(
                    R[:width, :width], R[:width, n:], self.widths, rows, leave_one_out
                )
                result[:, plain] = sums[:, None]
        for place, alpha in enumerate(self.alphas):
            if alpha == 0:
                continue
            for row, width in enumerate(self.widths):
                top, penalty, mix = self._ridge_problem(R[:n, :width], self.conversions[row])
                stacked = np.vstack((top, np.sqrt(alpha) * penalty))
                if len(stacked) < stacked.shape[1]:  # of rows that have no weight
                    continue
                Q, T = qr(stacked, mode="economic", check_finite=False)
                rotated = Q[: len(top)].T @ R[:n, n:]
                sums = self._path(T, rotated, [len(T)], rows, leave_one_out, mix)
                result[row, place] = sums[0]
        return result

    def _ridge_problem(
        self, R: Array, conversion: MonomialConversion
    ) -> tuple[Array, Array, Array | None]:
        """Return the factor and the penalty of some leading columns, or of mixtures of them.

        The mixtures, a matrix, are the combinations of few rows, which are all that ridge needs.
        """
        first = int(self.basis.constant)
        if R.shape[1] <= MAX_SQUARE or 2 * len(R) >= R.shape[1]:
            matrix = conversion.matrix
            matrix = np.diag(matrix) if conversion.is_diagonal else matrix
            return R, np.hstack((np.zeros((len(matrix), first)), matrix)), None
        across, U = row_space(R[first:, first:], conversion)
        mix = conversion.solve(across)
        size = first + len(U)
        top = np.zeros((size, size))
        top[:first, :first] = R[:first, :first]
        top[:first, first:] = R[:first, first:] @ mix
        top[first:, first:] = U.T
        return top, np.eye(size)[first:], mix

    def _path(
        self,
        T: Array,
        rotated: Array,
        widths: list[int],
        rows: NDArray[np.intp],
        leave_one_out: bool,
        mix: Array | None = None,
    ) -> Array:
        """Return the sums of squared errors of the leading columns, for each of `widths`.

        With `mix` they are the constant and mixtures of the other columns.
        """
        n, first = self.basis.n_columns, int(self.basis.constant)
        result = np.zeros(len(widths))
        for block in self._blocks(rows):
            columns = block[: len(T)]
            if mix is not None:
                columns = np.vstack((block[:first], mix.T @ block[first : first + len(mix)]))
            try:
                z = solve_triangular(T, columns, trans="T", check_finite=False)
            except LinAlgError:  # a column of zeros: no candidate with it can be judged
                return np.full(len(widths), np.inf)
            residual, leverage = block[n:].copy(), np.zeros(block.shape[1])
            done = 0
            order = np.argsort(widths, kind="stable")
            for place in order:
                width = widths[place]
                if width > len(T):
                    result[place] = np.inf
                    continue
                new = z[done:width]
                residual -= rotated[done:width].T @ new
                if leave_one_out:
                    leverage += np.einsum("ij,ij->j", new, new)
                done = width
                with np.errstate(divide="ignore"):
                    # A row that determines a coefficient alone cannot be predicted without it.
                    scale = np.where(1.0 - leverage > 1e-12, 1.0 / (1.0 - leverage), np.inf)
                alone = np.isinf(scale)
                scale[alone] = 0.0
                result[place] += np.sum((residual**2).mean(axis=0) * scale**2)
                if alone.any():
                    result[place] = np.inf
        return result


def _leading_rank(R: Array) -> int:
    """Return how many leading columns are independent beyond doubt."""
    lengths = np.sqrt((R**2).sum(axis=0))
    tol = max(R.shape[1], 100) * np.finfo(np.float64).eps
    diagonal = np.zeros(R.shape[1])
    diagonal[: len(R)] = np.abs(np.diagonal(R))
    bad = diagonal <= tol * np.maximum(lengths, lengths.max(initial=0.0) * tol)
    bad |= lengths <= tol * lengths.max(initial=0.0)
    return int(np.argmax(bad)) if bad.any() else R.shape[1]
