"""Powers of two that bring numbers of extreme size to about one, without rounding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["column_lengths", "extreme_exponents"]

Array = NDArray[np.float64]

# Numbers whose powers stay within 2**-ORDINARY to 2**ORDINARY are left as they are.
ORDINARY = 400


def extreme_exponents(size: Array, power: int = 2) -> NDArray[np.intp]:
    """Return for each size the exponent that divides it to about one, 0 where it is ordinary.

    Parameters
    ----------
    size : ndarray
        Largest absolute values.
    power : int, default=2
        The highest power that is taken of them.
    """
    exponents = np.frexp(size)[1].astype(np.intp)
    return np.where((size > 0) & (np.abs(exponents) * float(power) > ORDINARY), exponents, 0)


def column_lengths(table: Array) -> Array:
    """Return the Euclidean lengths of columns whose squares may leave the range of floats."""
    size = np.abs(table).max(axis=0, initial=0.0)
    unit = np.where((size > 0) & np.isfinite(size), size, 1.0)
    return np.sqrt(((table / unit) ** 2).sum(axis=0)) * unit
