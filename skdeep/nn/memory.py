"""Arrays that are made once and used again.

Most of the time that a network in NumPy loses goes to fresh temporaries and the page faults that
come with them. So a layer, a loss or an optimizer asks for its arrays by name, and gets the same
memory whenever it asks for the same name. Batches come in several sizes, and memory for the
largest serves them all: it is kept flat, and viewed in the shape of the day.
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any, Self

import numpy as np

__all__ = ["Array", "Memory", "empty"]

# An array of whatever namespace the network lives in: NumPy's, CuPy's or PyTorch's.
Array = Any

_LINE = 64  # bytes of a cache line
_SMALL = 2**14  # bytes that are soon read, wherever they begin

# So many views are kept: an epoch has few shapes, a stream of batches of any size many.
_MOST_VIEWS = 256


def empty(xp: ModuleType, size: int, dtype: Any) -> Array:
    """Return memory for so many numbers that begins at the beginning of a cache line.

    NumPy's own begins 16 bytes after one, where it is large; then each of the processor's loads
    meets two lines, and to add or to multiply takes up to twice as long.
    """
    if xp is not np:
        return xp.empty((size,), dtype=dtype)
    itemsize = np.dtype(dtype).itemsize
    if size * itemsize < _SMALL:
        return np.empty(size, dtype)
    flat = np.empty(size + _LINE // itemsize, dtype)
    start = -flat.__array_interface__["data"][0] % _LINE // itemsize
    return flat[start : start + size]


class _Unsettled:
    """What memory is before it is settled."""

    def get(self, key: Any) -> Any:
        raise AttributeError(
            "Parameters and buffers come with a Network(layer, input_shape): make that first."
        )


class Memory:
    """Buffers of one namespace and one floating type.

    Attributes
    ----------
    xp : module
        The namespace that arrays and functions come from, ``numpy`` until `settle` says otherwise.
    dtype : dtype of the namespace
        The type of every floating array.
    """

    xp: ModuleType = np
    dtype: Any = np.float64
    _views: Any = _Unsettled()

    def settle(self, xp: ModuleType, dtype: Any) -> None:
        """Say where arrays come from and of which type they are; forgets the old ones.

        All is forgotten but what the constructor set: buffers, views and a batch's traces.
        """
        known = self.__dict__.get("_lasting")
        if known is None:
            made = {"_flat", "_views"}  # which a replica has before it is settled
            self._lasting = (*(name for name in self.__dict__ if name not in made), "_lasting")
        else:
            for name in self.__dict__.keys() - set(known):
                del self.__dict__[name]
        self.xp, self.dtype = xp, dtype
        self._forget_buffers()

    def mark(self) -> None:
        """Say that what there is now is no trace of a batch."""
        self._marked = frozenset(self.__dict__)

    def forget(self) -> None:
        """Let go of buffers, and of what came after `mark`."""
        for name in self.__dict__.keys() - self._marked:
            if name != "_marked":
                del self.__dict__[name]
        self._forget_buffers()

    def _forget_buffers(self) -> None:
        self._flat: dict[Any, Array] = {}  # the memory of each name
        self._views = {}  # by name and shape

    def buffer(self, name: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        """Return the array `name` in that shape; what it holds is whatever was left in it.

        A name and a type have one memory, which grows when more is asked for, so that arrays of
        the same name and another shape share it.
        """
        known = self._views.get((name, shape, dtype))
        if known is not None:
            return known
        key = name if dtype is None else (name, dtype)
        size = math.prod(shape)
        flat = self._flat.get(key)
        if flat is None or flat.shape[0] < size:
            self._views.clear()  # those of the memory that goes
            flat = self._flat[key] = empty(self.xp, size, self.dtype if dtype is None else dtype)
        return self._keep((name, shape, dtype), flat[:size].reshape(shape))

    def _keep(self, key: Any, view: Array) -> Array:
        """Remember a view."""
        if len(self._views) >= _MOST_VIEWS:
            self._views.clear()
        self._views[key] = view
        return view

    def constant(self, value: float, shape: tuple[int, ...]) -> Array:
        """Return an array filled with `value`, which nobody may change.

        NumPy adds, compares and takes maxima with a full array up to three times faster than with
        a scalar, for which it has fewer vectorised loops.
        """
        known = self._views.get((value, shape))
        if known is not None:
            return known
        size = math.prod(shape)
        flat = self._flat.get(value)
        if flat is None or flat.shape[0] < size:
            self._views.clear()
            flat = self._flat[value] = empty(self.xp, size, self.dtype)
            flat[...] = value
        return self._keep((value, shape), flat[:size].reshape(shape))

    def average(self, n: int) -> Array:
        """Return n entries 1 / n, which nobody may change: a product with them is a mean."""
        # Two sizes are kept: that of batches, and that of the last one of an epoch.
        name = "average"
        known = self._views.get(name)
        if known is not None and known.shape[0] != n:
            name = "average of the rest"
            known = self._views.get(name)
        if known is not None and known.shape[0] == n:
            return known
        view = self.buffer(name, (n,))
        view[...] = 1.0 / n
        return self._keep(name, view)

    def replica(self) -> Self:
        """Return a copy that shares parameters but not buffers, to be used by another thread."""
        twin = object.__new__(type(self))  # copy.copy would leave out what pickles leave out
        twin.__dict__.update(self.__dict__)
        twin._forget_buffers()
        return twin

    def __getstate__(self) -> dict[str, Any]:
        """Keep what the constructor set: the rest is made again."""
        lasting = self.__dict__.get("_lasting", tuple(self.__dict__))
        return {name: self.__dict__[name] for name in lasting}
