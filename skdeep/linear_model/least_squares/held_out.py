"""Errors on held-out rows for a whole path of degrees and penalties, from one basis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr, solve_triangular

from skdeep.linear_model.least_squares.orthogonal_basis import PolynomialBasis
from skdeep.linear_model.least_squares.qr.row_factor import RowFactor, block_rows
from skdeep.utils.threads import limit_blas_threads

__all__ = ["HeldOutErrors"]

Array = NDArray[np.float64]

SMALL_FACTOR = 200


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
        self.y = y - y.mean(axis=0) if basis.constant else y
        self.degrees, self.alphas = degrees, alphas
        columns = np.cumsum(np.bincount(basis.monomials.degrees)) + int(basis.constant)
        # The number of columns of each candidate; interactions may end before the degree does.
        self.widths = [int(columns[min(degree, len(columns) - 1)]) for degree in degrees]
        needs_conversion = any(alpha > 0 for alpha in alphas)
        self.conversion = basis.conversion_matrix()[1:] if needs_conversion else np.empty((0, 0))

    def left_out(self) -> Array:
        """Return the mean squared leave-one-out errors, shape (n_degrees, n_alphas)."""
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
        # On a small factor a second thread costs more than it saves.
        with limit_blas_threads(1 if len(R) < SMALL_FACTOR else None):
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
                penalty = np.sqrt(alpha) * self.conversion[: width - self.basis.constant, :width]
                Q, T = qr(np.vstack((R[:n, :width], penalty)), mode="economic", check_finite=False)
                rotated = Q[:n].T @ R[:n, n:]
                sums = self._path(T, rotated, [width], rows, leave_one_out)
                result[row, place] = sums[0]
        return result

    def _path(
        self,
        T: Array,
        rotated: Array,
        widths: list[int],
        rows: NDArray[np.intp],
        leave_one_out: bool,
    ) -> Array:
        """Return the sums of squared errors of the leading columns, for each of `widths`."""
        n = self.basis.n_columns
        result = np.zeros(len(widths))
        for block in self._blocks(rows):
            z = solve_triangular(T, block[: len(T)], trans="T", check_finite=False)
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
    tol = max(len(R), 100) * np.finfo(np.float64).eps
    bad = np.abs(np.diagonal(R)) <= tol * np.maximum(lengths, lengths.max(initial=0.0) * tol)
    bad |= lengths <= tol * lengths.max(initial=0.0)
    return int(np.argmax(bad)) if bad.any() else len(R)
