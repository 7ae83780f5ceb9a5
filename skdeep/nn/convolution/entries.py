"""The entries of a pool's windows along one axis: the places and the pixels where they meet.

Along the height, neighbours are whole rows of memory. Along the width they are single pixels, for
each of which NumPy's loops start anew. So every entry's pixels are first copied side by side there,
each with all of its channels at once, and what is computed runs along one piece of memory.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from skdeep.nn.convolution.geometry import Geometry
from skdeep.nn.convolution.patches import copy_runs
from skdeep.nn.convolution.workspace import WORKSPACE
from skdeep.nn.memory import Array

__all__ = ["COLUMNS", "ROWS", "Entry", "entries_of", "gather", "reduce", "scratch", "zero_unmet"]

ROWS, COLUMNS = 1, 2


class Entry(NamedTuple):
    """One entry of the windows along an axis of pictures.

    Windows that overlap meet a pixel again with an entry that is a stride further on. Gradients are
    written where they come first, and added only where something is there.

    Attributes
    ----------
    axis : int
    places : slice
        Those whose windows have a pixel there, and not the border.
    pixels : slice
        Which pixels these are.
    first : bool
        Whether no entry before it meets them.
    """

    axis: int
    places: slice
    pixels: slice
    first: bool

    def of_places(self, y: Array) -> Array:
        """View the places of an array that has one number for each."""
        return _along(y, self.axis, self.places)

    def of_pixels(self, x: Array) -> Array:
        """View the pixels."""
        return _along(x, self.axis, self.pixels)

    def hand(self, grad: Array, target: Array) -> None:
        """Write or add the gradient of the places to the target's pixels."""
        if self.first:
            copy_runs(grad, self.of_pixels(target))
        else:
            self.of_pixels(target)[...] += grad


def entries_of(geometry: Geometry, axis: int) -> list[Entry]:
    """List the entries of a window along an axis, but for those that only meet the border.

    Examples
    --------
    >>> from skdeep.nn.convolution.entries import ROWS, entries_of
    >>> from skdeep.nn.convolution.geometry import fit
    >>> for entry in entries_of(fit("MaxPool2D", (5, 1, 1), (3, 1), stride=(2, 1)), ROWS):
    ...     print(entry.places, entry.pixels, entry.first)
    slice(0, 2, None) slice(0, 3, 2) True
    slice(0, 2, None) slice(1, 4, 2) True
    slice(0, 2, None) slice(2, 5, 2) False
    """
    side = axis - 1
    length, stride = geometry.input_shape[side], geometry.stride[side]
    before = geometry.padding[side][0]
    found: list[Entry] = []
    for number in range(geometry.kernel[side]):
        first = max(0, -((number - before) // stride))
        last = min(geometry.places[side] - 1, (length - 1 + before - number) // stride)
        if first <= last:
            pixel = stride * first + number - before
            stop = stride * last + number - before + 1
            met = any((pixel - other.pixels.start) % stride == 0 for other in found)
            found.append(
                Entry(axis, slice(first, last + 1), slice(pixel, stop, stride), first=not met)
            )
    return found


def zero_unmet(entries: list[Entry], grad: Array) -> None:
    """Zero the pixels that are not among those of first entries, before and behind them."""
    axis, stride = entries[0].axis, entries[0].pixels.step
    length = grad.shape[axis]
    firsts = {entry.pixels.start % stride: entry.pixels for entry in entries if entry.first}
    for remainder in range(min(stride, length)):
        met = firsts.get(remainder, slice(length, length))
        for unmet in (
            slice(remainder, met.start, stride),
            slice(met.stop - 1 + stride, length, stride),
        ):
            if unmet.start < unmet.stop:
                _along(grad, axis, unmet)[...] = 0


def gather(entries: list[Entry], x: Array, xp: ModuleType) -> list[Array]:
    """Return the pixels of each entry: copied where they are single ones, else viewed."""
    found = [entry.of_pixels(x) for entry in entries]
    if entries[0].axis == ROWS or entries[0].pixels.step == 1:
        return found
    for i, pixels in enumerate(found):
        found[i] = scratch(xp, f"entry {i}", tuple(pixels.shape), x.dtype)
        copy_runs(pixels, found[i])
    return found


def reduce(
    operation: Callable[..., Any],
    entries: list[Entry],
    pixels: list[Array],
    y: Array,
    start: float,
) -> None:
    """Write to y the maximum or the sum over the entries, whose pixels `gather` returned."""
    n_places = y.shape[entries[0].axis]
    pairs = list(zip(entries, pixels, strict=True))
    whole = [x for entry, x in pairs if entry.places == slice(0, n_places)]
    if len(whole) > 1:
        operation(whole[0], whole[1], out=y)
    else:
        y[...] = whole[0] if whole else start
    for x in whole[2:]:
        operation(y, x, out=y)
    for entry, x in pairs:
        if entry.places != slice(0, n_places):
            out = entry.of_places(y)
            operation(out, x, out=out)


def scratch(xp: ModuleType, name: str, shape: tuple[int, ...], dtype: Any) -> Array:
    """Return the thread's memory of that name; in other namespaces than NumPy new memory."""
    return WORKSPACE.array(name, shape, dtype) if xp is np else xp.empty(shape, dtype=dtype)


def _along(array: Array, axis: int, part: slice) -> Array:
    return array[:, part] if axis == ROWS else array[:, :, part]
