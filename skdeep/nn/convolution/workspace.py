"""Memory that a thread works in: small, aligned, and the same for all layers.

A block of pictures is gathered, multiplied and written out in arrays that stay in the core's own
cache. Every layer that a thread computes uses the same ones, so that they stay there from layer to
layer; nothing in them outlives a call.
"""

from __future__ import annotations

import math
import threading
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.memory import empty

__all__ = ["BLOCK", "WORKSPACE", "Workspace", "blocks"]

#: Bytes that the largest array of a block should take. A core's own cache often holds less, and
#: its share of the last one more; and threads wait for each other to begin a block's operations,
#: which should take longer than that.
BLOCK = 2**21

# Bytes up to which memory is kept. More than that is made anew: it serves weights of hundreds of
# channels, beside whose products the page faults are nothing.
_KEPT = 2**23


class Workspace(threading.local):
    """Arrays of the calling thread's own.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn.convolution.workspace import Workspace
    >>> own = Workspace()
    >>> a = own.array("columns", (3, 4), np.float32)
    >>> b = own.array("columns", (2, 5), np.float32)
    >>> a.shape, b.shape, np.shares_memory(a, b)
    ((3, 4), (2, 5), True)
    """

    def __init__(self) -> None:
        self._flat: dict[tuple[str, Any], NDArray[Any]] = {}

    def array(self, name: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """Return the thread's memory of that name in that shape, whatever was left in it."""
        size = math.prod(shape)
        key = (name, dtype)
        flat = self._flat.get(key)
        if flat is None or len(flat) < size:
            flat = empty(np, size, dtype)
            if flat.nbytes <= _KEPT:
                self._flat[key] = flat
        return flat[:size].reshape(shape)

    def zeros(self, name: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """Return the same, filled with zeros."""
        array = self.array(name, shape, dtype)
        array[...] = 0
        return array


WORKSPACE = Workspace()


def blocks(n: int, bytes_each: int, target: int = BLOCK) -> list[slice]:
    """Cut ``range(n)`` into even slices of about `target` bytes, of one entry at least."""
    size = max(1, target // max(1, bytes_each))
    number = -(-n // size)
    edges = [n * i // number for i in range(number + 1)] if number else [0]
    return [slice(a, b) for a, b in pairwise(edges)]
