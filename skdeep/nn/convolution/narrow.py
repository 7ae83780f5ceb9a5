"""Convolution of pictures with few channels, such as a network's first: columns the other way up.

A picture of one to three channels has windows of a few numbers only, in runs of a handful. So the
columns are kept transposed, one long row for each entry of the window: copying runs along whole
rows of pixels, and the product is the same. A row of ones below them multiplies the bias in, and
backward gives its gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.convolution.columns import Columns
from skdeep.nn.convolution.geometry import Geometry, Pair
from skdeep.nn.convolution.patches import Patches, copy_inside, finish, rectified, view
from skdeep.nn.convolution.pieces import add_gradient, multiply
from skdeep.nn.convolution.strips import Strips
from skdeep.nn.convolution.workspace import BLOCK, WORKSPACE, blocks

__all__ = ["Narrow"]

Floats = NDArray[Any]

_FEW = 4  # channels
_NARROW = 24  # so many numbers side by side, or more, are copied well as they are
_LITTLE = 8  # filters


class Narrow:
    """Few channels, and what `Columns` can do: backward to the input it is that, or by strips.

    Parameters
    ----------
    geometry : Geometry
    target : int
        Bytes of the columns of a block.
    """

    def __init__(self, geometry: Geometry, target: int = BLOCK) -> None:
        (above, _), (left, _) = geometry.padding
        self.target = target
        strips = Strips.fastest(geometry) > 1
        self.by_pixel = Strips(geometry) if strips else Columns(geometry)
        self.patches = _Planes(
            (-above, -left),
            geometry.places,
            geometry.kernel,
            geometry.stride,
            geometry.dilation,
            target,
        )

    @staticmethod
    def suits(geometry: Geometry) -> bool:
        """Whether the path can do it, and is the faster one."""
        (rows, columns), channels = geometry.kernel, geometry.input_shape[2]
        narrow = channels <= _FEW and columns * channels < _NARROW
        # Few filters make little of a long window: strips of them do better.
        little = geometry.filters <= _LITTLE and rows * columns * channels >= _NARROW
        strips = little and Strips.fastest(geometry) > 1
        return Columns.suits(geometry) and narrow and not strips

    def forward(
        self,
        x: Floats,
        weight: Floats,
        y: Floats,
        bias: Floats | None = None,
        rectify: bool = False,
    ) -> None:
        """Write the convolution of x with the weight into y."""
        filters = weight.shape[3]
        last = np.zeros(filters, weight.dtype) if bias is None else bias
        matrix = np.concatenate([weight.reshape(-1, filters), last[None]])
        for part in self._blocks(x):
            for rows, columns in self.patches.bands(x[part]):
                # Bands are of single pictures, so that their rows are one piece of memory.
                out = y[part, rows].reshape(-1, filters)
                multiply(columns.T, matrix, out)
                finish(out, None, rectify)

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
        if grad_x is not None or x is None:
            self.by_pixel.backward(x, weight, grad_y, grad_x, grad_weight, grad_bias, y)
            return
        filters = weight.shape[3]
        n_entries = weight.size // filters
        total = WORKSPACE.zeros("total", (n_entries + 1, filters), weight.dtype)
        for part in self._blocks(x):
            block = rectified(grad_y[part], None if y is None else y[part])
            for rows, columns in self.patches.bands(x[part]):
                add_gradient(columns.T, block[:, rows].reshape(-1, filters), total)
        if grad_weight is not None:
            grad_weight[...] = total[:-1].reshape(weight.shape)
        if grad_bias is not None:
            grad_bias[...] = total[-1]

    def _blocks(self, x: Floats) -> list[slice]:
        return blocks(len(x), self.patches.bytes_each(x.shape[3], x.itemsize), self.target)


class _Planes(Patches):
    """Patches transposed: (entries of the window and one of ones, places)."""

    def _room(self, shape: Pair, dtype: Any) -> tuple[Floats, Floats]:
        columns = WORKSPACE.array("planes", (shape[0] + 1, shape[1]), dtype)
        columns[-1] = 1
        return columns, columns[:-1]

    def _windows(self, padded: Floats, band: slice) -> Floats:
        (sh, sw), (dh, dw) = self.stride, self.dilation
        channels, n, _, _ = padded.shape
        of_channel, of_n, of_row, of_column = padded.strides
        return view(
            padded,
            band.start * sh * of_row,
            (*self.kernel, channels, n, band.stop - band.start, self.places[1]),
            (dh * of_row, dw * of_column, of_channel, of_n, sh * of_row, sw * of_column),
        )

    def _padded(self, pictures: Floats) -> Floats:
        n, _, _, channels = pictures.shape
        planes = WORKSPACE.array("padded", (channels, n, *self.span), pictures.dtype)
        copy_inside(pictures, planes.transpose(1, 2, 3, 0), self.origin)
        return planes
