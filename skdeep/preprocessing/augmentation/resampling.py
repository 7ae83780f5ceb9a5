"""Pictures that are turned by an angle: seen through another grid."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from skdeep.nn.memory import Memory
from skdeep.preprocessing.augmentation.base import Augmentation, Drawn, check_share
from skdeep.preprocessing.augmentation.borders import check_fill, padded

__all__ = ["Rotation", "resampled"]

# Angles to each side.
_STEPS = 32
# Pictures of a batch that are turned by one angle, at most, and how many angles it has at least.
_TOGETHER, _ANGLES = 32, 6
# Pixels that are copied at a time, each from a line of the first-level cache that many share.
_CACHED_LINES = 256
# Pixels of a picture whose turns are kept as sparse matrices, at most.
_LARGEST_MAP = 2**12


class Rotation(Augmentation):
    """Turn pictures about their centre, by bilinear interpolation.

    Parameters
    ----------
    degrees : float in [0, 180], default=15.0
        The largest angle, either way.
    fill : float or "edge", default=0.0
        What stands where nothing was: a number, or the nearest pixel.

    Notes
    -----
    The angle is one of 65, evenly spaced from one end to the other, so that turning small pictures
    is a product with one of 65 sparse matrices. In a batch up to 32 pictures have the same angle,
    if six angles or more are left.

    References
    ----------
    P. Y. Simard, D. Steinkraus, J. C. Platt, "Best practices for convolutional neural networks
    applied to visual document analysis", ICDAR 2003.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.preprocessing import Rotation
    >>> pictures = np.zeros((1000, 9, 9))
    >>> pictures[:, 4] = 1.0  # a bar
    >>> turned = Rotation(90.0).sample(pictures, random_state=0)
    >>> bool(np.allclose(turned[:, 4, 4], 1)), bool(turned[:, 0, 4].max() > 0.9)
    (True, True)
    """

    def __init__(self, degrees: float = 15.0, fill: float | str = 0.0) -> None:
        check_share(self, "degrees", degrees, high=180.0)
        check_fill(self, fill)
        self.degrees, self.fill = degrees, fill

    def draw(
        self, n: int, shape: tuple[int, ...], rng: np.random.Generator, weight: Any = None
    ) -> Drawn:
        """Draw an angle for each picture, in radians, counter-clockwise; neighbours share some."""
        together = min(_TOGETHER, max(1, n // _ANGLES))
        return (np.repeat(self._angles(-(-n // together), rng), together)[:n],)

    def draw_copies(self, n: int, shape: tuple[int, ...], rng: np.random.Generator) -> Drawn:
        """Draw an angle for each copy."""
        return (self._angles(n, rng),)

    def _angles(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        return np.deg2rad(self.degrees) * rng.integers(-_STEPS, _STEPS + 1, n) / _STEPS

    def apply(self, x: NDArray[Any], drawn: Drawn) -> NDArray[Any]:
        """Return the pictures turned."""
        (angle,) = drawn
        n, height, width, channels = x.shape
        changes = np.flatnonzero(angle[1:] != angle[:-1]) + 1
        if height * width > _LARGEST_MAP or 0 < n < 2 * len(changes):
            return self._turned_one_by_one(x, angle)
        size, numbers = height * width, (channels,) * (channels > 1)
        pixels = np.ascontiguousarray(x).reshape(n, size, *numbers)
        out = self.buffer("turned", pixels.shape, x.dtype)
        starts = [0, *changes.tolist()]
        for start, stop in zip(starts, [*starts[1:], n], strict=True):
            matrix, border = _turning(float(angle[start]), height, width, self.fill, x.dtype)
            by_pixel = np.ascontiguousarray(pixels[start:stop].swapaxes(0, 1))
            turned = matrix @ by_pixel.reshape(size, -1)
            if border is not None:
                turned += border
            by_picture, found = out[start:stop], turned.reshape(by_pixel.shape).swapaxes(0, 1)
            for first in range(0, size, _CACHED_LINES):
                some = slice(first, first + _CACHED_LINES)
                by_picture[:, some] = found[:, some]
        return out.reshape(x.shape)

    def _turned_one_by_one(self, x: NDArray[Any], angle: NDArray[Any]) -> NDArray[Any]:
        matrix, offset = _turn(angle, x.shape[1:3])
        return resampled(self, x, matrix, offset, self.fill)


def _turn(
    angle: NDArray[Any], size: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return matrix and offset by which pixels of pictures turned about their centre are found."""
    sine, cosine = np.sin(angle), np.cos(angle)
    matrix = np.stack([np.stack([cosine, sine], -1), np.stack([-sine, cosine], -1)], 1)
    centre = (np.array(size) - 1) / 2
    return matrix, centre - matrix @ centre


