"""Convolution of each channel by itself, without matrix products.

A row of pixels with its channels is one long vector, and so are the weights of one entry of the
window, repeated for every pixel of a row. Then an output row is a sum of products of vectors, one
for each entry, which `numpy.einsum` adds up in one pass that multiplies and adds at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.convolution.geometry import Geometry, Pair
from skdeep.nn.convolution.patches import add_bias_gradient, copy_inside, finish, rectified, view
from skdeep.nn.convolution.workspace import BLOCK, WORKSPACE, blocks

__all__ = ["Depthwise"]

Floats = NDArray[Any]


class Depthwise:
    """As many groups as channels and as filters, stride 1.

    Parameters
    ----------
    geometry : Geometry
    target : int
        Bytes of the padded pictures of a block.
    """

    def __init__(self, geometry: Geometry, target: int = BLOCK) -> None:
        self.geometry, self.target = geometry, target

    @staticmethod
    def suits(geometry: Geometry) -> bool:
        """Whether the path can do it."""
        one_each = geometry.groups == geometry.input_shape[2] == geometry.filters
        return one_each and geometry.stride == (1, 1)

    def forward(
        self,
        x: Floats,
        weight: Floats,
        y: Floats,
        bias: Floats | None = None,
        rectify: bool = False,
    ) -> None:
        """Write the convolution of x with the weight into y."""
        (above, _), (left, _) = self.geometry.padding
        self._map(x, weight, y, (-above, -left), bias, rectify)

    def _map(
        self,
        source: Floats,
        weight: Floats,
        target: Floats,
        origin: Pair,
        bias: Floats | None = None,
        rectify: bool = False,
    ) -> None:
        along = _along_rows(weight, target.shape[2])
        shift = None if bias is None else np.tile(bias, target.shape[2])
        for part in self._blocks(source):
            windows = self._windows(source[part], target.shape[1:3], origin)
            block = target[part].reshape(windows.shape[0], windows.shape[1], -1)
            np.einsum("nhijw,ijw->nhw", windows, along, out=block)
            finish(block, shift, rectify)

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
        (above, _), (left, _) = self.geometry.padding
        wide, channels = grad_y.shape[2:]
        rows, columns = weight.shape[:2]
        total = np.zeros((rows, columns, wide * channels), weight.dtype)
        if grad_bias is not None:
            grad_bias[...] = 0
        for part in self._blocks(grad_y):
            block = rectified(grad_y[part], None if y is None else y[part])
            add_bias_gradient(grad_bias, block)
            if grad_weight is None or x is None:
                continue
            windows = self._windows(x[part], grad_y.shape[1:3], (-above, -left))
            block = block.reshape(*block.shape[:2], -1)
            for i in range(rows):
                for j in range(columns):
                    total[i, j] += np.einsum("nhw,nhw->w", windows[:, :, i, j], block)
        if grad_weight is not None:
            sums = total.reshape(rows, columns, wide, channels).sum(axis=2)
            grad_weight[...] = sums[:, :, None]
        if grad_x is not None:
            down, right = self.geometry.dilation
            origin = (above - down * (rows - 1), left - right * (columns - 1))
            self._map(grad_y, weight[::-1, ::-1], grad_x, origin)

    def _blocks(self, source: Floats) -> list[slice]:
        return blocks(len(source), source[0].nbytes if len(source) else 1, self.target)

    def _windows(self, source: Floats, places: tuple[int, ...], origin: Pair) -> Floats:
        """Return a view (n, rows of places, entries' rows, entries' columns, a row's numbers)."""
        (rows, columns), (down, right) = self.geometry.kernel, self.geometry.dilation
        n, _, _, channels = source.shape
        shape = (
            n,
            places[0] + down * (rows - 1),
            places[1] + right * (columns - 1),
            channels,
        )
        padded = WORKSPACE.array("padded", shape, source.dtype)
        copy_inside(source, padded, origin)
        of_n, of_row, of_column, of_channel = padded.strides
        return view(
            padded,
            0,
            (n, places[0], rows, columns, places[1] * channels),
            (of_n, of_row, down * of_row, right * of_column, of_channel),
        )


def _along_rows(weight: Floats, pixels: int) -> Floats:
    """Repeat the weights of shape (rows, columns, 1, channels) for all pixels of a row."""
    rows, columns, _, channels = weight.shape
    return np.broadcast_to(weight, (rows, columns, pixels, channels)).reshape(rows, columns, -1)
