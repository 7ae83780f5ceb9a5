"""Rows of a table as training sees them: numbers with noise, and cells of other rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.neural_network.tabular.members.architecture import Architecture
from skdeep.neural_network.tabular.rows.features import Features
from skdeep.nn import Batch
from skdeep.preprocessing.augmentation import AUGMENTATIONS, Noise, SwapNoise
from skdeep.preprocessing.augmentation.mixing import partners

__all__ = ["TableAugmenter"]


class TableAugmenter:
    """Noise and swapped cells, of the columns that the user has.

    Noise is added to numbers, in units of their deviations as the networks see them. A cell that is
    swapped takes all that a network reads of it along: the number and whether it is missing, or the
    category.

    Parameters
    ----------
    steps : sequence of str, Noise or SwapNoise
        In their order.
    features : Features
        Of the training rows, of which the deviations are learned.
    weight : ndarray of shape (n_samples,) or None
        What each row counts.
    sources : (ndarray, ndarray, ndarray)
        The user's column of each number, each further column and each code.
    n_columns : int
        How many columns the user has.
    seed : int
        Draws the copies for predictions.
    """

    def __init__(
        self,
        steps: Sequence[Any],
        features: Features,
        weight: NDArray[Any] | None,
        sources: Any,
        n_columns: int,
        seed: int,
    ) -> None:
        self.steps: list[Noise | SwapNoise] = []
        for step in steps:
            made: Any = AUGMENTATIONS[step]() if isinstance(step, str) else step
            if isinstance(made, Noise):
                made = Noise(made.scale)  # the user's stays as it is
                made.settle(np, np.float32)
                made.learn(features.numbers, weight)
            self.steps.append(made)
        self.sources, self.n_columns, self.seed = sources, n_columns, seed

    def of(self, architecture: Architecture) -> _OfView:
        """Return what changes the batches of one view."""
        return _OfView(self, architecture)

    def copies(self, features: Features, n: int) -> Iterator[Features]:
        """Yield `n` tables like the given one: itself, and others with noise, the same on all rows.

        Cells are not swapped, for a prediction must not depend on other rows.
        """
        rng = np.random.Generator(np.random.SFC64(self.seed))
        noises = [step for step in self.steps if isinstance(step, Noise)]
        shape = features.numbers.shape[1:]
        drawn = [noise.draw_copies(n, shape, rng)[0] for noise in noises]
        yield features
        for k in range(1, n):
            added = sum((noise[k] for noise in drawn), np.zeros(shape))
            yield features._replace(numbers=features.numbers + added)


class _OfView:
    """Changes batches whose inputs are those of an architecture, with a row for each member."""

    def __init__(self, augmenter: TableAugmenter, architecture: Architecture) -> None:
        self.steps, self.n_columns = augmenter.steps, augmenter.n_columns
        self.sources = architecture.input_sources(augmenter.sources)
        self.has_numbers = architecture.n_numbers > 0

    def __call__(self, batch: Batch, rng: np.random.Generator) -> Batch:
        """Return the batch as training sees it; the arrays given are not written to."""
        for step in self.steps:
            if isinstance(step, SwapNoise):
                batch = batch._replace(x=self._swapped(batch, step.rate, rng))
            elif self.has_numbers:
                numbers, *others = batch.x
                drawn = step.draw(len(numbers), numbers.shape[1:], rng)
                batch = batch._replace(x=(step.apply(numbers, drawn), *others))
        return batch

    def _swapped(
        self, batch: Batch, rate: float, rng: np.random.Generator
    ) -> tuple[NDArray[Any], ...]:
        n, k = batch.x[0].shape[:2]
        shape = (n, k, self.n_columns)
        chosen = rng.random(shape, dtype=np.float32) < rate
        rows = rng.integers(0, n, shape)
        if batch.weight is not None:  # rows that count for nothing give nothing
            for member in range(k):
                own = partners(n, rng, batch.weight[:, member])
                rows[:, member] = own[rows[:, member]]
        rows = np.where(chosen, rows, np.arange(n)[:, None, None])
        members = np.arange(k)[:, None]
        return tuple(
            part[rows[:, :, source], members, np.arange(len(source))]
            for part, source in zip(batch.x, self.sources, strict=True)
        )
