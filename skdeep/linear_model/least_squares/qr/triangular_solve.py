"""Least squares from a triangular factor: full rank, minimum norm, ridge, non-negative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack, qr, solve_triangular
from scipy.optimize import nnls

from skdeep.linear_model.least_squares.exponents import column_lengths

__all__ = ["Conversion", "Solution", "ridge_in_row_space", "row_space", "solve"]

Array = NDArray[np.float64]

# Up to so many columns, matrices of all of them are no burden. Beyond, with less than half as many
# rows, only the combinations of the rows are computed with.
MAX_SQUARE = 256
# How much of the fit the search for the shortest solution may change.
MAX_CHANGE = 1e-6


class Conversion(Protocol):
    """The map :math:`V` from the coefficients of the columns to those that the user sees."""

    is_diagonal: bool

    @property
    def matrix(self) -> Array: ...

    def apply(self, coef: Array) -> Array:
        """Return ``V @ coef``."""
        ...

    def solve(self, seen: Array) -> Array:
        """Return ``inv(V) @ seen``."""
        ...

    def solve_rows(self, rows: Array) -> Array:
        """Return ``rows @ inv(V)``."""
        ...


@dataclass(frozen=True)
class Solution:
    """The solution of a least-squares problem, as a linear map of the rotated targets.

    Attributes
    ----------
    coef : ndarray of shape (n_columns, n_targets)
        Coefficients of the columns.
    rank : int
        The number of independent columns, the constant not counted.
    dependent : list of int
        Columns that are combinations of earlier ones, the constant not counted.
    operator : ndarray of shape (n_columns, n_rows) or None
        ``coef = operator @ Q.T @ y``; None where the map is not linear, or the inverse of the
        triangular factor.
    """

    coef: Array
    rank: int
    dependent: list[int]
    operator: Array | None


def solve(
    R: Array,
    targets: Array,
    *,
    constant: bool,
    conversion: Conversion,
    alpha: float = 0.0,
    positive: bool = False,
    tol: float,
) -> Solution:
    r"""Minimise :math:`\|R c - t\|^2 + \alpha \|V c\|^2`.

    Parameters
    ----------
    R : ndarray of shape (n_rows, n_columns)
        Triangular factor of the design, with at most as many rows as columns; its first column is
        the constant's if there is one.
    targets : ndarray of shape (n_rows, n_targets)
        The rotated targets :math:`t`.
    constant : bool
        Whether the first column is the constant, which is not penalised.
    conversion : Conversion
        :math:`V`, from the coefficients of the other columns to those that the user sees.
    alpha : float, default=0.0
        The penalty. At 0, among several solutions the one with the smallest
        :math:`\|V c\|` is taken.
    positive : bool, default=False
        Whether :math:`V c \ge 0` must hold.
    tol : float
        Columns whose part that is new, relative to their length, is smaller are dependent.

    Returns
    -------
    Solution
    """
    first = int(constant)
    dependent: list[int] = []
    operator: Array | None = None
    slopes, right = R[first:, first:], targets[first:]
    if positive:
        coef = _nonnegative(slopes, right, conversion, alpha)
        rank = slopes.shape[1]
    elif alpha > 0:
        operator = _ridge(slopes, conversion, alpha)
        coef, rank = operator @ right, slopes.shape[1]
    elif _clearly_full_rank(slopes, tol):
        coef = solve_triangular(slopes, right, check_finite=False)
        rank = len(slopes)
    else:
        operator, rank, dependent = _minimum_norm(slopes, conversion, tol)
        coef = operator @ right
    if not constant:
        return Solution(coef, rank, dependent, operator)
    level = (targets[:1] - R[:1, 1:] @ coef) / R[0, 0]
    if operator is not None:
        whole = np.zeros((R.shape[1], len(R)))
        whole[0, 0] = 1.0 / R[0, 0]
        whole[0, 1:] = -(R[0, 1:] @ operator) / R[0, 0]
        whole[1:, 1:] = operator
        operator = whole
    return Solution(np.vstack((level, coef)), rank, dependent, operator)


def _scaled(R: Array) -> tuple[Array, Array]:
    """Return the columns at unit length, and the lengths (1 for columns of zeros)."""
    with np.errstate(over="ignore", under="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->j", R, R))
    if lengths.min(initial=1.0) < 1e-140 or not lengths.max(initial=1.0) < 1e140:
        lengths = column_lengths(R)
    lengths[lengths == 0.0] = 1.0
    return R / lengths, lengths


def _clearly_full_rank(R: Array, tol: float) -> bool:
    """Say whether an estimate of the condition number leaves no doubt; cheap."""
    if not R.shape[1] or len(R) < R.shape[1]:
        return not R.shape[1]
    unit, lengths = _scaled(R)
    if not np.diagonal(R).all() or lengths.min() <= tol * lengths.max():
        return False
    reciprocal, info = lapack.dtrcon(unit, norm="1", uplo="U", diag="N")
    return bool(info == 0 and reciprocal > 1e-8)


def row_space(R: Array, conversion: Conversion) -> tuple[Array, Array]:
    """Return A with orthonormal columns and triangular U with ``R @ inv(V) = U.T @ A.T``.

    The shortest solution, and that of ridge, is a combination of the rows: what the user sees of
    it is ``A z``.
    """
    return qr(conversion.solve_rows(R).T, mode="economic", check_finite=False)


def ridge_in_row_space(U: Array, alpha: float) -> Array:
    """Return the operator of ridge for the factor ``U.T`` of `row_space`."""
    return _ridge_operator(U.T, np.eye(len(U)), alpha)


def _minimum_norm(R: Array, conversion: Conversion, tol: float) -> tuple[Array, int, list[int]]:
    """Return the operator of the minimum-norm solution, the rank and the dependent columns."""
    n = R.shape[1]
    unit, lengths = _scaled(R)
    # Columns that are nothing but rounding errors would look independent at unit length.
    unit[:, lengths <= tol * lengths.max()] = 0.0
    # With fewer rows than columns the factor ends in rows of zeros.
    height = int(np.flatnonzero(unit.any(axis=1)).max(initial=-1)) + 1
    if height == 0:
        return np.zeros((n, len(R))), 0, list(range(n))
    Q, T, order = qr(unit[:height], mode="economic", pivoting=True, check_finite=False)
    diagonal = np.abs(np.diagonal(T))
    rank = int(np.count_nonzero(diagonal > tol * diagonal[0]))
    operator = np.zeros((n, len(R)))
    operator[order[:rank], :height] = solve_triangular(
        T[:rank, :rank], Q[:, :rank].T, check_finite=False
    )
    operator /= lengths[:, None]
    if rank == n:
        return operator, rank, []
    wide = n > MAX_SQUARE and 2 * rank < n
    if wide:
        dependent = sorted(int(j) for j in order[rank:])
    else:
        null = np.zeros((n, n - rank))
        null[order[:rank]] = -solve_triangular(T[:rank, :rank], T[:rank, rank:], check_finite=False)
        null[order[rank:], np.arange(n - rank)] = 1.0
        dependent = _last_of_each(null, order[rank:])
    if wide or (conversion.is_diagonal and rank < n // 2):
        # The rows span fewer dimensions than the null space: stay among their combinations.
        rows = np.empty((rank, n))
        rows[:, order] = T[:rank]
        across, U = row_space(rows * lengths, conversion)
        if np.diagonal(U).all():
            steps = solve_triangular(U, Q[:, :rank].T, trans="T", check_finite=False)
            shortest = conversion.solve(across @ steps)
            # What rounding in the monomials took from the fit.
            unfitted = np.eye(height) - (unit[:height] * lengths) @ shortest
            operator[:, :height] = shortest + operator[:, :height] @ unfitted
        return operator, rank, dependent
    null /= lengths[:, None]
    # Walk along the null space to the shortest vector of the coefficients that the user sees.
    seen, sizes = _scaled(conversion.apply(null))
    Q, T = qr(seen, mode="economic", check_finite=False)
    directions = solve_triangular(T, (null / sizes).T, trans="T", check_finite=False).T
    steps = Q.T @ conversion.apply(operator)
    # But not so far that what is null but for rounding changes the fit.
    change = column_lengths(R @ directions) * column_lengths(steps.T)
    steps[change > MAX_CHANGE] = 0.0
    return operator - directions @ steps, rank, dependent


def _last_of_each(null: Array, fallback: Array) -> list[int]:
    """Return, for each direction of the null space, the last column that it names.

    So of ``a, b, a + b`` it is the third that is called dependent, whatever the pivoting chose.
    """
    rows = null.T.copy()
    found = []
    for _ in range(min(len(rows), 100)):
        size = np.abs(rows).max(axis=0)
        places = np.flatnonzero(size > 1e-6)
        if not len(places):
            break
        place = places[-1]
        row = int(np.argmax(np.abs(rows[:, place])))
        pivot = rows[row] / rows[row, place]
        rows -= np.outer(rows[:, place], pivot)
        rows[:, place] = 0.0
        found.append(int(place))
    if len(found) < len(rows):
        return sorted(int(j) for j in fallback)
    return sorted(found)


def _ridge(R: Array, conversion: Conversion, alpha: float) -> Array:
    """Return the operator of the ridge solution."""
    if R.shape[1] > MAX_SQUARE and 2 * len(R) < R.shape[1]:
        across, U = row_space(R, conversion)
        return conversion.solve(across @ ridge_in_row_space(U, alpha))
    penalty = np.diag(conversion.matrix) if conversion.is_diagonal else conversion.matrix
    return _ridge_operator(R, penalty, alpha)


def _ridge_operator(R: Array, penalty: Array, alpha: float) -> Array:
    """Return the operator of the ridge solution, from the QR factorisation of both parts."""
    m, n = R.shape
    stacked = np.vstack((R, np.sqrt(alpha) * penalty))
    # Rows of very different size are safe if the large ones come first and columns are pivoted.
    rows = np.argsort(-np.abs(stacked).max(axis=1), kind="stable")
    unit, lengths = _scaled(stacked[rows])
    Q, T, order = qr(unit, mode="economic", pivoting=True, check_finite=False)
    top = np.empty((n, m))
    from_data = rows < m
    top[:, rows[from_data]] = Q[from_data].T
    operator = np.empty((n, m))
    operator[order] = solve_triangular(T, top, check_finite=False)
    return operator / lengths[:, None]


def _nonnegative(R: Array, targets: Array, conversion: Conversion, alpha: float) -> Array:
    """Return the coefficients of the columns with ``V c >= 0``."""
    n = R.shape[1]
    if not len(R):
        return np.zeros((n, targets.shape[1]))
    design = conversion.solve_rows(R)
    if alpha > 0:
        design = np.vstack((design, np.sqrt(alpha) * np.eye(n)))
        targets = np.vstack((targets, np.zeros((n, targets.shape[1]))))
    unit, lengths = _scaled(design)
    seen = np.stack([nnls(unit, target)[0] for target in targets.T], axis=1) / lengths[:, None]
    return conversion.solve(seen)
