"""What every augmentation is: random numbers for each sample, and a function of both.

What is drawn and what is done with it are apart, so that the same numbers give the same pictures:
in training each sample has its own, at prediction all samples of a copy have the same.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdeep.nn import Batch
from skdeep.nn.memory import Memory

__all__ = ["Augmentation", "Drawn", "blocks", "bounds", "check_share", "spread"]

# What was drawn: arrays with an entry for each sample.
Drawn = tuple[NDArray[Any], ...]

_NUMBERS_AT_ONCE = 2**15
# Of a few arrays that fit in a core's second-level cache together.
_CACHED = 2**17


class Augmentation(Memory):
    """The base of all augmentations; a subclass writes `draw` and `apply`.

    Attributes
    ----------
    of_pictures : bool
        Whether it works on pictures of shape (n, height, width, channels) alone.
    at_prediction : bool
        Whether averages over several copies of a sample may have it, `test_time_augmentation`:
        not where it takes something away, or mixes samples.
    may_overwrite : bool
        Whether `apply` may write over the samples, since they are another augmentation's memory.
    """

    of_pictures: ClassVar[bool] = True
    at_prediction: ClassVar[bool] = True
    may_overwrite: bool = False

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Have memory from the start: nobody has to settle an object before its use."""
        self = super().__new__(cls)
        self._forget_buffers()
        return self

    def __getstate__(self) -> dict[str, Any]:
        """Keep all but the memory."""
        made = {"_flat", "_views", "xp", "may_overwrite"}
        return {name: value for name, value in vars(self).items() if name not in made}

    def learn(self, x: NDArray[Any], weight: NDArray[Any] | None) -> None:
        """Learn from the training data what depends on its units.

        Parameters
        ----------
        x : ndarray of shape (n_samples, ...)
            Of any type.
        weight : ndarray of shape (n_samples,) or None
            How often each sample counts; those of weight zero are not there.
        """

    def draw(
        self,
        n: int,
        shape: tuple[int, ...],
        rng: np.random.Generator,
        weight: NDArray[Any] | None = None,
    ) -> Drawn:
        """Draw what happens to each of `n` samples of that shape.

        Parameters
        ----------
        n : int
        shape : tuple of int
            Of a sample: (height, width, channels) of a picture.
        rng : numpy.random.Generator
        weight : ndarray of shape (n,) or None, default=None
            What each sample counts, where samples are mixed with others.

        Returns
        -------
        tuple of ndarray
            Each with `n` entries.
        """
        raise NotImplementedError

    def draw_copies(self, n: int, shape: tuple[int, ...], rng: np.random.Generator) -> Drawn:
        """Draw what happens to each of `n` copies of a sample, for a prediction to average."""
        return self.draw(n, shape, rng)

    def apply(self, x: NDArray[Any], drawn: Drawn) -> NDArray[Any]:
        """Return what becomes of floating samples.

        Parameters
        ----------
        x : ndarray of shape (n, *shape)
            Not written to, unless `may_overwrite`.
        drawn : tuple of ndarray
            From `draw`; one entry does for all samples.

        Returns
        -------
        ndarray of shape (n, *shape)
            The object's own memory, good until the next call.
        """
        raise NotImplementedError

    def place(self, name: str, x: NDArray[Any]) -> NDArray[Any]:
        """Return where to write the result: over the samples if that is allowed, or in memory."""
        if self.may_overwrite and x.flags.c_contiguous:
            return x
        return self.buffer(name, x.shape, x.dtype)

    def of_batch(self, batch: Batch, drawn: Drawn) -> Batch:
        """Return what becomes of a batch: its samples, and its targets where they are mixed."""
        return batch._replace(x=self.apply(batch.x, drawn))

    def sample(self, X: ArrayLike, random_state: Any = None) -> NDArray[Any]:
        """Return samples as training may see them, to look at.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Rows, or pictures of shape (n_samples, height, width) or (..., channels); integers stay
            integers.
        random_state : int or None, default=None
            The seed.

        Returns
        -------
        ndarray of the shape and type of `X`
        """
        given = np.asarray(X)
        name = type(self).__name__
        if self.of_pictures and given.ndim not in (3, 4):
            raise ValueError(
                f"{name} is for pictures of shape (n_samples, height, width) or (n_samples, "
                f"height, width, channels), got an array of shape {given.shape}."
            )
        if given.ndim < 2:
            raise ValueError(f"{name} takes rows, got an array of shape {given.shape}.")
        x = given[..., None] if self.of_pictures and given.ndim == 3 else given
        self.learn(x, None)
        floating = x if x.dtype.kind == "f" else x.astype(np.float32)
        self.settle(np, floating.dtype)
        rng = np.random.default_rng(random_state)
        y = self.apply(floating, self.draw(len(x), x.shape[1:], rng)).reshape(given.shape)
        if given.dtype.kind == "f":
            return y.copy()
        if given.dtype.kind == "b":
            return y > 0.5
        limits = np.iinfo(given.dtype)
        return np.rint(y).clip(limits.min, limits.max).astype(given.dtype)

    def __repr__(self) -> str:
        names = inspect.signature(type(self)).parameters
        return f"{type(self).__name__}({', '.join(f'{n}={getattr(self, n)!r}' for n in names)})"


def check_share(owner: Any, name: str, value: Any, *, low: float = 0.0, high: float = 1.0) -> None:
    """Raise ValueError unless `value` is a number from `low` to `high`."""
    is_number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not is_number or not low <= value <= high:
        allowed = f"a number in [{low:g}, {high:g}]" if high < np.inf else f"{low:g} or more"
        raise ValueError(f"{type(owner).__name__} takes a {name} of {allowed}, got {value!r}.")


def blocks(n: int, size: int) -> Iterator[slice]:
    """Yield slices of `n` samples of that size, so few of them that a core's caches hold some."""
    at_once = max(1, _CACHED // max(1, size))
    for start in range(0, n, at_once):
        yield slice(start, start + at_once)


def _blocks(x: NDArray[Any], weight: NDArray[Any] | None) -> Any:
    """Yield rows in float64 with their weights, those of weight zero left out."""
    at_once = max(1, _NUMBERS_AT_ONCE // max(1, math.prod(x.shape[1:])))
    for start in range(0, len(x), at_once):
        part = x[start : start + at_once]
        mine = np.ones(len(part))
        if weight is not None:
            mine = weight[start : start + at_once].astype(np.float64)
            part, mine = part[mine > 0], mine[mine > 0]
        if len(part):
            yield part.astype(np.float64), mine


def bounds(x: NDArray[Any], weight: NDArray[Any] | None) -> tuple[float, float]:
    """Return the smallest and the largest number of the samples that count."""
    found = []
    for rows in blocks(len(x), math.prod(x.shape[1:])):
        part = x[rows] if weight is None else x[rows][weight[rows] > 0]
        if len(part):
            found.append((float(part.min()), float(part.max())))
    return min(low for low, _ in found), max(high for _, high in found)


def spread(x: NDArray[Any], weight: NDArray[Any] | None) -> NDArray[np.float64]:
    """Return the standard deviation of each feature, of the shape of a sample."""
    first = next(part[0] for part, _ in _blocks(x, weight))  # about which digits are kept
    sums, total = np.zeros((2, *x.shape[1:])), 0.0
    for part, mine in _blocks(x, weight):
        part -= first
        sums[0] += np.tensordot(mine, part, axes=1)
        part *= part
        sums[1] += np.tensordot(mine, part, axes=1)
        total += mine.sum()
    return np.sqrt(np.maximum(sums[1] / total - (sums[0] / total) ** 2, 0))