@lru_cache(2 * _STEPS + 1)  # every angle of one shape, for all fits
def _turning(
    angle: float, height: int, width: int, fill: float | str, dtype: np.dtype[Any]
) -> tuple[Any, NDArray[Any] | None]:
    """Return the matrix of four weights a row that turns pixels, and what the border adds to each.

    Nobody writes to them.
    """
    (matrix,), offset = _turn(np.array([angle]), (height, width))
    down, right = np.arange(height)[:, None], np.arange(width)
    places, shares = [], []  # of the two rows, and the two columns, around where a pixel was
    for axis, size in enumerate((height, width)):
        source = (matrix[axis, 0] * down + (matrix[axis, 1] * right + offset[0, axis])).reshape(-1)
        if fill == "edge":
            np.clip(source, 0, size - 1, out=source)
        before = np.floor(source)
        part = source - before
        at = np.stack([before, before + 1])
        share = np.stack([1 - part, part])
        share *= (at >= 0) & (at < size)
        places.append(np.clip(at, 0, size - 1).astype(np.int32))
        shares.append(share)
    n = height * width
    columns = (places[0][:, None] * np.int32(width) + places[1]).reshape(4, n)
    weights = (shares[0][:, None] * shares[1]).reshape(4, n)
    starts = np.arange(0, 4 * n + 1, 4, dtype=np.int32)
    values = weights.T.astype(dtype).reshape(-1)
    found = csr_array((values, columns.T.reshape(-1), starts), (n, n))
    if fill == "edge" or not fill:
        return found, None
    return found, (fill * (1 - weights.sum(axis=0)[:, None])).astype(dtype)


def resampled(
    memory: Memory,
    x: NDArray[Any],
    matrix: NDArray[Any],
    offset: NDArray[Any],
    fill: float | str,
) -> NDArray[Any]:
    """Return pictures whose pixel p has what stood at ``matrix @ p + offset``.

    Between four pixels that is their bilinear interpolation, as with `order=1` in
    :func:`scipy.ndimage.affine_transform`, mode "grid-constant" for a number and "nearest" for
    "edge", but for all pictures at once, each with a map of its own.

    Parameters
    ----------
    memory : Memory
        Has the arrays.
    x : ndarray of shape (n, height, width, channels)
    matrix : ndarray of shape (n, 2, 2), or (1, 2, 2) for all
    offset : ndarray of shape (n, 2), or (1, 2) for all
    fill : float or "edge"
        What stands beyond the border.

    Returns
    -------
    ndarray of shape (n, height, width, channels)
        In `memory`.
    """
    n, height, width, channels = x.shape
    wide = padded(memory, x, (1, 1), (2, 2), fill)
    columns = width + 3
    # Where each pixel comes from, with the border; farther away there is but border. Whole numbers
    # stay floating as long as they can, since NumPy is slow where both kinds meet.
    dtype = x.dtype if (height + 3) * columns < 2**24 else np.dtype(np.float64)
    parts, corners = [], []
    for axis, size in enumerate((height, width)):
        place = memory.buffer(f"place {axis}", (n, height, width), dtype)
        corner = memory.buffer(f"corner {axis}", (n, height, width), dtype)
        along = matrix[:, axis].astype(dtype)
        down = along[:, :1] * np.arange(height, dtype=dtype)
        down += (offset[:, axis : axis + 1] + 1).astype(dtype)
        right = along[:, 1:] * np.arange(width, dtype=dtype)
        np.add(down[:, :, None], right[:, None, :], out=place)
        np.clip(place, 0, size + 1, out=place)
        np.floor(place, out=corner)  # the pixel at or before it
        place -= corner
        parts.append(place.reshape(-1, 1))
        corners.append(corner)
    corners[0] *= columns
    corners[0] += corners[1]
    index = memory.buffer("index", (n, height, width), np.intp)
    index[...] = corners[0]
    index += (np.arange(n) * ((height + 3) * columns))[:, None, None]
    pixels, at = wide.reshape(-1, channels), index.reshape(-1)
    down, right = parts

    def row(name: str) -> NDArray[Any]:
        """Return what stands between two neighbours in a row."""
        nonlocal at
        left = memory.buffer(name, (len(at), channels), x.dtype)
        other = memory.buffer("neighbour", (len(at), channels), x.dtype)
        pixels.take(at, axis=0, out=left, mode="clip")
        at += 1
        pixels.take(at, axis=0, out=other, mode="clip")
        other -= left
        other *= right
        left += other
        return left

    upper = row("upper")
    at += columns - 1
    lower = row("lower")
    lower -= upper
    lower *= down
    upper += lower
    return upper.reshape(x.shape)
