"""Pictures of which a part is enlarged to the whole."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.memory import Memory
from skdeep.preprocessing.augmentation.base import Augmentation, Drawn, blocks, check_share

__all__ = ["Crop"]

# Rows and columns of a picture that is stretched by products of matrices, at most.
_LARGEST_PRODUCT = 64


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
            part = self.buffer("part", (n, height, width), x.dtype)
            share, down, right = (np.broadcast_to(values, n) for values in drawn)
            for some in blocks(n, height * width):
                # A product of matrices a picture: no pixel has to change its place.
                upright = _stretching(self, height, x.dtype, share[some], down[some])
                own = x[some, :, :, 0]
                found = self.buffer("rows", own.shape, x.dtype)
                np.matmul(upright.swapaxes(1, 2), own, out=found)
                across = _stretching(self, width, x.dtype, share[some], right[some])
                np.matmul(found, across, out=part[some])
            return part.reshape(x.shape)
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
    size: int,
    dtype: Any,
    share: NDArray[Any],
    place: NDArray[Any],
) -> NDArray[Any]:
    """Return the matrices C by which x C has a share of the columns of x, (n, size, size).

    Each column has two weights, of the two columns it lies between. The parameters are those of
    `_stretched` and `_places`.
    """
    n = len(share)
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
