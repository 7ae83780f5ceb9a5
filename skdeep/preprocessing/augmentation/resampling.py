"""Pictures that are seen through another grid: turned by an angle, or a part of them enlarged."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from skdeep.nn.memory import Memory
from skdeep.preprocessing.augmentation.base import Augmentation, Drawn, check_share
from skdeep.preprocessing.augmentation.borders import check_fill, padded

__all__ = ["Crop", "Rotation", "resampled"]

# Angles to each side.
_STEPS = 32
# Pictures of a batch that are turned by one angle, at most, and how many angles it has at least.
_TOGETHER, _ANGLES = 32, 6
# Rows and columns of a picture that is stretched by products of matrices, at most.
_LARGEST_PRODUCT = 64
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
            matrix, border = self._map(float(angle[start]), height, width, x.dtype)
            by_pixel = np.ascontiguousarray(pixels[start:stop].swapaxes(0, 1))
            turned = matrix @ by_pixel.reshape(size, -1)
            if border is not None:
                turned += border
            out[start:stop] = turned.reshape(by_pixel.shape).swapaxes(0, 1)
        return out.reshape(x.shape)

    def _turned_one_by_one(self, x: NDArray[Any], angle: NDArray[Any]) -> NDArray[Any]:
        matrix, offset = _turn(angle, x.shape[1:3])
        return resampled(self, x, matrix, offset, self.fill)

    def _map(self, angle: float, height: int, width: int, dtype: Any) -> tuple[Any, Any]:
        """Return what turns pixels by multiplication, and what the border adds to each of them."""
        key = (angle, height, width, np.dtype(dtype))
        if key not in self._maps:
            if len(self._maps) > 2 * _STEPS:  # of other shapes
                self._maps.clear()
            self._maps[key] = _turning(angle, height, width, self.fill, dtype)
        return self._maps[key]

    def _forget_buffers(self) -> None:
        super()._forget_buffers()
        self._maps: dict[Any, tuple[Any, Any]] = {}


class Crop(Augmentation):
    """Enlarge a part of a picture to the whole, by bilinear interpolation.

    Parameters
    ----------
    smallest : float in (0, 1], default=0.8
        The smallest part, as a share of height and of width; what is drawn lies between that and
        the whole.

    References
    ----------
    C. Szegedy et al., "Going deeper with convolutions", CVPR 2015, section 6.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.preprocessing import Crop
    >>> ramp = np.tile(np.arange(8.0), (1, 8, 1))
    >>> seen = Crop(0.5).sample(ramp, random_state=0)
    >>> bool(np.ptp(seen) < np.ptp(ramp)), seen.shape
    (True, (1, 8, 8))
    """

    def __init__(self, smallest: float = 0.8) -> None:
        check_share(self, "smallest", smallest)
        if smallest == 0:
            raise ValueError("Crop takes a smallest part above 0, got 0.")
        self.smallest = smallest

    def draw(
        self, n: int, shape: tuple[int, ...], rng: np.random.Generator, weight: Any = None
    ) -> Drawn:
        """Draw each part's share of height and width, and where it is, from 0 to 1 each way."""
        return rng.uniform(self.smallest, 1.0, n), rng.random(n), rng.random(n)

    def apply(self, x: NDArray[Any], drawn: Drawn) -> NDArray[Any]:
        """Return the parts at the size of the whole."""
        share, down, right = drawn
        n, height, width, channels = x.shape
        if channels == 1 and max(height, width) <= _LARGEST_PRODUCT:
            # A product of matrices a picture: no pixel has to change its place.
            found = self.buffer("rows", (n, height, width), x.dtype)
            part = self.buffer("part", found.shape, x.dtype)
            upright = _stretching(self, n, height, x.dtype, share, down).swapaxes(1, 2)
            np.matmul(upright, x.reshape(found.shape), out=found)
            across = _stretching(self, n, width, x.dtype, share, right)  # in the same memory
            return np.matmul(found, across, out=part).reshape(x.shape)
        rows = _stretched(self, "rows", x, share, down)
        across = self.buffer("across", rows.swapaxes(1, 2).shape, x.dtype)
        across[...] = rows.swapaxes(1, 2)
        columns = _stretched(self, "columns", across, share, right)
        out = self.buffer("part", x.shape, x.dtype)
        out[...] = columns.swapaxes(1, 2)
        return out


