"""The one vector operation that NumPy lacks: y <- y + a x in a single pass."""

from __future__ import annotations

import numpy as np
from scipy.linalg.blas import daxpy, saxpy

from skdeep.nn.memory import Array

__all__ = ["axpy"]

_ROUTINES = {np.dtype(np.float32): saxpy, np.dtype(np.float64): daxpy}


def axpy(a: float, x: Array, y: Array) -> None:
    """Add `a` times `x` to `y`, in place.

    For NumPy's arrays this is BLAS's routine of that name: one pass over memory in place of two,
    and on several threads where the vectors are long.

    Parameters
    ----------
    a : float
    x, y : array of shape (n,)
        Contiguous, and of one type.
    """
    if not y.shape[0]:
        return  # BLAS's wrapper refuses vectors of no length, as of a network without weights
    if isinstance(y, np.ndarray):
        updated = _ROUTINES[y.dtype](x, y, a=a)
        if updated is not y:
            y[...] = updated
    else:
        y += a * x
