"""What NumPy leaves to be done by hand for BLAS to be fast."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import numpy as np
from scipy.linalg.blas import daxpy, dnrm2, saxpy, snrm2

from skdeep.nn.memory import Array

__all__ = ["axpy", "length", "scratch", "two_passes"]

# Squares that sum up to less may have been too small for float32.
_SMALLEST_SQUARE = 1e-30

_ROUTINES = {np.dtype(np.float32): saxpy, np.dtype(np.float64): daxpy}

# BLAS's own length scales as it goes, which is slow where vectors are long.
_LENGTHS = {np.dtype(np.float32): snrm2, np.dtype(np.float64): dnrm2}
_LONG = 2**12


class _Thread(threading.local):
    spare: Array = None


_thread = _Thread()


@contextmanager
def two_passes(spare: Array) -> Iterator[None]:
    """Let `axpy` in this thread leave the interpreter's lock to other threads inside the block.

    Parameters
    ----------
    spare : ndarray
        Memory to write over, as long as the longest vector to come.
    """
    _thread.spare = spare
    try:
        yield
    finally:
        _thread.spare = None


def axpy(a: float, x: Array, y: Array) -> None:
    """Add `a` times `x` to `y`, in place.

    For NumPy's arrays this is BLAS's routine of that name: one pass over memory in place of two,
    and on several threads where the vectors are long. But SciPy's wrapper of it holds the
    interpreter's lock, and no other thread can begin anything meanwhile; inside `two_passes`,
    NumPy does the same in two passes that let others run.

    Parameters
    ----------
    a : float
    x, y : array of shape (n,)
        Contiguous, and of one type.
    """
    if not y.shape[0]:
        return  # BLAS's wrapper refuses vectors of no length, as of a network without weights
    spare = _thread.spare
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
    if 0 < x.shape[0] < _LONG and isinstance(x, np.ndarray):
        return float(_LENGTHS[x.dtype](x))
    with np.errstate(over="ignore"):
        square = float(x @ x)
    if _SMALLEST_SQUARE < square < math.inf or not x.shape[0]:
        return math.sqrt(square)
    largest = float(xp.abs(x).max())
    if not 0 < largest < math.inf:
        return largest
    x = x / largest
    return largest * math.sqrt(float(x @ x))


def scratch(xp: ModuleType, like: Array) -> Array:
    """Return an array of that length and type to write over, the calling thread's own.

    It is the same memory at each call for NumPy's arrays, whose fresh memory costs page faults.

    Parameters
    ----------
    xp : module
        The namespace of `like`.
    like : array of shape (n,)
    """
    if not isinstance(like, np.ndarray):
        return xp.empty_like(like)
    kept = _thread.__dict__.setdefault("scratch", {})
    if like.dtype not in kept or len(kept[like.dtype]) < len(like):
        kept[like.dtype] = np.empty(len(like), like.dtype)
    return kept[like.dtype][: len(like)]
