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

__all__ = ["POINTS", "Transforms", "transforms"]

Matrix = NDArray[Any]

#: Where polynomials are evaluated, beside infinity. The second is 1: see `Transforms.constant`.
POINTS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)


@dataclass(frozen=True)
class Transforms:
    """The matrices of F(m x m, r x r), which act on both sides of a tile.

    Attributes
    ----------
    m, r : int
        Outputs along a tile, entries along the window.
    of_tile : ndarray of shape (t, t)
        B', for the t = m + r - 1 pixels along a tile.
    of_kernel : ndarray of shape (t, r)
        G.
    to_output : ndarray of shape (m, t)
        A'.
    """

    m: int
    r: int
    of_tile: Matrix
    of_kernel: Matrix
    to_output: Matrix

    #: Along both sides of a tile, the entry that `to_output` spreads evenly, that of the point 1
    #: whose powers are all one: adding a bias there adds it to every output.
    constant = 1

    @property
    def t(self) -> int:
        """Pixels along a tile."""
        return self.m + self.r - 1


def transforms(m: int, r: int) -> Transforms:
    """Derive F(m x m, r x r).

    Parameters
    ----------
    m : int
        Outputs along a tile.
    r : int
        Entries along the window.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn.convolution.interpolation import matrices, transforms
    >>> to_values, of_kernel, of_tile = matrices(2, 3)
    >>> of_tile
    array([[-1.,  0.,  1.,  0.],
           [ 0.,  1.,  1.,  0.],
           [ 0., -1.,  1.,  0.],
           [ 0., -1.,  0.,  1.]])
    >>> g, d = np.array([1.0, 2.0, 3.0]), np.array([5.0, 1.0, 4.0, 2.0])
    >>> to_values.T @ ((of_kernel @ g) * (of_tile @ d)), np.correlate(d, g)
    (array([19., 15.]), array([19., 15.]))
    >>> transforms(4, 3).of_tile.shape
    (6, 6)
    """
    to_values, of_kernel, of_tile = matrices(m, r)
    return Transforms(m, r, of_tile, of_kernel, to_values.T)


def matrices(m: int, r: int) -> tuple[Matrix, Matrix, Matrix]:
    """Return A of shape (t, m), G of shape (t, r) and B' of shape (t, t)."""
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
