"""Cholesky factors of matrices that are positive but for rounding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

__all__ = ["PositiveFactor"]

Array = NDArray[np.float64]


class PositiveFactor:
    """The Cholesky factor of a symmetric matrix that is positive but for rounding.

    Parameters
    ----------
    matrix : ndarray of shape (n, n)
        It is overwritten.
    ridge : float, default=0.0
        What is added to the diagonal, relative to it; more where the matrix is not positive.

    Attributes
    ----------
    ridge : float
        What was added.
    unit : ndarray of shape (n,)
        One over the roots of the diagonal, 0 where that is 0.
    """

    def __init__(self, matrix: Array, ridge: float = 0.0) -> None:
        # Unit diagonal, so that a ridge against rounding treats all scales alike. Where there is
        # nothing at all, solutions are zero.
        diagonal = np.einsum("jj->j", matrix)
        if diagonal.min(initial=np.inf) > 0.0:
            self.unit = 1.0 / np.sqrt(diagonal)
        else:
            empty = diagonal <= 0.0
            self.unit = np.where(empty, 0.0, 1.0 / np.sqrt(np.where(empty, 1.0, diagonal)))
        matrix *= self.unit[:, None]
        matrix *= self.unit
        while True:
            diagonal[:] = 1.0 + ridge
            self.factor, info = lapack.dpotrf(matrix.T, lower=False, clean=False)
            if info == 0:
                self.ridge = ridge
                return
            ridge = max(10.0 * ridge, 1e-13)

    @property
    def least_pivot(self) -> float:
        """The least pivot, relative to the diagonal."""
        return float(self.factor.diagonal().min(initial=1.0)) ** 2

    def solve(self, right: Array) -> Array:
        """Return the solution for one right side, shape (n,), or for columns."""
        unit = self.unit if right.ndim == 1 else self.unit[:, None]
        return unit * lapack.dpotrs(self.factor, unit * right, lower=False)[0]

    def inverse(self) -> Array:
        """Return the inverse of the matrix."""
        result = lapack.dpotri(self.factor, lower=False)[0]
        result = np.triu(result) + np.triu(result, 1).T
        return result * self.unit * self.unit[:, None]
