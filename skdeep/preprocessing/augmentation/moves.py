"""Pictures that are moved by whole pixels: in a mirror, or shifted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from skdeep.preprocessing.augmentation.base import Augmentation, Drawn, check_share
from skdeep.preprocessing.augmentation.borders import check_fill, padded

__all__ = ["Flip", "Shift"]


class Flip(Augmentation):
    """Turn pictures left for right, or upside down.

    Parameters
    ----------
    horizontal : float in [0, 1], default=0.5
        The probability of left for right.
    vertical : float in [0, 1], default=0.0
        The probability of upside down.

    References
    ----------
    A. Krizhevsky, I. Sutskever, G. E. Hinton, "ImageNet classification with deep convolutional
    neural networks", NeurIPS 2012, section 4.1.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.preprocessing import Flip
    >>> Flip(horizontal=1.0).sample(np.array([[[1, 2], [3, 4]]]))
    array([[[2, 1],
            [4, 3]]])
    """

    def __init__(self, horizontal: float = 0.5, vertical: float = 0.0) -> None:
        check_share(self, "horizontal", horizontal)
        check_share(self, "vertical", vertical)
        self.horizontal, self.vertical = horizontal, vertical

    def draw(
        self, n: int, shape: tuple[int, ...], rng: np.random.Generator, weight: Any = None
    ) -> Drawn:
        """Draw whether each picture is turned left for right, and whether upside down."""
        return rng.random(n) < self.horizontal, rng.random(n) < self.vertical

    def draw_copies(self, n: int, shape: tuple[int, ...], rng: np.random.Generator) -> Drawn:
        """Turn as many copies as the probability says, evenly spread, not at random."""
        at = np.arange(n + 1)
        return tuple(
            np.floor(at[1:] * rate + 1e-9) > np.floor(at[:-1] * rate + 1e-9)
            for rate in (self.horizontal, self.vertical)
        )

    def apply(self, x: NDArray[Any], drawn: Drawn) -> NDArray[Any]:
        """Return the pictures turned or not."""
        horizontal, vertical = (np.broadcast_to(d, len(x)) for d in drawn)
        out = self.buffer("turned", x.shape, x.dtype)
        if x.shape[-1] == 1:  # NumPy copies along a last axis of more than one
            x, turned = x[..., 0], out[..., 0]
        else:
            turned = out
        turned[...] = x
        if vertical.any():
            turned[vertical] = turned[vertical, ::-1]
        if horizontal.any():
            turned[horizontal] = turned[horizontal, :, ::-1]
        return out


class Shift(Augmentation):
    """Move pictures by whole pixels, each way as often as the other.

    Parameters
    ----------
    height, width : float in [0, 1] or int, default=0.125
        How far at most, down or up and right or left: a share of the picture, or pixels.
    fill : float or "edge", default=0.0
        What stands where nothing was: a number, or the nearest pixel.

    Notes
    -----
    This is also what is called a random crop of the padded picture.

    References
    ----------
    P. Y. Simard, D. Steinkraus, J. C. Platt, "Best practices for convolutional neural networks
    applied to visual document analysis", ICDAR 2003.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.preprocessing import Shift
    >>> Shift(0, 1).sample(np.array([[[1, 2], [3, 4]]] * 3), random_state=1)[:, 0]
    array([[1, 2],
           [1, 2],
           [0, 1]])
    """

    def __init__(
        self,
        height: float = 0.125,
        width: float = 0.125,
        fill: float | str = 0.0,
    ) -> None:
        for name, value in (("height", height), ("width", width)):
            whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
            check_share(self, name, value, high=np.inf if whole else 1.0)
        check_fill(self, fill)
        self.height, self.width, self.fill = height, width, fill

    def _reach(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Return how many pixels the picture is moved at most."""
        down, right = (
            min(size, reach if isinstance(reach, (int, np.integer)) else int(reach * size))
            for reach, size in zip((self.height, self.width), shape[:2], strict=True)
        )
        return int(down), int(right)

    def draw(
        self, n: int, shape: tuple[int, ...], rng: np.random.Generator, weight: Any = None
    ) -> Drawn:
        """Draw how many pixels each picture moves down, and how many to the right."""
        down, right = self._reach(shape)
        return rng.integers(-down, down + 1, n), rng.integers(-right, right + 1, n)

    def apply(self, x: NDArray[Any], drawn: Drawn) -> NDArray[Any]:
        """Return the pictures moved."""
        down, right = (np.broadcast_to(steps, len(x)) for steps in drawn)
        if self.fill == "edge":
            return self._moved_with_edges(x, down, right)
        n, height, width, channels = x.shape
        size = height * width * channels
        # Moving a picture is reading it from another number on; what is read from the picture
        # beside it stands where nothing was.
        flat = np.ascontiguousarray(x).reshape(-1)
        steps = (down * width + right) * channels
        starts = np.arange(n) * size - steps
        within = np.clip(starts, 0, (n - 1) * size)
        of_number = flat.strides[0]
        windows = as_strided(
            flat, ((n - 1) * size + 1, size), (of_number, of_number), writeable=False
        )
        out = windows[within]
        for i in np.flatnonzero(starts != within):  # at both ends there is no picture beside it
            k = int(steps[i])
            own = flat[i * size : (i + 1) * size]
            out[i, max(k, 0) : size + k] = own[max(-k, 0) : size - k]
        out = out.reshape(x.shape)
        # The line k of pixels from a border is new in all pictures that moved by more than k.
        for lines, moved in ((out, down), (out.swapaxes(1, 2), right)):
            for k in range(int(moved.max(initial=0))):
                lines[moved > k, k] = self.fill
            for k in range(int(-moved.min(initial=0))):
                lines[moved < -k, -1 - k] = self.fill
        return out

    def _moved_with_edges(
        self, x: NDArray[Any], down: NDArray[np.intp], right: NDArray[np.intp]
    ) -> NDArray[Any]:
        n, height, width, channels = x.shape
        reach = (int(np.abs(down).max(initial=0)), int(np.abs(right).max(initial=0)))
        wide = padded(self, x, reach, reach, self.fill)
        # All windows of the padded pictures, rows of pixels in one piece; each picture has one.
        of_picture, of_row, of_pixel, of_number = wide.strides
        windows = as_strided(
            wide,
            (n, 2 * reach[0] + 1, 2 * reach[1] + 1, height, width * channels),
            (of_picture, of_row, of_pixel, of_row, of_number),
            writeable=False,
        )
        return windows[np.arange(n), reach[0] - down, reach[1] - right].reshape(x.shape)
