"""Convolution by columns, a block at a time that stays in the core's cache: the exact fast path.

Forward it is the reference's product, with blocks small enough that the columns never leave the
cache. Backward nothing is put back to its pixels. With a stride s, the pixels p = s P + r of one
remainder r (the phase) meet the entries k = r + s q of the window at the places P - q, hence::

    grad_x[s P + r] = sum over q of grad_y[P - q] W[r + s q]'

which is a convolution of stride one for each phase, of grad_y with every s-th entry of the window
in reverse order. The same columns of grad_y give the gradient of those weights::

    grad_W[r + s q] = sum over P of x[s P + r]' grad_y[P - q]

Positions are counted in the padded picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.convolution.geometry import Geometry
from skdeep.nn.convolution.patches import Patches, add_bias_gradient, finish, rectified
from skdeep.nn.convolution.workspace import BLOCK, WORKSPACE, blocks

__all__ = ["Columns"]

Floats = NDArray[Any]


class Columns:
    """Blocked im2col for one group and any kernel; with a stride or a dilation, but not both.

    Parameters
    ----------
    geometry : Geometry
    target : int
        Bytes of the columns of a block.
    """

    def __init__(self, geometry: Geometry, target: int = BLOCK) -> None:
        (above, _), (left, _) = geometry.padding
        self.patches = Patches(
            (-above, -left),
            geometry.places,
            geometry.kernel,
            geometry.stride,
            geometry.dilation,
            target,
        )
        self.phases = list(_phases(geometry, target))
        self.target = target

    @staticmethod
    def suits(geometry: Geometry) -> bool:
        """Whether the path can do it."""
        dilated = geometry.dilation != (1, 1) and geometry.stride != (1, 1)
        return geometry.groups == 1 and not dilated

    def forward(
        self,
        x: Floats,
        weight: Floats,
        y: Floats,
        bias: Floats | None = None,
        rectify: bool = False,
    ) -> None:
        """Write the convolution of x with the weight into y."""
        matrix = weight.reshape(-1, weight.shape[-1])
        bytes_each = self.patches.bytes_each(x.shape[3], x.itemsize)
        for part in blocks(len(x), bytes_each, self.target):
            for rows, columns in self.patches.bands(x[part]):
                block = y[part, rows]
                out = _matrix(block)
                np.matmul(columns, matrix, out=out)
                finish(out, bias, rectify)
                _put_back(out, block)

    def backward(
        self,
        x: Floats | None,
        weight: Floats,
        grad_y: Floats,
        grad_x: Floats | None = None,
        grad_weight: Floats | None = None,
        grad_bias: Floats | None = None,
        y: Floats | None = None,
    ) -> None:
        """Write the gradients that are wanted."""
        sums = [] if grad_x is None else [phase.new_sum(weight) for phase in self.phases]
        for array in (grad_weight, grad_bias):
            if array is not None:
                array[...] = 0
        widest = [self.patches.bytes_each(weight.shape[2], weight.itemsize)]
        if grad_x is not None:
            widest = [
                phase.patches.bytes_each(weight.shape[3], weight.itemsize)
                for phase in self.phases
                if phase.patches is not None
            ]
        for part in blocks(len(grad_y), max(widest), self.target):
            block = rectified(grad_y[part], None if y is None else y[part])
            add_bias_gradient(grad_bias, block)
            pictures = None if x is None or grad_weight is None else x[part]
            if grad_x is None:
                if pictures is not None and grad_weight is not None:
                    self._add_weights(pictures, block, grad_weight)
                continue
            for phase, total in zip(self.phases, sums, strict=True):
                phase.backward(pictures, weight, block, grad_x[part], total)
        if grad_weight is not None:
            for phase, total in zip(self.phases, sums, strict=False):
                phase.write_sum(total, grad_weight)

    def _add_weights(self, x: Floats, grad_y: Floats, grad_weight: Floats) -> None:
        """Add the gradient of the weights alone, by the columns of x."""
        matrix = grad_weight.reshape(-1, grad_weight.shape[-1])
        term = WORKSPACE.array("term", matrix.shape, matrix.dtype)
        for rows, columns in self.patches.bands(x):
            block = grad_y[:, rows].reshape(-1, matrix.shape[1])
            matrix += np.matmul(columns.T, block, out=term)


@dataclass(frozen=True)
class _Phase:
    """The pixels of one remainder: where they are, and which weights they meet at which places."""

    number: int
    pixels: tuple[slice, slice]
    entries: tuple[slice, slice]
    patches: Patches | None  # None where the window passes the pixels over

    def new_sum(self, weight: Floats) -> Floats:
        """Return zeros for the gradient of the phase's weights, (channels, entries * filters)."""
        entries = weight[self.entries]
        shape = (weight.shape[2], entries.shape[0] * entries.shape[1] * weight.shape[3])
        return WORKSPACE.zeros(f"sum {self.number}", shape, weight.dtype)

    def backward(
        self, x: Floats | None, weight: Floats, grad_y: Floats, grad_x: Floats, total: Floats
    ) -> None:
        """Write the phase's pixels of grad_x, and add to the gradient of its weights."""
        places = grad_x[:, self.pixels[0], self.pixels[1]]
        if self.patches is None:
            places[...] = 0
            return
        channels = weight.shape[2]
        reverse = weight[self.entries][::-1, ::-1].swapaxes(2, 3).reshape(-1, channels)
        for rows, columns in self.patches.bands(grad_y):
            block = places[:, rows]
            out = _matrix(block)
            np.matmul(columns, reverse, out=out)
            _put_back(out, block)
            if x is not None:
                pixels = x[:, self.pixels[0], self.pixels[1]][:, rows]
                matrix = _matrix(pixels)
                if not pixels.flags.c_contiguous:
                    matrix.reshape(pixels.shape)[...] = pixels
                term = WORKSPACE.array("term", total.shape, total.dtype)
                total += np.matmul(matrix.T, columns, out=term)

    def write_sum(self, total: Floats, grad_weight: Floats) -> None:
        """Write what was added up to where it belongs."""
        entries = grad_weight[self.entries][::-1, ::-1]
        by_entry = total.reshape(len(total), *entries.shape[:2], entries.shape[3])
        entries[...] = by_entry.transpose(1, 2, 0, 3)


