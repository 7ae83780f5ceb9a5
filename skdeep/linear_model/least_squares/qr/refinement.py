"""Iterative refinement: the digits that rounding took, given back.

The residuals of a least-squares solution are computed with twice the digits, and the solution is
corrected through the factor that is already there. Two or three rounds give coefficients that are
right to the last digits of float64, where the data determine them at all.

References
----------
A. Bjorck, "Iterative refinement of linear least squares solutions I", BIT 7, 1967.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from skdeep.linear_model.least_squares.qr import double_double as dd

__all__ = ["refine"]

Array = NDArray[np.float64]

N_ROUNDS = 3


def refine(
    design: dd.DoubleDouble, target: dd.DoubleDouble, root_weight: Array, R: Array, coef: Array
) -> tuple[dd.DoubleDouble, float]:
    r"""Refine the solution of a weighted least-squares problem of full rank.

    With :math:`A = \operatorname{diag}(w)^{1/2} P`, the solution :math:`c` and its weighted
    residual :math:`s` are determined together by

    .. math:: s + A c = \operatorname{diag}(w)^{1/2} y, \qquad A^T s = 0.

    Parameters
    ----------
    design : pair of ndarray of shape (n_columns, n_samples)
        :math:`P` transposed.
    target : pair of ndarray of shape (n_samples,)
        :math:`y`.
    root_weight : ndarray of shape (n_samples,)
        Square roots of the weights.
    R : ndarray of shape (n_columns, n_columns)
        Triangular factor of :math:`A`.
    coef : ndarray of shape (n_columns,)
        The solution to refine.

    Returns
    -------
    coef : pair of ndarray of shape (n_columns,)
        The refined solution.
    residual_sum_of_squares : float
        The weighted sum of squared residuals at it.
    """
    A = dd.multiply(design, dd.exact(root_weight))
    right = dd.multiply(target, dd.exact(root_weight))
    solution = dd.exact(coef)
    residual = dd.exact(dd.add(right, _negative(_fitted(A, solution)))[0])
    best, smallest = (solution, residual), np.inf
    for _ in range(N_ROUNDS):
        misfit = dd.add(dd.add(right, _negative(residual)), _negative(_fitted(A, solution)))[0]
        slope = -dd.dot(A, residual)[0]
        size = np.abs(misfit).max(initial=0.0) + np.abs(slope).max(initial=0.0)
        if not size < smallest:
            break
        best, smallest = (solution, residual), size
        along = solve_triangular(R, slope, trans="T", check_finite=False)
        rotated = solve_triangular(R, A[0] @ misfit, trans="T", check_finite=False)
        step = solve_triangular(R, rotated - along, check_finite=False)
        solution = dd.add(solution, dd.exact(step))
        residual = dd.add(residual, dd.exact(misfit - step @ A[0]))
    else:
        best = solution, residual
    solution, residual = best
    return solution, float(residual[0] @ residual[0])


def _negative(x: dd.DoubleDouble) -> dd.DoubleDouble:
    return -x[0], -x[1]


def _fitted(A: dd.DoubleDouble, coef: dd.DoubleDouble) -> dd.DoubleDouble:
    return dd.dot((A[0].T, A[1].T), coef)
