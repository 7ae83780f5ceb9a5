"""What NumPy leaves to be done by hand for BLAS to be fast."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType

import numpy as np
from scipy.linalg.blas import daxpy, saxpy

from skdeep.nn.memory import Array

__all__ = ["axpy", "halves", "length", "product"]

# OpenBLAS multiplies matrices without packing them first up to so many multiplications.
_UNPACKED = 10**6
_WHOLE = (slice(None),)

# Squares that sum up to less may have been too small for float32.
_SMALLEST_SQUARE = 1e-30

_ROUTINES = {np.dtype(np.float32): saxpy, np.dtype(np.float64): daxpy}


def halves(n: int, multiplications: int) -> tuple[slice, ...]:
    """Return the rows of a matrix product in the parts that BLAS computes fastest.

    That is all at once but for products of one to two million multiplications, the size of a
    batch of a small network: halves of them are small enough for BLAS to leave out the copying
    that prepares a large product, which is about a tenth of the time.

    Parameters
    ----------
    n : int
        Number of rows.
    multiplications : int
        In the whole product.
    """
    if not _UNPACKED < multiplications <= 2 * _UNPACKED:
        return _WHOLE
    return slice(0, n // 2), slice(n // 2, n)


def product(xp: ModuleType, inner: int) -> Callable[..., Array]:
    """Return what multiplies two matrices fastest, with so many terms in each sum.

    Where each sum has a single term, the product of a column and a row, NumPy's matmul leaves BLAS
    aside, and takes three times as long as a multiplication that broadcasts.
    """
    return xp.multiply if inner == 1 else xp.matmul


def axpy(a: float, x: Array, y: Array, spare: Array | None = None) -> None:
    """Add `a` times `x` to `y`, in place.

    For NumPy's arrays this is BLAS's routine of that name: one pass over memory in place of two,
    and on several threads where the vectors are long. But SciPy's wrapper of it holds the
    interpreter's lock, and no other thread can begin anything meanwhile.

    Parameters
    ----------
    a : float
    x, y : array of shape (n,)
        Contiguous, and of one type.
    spare : ndarray of n or more entries, or None, default=None
        Memory to write over. With it, NumPy does the same in two passes that let other threads
        run.
    """
    if not y.shape[0]:
        return  # BLAS's wrapper refuses vectors of no length, as of a network without weights
    if spare is not None:
        y += np.multiply(x, a, out=spare[: len(x)])
    elif isinstance(y, np.ndarray):
        updated = _ROUTINES[y.dtype](x, y, a=a)
        if updated is not y:
            y[...] = updated
    else:
        y += a * x


def length(xp: ModuleType, x: Array) -> float:
    """Return the Euclidean length of a vector, whatever size its entries are.

    The square of a length of 1e20 is no float32 any more, and that of 1e-25 is zero. Then the
    vector is divided by its largest entry first, which takes a copy.

    Parameters
    ----------
    xp : module
        The namespace of `x`.
    x : array of shape (n,)
    """
    with np.errstate(over="ignore"):
        square = float(x @ x)
    if _SMALLEST_SQUARE < square < math.inf or not x.shape[0]:
        return math.sqrt(square)
    largest = float(xp.abs(x).max())
    if not 0 < largest < math.inf:
        return largest
    x = x / largest
    return largest * math.sqrt(float(x @ x))
