"""Winograd's minimal convolutions, from the points at which polynomials are interpolated.

The product of a polynomial of r coefficients and one of m coefficients has t = m + r - 1
coefficients, and is known from its values at t points: evaluate both factors at the points,
multiply the t pairs of values, interpolate. That takes t multiplications instead of m r. The
transpose of this computation (Toom and Cook's) is a correlation of t pixels d with r weights g,
m outputs long (Winograd's F(m, r))::

    y = A' [(G g) * (B' d)],    y_i = sum over k of g_k d_(i + k)

with, for the points p_0 ... p_(t-2) and infinity,

- G, of shape (t, r), the values of the weights' polynomial: row j is (1, p_j, p_j**2 ...) / N_j,
  with N_j the product over the other points l of (p_j - p_l); at infinity it is the last
  coefficient;
- A, of shape (t, m), the values of the other factor: row j is (1, p_j, p_j**2 ...); at infinity
  the last coefficient again;
- B', of shape (t, t), the interpolation: row j has the coefficients of the product over the other
  points l of (x - p_l), which is zero at all of them; for infinity those of the product over all
  points.

In two dimensions every matrix acts on rows and on columns, Y = A' [(G g G') * (B' d B)] A.

With a stride of s, every s-th pixel meets every s-th weight: outputs are sums of s correlations of
stride one, one for each remainder f, with the r_f weights g_f, g_(f + s) ... Their matrices stand
beside each other, so that there are t = sum over f of (m + r_f - 1) products. On the way back the
pixels of each remainder are a convolution of the outputs' gradient with those weights.

The points are 0, 1, -1, 2, -2, 1/2, ...: small numbers, for the transforms multiply by their powers
and what they multiply is rounded. So a larger m saves more products and costs more digits.

References
----------
A. Lavin, S. Gray, "Fast algorithms for convolutional neural networks", CVPR 2016.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CONSTANT", "POINTS", "Transforms", "backward", "forward"]

Matrix = NDArray[Any]
Piece = tuple[slice, int, tuple[Matrix, Matrix, Matrix]]  # see `_pieces`

#: Where polynomials are evaluated, beside infinity. The second is 1: see `Transforms.constant`.
POINTS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)


@dataclass(frozen=True)
class Transforms:
    """The matrices along one axis of pictures: ``out = to_output [(of_kernel g) * (of_tile d)]``.

    Attributes
    ----------
    of_tile : ndarray of shape (t, pixels along a tile of the source)
    of_kernel : ndarray of shape (t, r)
    to_output : ndarray of shape (pixels along a tile of the target, t)
    start, step : int
        The first pixel of the first tile of the source, which may lie outside, and how many follow
        until the next tile. Tiles of the target lie side by side.
    """

    of_tile: Matrix
    of_kernel: Matrix
    to_output: Matrix
    start: int
    step: int

    def astype(self, dtype: Any) -> Transforms:
        """Return them in another type of numbers."""
        return Transforms(
            self.of_tile.astype(dtype),
            self.of_kernel.astype(dtype),
            self.to_output.astype(dtype),
            self.start,
            self.step,
        )


#: The entry that `to_output` spreads evenly forward, that of the point 1 whose powers are all one:
#: adding a bias there adds it to every output.
CONSTANT = 1


def forward(m: int, r: int, stride: int = 1, before: int = 0) -> Transforms:
    """Derive what leads from pixels to outputs.

    Parameters
    ----------
    m : int
        Outputs along a tile.
    r : int
        Entries along the window.
    stride : int, default=1
    before : int, default=0
        Zeros before the first pixel.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn.convolution.winograd.interpolation import backward, forward, matrices
    >>> to_values, of_kernel, of_tile = matrices(2, 3)
    >>> of_tile
    array([[-1.,  0.,  1.,  0.],
           [ 0.,  1.,  1.,  0.],
           [ 0., -1.,  1.,  0.],
           [ 0., -1.,  0.,  1.]])
    >>> g, d = np.array([1.0, 2.0, 3.0]), np.array([5.0, 1.0, 4.0, 2.0, 3.0])
    >>> to_values.T @ ((of_kernel @ g) * (of_tile @ d[:4])), np.correlate(d[:4], g)
    (array([19., 15.]), array([19., 15.]))
    >>> by_two = forward(2, 3, stride=2)
    >>> by_two.to_output @ ((by_two.of_kernel @ g) * (by_two.of_tile @ d))
    array([19., 17.])
    """
    pieces = _pieces(m, r, stride)
    of_tile = np.zeros((_length(pieces), stride * (m - 1) + r))
    of_kernel = np.zeros((len(of_tile), r))
    to_output = np.zeros((m, len(of_tile)))
    for values, remainder, (to_values, kernel, tile) in pieces:
        of_tile[values, remainder : remainder + stride * len(tile) : stride] = tile
        of_kernel[values, remainder::stride] = kernel
        to_output[:, values] = to_values.T
    return Transforms(of_tile, of_kernel, to_output, -before, stride * m)


def backward(m: int, r: int, stride: int = 1, before: int = 0) -> Transforms:
    """Derive what leads from the outputs' gradient to that of the pixels, ``stride * m`` a tile.

    Parameters
    ----------
    m, r, stride, before : int
        As of `forward`. Products with the gradient's values are of as many entries.
    """
    pieces = _pieces(m, r, stride)
    # A tile begins with a pixel of remainder `shift`; those of a smaller one are a place further.
    first, shift = divmod(before, stride)
    stops = [int(f < shift) + m for _, f, _ in pieces]
    start = min(stop - len(tile) for stop, (*_, (*_, tile)) in zip(stops, pieces, strict=True))
    of_tile = np.zeros((_length(pieces), max(stops) - start))
    of_kernel = np.zeros((len(of_tile), r))
    to_output = np.zeros((stride * m, len(of_tile)))
    for stop, (values, f, (to_values, kernel, tile)) in zip(stops, pieces, strict=True):
        of_tile[values, stop - start - len(tile) : stop - start] = tile
        of_kernel[values, f::stride] = kernel[:, ::-1]
        to_output[(f - shift) % stride :: stride, values] = to_values.T
    return Transforms(of_tile, of_kernel, to_output, first + start, m)


def _pieces(m: int, r: int, stride: int) -> list[Piece]:
    """List for every remainder which of the products are its own, itself, and its A, G and B'."""
    found: list[Piece] = []
    stop = 0
    for remainder in range(min(stride, r)):
        start, stop = stop, stop + m + -(-(r - remainder) // stride) - 1
        found.append((slice(start, stop), remainder, matrices(m, stop - start - m + 1)))
    return found


def _length(pieces: list[Piece]) -> int:
    return pieces[-1][0].stop


def matrices(m: int, r: int) -> tuple[Matrix, Matrix, Matrix]:
    """Return A of shape (t, m), G of shape (t, r) and B' of shape (t, t)."""
    if r == 1:  # every output is one product
        return np.eye(m), np.ones((m, 1)), np.eye(m)
    t = m + r - 1
    points = np.array(POINTS[: t - 1])
    if len(points) < t - 1:
        raise ValueError(f"F({m}, {r}) needs {t - 1} points, there are {len(POINTS)}.")
    to_values, of_kernel, of_tile = np.zeros((t, m)), np.zeros((t, r)), np.zeros((t, t))
    to_values[:-1] = points[:, None] ** np.arange(m)
    of_kernel[:-1] = points[:, None] ** np.arange(r)
    to_values[-1, -1] = of_kernel[-1, -1] = 1.0
    for j, point in enumerate(points):
        others = np.delete(points, j)
        of_kernel[j] /= np.prod(point - others)
        of_tile[j, :-1] = _coefficients(others)
    of_tile[-1] = _coefficients(points)
    return to_values, of_kernel, of_tile + 0.0  # without negative zeros


def _coefficients(zeros: Matrix) -> Matrix:
    """Return the coefficients of the product of (x - zero), the lowest power first."""
    return np.atleast_1d(np.poly(zeros))[::-1]
