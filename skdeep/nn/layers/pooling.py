"""Pooling: one number for each window of a picture and each channel.

A maximum or a mean over a window is one over its rows of one over its columns. So pictures are
reduced along their height first, where neighbours are whole rows of memory, and what is left along
their width; and gradients go back the same two steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from skdeep.nn.convolution.entries import (
    COLUMNS,
    ROWS,
    entries_of,
    gather,
    reduce,
    scratch,
    zero_unmet,
)
from skdeep.nn.convolution.geometry import Geometry, check_padding, fit, pair
from skdeep.nn.convolution.workspace import BLOCK, blocks
from skdeep.nn.layers.base import PREDICT, Layer, Mode
from skdeep.nn.memory import Array
from skdeep.nn.sharing import each_part

__all__ = ["AvgPool2D", "GlobalAvgPool2D", "MaxPool2D"]

# So many numbers of a batch are worth handing to other threads.
_SMALLEST_SHARED = 2**19


class _Pool(Layer):
    """A window over pictures, and what a pool does with it."""

    by_sample = True

    def __init__(self, pool_size: Any = 2, *, stride: Any = None, padding: Any = "valid") -> None:
        name = type(self).__name__
        pair(name, "pool_size", pool_size)
        if stride is not None:
            pair(name, "stride", stride)
        check_padding(name, padding)
        self.pool_size, self.stride, self.padding = pool_size, stride, padding

    def config(self) -> dict[str, Any]:
        """Return the size, and stride and padding where they are given."""
        given: dict[str, Any] = {"pool_size": self.pool_size}
        if self.stride is not None:
            given["stride"] = self.stride
        return given | ({} if self.padding == "valid" else {"padding": self.padding})

    def geometry(self, input_shape: tuple[int, ...]) -> Geometry:
        """Return where the windows lie over pictures of that shape; raise where they do not fit."""
        name = type(self).__name__
        kernel = pair(name, "pool_size", self.pool_size)
        stride = kernel if self.stride is None else pair(name, "stride", self.stride)
        found = fit(name, input_shape, kernel, stride=stride, padding=self.padding)
        for (before, after), size in zip(found.padding, kernel, strict=True):
            if max(before, after) >= size:
                raise ValueError(
                    f"{name}: a padding of {max(before, after)} leaves a window of {size} places "
                    f"without any pixel; it must be smaller."
                )
        return found

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return (places in a column, places in a row, channels)."""
        return (*self.geometry(input_shape).places, input_shape[2])

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Reduce every window to one number."""
        self.x = x
        self._settle(x.shape[1:])
        y = self.buffer("y", (len(x), *self._reduced.places, x.shape[3]))
        self._each_block(x, lambda part: self._reduce(x[part], y[part], part))
        return y

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Hand the gradient of each window to its pixels."""
        if not wants_input:
            return None
        grad_x = self.buffer("grad_x", self.x.shape)
        self._each_block(self.x, lambda part: self._spread(grad_y[part], grad_x[part], part))
        return grad_x

    def _settle(self, input_shape: tuple[int, ...]) -> None:
        if self.__dict__.get("_shape") != input_shape:
            self._shape = input_shape
            self._reduced = self.geometry(input_shape)
            self._entries = {axis: entries_of(self._reduced, axis) for axis in (ROWS, COLUMNS)}

    def _each_block(self, x: Array, task: Callable[[slice], None]) -> None:
        """Call ``task(slice)`` on pictures that fit into the cache, in all threads."""
        bytes_each = math.prod(x.shape[1:]) * x.dtype.itemsize

        def part_of_batch(part: slice) -> None:
            for block in blocks(part.stop - part.start, bytes_each, BLOCK):
                task(slice(part.start + block.start, part.start + block.stop))

        work = math.prod(x.shape)
        each_part(self.share, len(x), work, _SMALLEST_SHARED, part_of_batch)

    def _half_way(self, x: Array) -> Array:
        """Return memory for pictures that are reduced along their height only."""
        shape = (x.shape[0], self._reduced.places[0], x.shape[2], x.shape[3])
        return scratch(self.xp, "half way", shape, x.dtype)

    def _reduce(self, x: Array, y: Array, part: slice) -> None:
        """Write to y the number of each window of x, which are that part of the batch."""
        raise NotImplementedError

    def _spread(self, grad_y: Array, grad_x: Array, part: slice) -> None:
        """Write to grad_x what the windows' gradients come to, of that part of the batch."""
        raise NotImplementedError


