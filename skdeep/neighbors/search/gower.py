r"""Gower's distance: rows of numbers and categories, some of them missing.

Over the features P that both rows have,

.. math:: d(x, q) = \frac{\sum_{j \in P} w_j d_j}{\sum_{j \in P} w_j}, \qquad
    d_j = \min(1, |x_j - q_j| / r_j) \text{ of numbers}, \quad d_j = [x_j \neq q_j]
    \text{ of categories},

with the range :math:`r_j` of the points. A number that is the same in all points is a category.

References
----------
J. C. Gower, "A general coefficient of similarity and some of its properties", Biometrics 27, 1971.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from skdeep.neighbors.search.direct import DirectIndex, column_scales

__all__ = ["GowerIndex"]


class GowerIndex(DirectIndex):
    """Points that can be asked for the nearest of them by Gower's distance.

    Parameters
    ----------
    X : ndarray of shape (n_points, n_features)
        NaN where a value is missing. Categories are equal or not.
    params : dict
        `categorical_features`, a mask, and `w`, a weight for each feature; both may be missing.
    sample_weight : ndarray of shape (n_points,), default=None
        Points of weight zero do not count in the ranges.

    Raises
    ------
    ValueError
        If the weights do not fit.
    """

    def __init__(
        self, X: NDArray, params: dict[str, Any], sample_weight: NDArray | None = None
    ) -> None:
        n_features = X.shape[1]
        super().__init__(X, "gower")
        mask = params.get("categorical_features")
        equal = np.zeros(n_features, dtype=bool) if mask is None else np.array(mask, dtype=bool)
        scale = np.where(equal, 1.0, column_scales(np.nan_to_num(X, nan=0.0)))
        counted = (X if sample_weight is None else X[sample_weight > 0]) * scale
        low = np.where(equal, 0.0, np.fmin.reduce(counted, axis=0, initial=np.inf))
        high = np.where(equal, 0.0, np.fmax.reduce(counted, axis=0, initial=-np.inf))
        constant = ~equal & ~(high > low)
        self.equal = equal | constant
        self.scale = np.where(self.equal, 1.0, scale)
        self.low = np.where(self.equal, 0.0, low)
        self.range = np.where(self.equal, 1.0, high - low)
        self.weight = _checked_weights(params.get("w"), n_features)
        self.whole = ~np.isnan(X).any(axis=0)  # features that every point has
        self.X = self._prepared(X)

    def _prepared(self, Q: Any) -> NDArray[np.float64]:
        """Return rows with numbers from 0 to 1 over the range of the points."""
        with np.errstate(over="ignore", under="ignore"):
            return np.ascontiguousarray((Q * self.scale - self.low) / self.range)

    def _tile(
        self, Q: Any, begin: int, end: int, low: int, high: int, out: NDArray[np.float64]
    ) -> None:
        queries, points = Q[begin:end], self.X[low:high]
        inside = self.equal | ((queries >= 0) & (queries <= 1))
        # Alike for each query, whatever its companions are.
        usual = (inside & ~np.isnan(queries)).all(axis=1)
        for rows, fast in ((np.flatnonzero(usual), self.whole), (np.flatnonzero(~usual), None)):
            if len(rows):
                out[:, rows] = self._distances(points, queries[rows], fast)

    def _distances(
        self, points: NDArray, queries: NDArray, fast: NDArray[np.bool_] | None
    ) -> NDArray[np.float64]:
        """Return distances, of shape (n_points, n_queries); `fast` features need no second look."""
        sums = np.zeros((len(points), len(queries)))
        weights = np.zeros_like(sums)
        slow = self.weight > 0
        if fast is not None:
            for features, metric in ((~self.equal, "cityblock"), (self.equal, "hamming")):
                which = np.flatnonzero(features & fast & slow)
                if not len(which):
                    continue
                w = self.weight[which]
                part = cdist(points[:, which], queries[:, which], metric, w=w)
                # SciPy's hamming is a share.
                sums += part if metric == "cityblock" else part * w.sum()
                weights += w.sum()
            slow = slow & ~fast
        for j in np.flatnonzero(slow):
            with np.errstate(invalid="ignore"):
                part = np.abs(points[:, j, None] - queries[None, :, j])
            there = ~np.isnan(part)
            part = (part > 0) if self.equal[j] else np.minimum(part, 1.0)
            sums += np.where(there, part, 0.0) * self.weight[j]
            weights += there * self.weight[j]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(weights > 0, sums / weights, np.inf)


def _checked_weights(w: Any, n_features: int) -> NDArray[np.float64]:
    if w is None:
        return np.ones(n_features)
    weights = np.asarray(w, dtype=np.float64)
    if weights.shape != (n_features,) or not (weights >= 0).all() or not weights.any():
        raise ValueError(
            f"The weights 'w' of metric='gower' must be {n_features} numbers that are not "
            f"negative, one for each feature, and not all zero. Got {w!r} instead."
        )
    return weights / weights.max()
