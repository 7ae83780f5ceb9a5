"""Backward where few channels meet many filters: a plane for each channel, an entry at a time.

There the path by columns gathers numbers of every filter to multiply them down to a few. Here the
product ``W grad_y'`` comes first, with a row for each entry of the window and each channel, and as
long as there are places::

    grad_x[p + k] = sum over k of W[k] grad_y[p]',    grad_W[k] = sum over p of x[p + k] grad_y[p]

With rows of places as long as rows of padded pixels, filled up with zeros, an entry k of the window
moves a whole picture by one distance in memory, so that both sums run along long pieces of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.convolution.columns import Columns
from skdeep.nn.convolution.geometry import Geometry
from skdeep.nn.convolution.patches import copy_inside, rectified, view
from skdeep.nn.convolution.pieces import add_gradient, multiply
from skdeep.nn.convolution.workspace import BLOCK, WORKSPACE, blocks

__all__ = ["Planes"]

Floats = NDArray[Any]

_FEW = 8  # channels: with more of them the products by columns are wide enough
_RATIO = 4  # so many times as many numbers in all filters' maps as in the picture


class Planes(Columns):
    """Forward the path by columns; backward to the pictures and the weights by planes.

    Parameters
    ----------
    geometry : Geometry
    target : int
        Bytes of the product of a block.
    """

    def __init__(self, geometry: Geometry, target: int = BLOCK) -> None:
        super().__init__(geometry, target)
        (dh, dw), (rows, columns) = geometry.dilation, geometry.kernel
        high, wide = geometry.places
        self.geometry = geometry
        self.wide = wide + dw * (columns - 1)  # of a padded picture
        self.high = high + dh * (rows - 1)
        self.run = high * self.wide  # places of a picture, those among them that are filled up
        self.moves = [i * dh * self.wide + j * dw for i in range(rows) for j in range(columns)]

    @staticmethod
    def suits(geometry: Geometry) -> bool:
        """Whether the path can do it, and is the faster one."""
        high, wide, channels = geometry.input_shape
        rows, columns = geometry.places
        numbers = high * wide * geometry.filters, rows * columns * channels
        plain = geometry.groups == 1 and geometry.stride == (1, 1)
        return plain and channels <= _FEW and numbers[0] >= _RATIO * numbers[1]

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
        if grad_x is None:
            super().backward(x, weight, grad_y, None, grad_weight, grad_bias, y)
            return
        matrix = weight.reshape(-1, weight.shape[3])
        for array in (grad_weight, grad_bias):
            if array is not None:
                array[...] = 0
        for part in blocks(len(grad_y), len(matrix) * self.run * weight.itemsize, self.target):
            block = rectified(grad_y[part], None if y is None else y[part])
            maps = self._maps(block)
            rows = WORKSPACE.array("columns", (len(matrix), maps.shape[1]), weight.dtype)
            multiply(maps.T, matrix.T, rows.T)
            self._add_up(rows, grad_x[part])
            if x is not None and grad_weight is not None:
                self._gather(x[part], rows)
                add_gradient(rows.T, maps.T, grad_weight.reshape(matrix.shape))
            if grad_bias is not None:
                grad_bias += maps @ np.ones(maps.shape[1], maps.dtype)

    def _maps(self, grad_y: Floats) -> Floats:
        """Return gradients as a row for each filter, zeros behind each row of places."""
        n, high, wide, filters = grad_y.shape
        maps = WORKSPACE.array("maps", (filters, n, high, self.wide), grad_y.dtype)
        maps[..., wide:] = 0
        maps[..., :wide] = grad_y.transpose(3, 0, 1, 2)
        return maps.reshape(filters, n * self.run)

    def _add_up(self, rows: Floats, grad_x: Floats) -> None:
        """Write the sum over all entries of the window, each moved to its pixels."""
        (above, _), (left, _) = self.geometry.padding
        planes, pictures = self._planes(len(grad_x), grad_x.shape[3], grad_x.dtype)
        planes[...] = 0
        for move, entry in zip(self.moves, self._by_entry(rows, grad_x), strict=True):
            planes[:, :, move : move + self.run] += entry
        copy_inside(pictures, grad_x, (above, left))

    def _gather(self, x: Floats, rows: Floats) -> None:
        """Write the pixels that each entry of the window meets."""
        (above, _), (left, _) = self.geometry.padding
        planes, pictures = self._planes(len(x), x.shape[3], x.dtype)
        planes[:, :, self.high * self.wide :] = 0
        copy_inside(x, pictures, (-above, -left))
        for move, entry in zip(self.moves, self._by_entry(rows, x), strict=True):
            entry[...] = planes[:, :, move : move + self.run]

    def _by_entry(self, rows: Floats, pictures: Floats) -> Floats:
        """View rows as (entries of the window, channels, pictures, places)."""
        return rows.reshape(len(self.moves), pictures.shape[3], len(pictures), self.run)

    def _planes(self, n: int, channels: int, dtype: Any) -> tuple[Floats, Floats]:
        """Return memory, (channels, n, pixels), and its view as padded pictures, channels last."""
        planes = WORKSPACE.array("planes", (channels, n, self.moves[-1] + self.run), dtype)
        of_channel, of_n, item = planes.strides
        pictures = view(
            planes,
            0,
            (n, self.high, self.wide, channels),
            (of_n, self.wide * item, item, of_channel),
        )
        return planes, pictures