class MaxPool2D(_Pool):
    """The largest pixel of each window, channel by channel.

    ::

        y = max over the window of x;    grad_y goes to the pixel that was the largest

    to a single one, should there be several. The border holds no pixels at all.

    Parameters
    ----------
    pool_size : int or (int, int), default=2
        Rows and columns of the window.
    stride : int, (int, int) or None, default=None
        From place to place; None for windows side by side. Smaller strides make windows overlap.
    padding : {"valid", "same"}, int, (int, int) or ((int, int), (int, int)), default="valid"
        As of `Conv2D`.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import MaxPool2D, Network
    >>> network = Network(MaxPool2D(), input_shape=(2, 4, 1))
    >>> network.forward(np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]]).reshape(1, 2, 4, 1)).ravel()
    array([6., 8.])
    """

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: the way back reads which pixels were largest."""
        return True

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Reduce every window to its maximum; in training, keep where that was."""
        self._settle(x.shape[1:])
        self.wins: dict[int, list[Array]] = {}
        if mode.training:
            high, wide = self._reduced.places
            shapes = {ROWS: (high, x.shape[2]), COLUMNS: (high, wide)}
            self.wins = {
                axis: [
                    self.buffer(f"wins {axis} {k}", (len(x), *shape, x.shape[3]), self.xp.bool)
                    for k in range(len(self._entries[axis]) - 1)
                ]
                for axis, shape in shapes.items()
            }
        return super().forward(x, mode)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Hand the gradient of each window to the pixel that was the largest."""
        if wants_input and not self.wins:
            self.forward(self.x, Mode(training=True))
        return super().backward(grad_y, wants_input)

    def _reduce(self, x: Array, y: Array, part: slice) -> None:
        half = self._half_way(x)
        for one, other, axis in ((x, half, ROWS), (half, y, COLUMNS)):
            entries = self._entries[axis]
            pixels = gather(entries, one, self.xp)
            reduce(self.xp.maximum, entries, pixels, other, -math.inf)
            for entry, here, wins in zip(entries, pixels, self.wins.get(axis, ()), strict=False):
                largest = entry.of_places(other)
                self.xp.greater_equal(here, largest, out=entry.of_places(wins[part]))

    def _spread(self, grad_y: Array, grad_x: Array, part: slice) -> None:
        grad_half = self._half_way(grad_x)
        self._route(grad_y, grad_half, COLUMNS, part)
        self._route(grad_half, grad_x, ROWS, part)

    def _route(self, grad_y: Array, grad_x: Array, axis: int, part: slice) -> None:
        """Send grad_y, which is lost, to the first entry along an axis that was the maximum."""
        entries = self._entries[axis]
        zero_unmet(entries, grad_x)
        for entry, wins in zip(entries, self.wins[axis], strict=False):
            # Numbers first, for NumPy multiplies by booleans a few thousand at a time.
            rest = entry.of_places(grad_y)
            mine = scratch(self.xp, "mine", tuple(rest.shape), grad_x.dtype)
            mine[...] = entry.of_places(wins[part])
            mine *= rest
            rest -= mine
            entry.hand(mine, grad_x)
        entries[-1].hand(entries[-1].of_places(grad_y), grad_x)  # what none of the others had


class AvgPool2D(_Pool):
    """The mean of each window, channel by channel.

    ::

        y = mean over the window of x;    every pixel of the window gets grad_y / their number

    Pixels of the border do not count: windows at the edge average fewer.

    Parameters
    ----------
    pool_size : int or (int, int), default=2
    stride : int, (int, int) or None, default=None
    padding : {"valid", "same"}, int, (int, int) or ((int, int), (int, int)), default="valid"
        As of `MaxPool2D`.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import AvgPool2D, Network
    >>> network = Network(AvgPool2D(), input_shape=(2, 4, 1))
    >>> network.forward(np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]]).reshape(1, 2, 4, 1)).ravel()
    array([3.5, 5.5])
    """

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: the way back reads nothing."""
        return True

    def _settle(self, input_shape: tuple[int, ...]) -> None:
        super()._settle(input_shape)
        counts = []
        for places, entries in zip(self._reduced.places, self._entries.values(), strict=True):
            count = np.zeros(places)
            for entry in entries:
                count[entry.places] += 1
            counts.append(count)
        # Repeated for all channels: NumPy's loops start anew wherever memory is not one run.
        share = np.repeat(1 / np.multiply.outer(*counts)[:, :, None], input_shape[2], axis=2)
        self._share_of_pixel = self.xp.asarray(share, dtype=self.dtype)

    def _reduce(self, x: Array, y: Array, part: slice) -> None:
        half = self._half_way(x)
        for one, other, axis in ((x, half, ROWS), (half, y, COLUMNS)):
            entries = self._entries[axis]
            reduce(self.xp.add, entries, gather(entries, one, self.xp), other, 0.0)
        y *= self._share_of_pixel

    def _spread(self, grad_y: Array, grad_x: Array, part: slice) -> None:
        grad_y *= self._share_of_pixel
        half = self._half_way(grad_x)
        for axis, grad, target in ((COLUMNS, grad_y, half), (ROWS, half, grad_x)):
            zero_unmet(self._entries[axis], target)
            for entry in self._entries[axis]:
                entry.hand(entry.of_places(grad), target)


class GlobalAvgPool2D(Layer):
    """The mean of each channel over the whole picture: (height, width, c) becomes (c,).

    ::

        y = mean over all pixels of x;    every pixel gets grad_y / their number

    References
    ----------
    M. Lin, Q. Chen, S. Yan, "Network in network", ICLR 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import GlobalAvgPool2D, Network
    >>> network = Network(GlobalAvgPool2D(), input_shape=(2, 2, 1))
    >>> network.forward(np.array([1.0, 2, 3, 6]).reshape(1, 2, 2, 1))
    array([[3.]])
    """

    by_sample = True

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: the way back reads nothing."""
        return True

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return (channels,)."""
        if len(input_shape) != 3 or isinstance(input_shape[0], tuple):
            raise ValueError(
                f"GlobalAvgPool2D takes pictures, samples of shape (height, width, channels); got "
                f"samples of shape {input_shape}."
            )
        return input_shape[2:]

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return the means, as a product with a row of equal weights."""
        n, height, width, channels = self.x_shape = tuple(x.shape)
        pixels = height * width
        y = self.buffer("y", (n, 1, channels))
        average = self.constant(1.0 / pixels, (1, pixels))
        self.xp.matmul(average, x.reshape(n, pixels, channels), out=y)
        return y.reshape(n, channels)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Hand every pixel its share."""
        _, height, width, _ = self.x_shape
        grad_x = self.buffer("grad_x", self.x_shape)
        grad_y *= 1.0 / (height * width)
        grad_x[...] = grad_y[:, None, None]
        return grad_x
