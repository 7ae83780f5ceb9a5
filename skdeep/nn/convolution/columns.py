"""Convolution by columns, a block at a time that stays in the core's cache: the exact fast path.

Forward it is the reference's product, with blocks small enough that the columns never leave the
cache. Backward, with a stride of one, nothing is put back to its pixels: the pixels p meet the
entries k of the window at the places p - k, hence::

    grad_x[p] = sum over k of grad_y[p - k] W[k]'

which is a convolution of grad_y with the window in reverse order, and its columns give the gradient
of the weights, too::

    grad_W[k] = sum over p of x[p]' grad_y[p - k]

With a larger stride that would fall apart into a small convolution for each remainder of p. There
the product ``grad_y W'`` makes columns, which `Scatter` adds up, and the columns of x give the
gradient of the weights. Positions are counted in the padded picture.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.convolution.geometry import Geometry
from skdeep.nn.convolution.patches import Patches, add_bias_gradient, finish, rectified
from skdeep.nn.convolution.pieces import add_gradient, multiply
from skdeep.nn.convolution.scatter import Scatter
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
        # Backward: convolutions of grad_y, where places are pixels; else columns put back.
        self.scatter = None if geometry.stride == (1, 1) else Scatter(geometry)
        (dh, dw), (rows, columns) = geometry.dilation, geometry.kernel
        self.turned = Patches(
            (above - dh * (rows - 1), left - dw * (columns - 1)),
            geometry.input_shape[:2],
            geometry.kernel,
            dilation=geometry.dilation,
            target=target,
        )
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
                multiply(columns, matrix, out)
                finish(out, bias, rectify)
                _copy_back(out, block)

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
        for array in (grad_weight, grad_bias):
            if array is not None:
                array[...] = 0
        turned = grad_x is not None and self.scatter is None
        patches = self.turned if turned else self.patches
        bytes_each = patches.bytes_each(weight.shape[3 if turned else 2], weight.itemsize)
        wants_weights = x is not None and grad_weight is not None
        total = self._new_sum(weight) if turned and wants_weights else None
        for part in blocks(len(grad_y), bytes_each, self.target):
            block = rectified(grad_y[part], None if y is None else y[part])
            add_bias_gradient(grad_bias, block)
            if grad_x is not None and self.scatter is None:
                self._turn(None if x is None else x[part], weight, block, grad_x[part], total)
                continue
            if x is not None and grad_weight is not None:
                self._add_weights(x[part], block, grad_weight)
            if grad_x is not None and self.scatter is not None:
                self._put_back(self.scatter, weight, block, grad_x[part])
        if grad_weight is not None and total is not None:
            by_entry = total.reshape(len(total), *weight.shape[:2], weight.shape[3])
            grad_weight[::-1, ::-1] = by_entry.transpose(1, 2, 0, 3)

    def _add_weights(self, x: Floats, grad_y: Floats, grad_weight: Floats) -> None:
        """Add the gradient of the weights alone, by the columns of x."""
        matrix = grad_weight.reshape(-1, grad_weight.shape[-1])
        for rows, columns in self.patches.bands(x):
            add_gradient(columns, grad_y[:, rows].reshape(-1, matrix.shape[1]), matrix)

    def _put_back(self, scatter: Scatter, weight: Floats, grad_y: Floats, grad_x: Floats) -> None:
        """Write the gradient by the pictures, by columns that are added up."""
        matrix = np.ascontiguousarray(weight.reshape(-1, weight.shape[3]).T)
        n, rows, wide, filters = grad_y.shape
        cells = scatter.cells(n, grad_y.dtype)
        bytes_of_row = n * wide * matrix.shape[1] * weight.itemsize
        for band in reversed(blocks(rows, bytes_of_row, self.target)):
            block = grad_y[:, band].reshape(-1, filters)
            columns = WORKSPACE.array("columns", (len(block), matrix.shape[1]), grad_y.dtype)
            multiply(block, matrix, columns)
            scatter.add(columns.reshape(n, -1, wide, *weight.shape[:3]), cells, band)
        grad_x[...] = scatter.pixels(cells)

    def _new_sum(self, weight: Floats) -> Floats:
        """Return zeros for the gradient of the weights, (channels, entries * filters)."""
        shape = (weight.shape[2], weight.size // weight.shape[2])
        return WORKSPACE.zeros("sum", shape, weight.dtype)

    def _turn(
        self, x: Floats | None, weight: Floats, grad_y: Floats, grad_x: Floats, total: Floats | None
    ) -> None:
        """Write grad_x by columns of grad_y, and add to the gradient of the weights in reverse."""
        reverse = weight[::-1, ::-1].swapaxes(2, 3).reshape(-1, weight.shape[2])
        for rows, columns in self.turned.bands(grad_y):
            block = grad_x[:, rows]
            out = _matrix(block)
            multiply(columns, reverse, out)
            _copy_back(out, block)
            if x is not None and total is not None:
                add_gradient(x[:, rows].reshape(-1, x.shape[3]), columns, total)


def _matrix(block: Floats) -> Floats:
    """Return a block as a matrix of its channels: its own memory, or else the thread's."""
    shape = (block.shape[0] * block.shape[1] * block.shape[2], block.shape[3])
    if block.flags.c_contiguous:
        return block.reshape(shape)
    return WORKSPACE.array("matrix", shape, block.dtype)


def _copy_back(matrix: Floats, block: Floats) -> None:
    """Copy the matrix to its block, unless it is that memory."""
    if not block.flags.c_contiguous:
        block[...] = matrix.reshape(block.shape)
