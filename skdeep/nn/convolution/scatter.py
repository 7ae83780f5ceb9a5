"""Columns put back to the pixels that they were taken from, and added up.

A window that moves by S pixels meets a pixel up to ceil(F / S) times along each axis. The padded
picture is kept in cells of S x S pixels, so that a place is a cell; the window's entries, cut into
pieces of S x S, then belong to the cell of the place and to its neighbours below and to the right.
A piece is added to all places at once, and the first one written, since it fills its cell.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from skdeep.nn.convolution.geometry import Geometry
from skdeep.nn.convolution.workspace import WORKSPACE

__all__ = ["Scatter"]

Floats = NDArray[Any]


class Scatter:
    """The transpose of gathering columns, for a window without gaps.

    Parameters
    ----------
    geometry : Geometry

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn.convolution.geometry import fit
    >>> from skdeep.nn.convolution.scatter import Scatter
    >>> scatter = Scatter(fit("Conv2D", (1, 5, 1), (1, 3), stride=(1, 2)))
    >>> cells = scatter.cells(1, np.float32)
    >>> scatter.add(np.ones((1, 1, 2, 1, 3, 1), np.float32), cells, slice(0, 1))
    >>> scatter.pixels(cells)[0, :, :, 0]
    array([[1., 1., 2., 1., 1.]], dtype=float32)
    """

    def __init__(self, geometry: Geometry) -> None:
        self.geometry = geometry
        self.pieces = tuple(
            -(-size // step) for size, step in zip(geometry.kernel, geometry.stride, strict=True)
        )
        high, wide, _ = geometry.input_shape
        # As many cells as pieces reach, and as pixels need that no window meets.
        self.n_cells = tuple(
            max(places + pieces - 1, -(-(before + length) // step))
            for places, pieces, (before, _), length, step in zip(
                geometry.places,
                self.pieces,
                geometry.padding,
                (high, wide),
                geometry.stride,
                strict=True,
            )
        )

    def cells(self, n: int, dtype: Any) -> Floats:
        """Return memory for n pictures, (n, rows, S, columns, S, channels).

        It is zero where no place begins. The rest is written by `add`, which has to be given the
        last rows of places first.
        """
        (sh, sw), (rows, columns) = self.geometry.stride, self.n_cells
        places, n_channels = self.geometry.places, self.geometry.input_shape[2]
        cells = WORKSPACE.array("cells", (n, rows, sh, columns, sw, n_channels), dtype)
        cells[:, places[0] :] = 0
        cells[:, : places[0], :, places[1] :] = 0
        return cells

    def add(self, columns: Floats, cells: Floats, band: slice) -> None:
        """Add the columns of some rows of places, (n, rows, places, kernel, kernel, channels)."""
        (sh, sw), wide = self.geometry.stride, self.geometry.places[1]
        by_row = columns.transpose(0, 1, 3, 2, 4, 5)
        for i in range(self.pieces[0]):
            for j in range(self.pieces[1]):
                piece = by_row[:, :, i * sh : (i + 1) * sh, :, j * sw : (j + 1) * sw]
                rows = slice(band.start + i, band.stop + i)
                within = cells[:, rows, : piece.shape[2], j : j + wide, : piece.shape[4]]
                if i or j:
                    within += piece
                    continue
                if within.shape[2] < sh or within.shape[4] < sw:
                    cells[:, rows, :, :wide] = 0
                within[...] = piece

    def pixels(self, cells: Floats) -> Floats:
        """Return the pictures without their border, a view."""
        n, rows, sh, columns, sw, n_channels = cells.shape
        (above, _), (left, _) = self.geometry.padding
        high, wide, _ = self.geometry.input_shape
        pictures = cells.reshape(n, rows * sh, columns * sw, n_channels)
        return pictures[:, above : above + high, left : left + wide]
