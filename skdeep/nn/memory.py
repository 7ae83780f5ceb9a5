"""Arrays that are made once and used again.

Most of the time that a network in NumPy loses goes to fresh temporaries and the page faults that
come with them. So a layer, a loss or an optimizer asks for its arrays by name, and gets the same
memory whenever it asks for the same name and shape.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, Self

import numpy as np

__all__ = ["Array", "Memory"]

# An array of whatever namespace the network lives in: NumPy's, CuPy's or PyTorch's.
Array = Any


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

    def settle(self, xp: ModuleType, dtype: Any) -> None:
        """Say where arrays come from and of which type they are; forgets the old ones.

        All is forgotten but what the constructor set: buffers, views and a batch's traces.
        """
        if "_lasting" not in self.__dict__:
            self._lasting = (*self.__dict__, "_lasting")
        for name in self.__dict__.keys() - set(self._lasting):
            del self.__dict__[name]
        self.xp, self.dtype = xp, dtype
        self._buffers: dict[Any, Array] = {}

    def buffer(self, name: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        """Return the array `name` of that shape; what it holds is whatever was left in it."""
        key = (name, shape)
        try:
            return self._buffers[key]
        except KeyError:
            made = self.xp.empty(shape, dtype=self.dtype if dtype is None else dtype)
            self._buffers[key] = made
            return made

    def constant(self, value: float, shape: tuple[int, ...]) -> Array:
        """Return an array filled with `value`, which nobody may change.

        NumPy adds, compares and takes maxima with a full array up to three times faster than with
        a scalar, for which it has fewer vectorised loops.
        """
        key = (value, shape)
        try:
            return self._buffers[key]
        except KeyError:
            made = self.xp.full(shape, value, dtype=self.dtype)
            self._buffers[key] = made
            return made

    def replica(self) -> Self:
        """Return a copy that shares parameters but not buffers, to be used by another thread."""
        twin = object.__new__(type(self))  # copy.copy would leave out what pickles leave out
        twin.__dict__.update(self.__dict__)
        twin._buffers = {}
        return twin

    def __getstate__(self) -> dict[str, Any]:
        """Keep what the constructor set: the rest is made again."""
        lasting = self.__dict__.get("_lasting", tuple(self.__dict__))
        return {name: self.__dict__[name] for name in lasting}
