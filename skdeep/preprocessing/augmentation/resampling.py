"""Pictures that are seen through another grid: turned by an angle, or a part of them enlarged."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.memory import Memory
from skdeep.preprocessing.augmentation.base import Augmentation, Drawn, check_share
from skdeep.preprocessing.augmentation.borders import check_fill, padded

__all__ = ["Crop", "Rotation", "resampled"]


class Rotation(Augmentation):
    """Turn pictures about their centre, by bilinear interpolation.

    Parameters
    ----------
    degrees : float in [0, 180], default=15.0
        The largest angle, either way.
    fill : float or "edge", default=0.0
        What stands where nothing was: a number, or the nearest pixel.

    References
    ----------
    P. Y. Simard, D. Steinkraus, J. C. Platt, "Best practices for convolutional neural networks
    applied to visual document analysis", ICDAR 2003.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.preprocessing import Rotation
    >>> pictures = np.zeros((100, 9, 9))
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
        """Draw an angle for each picture, in radians, counter-clockwise."""
        return (np.deg2rad(rng.uniform(-self.degrees, self.degrees, n)),)

    def apply(self, x: NDArray[Any], drawn: Drawn) -> NDArray[Any]:
        """Return the pictures turned."""
        (angle,) = drawn
        sine, cosine = np.sin(angle), np.cos(angle)
        matrix = np.stack([np.stack([cosine, sine], -1), np.stack([-sine, cosine], -1)], 1)
        centre = (np.array(x.shape[1:3]) - 1) / 2
        return resampled(self, x, matrix, centre - matrix @ centre, self.fill)


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
        size = np.array(x.shape[1:3])
        start = (1 - share)[:, None] * np.stack([down, right], -1) * size
        # Pixels are squares with numbers in their centres: (i + 1/2) share = k + 1/2 - start.
        offset = start + (share[:, None] - 1) / 2
        return resampled(self, x, share[:, None, None] * np.eye(2), offset, "edge")


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
