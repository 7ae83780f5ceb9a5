"""The pixels under each place of a window, side by side, a cache-sized block at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.convolution.geometry import Pair, span
from skdeep.nn.convolution.workspace import BLOCK, WORKSPACE, blocks
from skdeep.nn.memory import Array

__all__ = [
    "Patches",
    "add_bias_gradient",
    "copy_inside",
    "copy_runs",
    "finish",
    "rectified",
    "view",
]

_LONG = 8192  # numbers of a row that loops are long for


class Patches:
    """Rows of columns: for each place the window's pixels, channels last.

    Pixels outside the picture are zero. The first place of the window begins at `origin`, which
    may lie outside.

    Parameters
    ----------
    origin : (int, int)
    places, kernel, stride, dilation : (int, int)
    target : int
        Bytes of a block.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn.convolution.patches import Patches
    >>> picture = np.arange(9.0).reshape(1, 3, 3, 1)
    >>> for rows, columns in Patches((0, 0), places=(2, 2), kernel=(2, 2)).bands(picture):
    ...     print(columns)
    [[0. 1. 3. 4.]
     [1. 2. 4. 5.]
     [3. 4. 6. 7.]
     [4. 5. 7. 8.]]
    """

    def __init__(
        self,
        origin: Pair,
        places: Pair,
        kernel: Pair,
        stride: Pair = (1, 1),
        dilation: Pair = (1, 1),
        target: int = BLOCK,
    ) -> None:
        self.origin, self.places, self.kernel = origin, places, kernel
        self.stride, self.dilation, self.target = stride, dilation, target

    @property
    def span(self) -> Pair:
        """Rows and columns of pixels that the windows cover."""
        return span(self.places, self.kernel, self.stride, self.dilation)

    def bytes_each(self, channels: int, itemsize: int) -> int:
        """Return the bytes of the columns of one picture."""
        return math.prod(self.places) * math.prod(self.kernel) * channels * itemsize

    def bands(self, pictures: NDArray[Any]) -> Iterator[tuple[slice, NDArray[Any]]]:
        """Yield rows of places of all the pictures, and their columns.

        The columns are of shape (pictures * rows * places in a row, kernel rows * kernel columns *
        channels), and good until the next band.
        """
        n, _, _, channels = pictures.shape
        rows = self.places[0]
        dtype = pictures.dtype
        padded = self._padded(pictures)
        bytes_of_row = n * self.bytes_each(channels, dtype.itemsize) // rows
        for band in blocks(rows, bytes_of_row, self.target):
            window = self._windows(padded, band)
            columns, room = self._room(
                (math.prod(window.shape[:3]), math.prod(window.shape[3:])), dtype
            )
            copy_runs(window, room.reshape(window.shape))
            yield band, columns

    def _room(self, shape: Pair, dtype: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return memory for columns, and the part of it that the windows fill."""
        columns = WORKSPACE.array("columns", shape, dtype)
        return columns, columns

    def _windows(self, padded: NDArray[Any], band: slice) -> NDArray[Any]:
        """Return a view of the windows of a band."""
        (sh, sw), (dh, dw) = self.stride, self.dilation
        n, _, _, channels = padded.shape
        of_n, of_row, of_column, of_channel = padded.strides
        shape: tuple[int, ...] = (n, band.stop - band.start, self.places[1], *self.kernel, channels)
        strides: tuple[int, ...] = (
            of_n,
            sh * of_row,
            sw * of_column,
            dh * of_row,
            dw * of_column,
            of_channel,
        )
        if dw == 1:  # neighbours lie side by side: one run of memory
            shape = (*shape[:4], shape[4] * channels)
            strides = (*strides[:4], of_channel)
        return view(padded, band.start * sh * of_row, shape, strides)

    def _padded(self, pictures: NDArray[Any]) -> NDArray[Any]:
        """Return the part of the pictures that windows meet, with zeros where there is none."""
        as_they_are = self.origin == (0, 0) and self.span == pictures.shape[1:3]
        if as_they_are and pictures.flags.c_contiguous:
            return pictures
        shape = (len(pictures), *self.span, pictures.shape[3])
        padded = WORKSPACE.array("padded", shape, pictures.dtype)
        copy_inside(pictures, padded, self.origin)
        return padded


