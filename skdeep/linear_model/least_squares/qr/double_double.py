"""Arithmetic with twice the digits of float64, on whole arrays.

A number is an unevaluated sum ``hi + lo`` of two float64 with ``|lo| <= ulp(hi) / 2``, a pair of
arrays of one shape. The error of one operation is a few units of 2**-104. It works on every
machine, which extended precision (`numpy.longdouble`) does not.

References
----------
T. J. Dekker, "A floating-point technique for extending the available precision", Numerische
Mathematik 18, 1971. D. E. Knuth, "The Art of Computer Programming", volume 2, section 4.2.2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["DoubleDouble", "add", "dot", "exact", "multiply", "total", "two_product", "two_sum"]

Array = NDArray[np.float64]
DoubleDouble = tuple[Array, Array]

SPLITTER = 2.0**27 + 1.0


def two_sum(a: Array, b: Array) -> DoubleDouble:
    """Return ``a + b`` exactly, as the rounded sum and what rounding lost."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def _split(a: Array) -> DoubleDouble:
    t = SPLITTER * a
    high = t - (t - a)
    return high, a - high


def two_product(a: Array, b: Array) -> DoubleDouble:
    """Return ``a * b`` exactly, as the rounded product and what rounding lost."""
    p = a * b
    a1, a2 = _split(a)
    b1, b2 = _split(b)
    return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2


def exact(a: Array) -> DoubleDouble:
    """Return a float64 array as a double-double."""
    return a, np.zeros_like(a)


def _renormalize(high: Array, low: Array) -> DoubleDouble:
    s = high + low
    return s, low - (s - high)


def add(x: DoubleDouble, y: DoubleDouble) -> DoubleDouble:
    """Return ``x + y``."""
    s, e = two_sum(x[0], y[0])
    t, f = two_sum(x[1], y[1])
    s, e = _renormalize(s, e + t)
    return _renormalize(s, e + f)


def multiply(x: DoubleDouble, y: DoubleDouble) -> DoubleDouble:
    """Return ``x * y``."""
    p, e = two_product(x[0], y[0])
    return _renormalize(p, e + (x[0] * y[1] + x[1] * y[0]))


def total(x: DoubleDouble) -> DoubleDouble:
    """Return the sum over the last axis, halving it until one number is left."""
    high, low = x
    while high.shape[-1] > 1:
        half = high.shape[-1] // 2
        first, second, rest = slice(half), slice(half, 2 * half), slice(2 * half, None)
        pairs = add((high[..., first], low[..., first]), (high[..., second], low[..., second]))
        high = np.concatenate((pairs[0], high[..., rest]), axis=-1)
        low = np.concatenate((pairs[1], low[..., rest]), axis=-1)
    if high.shape[-1] == 0:
        return np.zeros(high.shape[:-1]), np.zeros(high.shape[:-1])
    return high[..., 0], low[..., 0]


def dot(a: DoubleDouble, x: DoubleDouble) -> DoubleDouble:
    """Return the products of the rows of `a`, shape (m, n), with the vector `x`, shape (n,)."""
    return total(multiply(a, x))
