"""Pictures in another light: brighter or darker, with more contrast or less."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.preprocessing.augmentation.base import Augmentation, Drawn, bounds, check_share

__all__ = ["Brightness", "Contrast"]


class _Light(Augmentation):
    """A change of light, within the range of the numbers in the training data."""

    def __init__(self, strength: float) -> None:
        check_share(self, "strength", strength)
        self.strength = strength
        self.low, self.high = 0.0, 1.0

    def learn(self, x: NDArray[Any], weight: NDArray[Any] | None) -> None:
        """Learn the range."""
        self.low, self.high = bounds(x, weight)


class Brightness(_Light):
    """Add a number to a picture.

    ::

        y = x + u (high - low),    u uniform in [-strength, strength]

    where low and high are the smallest and largest number in the training data, which y does not
    leave either.

    Parameters
    ----------
    strength : float in [0, 1], default=0.2
        The largest share of the range.

    References
    ----------
    A. G. Howard, "Some improvements on deep convolutional neural network based image
    classification", ICLR 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.preprocessing import Brightness
    >>> pictures = np.tile(np.array([0, 100, 200], dtype=np.uint8), (4, 1, 1))
    >>> Brightness(0.2).sample(pictures, random_state=0)[:, 0]
    array([[ 11, 111, 200],
           [  0,  82, 182],
           [  0,  63, 163],
           [  0,  61, 161]], dtype=uint8)
    """

    def __init__(self, strength: float = 0.2) -> None:
        super().__init__(strength)

    def draw(
        self, n: int, shape: tuple[int, ...], rng: np.random.Generator, weight: Any = None
    ) -> Drawn:
        """Draw what is added to each picture."""
        u = rng.uniform(-self.strength, self.strength, n)
        return (u * (self.high - self.low),)

    def apply(self, x: NDArray[Any], drawn: Drawn) -> NDArray[Any]:
        """Return brighter and darker pictures."""
        added = drawn[0].astype(x.dtype)[:, None, None, None]
        out = self.place("light", x)
        np.add(x, added, out=out)
        return np.clip(out, self.low, self.high, out=out)


class Contrast(_Light):
    """Multiply the differences from a picture's mean.

    ::

        y = mean + f (x - mean),    f uniform in [1 - strength, 1 + strength]

    within the range of the training data.

    Parameters
    ----------
    strength : float in [0, 1], default=0.2
        How far the factor is from 1 at most.

    References
    ----------
    A. G. Howard, "Some improvements on deep convolutional neural network based image
    classification", ICLR 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.preprocessing import Contrast
    >>> pictures = np.tile([0.0, 0.4, 0.5, 0.6, 1.0], (1, 1, 1))
    >>> Contrast(0.5).sample(pictures, random_state=0).round(2)
    array([[[0.  , 0.39, 0.5 , 0.61, 1.  ]]])
    """

    def __init__(self, strength: float = 0.2) -> None:
        super().__init__(strength)

    def draw(
        self, n: int, shape: tuple[int, ...], rng: np.random.Generator, weight: Any = None
    ) -> Drawn:
        """Draw a factor for each picture."""
        return (rng.uniform(1 - self.strength, 1 + self.strength, n),)

    def apply(self, x: NDArray[Any], drawn: Drawn) -> NDArray[Any]:
        """Return pictures of more and of less contrast."""
        factor = drawn[0].astype(x.dtype)[:, None]
        rows = x.reshape(len(x), -1)
        mean = np.einsum("ij->i", rows)[:, None] / rows.shape[1]  # in a third of the time of mean
        out = self.place("light", rows)
        np.multiply(rows, factor, out=out)
        out += mean * (1 - factor)
        return np.clip(out, self.low, self.high, out=out).reshape(x.shape)