def view(
    array: NDArray[Any], offset: int, shape: tuple[int, ...], strides: tuple[int, ...]
) -> NDArray[Any]:
    """Return a view of contiguous memory with any strides.

    What `as_strided` does in ten times the time, which counts where blocks are small; and it raises
    where a view would leave the memory.

    Parameters
    ----------
    array : contiguous array
    offset : int
        Bytes to the first entry.
    shape, strides : tuple of int
        Of the view; strides in bytes.
    """
    return np.ndarray(shape, array.dtype, array, offset, strides)


def copy_runs(source: Array, target: Array) -> None:
    """Copy an array to another of its shape, the numbers along the last axis as one item.

    NumPy's loops start anew wherever memory is not one run. Where runs are short, such as the
    channels of a pixel or a row of a window, that takes longer than to copy the numbers.
    """
    run, size = target.shape[-1], target.itemsize if isinstance(target, np.ndarray) else 0
    if size and run > 1 and source.strides[-1] == target.strides[-1] == size:
        item = np.dtype((np.void, run * size))
        np.copyto(target.view(item), source.view(item))
    else:
        target[...] = source


def copy_inside(source: NDArray[Any], target: NDArray[Any], origin: Pair) -> None:
    """Copy the rows and columns of `source` from `origin` on; zeros where there are none.

    Parameters
    ----------
    source : array of shape (n, height, width, channels)
    target : array of shape (n, rows, columns, channels)
    origin : (int, int)
        The pixel of `source` for the first one of `target`; may lie outside.
    """
    inside, found = [], []
    for start, size, length in zip(origin, target.shape[1:3], source.shape[1:3], strict=True):
        low = min(max(start, 0), length)
        high = max(low, min(start + size, length))
        found.append(slice(low, high))
        inside.append(slice(low - start, high - start) if low < high else slice(0, 0))
    rows, columns = inside
    target[:, : rows.start] = 0
    target[:, rows.stop :] = 0
    target[:, rows, : columns.start] = 0
    target[:, rows, columns.stop :] = 0
    target[:, rows, columns] = source[:, found[0], found[1]]


def finish(block: NDArray[Any], bias: NDArray[Any] | None, rectify: bool) -> None:
    """Add the bias to a contiguous block of outputs, along its last axis, and take max(y, 0).

    Several rows are one long one, with a bias and a zero for each of its numbers: NumPy's loops
    start anew for every row, and take three times as long for the maximum with one number.
    """
    filters = block.shape[-1]
    n = block.size // filters
    abreast = min(n, max(1, _LONG // filters))
    rows = block.reshape(n, filters)
    whole = n - n % abreast if n else 0
    for part, together in ((rows[:whole], abreast), (rows[whole:], 1)):
        if part.size:
            long = part.reshape(-1, together * filters)
            if bias is not None:
                long += np.tile(bias, together)
            if rectify:
                np.maximum(long, np.zeros(long.shape[1], long.dtype), out=long)


def add_bias_gradient(grad_bias: NDArray[Any] | None, block: NDArray[Any]) -> None:
    """Add the sum of a block of gradients over all but its last axis, if that is wanted."""
    if grad_bias is not None:
        rows = block.reshape(-1, block.shape[-1])
        grad_bias += np.ones(len(rows), rows.dtype) @ rows


def rectified(grad: NDArray[Any], y: NDArray[Any] | None) -> NDArray[Any]:
    """Let a block of gradients pass where the output was positive, in place."""
    if y is not None:
        passes = WORKSPACE.array("passes", y.shape, np.bool_)
        np.greater(y, 0, out=passes)
        # Numbers first, for NumPy multiplies by booleans a few thousand at a time.
        slope = WORKSPACE.array("slope", y.shape, grad.dtype)
        slope[...] = passes
        np.multiply(grad, slope, out=grad)
    return grad
