"""Rows of a table that might as well have been there: with noise, or entries of other rows."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.special import ndtri

from skdeep.nn.memory import Memory
from skdeep.preprocessing.augmentation.base import (
    Augmentation,
    Drawn,
    blocks,
    check_share,
    spread,
)
from skdeep.preprocessing.augmentation.mixing import partners

__all__ = ["Noise", "SwapNoise"]

# Normal numbers there are, and features of a sample whose noise is a piece of a row of them.
_N_QUANTILES, _LONGEST = 2**16, 2**14


class Noise(Augmentation):
    """Add normal noise to every feature.

    ::

        y = x + scale * deviation * z,    z from N(0, 1)

    with each feature's standard deviation in the training data, so that a constant feature stays
    one.

    Parameters
    ----------
    scale : float >= 0, default=0.1
        The noise's standard deviation, in units of the feature's.

    Notes
    -----
    Normal numbers to all digits would take as long as much of the training. z is the sum of two
    rows of numbers over the root of two, each of which begins at a random place of one long row:
    2**16 quantiles of the normal distribution in a random order, the same always. For samples of
    more than 2**14 features, and at prediction, z is one of the quantiles each time.

    References
    ----------
    C. M. Bishop, "Training with noise is equivalent to Tikhonov regularization", Neural
    Computation 7, 1995.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.preprocessing import Noise
    >>> X = np.random.default_rng(0).normal(scale=[1.0, 100.0], size=(10000, 2))
    >>> (Noise(0.1).sample(X, random_state=0) - X).std(axis=0).round(1)
    array([ 0.1, 10. ])
    """

    of_pictures = False

    def __init__(self, scale: float = 0.1) -> None:
        check_share(self, "scale", scale, high=np.inf)
        self.scale = scale
        self.deviation: NDArray[np.float64] | None = None

    def learn(self, x: NDArray[Any], weight: NDArray[Any] | None) -> None:
        """Learn the standard deviation of each feature."""
        self.deviation = spread(x, weight)

    def draw(
        self, n: int, shape: tuple[int, ...], rng: np.random.Generator, weight: Any = None
    ) -> Drawn:
        """Draw what is added to each feature of each sample."""
        size = math.prod(shape)
        if size > _LONGEST:
            return (self._in_units(_normal(self, n * size, rng).reshape(n, *shape)),)
        windows = sliding_window_view(_shuffled_quantiles(), size)
        first, second = rng.integers(0, _N_QUANTILES, (2, n))
        noise = self.buffer("noise", (n, size))
        unit = np.broadcast_to(self._unit(2.0, noise.dtype), shape).reshape(-1)
        for rows in blocks(n, size):
            z = windows[first[rows]]
            z += windows[second[rows]]
            np.multiply(z, unit, out=noise[rows])
        return (noise.reshape(n, *shape),)

    def _in_units(self, z: NDArray[np.float32]) -> NDArray[Any]:
        """Return numbers of mean zero and variance one as the noise of each feature."""
        noise = self.buffer("noise", z.shape)
        return np.multiply(z, self._unit(1.0, noise.dtype), out=noise)

    def _unit(self, variance: float, dtype: Any) -> NDArray[Any]:
        """Return what numbers of that variance are multiplied by to be each feature's noise."""
        assert self.deviation is not None
        return (self.scale / math.sqrt(variance) * self.deviation).astype(dtype)

    def draw_copies(self, n: int, shape: tuple[int, ...], rng: np.random.Generator) -> Drawn:
        """Draw what is added to each feature of each copy.

        Each has a generator of its own: what is added to a step of a sequence does not depend on
        how many steps come after it.
        """
        seeds = rng.integers(0, 2**32, n)
        parts = []
        for seed in seeds:
            z = _normal(self, math.prod(shape), np.random.Generator(np.random.SFC64(seed)))
            parts.append(self._in_units(z.reshape(1, *shape)).copy())
        return (np.concatenate(parts),)

    def apply(self, x: NDArray[Any], drawn: Drawn) -> NDArray[Any]:
        """Return noisy samples."""
        return np.add(x, drawn[0], out=self.place("y", x))


class SwapNoise(Augmentation):
    """Replace entries by those of other rows in the batch, feature by feature.

    What comes in is distributed as the feature itself is, whatever its kind or unit.

    Parameters
    ----------
    rate : float in [0, 1], default=0.1
        The probability of an entry to be replaced, met to within 2**-16.

    Notes
    -----
    Columns that stand for one category together, one-hot, are swapped one by one.

    References
    ----------
    P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol, "Extracting and composing robust features
    with denoising autoencoders", ICML 2008, with values of the feature in place of zeros.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.preprocessing import SwapNoise
    >>> X = np.arange(1000)[:, None] * [1, -1]
    >>> seen = SwapNoise(0.25).sample(X, random_state=0)
    >>> bool(np.isin(seen[:, 1], X[:, 1]).all()), float((seen != X).mean().round(2))
    (True, 0.24)
    """

    of_pictures = False
    at_prediction = False

    def __init__(self, rate: float = 0.1) -> None:
        check_share(self, "rate", rate)
        self.rate = rate

    def draw(
        self, n: int, shape: tuple[int, ...], rng: np.random.Generator, weight: Any = None
    ) -> Drawn:
        """Draw which entries of the batch are replaced, counted through, and rows to take."""
        bits = _bits(n * int(np.prod(shape)), rng)
        places = np.flatnonzero(bits < round(self.rate * 2**16))
        if weight is None:
            return places, rng.integers(0, n, len(places))
        return places, partners(n, rng, weight)[rng.integers(0, n, len(places))]

    def apply(self, x: NDArray[Any], drawn: Drawn) -> NDArray[Any]:
        """Return the samples with some entries of others."""
        places, rows = drawn
        out = self.buffer("y", x.shape, x.dtype)
        out[...] = x
        n_features = x[0].size
        flat = x.reshape(-1)
        out.reshape(-1)[places] = flat[rows * n_features + places % n_features]
        return out


def _bits(n: int, rng: np.random.Generator) -> NDArray[np.uint16]:
    """Return numbers below 2**16, four of each that the generator makes."""
    return rng.integers(0, 2**64, -(-n // 4), dtype=np.uint64).view(np.uint16)[:n]


def _normal(memory: Memory, n: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return normal numbers, in `memory`."""
    place = memory.buffer("place", (n,), np.intp)
    place[...] = _bits(n, rng)
    z: NDArray[np.float32] = memory.buffer("z", (n,), np.float32)
    _quantiles().take(place, out=z, mode="clip")
    return z


@cache
def _quantiles() -> NDArray[np.float32]:
    """Return the quantiles of the normal distribution that 16 bits can tell, of variance one."""
    found = ndtri((np.arange(_N_QUANTILES) + 0.5) / _N_QUANTILES)
    return (found / found.std()).astype(np.float32)


@cache
def _shuffled_quantiles() -> NDArray[np.float32]:
    """Return them in a random order, and the first of them again, for what begins at the last."""
    found = np.random.Generator(np.random.SFC64(0)).permutation(_quantiles())
    return np.concatenate([found, found[:_LONGEST]])