def _matrix(block: Floats) -> Floats:
    """Return a block as a matrix of its channels: its own memory, or else the thread's."""
    shape = (block.shape[0] * block.shape[1] * block.shape[2], block.shape[3])
    if block.flags.c_contiguous:
        return block.reshape(shape)
    return WORKSPACE.array("matrix", shape, block.dtype)


def _put_back(matrix: Floats, block: Floats) -> None:
    """Copy the matrix to its block, unless it is that memory."""
    if not block.flags.c_contiguous:
        block[...] = matrix.reshape(block.shape)


def _phases(geometry: Geometry, target: int) -> Iterator[_Phase]:
    """List the phases of all pixels, of both axes."""
    axes = [
        _phases_of_axis(
            geometry.input_shape[axis],
            geometry.kernel[axis],
            geometry.stride[axis],
            geometry.dilation[axis],
            geometry.padding[axis][0],
        )
        for axis in (0, 1)
    ]
    for number, (row, column) in enumerate(product(*axes)):
        size = (row.size, column.size)
        patches = Patches(
            (row.origin, column.origin),
            (row.places, column.places),
            size,
            dilation=geometry.dilation,
            target=target,
        )
        yield _Phase(
            number,
            (row.pixels, column.pixels),
            (row.entries, column.entries),
            patches if min(size) else None,
        )


@dataclass(frozen=True)
class _AxisPhase:
    pixels: slice  # of the picture, without its border
    entries: slice  # of the window
    size: int  # of the window, in entries
    origin: int  # of the first place in grad_y
    places: int


def _phases_of_axis(
    length: int, kernel: int, stride: int, dilation: int, before: int
) -> Iterator[_AxisPhase]:
    for remainder in range(stride):
        first = -((remainder - before) // stride)  # the smallest P with s P + r - before >= 0
        pixel = stride * first + remainder - before
        places = -(-(length - pixel) // stride)
        size = max(0, -(-(kernel - remainder) // stride))
        if places > 0:
            yield _AxisPhase(
                slice(pixel, length, stride),
                slice(remainder, kernel, stride),
                size,
                first - dilation * (size - 1),
                places,
            )
