"""Products of long and narrow matrices, in pieces that BLAS multiplies as they are.

BLAS copies large matrices into an order of its own before it multiplies them, which pays where each
number is used some hundred times. Matrices of thousands of places with a few dozen channels are not
of that kind. Where BLAS leaves the copies out for small products, see `unpacked`, a product is cut
along its places into a stack of those.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.convolution.workspace import WORKSPACE
from skdeep.utils.blas import unpacked

__all__ = ["add_gradient", "multiply"]

Floats = NDArray[Any]

_LEAST = 48  # rows of a piece; with fewer the copies would be worth it


def multiply(a: Floats, b: Floats, out: Floats) -> None:
    """Write ``a @ b``, of shape (rows, n), for a long `a` of shape (rows, k).

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn.convolution.pieces import add_gradient, multiply
    >>> x, w = np.ones((100_000, 3)), np.ones((3, 4))
    >>> y, total = np.empty((100_000, 4)), np.zeros((3, 4))
    >>> multiply(x, w, y)
    >>> add_gradient(x, y, total)
    >>> y[-1], total[0]
    (array([3., 3., 3., 3.]), array([300000., 300000., 300000., 300000.]))
    """
    (rows, k), n = a.shape, b.shape[1]
    each = _rows_of_a_piece(rows, b.size)
    whole = rows - rows % each
    # The first axis is only split, so that these are the matrices' own memory.
    np.matmul(a[:whole].reshape(-1, each, k), b, out=out[:whole].reshape(-1, each, n))
    if whole < rows:
        np.matmul(a[whole:], b, out=out[whole:])


def add_gradient(x: Floats, grad_y: Floats, total: Floats) -> None:
    """Add ``x' @ grad_y`` to the total: a sum over many rows, of shape (rows, k) and (rows, n)."""
    (rows, k), n = x.shape, grad_y.shape[1]
    each = _rows_of_a_piece(rows, total.size)
    whole = rows - rows % each
    by_piece = WORKSPACE.array("pieces", (whole // each, k, n), total.dtype)
    left, right = x[:whole].reshape(-1, each, k), grad_y[:whole].reshape(-1, each, n)
    np.matmul(left.swapaxes(1, 2), right, out=by_piece)
    for piece in by_piece:
        total += piece
    if whole < rows:
        total += x[whole:].T @ grad_y[whole:]


def _rows_of_a_piece(rows: int, numbers: int) -> int:
    """Return into pieces of how many rows to cut them, for so many multiplications each."""
    most = unpacked() or rows * numbers  # one piece where there is no limit
    number = -(-(rows * numbers) // max(1, most))
    each = -(-rows // max(1, number))
    return each if each >= _LEAST else max(1, rows)
