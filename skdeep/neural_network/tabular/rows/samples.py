"""Rows of a table with their targets and weights."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdeep.neural_network.tabular.rows.features import Features

__all__ = ["Samples"]


class Samples(NamedTuple):
    """What members are trained on.

    Attributes
    ----------
    features : Features
    target : ndarray of shape (n_samples,) or (n_samples, 1)
        Class indices, or numbers.
    weight : ndarray of shape (n_samples,) or None
        How much each row counts, its class included.
    total : float
        The sum of all weights: how many rows they stand for.
    """

    features: Features
    target: NDArray[Any]
    weight: NDArray[Any] | None
    total: float

    @property
    def n_samples(self) -> int:
        """The number of rows."""
        return len(self.target)

    def followed_by(self, other: Samples) -> Samples:
        """Return the rows of both, one after the other."""
        weight = None
        if self.weight is not None or other.weight is not None:
            weight = np.concatenate(
                [np.ones(s.n_samples) if s.weight is None else s.weight for s in (self, other)]
            )
        features = Features(*map(np.concatenate, zip(self.features, other.features, strict=True)))
        return Samples(features, np.concatenate([self.target, other.target]), weight, self.total)
