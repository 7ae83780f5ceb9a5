"""Exact nearest neighbours under a distance that is computed pair by pair.

Every metric without a matrix product of its own comes here: L1, L-infinity and L-p through SciPy,
anything else that `sklearn.metrics.pairwise_distances` knows, callables, and distances that were
computed before. The tiles hold the float64 distances themselves, so no bound is needed.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from scipy.spatial.distance import cdist
from sklearn.metrics import pairwise_distances
from sklearn.metrics.pairwise import PAIRWISE_BOOLEAN_FUNCTIONS

from skdeep.neighbors.search.blocks import even_spans, run, spans, tiling
from skdeep.neighbors.search.radius import Balls, Gathering, joined
from skdeep.neighbors.search.selection import Selection, first_smallest
from skdeep.neighbors.units import unit_of

__all__ = ["DirectIndex", "PrecomputedIndex"]

# SciPy's names of the metrics that are compiled there and let other threads run.
SCIPY_NAMES = {
    "manhattan": "cityblock",
    "euclidean": "euclidean",
    "chebyshev": "chebyshev",
    "minkowski": "minkowski",
    **{name: name for name in ("canberra", "hamming", "mahalanobis", "seuclidean")},
}
# Metrics whose sums or powers may leave float64 where the distances do not.
SUMMED = frozenset({"manhattan", "minkowski", "braycurtis"})
# Metrics of truth values that divide by how many there are: two rows without any are the same,
# and SciPy says so of "jaccard".
_OF_WHAT_IS_THERE = frozenset({"dice", "sokalsneath"})


def pair_distances(Q: Any, X: Any, metric: Any, params: dict[str, Any]) -> NDArray[np.float64]:
    """Return the distance of every query to every point, without NaN.

    Parameters
    ----------
    Q : array or sparse matrix of shape (n_queries, n_features)
    X : array or sparse matrix of shape (n_points, n_features)
    metric : str, callable or sklearn.metrics.DistanceMetric
    params : dict
        What the metric takes besides.

    Returns
    -------
    ndarray of shape (n_queries, n_points)
        Infinite where the metric has no answer.
    """
    try:
        distances = _distances(Q, X, metric, params)
    except TypeError as error:
        if callable(metric) or not params:
            raise
        raise TypeError(
            f"metric={metric!r} does not take metric_params={params!r}: {error}"
        ) from error
    distances = np.asarray(distances, dtype=np.float64)
    if isinstance(metric, str) and metric in _OF_WHAT_IS_THERE:
        return np.nan_to_num(distances, copy=False, nan=0.0)  # 0 / 0, of two rows without anything
    without = np.isnan(distances)
    return np.where(without, np.inf, distances) if without.any() else distances


def _distances(Q: Any, X: Any, metric: Any, params: dict[str, Any]) -> Any:
    if isinstance(metric, str) and metric == "braycurtis":
        # sum |q - x| / sum (|q| + |x|), as scikit-learn has it; SciPy's divides by sum |q + x|.
        apart = cdist(np.asarray(Q, dtype=np.float64), np.asarray(X, dtype=np.float64), "cityblock")
        sizes = np.abs(Q).sum(axis=1)[:, None] + np.abs(X).sum(axis=1)
        return np.divide(apart, sizes, out=apart, where=sizes > 0)
    if isinstance(metric, str) and metric in SCIPY_NAMES and not issparse(Q) and not issparse(X):
        return cdist(
            np.asarray(Q, dtype=np.float64),
            np.asarray(X, dtype=np.float64),
            SCIPY_NAMES[metric],
            **{name: value for name, value in params.items() if value is not None},
        )
    if hasattr(metric, "pairwise"):  # sklearn.metrics.DistanceMetric
        dtype = np.float32 if type(metric).__name__.endswith("32") else np.float64
        return metric.pairwise(Q.astype(dtype), X.astype(dtype))
    if isinstance(metric, str) and Q.dtype == np.float32:
        Q = Q.astype(np.float64)  # or some metrics are computed in float32
    return pairwise_distances(Q, X, metric=metric, **params)


class DirectIndex:
    """Points that can be asked for the nearest of them, under any metric.

    Parameters
    ----------
    X : array or sparse matrix of shape (n_points, n_features)
        Not copied, except for metrics of truth values.
    metric : str, callable or sklearn.metrics.DistanceMetric
        As `sklearn.metrics.pairwise_distances` takes it.
    params : dict
        What the metric takes besides. `V` of "seuclidean" and `VI` of "mahalanobis" are taken
        from `X` where they are missing; directions in which the points do not vary then count
        nothing.
    sample_weight : ndarray of shape (n_points,), default=None
        How often each point counts in these.
    """

    def __init__(
        self,
        X: Any,
        metric: Any,
        params: dict[str, Any] | None = None,
        sample_weight: NDArray[np.float64] | None = None,
    ) -> None:
        params = dict(params or {})
        named = metric if isinstance(metric, str) else ""
        if named in PAIRWISE_BOOLEAN_FUNCTIONS and not issparse(X):
            X = np.asarray(X, dtype=bool)
        self.scale: float | NDArray[np.float64] = 1.0
        if not issparse(X) and (
            (named == "seuclidean" and params.get("V") is None)
            or (named == "mahalanobis" and params.get("VI") is None)
        ):
            X = np.asarray(X, dtype=np.float64)
            scale = column_scales(X)
            if (np.abs(np.log2(scale)) > 300).any():  # squares may leave float64
                self.scale, X = scale, X * scale
            if named == "seuclidean":
                params["V"] = variances(X, sample_weight)
            else:
                params["VI"] = inverse_covariance(X, sample_weight)
        # The unit in which powers of the distances, or their sums, stay within float64.
        self.unit = 1.0
        if named in SUMMED and not issparse(X):
            self.unit = unit_of(X, float(params.get("p", 1.0)))
            if self.unit != 1.0:
                self.scale, X = self.unit, np.asarray(X, dtype=np.float64) * self.unit
        self.X, self.metric, self.params = X, metric, params

    def query(
        self, Q: Any, k: int, n_threads: int = 1
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Return the k nearest points of every query, nearest first, equal ones by index.

        Parameters
        ----------
        Q : array or sparse matrix of shape (n_queries, n_features)
        k : int
            At most the number of points.
        n_threads : int, default=1

        Returns
        -------
        distance : ndarray of shape (n_queries, k)
        index : ndarray of shape (n_queries, k)
        """
        n_points, n_queries = self.X.shape[0], Q.shape[0]
        Q = self._prepared(Q)
        distance = np.empty((n_queries, k))
        index = np.empty((n_queries, k), dtype=np.intp)
        n_threads = self._threads(n_threads)
        shape = tiling(n_points, n_queries, self._width(), k, n_threads)

        @np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore")
        def stretch(begin: int, end: int) -> None:
            selection = Selection(
                end - begin, k, group=shape.group, n_groups=shape.n_groups, dtype=np.float64
            )
            scores = np.empty((shape.points, end - begin))
            for low, high in spans(0, n_points, shape.points):
                length = high - low
                padded = -(-length // shape.group) * shape.group
                self._tile(Q, begin, end, low, high, scores[:length])
                scores[length:padded] = np.inf
                selection.add(scores[:padded], low, length)
            _, distance[begin:end], index[begin:end] = selection.decide()

        if n_queries == 1:
            self._single(Q, k, distance, index, shape.points)
        else:
            run(stretch, even_spans(n_queries, shape.queries, n_threads), n_threads)
        return distance, index

    @np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore")
    def _single(self, Q: Any, k: int, distance: NDArray, index: NDArray, length: int) -> None:
        """Answer one query, for which groups of points are not worth their sorting."""
        value = np.empty((self.X.shape[0], 1))
        for low, high in spans(0, len(value), length):
            self._tile(Q, 0, 1, low, high, value[low:high])
        index[0] = first_smallest(value[:, 0], k)
        distance[0] = value[index[0], 0]

    def within(self, Q: Any, radius: float, n_threads: int = 1) -> Balls:
        """Return the points within a radius of every query.

        Parameters
        ----------
        Q : array or sparse matrix of shape (n_queries, n_features)
        radius : float
        n_threads : int, default=1

        Returns
        -------
        Balls
        """
        n_points, n_queries = self.X.shape[0], Q.shape[0]
        Q = self._prepared(Q)
        n_threads = self._threads(n_threads)
        shape = tiling(n_points, n_queries, self._width(), 1, n_threads)

        @np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore")
        def stretch(begin: int, end: int) -> Balls:
            scores = np.empty((shape.points, end - begin))
            found = Gathering(end - begin, radius, lambda column, row: scores[row - low, column])
            limit = np.full(end - begin, radius)
            for low, high in spans(0, n_points, shape.points):
                self._tile(Q, begin, end, low, high, scores[: high - low])
                found.add(scores[: high - low], limit, low)
            return found.balls()

        return joined(run(stretch, even_spans(n_queries, shape.queries, n_threads), n_threads))

    def distances(
        self, Q: Any, column: NDArray[np.intp], row: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """Return the distance of each pair of a query and a point.

        Parameters
        ----------
        Q : array or sparse matrix of shape (n_queries, n_features)
        column, row : ndarrays of shape (n_pairs,)
            The indices of the pair's query, ascending, and point.

        Returns
        -------
        ndarray of shape (n_pairs,)
        """
        Q, value = self._prepared(Q), np.empty((len(row), 1))
        begins = np.flatnonzero(np.diff(column, prepend=-1))
        for low, high in pairwise([*begins, len(row)]):
            query = column[low]
            self._measure(Q[query : query + 1], self.X[row[low:high]], value[low:high])
        return value[:, 0]

    def _threads(self, n_threads: int) -> int:
        # Python code runs on one thread at a time anyway.
        return 1 if callable(self.metric) else n_threads

    def _prepared(self, Q: Any) -> Any:
        """Return queries in the type and the units of the points."""
        if issparse(Q) or issparse(self.X):
            return Q
        if self.X.dtype == np.bool_:
            return Q.astype(bool)
        if isinstance(self.scale, float) and self.scale == 1.0:
            return Q
        with np.errstate(over="ignore", under="ignore"):
            return np.asarray(Q, dtype=np.float64) * self.scale

    def _width(self) -> int:
        return self.X.shape[1]

    def _tile(
        self, Q: Any, begin: int, end: int, low: int, high: int, out: NDArray[np.float64]
    ) -> None:
        """Write the distances of points low..high to queries begin..end into `out`."""
        self._measure(Q[begin:end], self.X[low:high], out)

    def _measure(self, Q: Any, X: Any, out: NDArray[np.float64]) -> None:
        if (
            self.metric in ("manhattan", "euclidean", "chebyshev")
            and not issparse(X)
            and not issparse(Q)
        ):
            # Symmetric to the last bit, so the tile can be written as it is wanted.
            points, queries = np.asarray(X, dtype=np.float64), np.asarray(Q, dtype=np.float64)
            cdist(points, queries, SCIPY_NAMES[self.metric], out=out)
        else:
            out[:] = pair_distances(Q, X, self.metric, self.params).T
        if isinstance(self.metric, str) and self.metric == "mahalanobis":
            # Rounding may leave a negative square where it is zero, whose root is no number.
            near = np.abs(Q).max(axis=1) < 1e100
            out[np.isinf(out) & near] = 0.0
        if self.unit != 1.0 and self.metric != "braycurtis":
            out /= self.unit


class PrecomputedIndex(DirectIndex):
    """Distances that were computed before: a query is its row of distances to the points."""

    def __init__(self, n_points: int) -> None:
        super().__init__(np.empty((n_points, 0)), "precomputed")

    def _prepared(self, Q: Any) -> Any:
        return Q

    def _tile(
        self, Q: Any, begin: int, end: int, low: int, high: int, out: NDArray[np.float64]
    ) -> None:
        out[:] = Q[begin:end, low:high].T


def column_scales(X: NDArray) -> NDArray[np.float64]:
    """Return powers of two that bring the largest number of each column to about one."""
    largest = np.abs(np.asarray(X, dtype=np.float64)).max(axis=0, initial=0.0)
    power = np.frexp(np.where(largest > 0, largest, 1.0))[1]
    return np.ldexp(1.0, -np.clip(power, -1000, 1000))


def variances(
    X: NDArray[np.float64], weight: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return the variance of each column, infinite where it is constant: that counts nothing.

    A row of weight w counts as w rows.
    """
    if weight is not None:
        X, weight = X[weight > 0], weight[weight > 0]
    constant = X.min(axis=0) == X.max(axis=0)
    n_rows = len(X) if weight is None else weight.sum()
    squares = (X - np.average(X, axis=0, weights=weight)) ** 2
    mean = np.average(squares, axis=0, weights=weight)
    return np.where(constant, np.inf, mean * n_rows / (n_rows - 1 if n_rows > 1 else n_rows))


def inverse_covariance(
    X: NDArray[np.float64], weight: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return the inverse of the covariance, where that has none the pseudo-inverse.

    The rank is that of the correlations, so that it does not hang on units. A row of weight w
    counts as w rows.
    """
    n_features = X.shape[1]
    spread = np.sqrt(variances(X, weight))
    standard = (X - np.average(X, axis=0, weights=weight)) / spread
    n_rows = len(X) if weight is None else weight.sum()
    weighted = standard if weight is None else standard * weight[:, None]
    correlation = standard.T @ weighted / (n_rows - 1 if n_rows > 1 else n_rows)
    tolerance = n_features * np.finfo(np.float64).eps
    inverse = np.linalg.pinv(correlation, rcond=tolerance, hermitian=True)
    return inverse / spread / spread[:, None]
