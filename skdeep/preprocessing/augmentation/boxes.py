"""Rectangles of random place and size, for what is erased and for what another picture fills."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.preprocessing.augmentation.base import Augmentation, Drawn, check_share

__all__ = ["Erasing", "rectangles"]


def rectangles(shape: tuple[int, ...], *edges: NDArray[Any]) -> list[list[int]]:
    """Return the pictures that have a rectangle, and where it is.

    Each is its number, first row and the one after the last, and first column and the one after it,
    of pictures of shape (n, height, width * channels), which are copied in long pieces.

    Parameters
    ----------
    shape : (int, int, int, int)
        Of the pictures: (n, height, width, channels).
    *edges : ndarray of shape (n,) or (1,)
        First row and the one after the last, first column and the one after the last.
    """
    n, channels = shape[0], shape[3]
    found = np.empty((n, 5), np.intp)
    found[:, 0] = np.arange(n)
    for k, edge in enumerate(edges, start=1):
        found[:, k] = edge
    found[:, 3:] *= channels
    some = (found[:, 1] < found[:, 2]) & (found[:, 3] < found[:, 4])
    return found[some].tolist()


class Erasing(Augmentation):
    """Cover a rectangle, so that a network learns to look at all of a picture.

    Parameters
    ----------
    probability : float in [0, 1], default=0.5
        Of a picture to have a part covered.
    smallest, largest : float in [0, 1], default=0.02 and 0.25
        The share of the picture that is covered lies between them.
    fill : float, default=0.0
        What covers it.

    References
    ----------
    Z. Zhong, L. Zheng, G. Kang, S. Li, Y. Yang, "Random erasing data augmentation", AAAI 2020,
    and T. DeVries, G. W. Taylor, "Improved regularization of convolutional neural networks with
    cutout", arXiv:1708.04552, with a constant.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.preprocessing import Erasing
    >>> pictures = np.ones((1000, 20, 20))
    >>> seen = Erasing(1.0, smallest=0.1, largest=0.3).sample(pictures, random_state=0)
    >>> covered = (seen == 0).mean(axis=(1, 2))
    >>> bool(0.08 < covered.min() < covered.max() < 0.33), round(float(covered.mean()), 2)
    (True, 0.2)
    """

    at_prediction = False

    def __init__(
        self,
        probability: float = 0.5,
        smallest: float = 0.02,
        largest: float = 0.25,
        fill: float = 0.0,
    ) -> None:
        check_share(self, "probability", probability)
        check_share(self, "largest", largest)
        check_share(self, "smallest", smallest, high=largest)
        check_share(self, "fill", fill, low=-np.inf, high=np.inf)
        self.probability, self.smallest, self.largest = probability, smallest, largest
        self.fill = fill

    def draw(
        self, n: int, shape: tuple[int, ...], rng: np.random.Generator, weight: Any = None
    ) -> Drawn:
        """Draw the first and last rows and columns that are covered, of none where it is empty."""
        height, width = shape[:2]
        area = rng.uniform(self.smallest, self.largest, n) * (height * width)
        # From three times as high as wide to the other way round, as far as the picture goes.
        aspect = np.exp(rng.uniform(-np.log(3.0), np.log(3.0), n))
        rows = np.clip(np.rint(np.sqrt(area * aspect)), 1, height)
        columns = np.clip(np.rint(area / rows), 1, width)
        rows *= rng.random(n) < self.probability
        top = np.floor(rng.random(n) * (height - rows + 1))
        left = np.floor(rng.random(n) * (width - columns + 1))
        return top, top + rows, left, left + columns

    def apply(self, x: NDArray[Any], drawn: Drawn) -> NDArray[Any]:
        """Return the pictures with their parts covered."""
        out = self.place("covered", x)
        if out is not x:
            out[...] = x
        lines = out.reshape(*x.shape[:2], -1)
        for i, top, bottom, left, right in rectangles(x.shape, *drawn):
            lines[i, top:bottom, left:right] = self.fill
        return out
