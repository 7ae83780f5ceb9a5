"""The tiles of a block of pictures, in arrays that take turns and stay in the cache.

What leads from tiles d to their values, V = B' d B, acts on rows first, and there on whole rows of
pictures: the product takes them from where they are, and leaves out what is not inside. Then the
columns of each tile are gathered, and the same is done to them::

    pixels -> rows R = B' d -> columns of tiles G -> values V = G B

What leads from products to outputs, Y = A' M A, ends with a copy that lays the tiles side by side.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.convolution.geometry import Pair
from skdeep.nn.convolution.patches import view
from skdeep.nn.convolution.winograd.interpolation import CONSTANT, Transforms
from skdeep.nn.convolution.workspace import WORKSPACE

__all__ = ["Axes", "Tiles", "on_both_sides"]

Floats = NDArray[Any]
Axes = tuple[Transforms, Transforms]
Layout = tuple[int, int, int]

# Rows whose length is a power of two meet in the same lines of the cache, and a product with them
# takes twice as long: so rows are kept apart by a few numbers.
_APART = 16


class Tiles:
    """The tiles of blocks of one size, in two arrays that take turns: G, then M and Y; R, then V.

    Parameters
    ----------
    axes : (Transforms, Transforms)
        Of rows and of columns.
    layout : (int, int, int)
        Pictures, rows of tiles, tiles in a row.
    channels, filters : int
        Of the source and of the target.
    dtype : dtype
    """

    def __init__(self, axes: Axes, layout: Layout, channels: int, filters: int, dtype: Any) -> None:
        rows, columns = self.axes = axes
        self.layout, self.filters, self.dtype = layout, filters, dtype
        self._values = _Values(
            (rows.of_tile, columns.of_tile),
            (rows.start, columns.start),
            (rows.step, columns.step),
            layout,
            channels,
            dtype,
            ("values", "tiles"),
        )
        self._of_target: _Values | None = None
        n_tiles = math.prod(layout)
        t, u = len(rows.of_tile), len(columns.of_tile)
        high, wide = len(rows.to_output), len(columns.to_output)
        ld = n_tiles * filters + _APART
        one = WORKSPACE.array("tiles", (t * u * ld,), dtype)
        two = WORKSPACE.array("values", (t * wide * ld,), dtype)
        self._products = _rows(one, ld, (t * u,), (n_tiles, filters))
        self._products_by_side = _rows(one, ld, (t, u), (n_tiles * filters,))
        self._half = _rows(two, ld, (t, wide), (n_tiles * filters,))
        self._outputs = _rows(one, ld, (high, wide), (n_tiles * filters,))
        self._by_tile = _rows(one, ld, (high, wide), (*layout, filters)).transpose(2, 3, 0, 4, 1, 5)

    def evaluate(self, source: Floats, first: int) -> None:
        """Compute V of tiles of the source, from that row of tiles on."""
        self._values.evaluate(source, first)

    def multiply(self, weights: Floats) -> None:
        """M = V U, a product for each entry."""
        np.matmul(self._values.by_entry, weights, out=self._products)

    def write(self, target: Floats, bias: Floats | None = None, rectify: bool = False) -> None:
        """Y = A' M A, cut to the target's size; V is lost."""
        rows, columns = self.axes
        if bias is not None:
            self._products[CONSTANT * len(columns.of_tile) + CONSTANT] += bias
        np.matmul(columns.to_output, self._products_by_side, out=self._half)
        np.matmul(rows.to_output, self._half.swapaxes(0, 1), out=self._outputs.swapaxes(0, 1))
        zeros = np.zeros(self.filters, self.dtype)  # a third of the time that one zero takes
        for down, i, high in _pieces(target.shape[1], len(rows.to_output)):
            for across, j, wide in _pieces(target.shape[2], len(columns.to_output)):
                outputs = self._by_tile[:, i, :high, j, :wide]
                # Axes are only split, so that this is the target's memory.
                places = target[:, down, across].reshape(outputs.shape)
                if rectify:
                    np.maximum(outputs, zeros, out=places)
                else:
                    np.copyto(places, outputs)

    def correlate(self, x: Floats, out: Floats) -> Floats:
        """Return the sum over tiles of Z'V, with Z = A (tiles of x) A'; x is of the target's shape.

        To be called before `multiply`, in whose place Z is.
        """
        if self._of_target is None:
            matrices = [np.ascontiguousarray(axis.to_output.T) for axis in self.axes]
            sides = matrices[0].shape[1], matrices[1].shape[1]
            memory = "tiles", "tiles of the target"
            self._of_target = _Values(
                (matrices[0], matrices[1]),
                (0, 0),
                sides,
                self.layout,
                self.filters,
                self.dtype,
                memory,
            )
        self._of_target.evaluate(x, 0)
        by_entry = self._of_target.by_entry
        return np.matmul(by_entry.swapaxes(1, 2), self._values.by_entry, out=out)


class _Values:
    """What tiles of pictures evaluate to, with matrices that act on their rows and columns.

    Parameters
    ----------
    matrices : two arrays of shape (values, pixels along a tile)
    start, step : (int, int)
        The first pixel of the first tile, and how many follow until the next one.
    layout : (int, int, int)
    channels : int
    dtype : dtype
    memory : (str, str)
        The names of that for R and V, and of that for G.
    """

    def __init__(
        self,
        matrices: tuple[Floats, Floats],
        start: Pair,
        step: Pair,
        layout: Layout,
        channels: int,
        dtype: Any,
        memory: tuple[str, str],
    ) -> None:
        self.matrices, self.start, self.step, self.layout = matrices, start, step, layout
        (t, _), (u, across) = matrices[0].shape, matrices[1].shape
        n, high, wide = layout
        width, n_tiles = step[1] * (wide - 1) + across, n * high * wide
        ld_of_rows, ld = n * high * width * channels + _APART, n_tiles * channels + _APART
        one = WORKSPACE.array(memory[0], (t * max(ld_of_rows, u * ld),), dtype)
        two = WORKSPACE.array(memory[1], (t * across * ld,), dtype)
        self._rows = _rows(one, ld_of_rows, (t,), (n, high, width, channels))
        of_t, of_n, of_row, of_column, item = self._rows.strides
        self._cut = np.ndarray(
            (t, across, n, high, wide, channels),
            dtype,
            one,
            strides=(of_t, of_column, of_n, of_row, step[1] * of_column, item),
        )
        self._gathered = _rows(two, ld, (t, across), (n, high, wide, channels))
        self._columns = _rows(two, ld, (t, across), (n_tiles * channels,))
        self._evaluated = _rows(one, ld, (t, u), (n_tiles * channels,))
        self.by_entry = _rows(one, ld, (t * u,), (n_tiles, channels))

    def evaluate(self, source: Floats, first: int) -> None:
        """Compute the values of tiles of the source, from that row of tiles on."""
        self._act_on_rows(np.ascontiguousarray(source), first)
        np.copyto(self._gathered, self._cut)
        np.matmul(self.matrices[1], self._columns, out=self._evaluated)

    def _act_on_rows(self, source: Floats, first: int) -> None:
        matrix, step = self.matrices[0], self.step[0]
        n, length, wide, _ = source.shape
        # The columns of R that are inside of the source.
        width = self._rows.shape[3]
        left = min(max(0, -self.start[1]), width)
        right = max(left, min(width, wide - self.start[1]))
        self._rows[:, :, :, :left] = 0
        self._rows[:, :, :, right:] = 0
        inside = self._rows[:, :, :, left:right].transpose(1, 2, 0, 3, 4)
        inside = inside.reshape(*inside.shape[:3], -1)  # columns and channels: still a view
        of_n, of_row, of_column, item = source.strides
        start = self.start[0] + step * first
        for tiles, entries in _meetings(start, step, matrix.shape[1], length, self.layout[1]):
            if entries.start == entries.stop:
                inside[:, tiles] = 0
                continue
            pixels = view(
                source,
                (start + step * tiles.start + entries.start) * of_row
                + (self.start[1] + left) * of_column,
                (n, tiles.stop - tiles.start, entries.stop - entries.start, inside.shape[3]),
                (of_n, step * of_row, of_row, item),
            )
            np.matmul(matrix[:, entries], pixels, out=inside[:, tiles])


@lru_cache(maxsize=256)
def _meetings(
    start: int, step: int, window: int, length: int, count: int
) -> tuple[tuple[slice, slice], ...]:
    """Group windows, from `start` on, by which of their entries are among `length` pixels."""

    def inside(i: int) -> Pair:
        low = max(0, -(start + step * i))
        high = min(window, length - (start + step * i))
        return (low, high) if low < high else (0, 0)

    found, begin = [], 0
    for (low, high), group in groupby(range(count), inside):
        end = begin + len(list(group))
        found.append((slice(begin, end), slice(low, high)))
        begin = end
    return tuple(found)


def _pieces(length: int, side: int) -> list[tuple[slice, slice, int]]:
    """Cut pixels into those of whole tiles and the rest; return them, their tiles, their length."""
    whole = length // side
    found = []
    if whole:
        found.append((slice(0, whole * side), slice(0, whole), side))
    if length % side:
        found.append((slice(whole * side, length), slice(whole, whole + 1), length % side))
    return found


def on_both_sides(rows: Floats, entries: Floats, columns: Floats) -> Floats:
    """Return ``rows entries columns'``, for the two leading axes of entries of shape (p, q, n)."""
    half = np.matmul(rows, entries.swapaxes(0, 1)).swapaxes(0, 1)
    return np.matmul(columns, half)


def _rows(flat: Floats, ld: int, lead: tuple[int, ...], inner: tuple[int, ...]) -> Floats:
    """View flat memory as (*lead, *inner): contiguous inside, from entry to entry of lead `ld`."""
    strides: list[int] = []
    step = flat.itemsize
    for size in reversed(inner):
        strides.insert(0, step)
        step *= size
    step = ld * flat.itemsize
    for size in reversed(lead):
        strides.insert(0, step)
        step *= size
    return np.ndarray((*lead, *inner), flat.dtype, flat, strides=tuple(strides))
