"""Winograd's convolution, blocked: a third to a quarter of the multiplications.

With the matrices of `interpolation`, a tile of t x t pixels gives m x m outputs::

    y = A' [U * (B' d B)] A,    U = G w G'

For many channels, filters and tiles the product in the middle is t * t matrix products, one for
each entry: (tiles, channels) times (channels, filters). The transforms are matrix products as
well, of a small matrix with all tiles' entries, along the tiles' rows and then along their columns,
and a block of pictures goes through all of it in arrays that stay in the cache:

    pixels -> tiles D -> V = B' D B -> M = V U -> Y = A' M A -> outputs

Backward, grad_x is the same convolution, of grad_y with the flipped weights. The gradient of the
weights is its transpose: with Z = A (tiles of x) A' the gradient of U is the sum over tiles of Z'V,
and one more product leads from it to the weights.

The rounding is that of the columns' path for m = 2, and some five times that for m = 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.convolution.geometry import Geometry, Pair
from skdeep.nn.convolution.interpolation import Transforms, transforms
from skdeep.nn.convolution.patches import add_bias_gradient, copy_inside, rectified
from skdeep.nn.convolution.workspace import WORKSPACE, blocks

__all__ = ["Winograd"]

Floats = NDArray[Any]

_BLOCK = 1024 * 1024  # bytes of the tiles of a block

# Rows whose length is a power of two meet in the same lines of the cache, and a product with them
# takes twice as long: so rows are kept apart by a few numbers.
_APART = 16


class Winograd:
    """A square window of 3 or 5, stride 1, one group; F(m x m, r x r).

    Parameters
    ----------
    geometry : Geometry
    m : int
        Outputs along a tile.
    target : int
        Bytes of the transformed tiles of a block.
    """

    def __init__(self, geometry: Geometry, m: int, target: int = _BLOCK) -> None:
        self.geometry = geometry
        self.transforms = transforms(m, geometry.kernel[0])
        self.target = target
        self._cast: dict[Any, Transforms] = {}

    @staticmethod
    def suits(geometry: Geometry) -> bool:
        """Whether the path can do it."""
        return (
            geometry.kernel in ((3, 3), (5, 5))
            and geometry.stride == geometry.dilation == (1, 1)
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
        matrices = self._matrices(x.dtype)
        transformed = _of_weights(matrices, weight)
        (above, _), (left, _) = self.geometry.padding
        for tiles in self._blocks(matrices, x, y, (-above, -left)):
            tiles.multiply(transformed)
            tiles.write(bias, rectify)

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
        matrices = self._matrices(grad_y.dtype)
        r, channels, filters = matrices.r, *weight.shape[2:]
        flipped = np.ascontiguousarray(weight[::-1, ::-1].swapaxes(2, 3))
        transformed = _of_weights(matrices, flipped)
        (above, _), (left, _) = self.geometry.padding
        target = x if grad_x is None else grad_x
        if target is None:
            return
        wants_weight = grad_weight is not None and x is not None
        if wants_weight:
            shape = (matrices.t**2, channels, filters)
            total = WORKSPACE.zeros("total", shape, weight.dtype)
            term = WORKSPACE.array("term", shape, weight.dtype)
        if grad_bias is not None:
            grad_bias[...] = 0
        origin = (above - r + 1, left - r + 1)
        for tiles in self._blocks(matrices, grad_y, target, origin, y, grad_bias):
            if wants_weight and x is not None:
                total += tiles.correlate(x, term)
            if grad_x is not None:
                tiles.multiply(transformed)
                tiles.write()
        if grad_weight is not None and x is not None:
            entries = _on_both_sides(
                matrices.of_kernel.T,
                total.reshape(matrices.t, matrices.t, channels * filters),
                WORKSPACE.array("half", (r * matrices.t * channels * filters,), weight.dtype),
                np.empty((r, r, channels * filters), weight.dtype),
            )
            grad_weight[::-1, ::-1] = entries.reshape(weight.shape)

    def _matrices(self, dtype: Any) -> Transforms:
        """Return the transforms in that type."""
        if dtype not in self._cast:
            exact = self.transforms
            self._cast[dtype] = Transforms(
                exact.m,
                exact.r,
                exact.of_tile.astype(dtype),
                exact.of_kernel.astype(dtype),
                exact.to_output.astype(dtype),
            )
        return self._cast[dtype]

    def _blocks(
        self,
        matrices: Transforms,
        source: Floats,
        target: Floats,
        origin: Pair,
        y: Floats | None = None,
        grad_bias: Floats | None = None,
    ) -> Iterator[_Tiles]:
        """Yield transformed tiles: of some pictures, or of some rows of one."""
        m, t = matrices.m, matrices.t
        high, wide = -(-target.shape[1] // m), -(-target.shape[2] // m)
        widest = max(source.shape[3], target.shape[3])
        bytes_of_row = t * t * wide * widest * source.itemsize
        for pictures in blocks(len(source), high * bytes_of_row, self.target):
            block = rectified(source[pictures], None if y is None else y[pictures])
            add_bias_gradient(grad_bias, block)
            n = len(block)
            for rows_of_tiles in blocks(high, n * bytes_of_row, self.target):
                yield _Tiles(matrices, block, target, pictures, rows_of_tiles, wide, origin)


def _of_weights(matrices: Transforms, weight: Floats) -> Floats:
    """Return U of shape (t * t, channels, filters)."""
    t, (r, _, channels, filters) = matrices.t, weight.shape
    entries = channels * filters
    out = WORKSPACE.array("weights", (t, t, entries), weight.dtype)
    half = WORKSPACE.array("half", (t * r * entries,), weight.dtype)
    _on_both_sides(matrices.of_kernel, weight.reshape(r, r, entries), half, out)
    return out.reshape(t * t, channels, filters)


def _on_both_sides(matrix: Floats, entries: Floats, memory: Floats, out: Floats) -> Floats:
    """Write ``matrix entries matrix'`` for the two leading axes of entries, and return it.

    Parameters
    ----------
    matrix : array of shape (p, q)
    entries : array of shape (q, q, n)
    memory : array of shape (>= p * q * ld,)
        For what is done to the rows alone, with the distance `ld` of the entries.
    out : array of shape (p, p, n)
    """
    p, q = matrix.shape
    ld = entries.strides[1] // entries.itemsize
    half = _rows(memory, ld, (p, q), entries.shape[2:])
    np.matmul(matrix, entries.swapaxes(0, 1), out=half.swapaxes(0, 1))
    return np.matmul(matrix, half, out=out)


class _Tiles:
    """The tiles of one block, in two arrays that take turns: D, then V; M, then Y."""

    def __init__(
        self,
        matrices: Transforms,
        source: Floats,
        target: Floats,
        pictures: slice,
        rows: slice,
        wide: int,
        origin: Pair,
    ) -> None:
        m, r, t = matrices.m, matrices.r, matrices.t
        n, high, channels = len(source), rows.stop - rows.start, source.shape[3]
        self.matrices, self.target, self.pictures = matrices, target, pictures
        self.layout = (n, high, wide)
        self.first = rows.start * m  # row of the target
        dtype = source.dtype
        filters = target.shape[3]
        n_tiles = n * high * wide
        ld_in, ld_out = n_tiles * channels + _APART, n_tiles * filters + _APART
        one = WORKSPACE.array("tiles", (t * t * max(ld_in, ld_out),), dtype)
        two = WORKSPACE.array("values", (t * t * max(ld_in, ld_out),), dtype)
        padded = WORKSPACE.array("padded", (n, high * m + r - 1, wide * m + r - 1, channels), dtype)
        copy_inside(source, padded, (self.first + origin[0], origin[1]))
        of_n, of_row, of_column, of_channel = padded.strides
        cut = np.ndarray(
            (t, t, n, high, wide, channels),
            dtype,
            padded,
            strides=(of_row, of_column, of_n, m * of_row, m * of_column, of_channel),
        )
        np.copyto(_rows(one, ld_in, (t, t), (n, high, wide, channels)), cut)
        entries = _rows(one, ld_in, (t, t), (n_tiles * channels,))
        _on_both_sides(matrices.of_tile, entries, two, entries)
        self.values = _rows(one, ld_in, (t * t,), (n_tiles, channels))
        self.products = _rows(two, ld_out, (t * t,), (n_tiles, filters))
        self._products_flat = _rows(two, ld_out, (t, t), (n_tiles * filters,))
        self._outputs_flat = _rows(two, ld_out, (m, m), (n_tiles * filters,))
        self._outputs = _rows(two, ld_out, (m, m), (n, high, wide, filters))
        self._free = one

    def multiply(self, weights: Floats) -> None:
        """M = V U, a product for each entry."""
        np.matmul(self.values, weights, out=self.products)

    def write(self, bias: Floats | None = None, rectify: bool = False) -> None:
        """Y = A' M A, cut to the target's size; V is lost."""
        matrices = self.matrices
        if bias is not None:
            self.products[matrices.constant * (matrices.t + 1)] += bias
        _on_both_sides(matrices.to_output, self._products_flat, self._free, self._outputs_flat)
        outputs = self._outputs.transpose(2, 3, 0, 4, 1, 5)
        part = self._part()
        n, high, wide = self.layout
        m = matrices.m
        exact = part.shape[1:3] == (high * m, wide * m)
        if exact:  # a band of one picture, or whole pictures: contiguous
            whole = part
        else:
            shape = (n, high * m, wide * m, part.shape[3])
            whole = WORKSPACE.array("whole", shape, part.dtype)
        places = whole.reshape(n, high, m, wide, m, -1)
        if rectify:
            np.maximum(outputs, 0, out=places)
        else:
            np.copyto(places, outputs)
        if not exact:
            part[...] = whole[:, : part.shape[1], : part.shape[2]]

    def correlate(self, x: Floats, out: Floats) -> Floats:
        """Return the sum over tiles of Z'V, with Z = A (tiles of x) A'."""
        matrices = self.matrices
        m, t = matrices.m, matrices.t
        n, high, wide = self.layout
        part = self._part(x)
        channels, n_tiles = part.shape[3], n * high * wide
        if part.shape[1:3] != (high * m, wide * m):
            whole = WORKSPACE.array("whole", (n, high * m, wide * m, channels), part.dtype)
            copy_inside(part, whole, (0, 0))
            part = whole
        ld = n_tiles * channels + _APART
        half = WORKSPACE.array("half", (t * m * ld,), part.dtype)
        values = WORKSPACE.array("x values", (t * t * ld,), part.dtype)
        np.copyto(
            _rows(values, ld, (m, m), (n, high, wide, channels)),
            part.reshape(n, high, m, wide, m, channels).transpose(2, 4, 0, 1, 3, 5),
        )
        _on_both_sides(
            matrices.to_output.T,
            _rows(values, ld, (m, m), (n_tiles * channels,)),
            half,
            _rows(values, ld, (t, t), (n_tiles * channels,)),
        )
        by_tile = _rows(values, ld, (t * t,), (n_tiles, channels))
        return np.matmul(by_tile.swapaxes(1, 2), self.values, out=out)

    def _part(self, array: Floats | None = None) -> Floats:
        """Return the block's part of the target, or of an array of its height and width."""
        array = self.target if array is None else array
        rows = slice(self.first, self.first + self.layout[1] * self.matrices.m)
        return array[self.pictures, rows]


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
