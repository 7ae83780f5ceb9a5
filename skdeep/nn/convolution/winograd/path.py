"""Winograd's convolution, blocked: a third to a half of the multiplications.

With the matrices of `interpolation`, a tile d of pixels gives a tile y of outputs::

    y = A' [U * (B' d B)] A,    U = G w G'

For many channels, filters and tiles the product in the middle is t * t matrix products, one for
each entry: (tiles, channels) times (channels, filters). The transforms are matrix products as
well, of a small matrix with all tiles' entries, along the tiles' rows and then along their columns,
and a block of pictures goes through all of it in arrays that stay in the cache:

    pixels -> values V = B' d B -> M = V U -> Y = A' M A -> outputs

Backward, grad_x is such a convolution of grad_y, with the weights in reverse order. The gradient of
the weights is its transpose: with Z = A (tiles of x) A' the gradient of U is the sum over tiles of
Z'V, and the transpose of G leads from it to the weights.

The rounding is that of the columns' path for m = 2, and some five times that for m = 4.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.convolution.geometry import Geometry
from skdeep.nn.convolution.patches import add_bias_gradient, rectified
from skdeep.nn.convolution.winograd.interpolation import backward, forward
from skdeep.nn.convolution.winograd.tiles import Axes, Tiles, on_both_sides
from skdeep.nn.convolution.workspace import BLOCK, WORKSPACE, blocks

__all__ = ["Winograd"]

Floats = NDArray[Any]

# Bytes of transformed weights that stay in the cache beside a block. Where there are more of them
# every block reads them anew, and has to be worth it.
_BESIDE = 3 * 2**20
_LARGEST_BLOCK = 7 * 2**20


class Winograd:
    """A square window of 3 or 5 with stride 1, or of 3 with stride 2; one group.

    Parameters
    ----------
    geometry : Geometry
    m : int
        Outputs along a tile.
    target : int
        Bytes of the values of a block of tiles.
    """

    def __init__(self, geometry: Geometry, m: int, target: int = BLOCK) -> None:
        self.geometry, self.m, self.target = geometry, m, target
        self._cast: dict[Any, tuple[Axes, Axes]] = {}

    @staticmethod
    def suits(geometry: Geometry) -> bool:
        """Whether the path can do it."""
        return (
            (geometry.kernel[0], geometry.stride[0]) in ((3, 1), (5, 1), (3, 2))
            and geometry.kernel[0] == geometry.kernel[1]
            and geometry.stride[0] == geometry.stride[1]
            and geometry.dilation == (1, 1)
            and geometry.groups == 1
        )

    def forward(
        self,
        x: Floats,
        weight: Floats,
        y: Floats,
        bias: Floats | None = None,
        rectify: bool = False,
    ) -> None:
        """Write the convolution of x with the weight into y."""
        axes, _ = self._axes(x.dtype)
        transformed = _of_weights(axes, weight)
        for pictures, bands in self._blocks(axes, x, y):
            for tiles, first, rows in bands:
                tiles.evaluate(x[pictures], first)
                tiles.multiply(transformed)
                tiles.write(y[pictures, rows], bias, rectify)

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
        target = x if grad_x is None else grad_x
        if target is None:
            return
        _, axes = self._axes(grad_y.dtype)
        transposed = np.ascontiguousarray(weight.swapaxes(2, 3))
        transformed = _of_weights(axes, transposed)
        wants_weight = grad_weight is not None and x is not None
        if wants_weight:
            shape = (len(transformed), *weight.shape[2:])
            total = WORKSPACE.zeros("total", shape, weight.dtype)
            term = WORKSPACE.array("term", shape, weight.dtype)
        if grad_bias is not None:
            grad_bias[...] = 0
        for pictures, bands in self._blocks(axes, grad_y, target):
            block = rectified(grad_y[pictures], None if y is None else y[pictures])
            add_bias_gradient(grad_bias, block)
            for tiles, first, rows in bands:
                tiles.evaluate(block, first)
                if wants_weight and x is not None:
                    total += tiles.correlate(x[pictures, rows], term)
                if grad_x is not None:
                    tiles.multiply(transformed)
                    tiles.write(grad_x[pictures, rows])
        if grad_weight is not None and x is not None:
            down, across = axes
            entries = total.reshape(len(down.of_kernel), len(across.of_kernel), -1)
            back = on_both_sides(down.of_kernel.T, entries, across.of_kernel.T)
            grad_weight[...] = back.reshape(weight.shape)

    def _axes(self, dtype: Any) -> tuple[Axes, Axes]:
        """Return the matrices of rows and columns in that type, forward and backward."""
        if dtype not in self._cast:
            geometry, m = self.geometry, self.m
            (above, _), (left, _) = geometry.padding

            def of(derive: Any) -> Axes:
                down, across = (
                    derive(m, geometry.kernel[0], geometry.stride[0], before).astype(dtype)
                    for before in (above, left)
                )
                return down, across

            self._cast[dtype] = of(forward), of(backward)
        return self._cast[dtype]

    def _blocks(
        self, axes: Axes, source: Floats, target: Floats
    ) -> list[tuple[slice, list[tuple[Tiles, int, slice]]]]:
        """List blocks of pictures, with bands of them: tiles, which row of tiles, rows of target.

        A band is all of several pictures, or some rows of one.
        """
        down, across = axes
        side = len(down.to_output)
        high, wide = -(-target.shape[1] // side), -(-target.shape[2] // len(across.to_output))
        channels, filters = source.shape[3], target.shape[3]
        n_values = len(down.of_tile) * len(across.of_tile)
        bytes_of_row = n_values * wide * max(channels, filters) * source.itemsize
        bytes_of_weights = n_values * channels * filters * source.itemsize
        size_of_block = self.target
        if bytes_of_weights > _BESIDE:
            size_of_block = max(size_of_block, min(bytes_of_weights, _LARGEST_BLOCK))
        made: dict[tuple[int, int], Tiles] = {}
        found = []
        for pictures in blocks(len(source), high * bytes_of_row, size_of_block):
            n, bands = pictures.stop - pictures.start, []
            for band in blocks(high, n * bytes_of_row, size_of_block):
                size = n, band.stop - band.start
                if size not in made:
                    made[size] = Tiles(axes, (*size, wide), channels, filters, source.dtype)
                rows = slice(band.start * side, band.stop * side)
                bands.append((made[size], band.start, rows))
            found.append((pictures, bands))
        return found


def _of_weights(axes: Axes, weight: Floats) -> Floats:
    """Return U, of shape (entries, channels, filters)."""
    down, across = axes
    entries = weight.reshape(*weight.shape[:2], -1)
    transformed = on_both_sides(down.of_kernel, entries, across.of_kernel)
    return transformed.reshape(-1, *weight.shape[2:])
