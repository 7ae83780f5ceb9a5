"""The triangular factor of a table of any length, built from blocks of its rows.

If ``A = Q R`` with orthogonal Q, then R says everything about least squares on A, and
``[R; more rows] = Q' R'`` gives the factor of the longer table. So rows may come in any number of
blocks, in memory that does not grow, and unlike the sums ``A^T A`` no digit is lost: the condition
number is not squared.

References
----------
G. H. Golub, C. F. Van Loan, "Matrix Computations", 4th edition, section 5.3. J. Demmel et al.,
"Communication-optimal parallel and sequential QR and LU factorizations", SIAM J. Sci. Comput. 34,
2012.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from skdeep.utils.threads import limit_blas_threads

__all__ = ["RowFactor", "block_rows", "factor_threads"]

Array = NDArray[np.float64]

# Below this many multiplications a second BLAS thread costs more than it saves.
SMALL_FACTORISATION, SMALL_FACTOR = 2.0e7, 8.0e6


def block_rows(n_columns: int) -> int:
    """Return how many rows to factorise at once: many times the columns, in a few megabytes."""
    return max(256, n_columns, min(8192, 2**21 // max(n_columns, 1)))


def factor_threads(R: Array) -> int | None:
    """Return how many BLAS threads work on a factor is worth, None for all there are."""
    return 1 if R.shape[1] * len(R) ** 2 < SMALL_FACTOR else None


class RowFactor:
    """The factor R of all rows added so far.

    Parameters
    ----------
    n_columns : int
        The number of columns of the table.

    Attributes
    ----------
    R : ndarray of shape (min(n_rows, n_columns), n_columns)
        Upper triangular; ``R.T @ R`` is the sum of the outer products of the rows.
    """

    def __init__(self, n_columns: int) -> None:
        self.R = np.zeros((0, n_columns))

    def add(self, rows: Array) -> None:
        """Take in rows, given as the columns of an array of shape (n_columns, n_rows)."""
        n_columns = self.R.shape[1]
        if not rows.shape[1]:
            return
        # C-ordered transposed is what LAPACK works on without a copy.
        n_known = int(np.count_nonzero(self.R.any(axis=1)))
        stacked = np.concatenate((self.R[:n_known].T, rows), axis=1)
        small = stacked.shape[1] * n_columns**2 < SMALL_FACTORISATION
        with limit_blas_threads(1 if small else None):
            factored, _, _, info = lapack.dgeqrf(
                stacked.T, lwork=max(1, 64 * n_columns), overwrite_a=True
            )
        if info:
            raise ValueError(f"LAPACK's dgeqrf refused its argument {-info}.")
        self.R = np.triu(factored[:n_columns])
