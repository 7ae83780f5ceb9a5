"""Numbers in any unit: a power of two keeps their squares within float64, and loses no digit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["unit_of"]


def unit_of(values: NDArray[Any], power: float = 2.0) -> float:
    """Return a factor that brings numbers near to one, if sums of their powers may leave float64.

    Parameters
    ----------
    values : ndarray
        NaN counts nothing.
    power : float, default=2.0

    Returns
    -------
    float
        A power of two; 1.0 where the numbers need no other unit.
    """
    if not values.size or values.dtype.kind not in "iuf":
        return 1.0
    with np.errstate(invalid="ignore"):
        ends = float(np.fmin.reduce(values, axis=None)), float(np.fmax.reduce(values, axis=None))
    largest = max(map(abs, ends))
    if not 0 < largest < np.inf:
        return 1.0
    exponent = int(np.frexp(largest)[1])
    if abs(exponent) * max(power, 1.0) < 800 and exponent < 900:
        return 1.0
    return float(np.ldexp(1.0, int(np.clip(-exponent, -1000, 1000))))
