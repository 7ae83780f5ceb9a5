"""Dual numbers: an array together with its derivatives along some directions.

Where w moves by t v, an array x(w) is, to first order in t, the value x and the tangent dx, its
derivative along v. Arithmetic on such pairs is the chain rule, one operation at a time::

    (x, dx) + (y, dy) = (x + y, dx + dy)         f(x, dx) = (f(x), f'(x) dx)
    (x, dx) * (y, dy) = (x y, x dy + y dx)       (x, dx) @ (y, dy) = (x @ y, x @ dy + dx @ y)

so that code written for arrays computes exact derivatives when it is given duals [1]_. Here a dual
has k tangents at once, of k directions.

References
----------
.. [1] A. Griewank, A. Walther, "Evaluating derivatives", 2nd edition, 2008, chapter 3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Dual", "combine", "value_of", "write"]

Floats = NDArray[np.float64]


class Dual:
    """An array and its tangents, which behaves as an array.

    Slices, reshapes and transposes are views into both. Comparisons are of values. An array that is
    no dual is a constant.

    Parameters
    ----------
    value : ndarray of shape (...)
    tangents : ndarray of shape (n_directions, ...)
    """

    __slots__ = ("tangents", "value")
    __array_ufunc__ = None  # so that array * dual asks the dual

    def __init__(self, value: Floats, tangents: Floats) -> None:
        self.value, self.tangents = value, tangents

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    @property
    def ndim(self) -> int:
        return self.value.ndim

    @property
    def dtype(self) -> Any:
        return self.value.dtype

    @property
    def T(self) -> Dual:
        return self.transpose(*reversed(range(self.ndim)))

    def __len__(self) -> int:
        return len(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("A dual is no array: its tangents would be lost.")

    # Views

    def __getitem__(self, index: Any) -> Dual:
        return Dual(self.value[index], self._selected(index))

    def __setitem__(self, index: Any, new: Any) -> None:
        value = self.value[index]  # for its number of axes
        self.value[index] = value_of(new)
        if not isinstance(new, Dual):
            self.tangents[_beside(index)] = 0.0
            return
        tangents = _lift(new.tangents, np.ndim(value))
        if _moves_axes(index):
            np.moveaxis(self.tangents, 0, -1)[index] = np.moveaxis(tangents, 0, -1)
        else:
            self.tangents[_beside(index)] = tangents

    def _selected(self, index: Any) -> Any:
        if _moves_axes(index):
            return np.moveaxis(np.moveaxis(self.tangents, 0, -1)[index], -1, 0)
        return self.tangents[_beside(index)]

    def reshape(self, *shape: Any) -> Dual:
        value = self.value.reshape(*shape)
        return Dual(value, self.tangents.reshape(len(self.tangents), *value.shape))

    def transpose(self, *axes: int) -> Dual:
        return Dual(self.value.transpose(axes), self.tangents.transpose(0, *(a + 1 for a in axes)))

    def swapaxes(self, one: int, other: int) -> Dual:
        axes = list(range(self.ndim))
        axes[one], axes[other] = axes[other], axes[one]
        return self.transpose(*axes)

    # Arithmetic

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.tangents)

    def __add__(self, other: Any) -> Dual:
        return combine(self.value + value_of(other), (1.0, self), (1.0, other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Dual:
        return combine(self.value - value_of(other), (1.0, self), (-1.0, other))

    def __rsub__(self, other: Any) -> Dual:
        return combine(other - self.value, (-1.0, self))

    def __mul__(self, other: Any) -> Dual:
        factor = value_of(other)
        return combine(self.value * factor, (factor, self), (self.value, other))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Dual:
        divisor = value_of(other)
        ratio = self.value / divisor
        return combine(ratio, (1 / divisor, self), (-ratio / divisor, other))

    def __rtruediv__(self, other: Any) -> Dual:
        ratio = other / self.value
        return combine(ratio, (-ratio / self.value, self))

    def __pow__(self, power: float) -> Dual:
        return combine(self.value**power, (power * self.value ** (power - 1), self))

    def __matmul__(self, other: Any) -> Dual:
        return _product(self, other)

    def __rmatmul__(self, other: Any) -> Dual:
        return _product(other, self)

    dot = __matmul__

    def __iadd__(self, other: Any) -> Dual:
        return write(self + other, self)

    def __isub__(self, other: Any) -> Dual:
        return write(self - other, self)

    def __imul__(self, other: Any) -> Dual:
        return write(self * other, self)

    def __itruediv__(self, other: Any) -> Dual:
        return write(self / other, self)

    def __abs__(self) -> Dual:
        # To the right at the kink, as where -|x| keeps exp(-|x|) from overflow for all x >= 0.
        return combine(abs(self.value), (np.where(self.value >= 0, 1.0, -1.0), self))

    # Comparisons

    def __lt__(self, other: Any) -> Any:
        return self.value < value_of(other)

    def __le__(self, other: Any) -> Any:
        return self.value <= value_of(other)

    def __gt__(self, other: Any) -> Any:
        return self.value > value_of(other)

    def __ge__(self, other: Any) -> Any:
        return self.value >= value_of(other)

    # Reductions

    def sum(self, axis: Any = None, keepdims: bool = False) -> Dual:
        summed = tuple(range(self.ndim)) if axis is None else np.atleast_1d(axis) % self.ndim
        beside = tuple(int(a) + 1 for a in summed)
        return Dual(
            self.value.sum(axis, keepdims=keepdims), self.tangents.sum(beside, keepdims=keepdims)
        )

    def max(self) -> Dual:
        return self.reshape(-1)[self.value.argmax()]

    def min(self) -> Dual:
        return self.reshape(-1)[self.value.argmin()]


def value_of(x: Any) -> Any:
    """Return the array without its tangents."""
    return x.value if isinstance(x, Dual) else x


def _lift(tangents: Floats, ndim: int) -> Floats:
    """Return tangents that broadcast, behind their first axis, as an array of `ndim` axes would."""
    k, *shape = tangents.shape
    return tangents.reshape(k, *(1,) * (ndim - len(shape)), *shape)


def write(result: Any, out: Dual | Any | None) -> Any:
    """Write a result into `out`, and return that; None returns the result itself."""
    if out is None:
        return result
    out[...] = result
    return out


def _moves_axes(index: Any) -> bool:
    """Tell whether NumPy puts the axis of several index arrays before all others.

    It does where a slice stands between them, which is then no longer an axis of its own place.
    """
    if not isinstance(index, tuple) or not any(isinstance(part, slice) for part in index):
        return False
    arrays = [i for i, part in enumerate(index) if isinstance(part, np.ndarray)]
    return len(arrays) > 1 and arrays[-1] - arrays[0] >= len(arrays)


def _beside(index: Any) -> tuple[Any, ...]:
    """Return the index that selects of the tangents what `index` selects of the value."""
    return (slice(None), *index) if isinstance(index, tuple) else (slice(None), index)


def combine(value: Any, *terms: tuple[Any, Any]) -> Dual:
    """Return the dual of `value` whose tangents are the sum of slope times tangents.

    Parameters
    ----------
    value : ndarray
    *terms : (slope, x)
        Those whose x is no dual add nothing.
    """
    value = np.asarray(value)
    tangents: Any = 0.0
    for slope, x in terms:
        if isinstance(x, Dual):
            tangents = tangents + slope * _lift(x.tangents, value.ndim)
    if tangents.shape[1:] != value.shape:
        tangents = np.broadcast_to(tangents, (len(tangents), *value.shape)).copy()
    return Dual(value, tangents)


def _product(a: Any, b: Any) -> Dual:
    """Return the dual of a @ b, where an a of one axis is a row, and such a b a column."""
    row, column = np.ndim(value_of(a)) == 1, np.ndim(value_of(b)) == 1
    a = a[None, :] if row else a
    b = b[:, None] if column else b
    x, y = value_of(a), value_of(b)
    ndim = max(x.ndim, y.ndim)
    tangents: Any = 0.0
    if isinstance(a, Dual):
        tangents = _lift(a.tangents, ndim) @ y
    if isinstance(b, Dual):
        tangents = tangents + x @ _lift(b.tangents, ndim)
    product = Dual(x @ y, tangents)
    product = product[..., 0] if column else product
    return product[..., 0, :] if row and not column else product[..., 0] if row else product
