"""Convolution as one matrix product: the readable path, for every case and every namespace.

Each place of the window becomes a row of a matrix, the pixels under the window side by side
("im2col"). With a weight for each entry of the window, each channel and each filter::

    y = columns(x) W,    grad_W = columns(x)' grad_y,    grad_x = sum over places of grad_y W'

The last sum puts every row of the product back to the pixels that it came from ("col2im"). With
groups, there is such a matrix for each group of channels. The window is not flipped: what deep
learning calls a convolution is a cross-correlation.

All other paths compute the same numbers and are tested to be equal to this one.
"""

from __future__ import annotations

import math
from types import ModuleType

import numpy as np

from skdeep.nn.convolution.geometry import Geometry
from skdeep.nn.convolution.workspace import blocks
from skdeep.nn.memory import Array

__all__ = ["Reference"]

_BLOCK = 2**22  # bytes of the columns that are made at a time


class Reference:
    """The convolution of one geometry by the textbook.

    All paths have these two methods. They take some pictures, and write to arrays that they are
    given; what is None is not wanted.

    Parameters
    ----------
    geometry : Geometry
    xp : module, default=numpy
        The namespace of the arrays.
    """

    def __init__(self, geometry: Geometry, xp: ModuleType = np) -> None:
        self.geometry, self.xp = geometry, xp

    def forward(
        self,
        x: Array,
        weight: Array,
        y: Array,
        bias: Array | None = None,
        rectify: bool = False,
    ) -> None:
        """Write the convolution of x with the weight into y.

        Parameters
        ----------
        x : array of shape (n, height, width, channels)
        weight : array of shape (rows, columns, channels / groups, filters)
        y : array of shape (n, height out, width out, filters)
        bias : array of shape (filters,) or None
        rectify : bool
            Whether y = max(y, 0) follows, a ReLU.
        """
        for part in self._blocks(len(x), x.dtype.itemsize):
            product = self.xp.matmul(self._columns(x[part]), self._by_group(weight))
            y[part] = self.xp.moveaxis(product, 0, 1).reshape(y[part].shape)
            if bias is not None:
                y[part] += bias
            if rectify:
                y[part] *= y[part] > 0

    def backward(
        self,
        x: Array | None,
        weight: Array,
        grad_y: Array,
        grad_x: Array | None = None,
        grad_weight: Array | None = None,
        grad_bias: Array | None = None,
        y: Array | None = None,
    ) -> None:
        """Write the gradients that are wanted.

        Parameters
        ----------
        x, weight
            As before; x may be None where `grad_weight` is.
        grad_y : array of shape (n, height out, width out, filters)
            Written over where `y` is given.
        grad_x, grad_weight, grad_bias : array or None
            Of the shapes of x, weight and bias.
        y : array of the shape of grad_y or None
            The output if it was rectified: gradients pass where it is positive.
        """
        xp, geometry = self.xp, self.geometry
        groups, filters = geometry.groups, geometry.filters
        if y is not None:
            grad_y *= y > 0
        if grad_bias is not None:
            grad_bias[...] = grad_y.reshape(-1, filters).sum(0)
        if grad_weight is not None:
            grad_weight[...] = 0
        for part in self._blocks(len(grad_y), grad_y.dtype.itemsize):
            rows = grad_y[part].reshape(-1, groups, filters // groups)
            rows = xp.moveaxis(rows, 1, 0)
            if grad_weight is not None and x is not None:
                columns = xp.moveaxis(self._columns(x[part]), 2, 1)
                by_group = xp.moveaxis(xp.matmul(columns, rows), 0, 1)
                grad_weight += by_group.reshape(grad_weight.shape)
            if grad_x is not None:
                columns = xp.matmul(rows, xp.moveaxis(self._by_group(weight), 2, 1))
                self._add_up(columns, grad_x[part])

    def _blocks(self, n: int, itemsize: int) -> list[slice]:
        geometry = self.geometry
        row = math.prod(geometry.kernel) * geometry.input_shape[2]
        return blocks(n, itemsize * row * math.prod(geometry.places), _BLOCK)

    def _by_group(self, weight: Array) -> Array:
        """Return the weight as (groups, entries of a group's window, filters of a group)."""
        groups = self.geometry.groups
        entries = math.prod(weight.shape[:3])
        return self.xp.moveaxis(weight.reshape(entries, groups, -1), 1, 0)

    def _padded(self, n: int, dtype: object) -> tuple[Array, tuple[slice, ...]]:
        """Return zeros for pictures with their border, and where the pixels are in them."""
        height, width, channels = self.geometry.input_shape
        (above, below), (left, right) = self.geometry.padding
        shape = (n, above + height + below, left + width + right, channels)
        inner = (slice(None), slice(above, above + height), slice(left, left + width))
        return self.xp.zeros(shape, dtype=dtype), inner

    def _columns(self, x: Array) -> Array:
        """Return (groups, places of all pictures, entries of a group's window)."""
        geometry, xp = self.geometry, self.xp
        padded, inner = self._padded(len(x), x.dtype)
        padded[inner] = x
        groups, channels = geometry.groups, geometry.input_shape[2]
        parts = [
            padded[:, rows, columns].reshape(-1, groups, channels // groups)
            for _, _, rows, columns in geometry.taps()
        ]
        taps = xp.stack(parts)  # (entries, places, groups, channels of a group)
        by_group = xp.moveaxis(xp.moveaxis(taps, 2, 0), 2, 1)
        return by_group.reshape(groups, parts[0].shape[0], -1)

    def _add_up(self, columns: Array, x: Array) -> None:
        """Write to the pixels of x the sum of what the columns hold for them."""
        geometry, xp = self.geometry, self.xp
        padded, inner = self._padded(len(x), x.dtype)
        groups = geometry.groups
        taps = geometry.taps()
        columns = columns.reshape(groups, len(x), *geometry.places, len(taps), -1)
        for k, (_, _, rows, cols) in enumerate(taps):
            part = xp.moveaxis(columns[..., k, :], 0, 3)
            padded[:, rows, cols] += part.reshape(*part.shape[:3], -1)
        x[...] = padded[inner]