def _places(
    n: int, size: int, dtype: Any, share: NDArray[Any], place: NDArray[Any]
) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Return the row at or before which each row comes from, and how far behind it, (n, size).

    Parameters
    ----------
    n, size : int
        How many pictures there are, and rows.
    dtype : dtype
    share, place : ndarray of shape (n,) or (1,)
        How many of the rows, and where between the first and the last they are, from 0 to 1.
    """
    # Pixels are squares with numbers in their centres: (i + 1/2) share = k + 1/2 - start.
    start = ((1 - share) * place * size + (share - 1) / 2).astype(dtype)
    source = share.astype(dtype)[:, None] * np.arange(size, dtype=dtype)
    source += start[:, None]
    np.maximum(source, 0, out=source)
    np.minimum(source, size - 1, out=source)
    before = source.astype(np.intp)
    np.minimum(before, max(size - 2, 0), out=before)
    source -= before
    return np.broadcast_to(before, (n, size)), np.broadcast_to(source, (n, size))


def _stretching(
    memory: Memory,
    n: int,
    size: int,
    dtype: Any,
    share: NDArray[Any],
    place: NDArray[Any],
) -> NDArray[Any]:
    """Return the matrices C by which x C has a share of the columns of x, (n, size, size).

    Each column has two weights, of the two columns it lies between. The parameters are those of
    `_stretched` and `_places`.
    """
    before, part = _places(n, size, dtype, share, place)
    matrix = memory.buffer("stretching", (n, size, size), dtype)
    matrix.fill(0)
    flat = matrix.reshape(-1)
    at = before * size
    at += np.arange(size)
    at += (np.arange(n) * size**2)[:, None]
    flat[at] = 1 - part
    if size > 1:
        at += size
        flat[at] = part
    return matrix


def _stretched(
    memory: Memory, name: str, x: NDArray[Any], share: NDArray[Any], place: NDArray[Any]
) -> NDArray[Any]:
    """Return pictures in which a share of the rows has become all of them.

    Parameters
    ----------
    memory : Memory
        Has the arrays.
    name : str
        Of the result there.
    x : ndarray of shape (n, height, width, channels)
    share, place : ndarray of shape (n,) or (1,)
        As in `_places`.
    """
    n, height = x.shape[:2]
    before, part = _places(n, height, x.dtype, share, place)
    part = part[:, :, None, None]
    at = (before + height * np.arange(n)[:, None]).reshape(-1)
    rows = np.ascontiguousarray(x).reshape(n * height, -1)
    found = rows.take(at, axis=0, out=memory.buffer(name, rows.shape, x.dtype), mode="clip")
    after = memory.buffer("after", rows.shape, x.dtype)
    rows.take(at + 1, axis=0, out=after, mode="clip")
    after -= found
    after = after.reshape(x.shape)
    after *= part
    found = found.reshape(x.shape)
    found += after
    return found


def _turn(
    angle: NDArray[Any], size: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return matrix and offset by which pixels of pictures turned about their centre are found."""
    sine, cosine = np.sin(angle), np.cos(angle)
    matrix = np.stack([np.stack([cosine, sine], -1), np.stack([-sine, cosine], -1)], 1)
    centre = (np.array(size) - 1) / 2
    return matrix, centre - matrix @ centre


def _turning(
    angle: float, height: int, width: int, fill: float | str, dtype: Any
) -> tuple[Any, NDArray[Any] | None]:
    """Return the matrix of four weights a row that turns pixels, and what the border adds."""
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
