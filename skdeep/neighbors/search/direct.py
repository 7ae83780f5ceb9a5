"""Exact nearest neighbours under a distance that is computed pair by pair.

Every metric without a matrix product of its own comes here: L1, L-infinity and L-p through SciPy,
anything else that `sklearn.metrics.pairwise_distances` knows, callables, and distances that were
computed before. The tiles hold the float64 distances themselves, so no bound is needed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from scipy.spatial.distance import cdist
from sklearn.metrics import pairwise_distances
from sklearn.metrics.pairwise import PAIRWISE_BOOLEAN_FUNCTIONS

from skdeep.neighbors.search.blocks import even_spans, run, spans, tiling
from skdeep.neighbors.search.selection import Selection

__all__ = ["DirectIndex", "PrecomputedIndex", "pair_distances"]

# SciPy's names of the metrics that are compiled there and let other threads run.
SCIPY_NAMES = {
    "manhattan": "cityblock",
    "euclidean": "euclidean",
    "chebyshev": "chebyshev",
    "minkowski": "minkowski",
}


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
    if metric in SCIPY_NAMES and not issparse(Q) and not issparse(X):
        params = {name: value for name, value in params.items() if value is not None}
        return cdist(
            np.asarray(Q, dtype=np.float64),
            np.asarray(X, dtype=np.float64),
            SCIPY_NAMES[metric],
            **params,
        )
    if hasattr(metric, "pairwise"):  # sklearn.metrics.DistanceMetric
        dtype = np.float32 if type(metric).__name__.endswith("32") else np.float64
        distances = metric.pairwise(Q.astype(dtype), X.astype(dtype))
    else:
        if isinstance(metric, str) and Q.dtype == np.float32:
            Q = Q.astype(np.float64)  # or some metrics are computed in float32
        distances = pairwise_distances(Q, X, metric=metric, **params)
    distances = np.asarray(distances, dtype=np.float64)
    return np.where(np.isnan(distances), np.inf, distances)


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
        from `X` where they are missing.
    """

    def __init__(self, X: Any, metric: Any, params: dict[str, Any] | None = None) -> None:
        params = dict(params or {})
        if isinstance(metric, str) and metric in PAIRWISE_BOOLEAN_FUNCTIONS and not issparse(X):
            X = np.asarray(X, dtype=bool)
        if metric == "seuclidean" and params.get("V") is None:
            params["V"] = np.var(X, axis=0, ddof=1, dtype=np.float64)
        if metric == "mahalanobis" and params.get("VI") is None:
            covariance = np.cov(np.asarray(X, dtype=np.float64).T)
            params["VI"] = np.linalg.inv(np.atleast_2d(covariance)).T
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
        if callable(self.metric):
            n_threads = 1  # Python code runs on one thread at a time anyway
        if self.X.dtype == np.bool_ and not issparse(Q):
            Q = Q.astype(bool)
        distance = np.empty((n_queries, k))
        index = np.empty((n_queries, k), dtype=np.intp)
        shape = tiling(n_points, n_queries, self._width(), k, n_threads)

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

        run(stretch, even_spans(n_queries, shape.queries, n_threads), n_threads)
        return distance, index

    def _width(self) -> int:
        return self.X.shape[1]

    def _tile(
        self, Q: Any, begin: int, end: int, low: int, high: int, out: NDArray[np.float64]
    ) -> None:
        """Write the distances of points low..high to queries begin..end into `out`."""
        if (
            self.metric in ("manhattan", "euclidean", "chebyshev")
            and not issparse(self.X)
            and not issparse(Q)
        ):
            # Symmetric to the last bit, so the tile can be written as it is wanted.
            points = np.asarray(self.X[low:high], dtype=np.float64)
            queries = np.asarray(Q[begin:end], dtype=np.float64)
            cdist(points, queries, SCIPY_NAMES[self.metric], out=out)
        else:
            out[:] = pair_distances(Q[begin:end], self.X[low:high], self.metric, self.params).T


class PrecomputedIndex(DirectIndex):
    """Distances that were computed before: a query is its row of distances to the points."""

    def __init__(self, n_points: int) -> None:
        self.X = np.empty((n_points, 0))
        self.metric, self.params = "precomputed", {}

    def _tile(
        self, Q: Any, begin: int, end: int, low: int, high: int, out: NDArray[np.float64]
    ) -> None:
        out[:] = Q[begin:end, low:high].T


def nearest_of_graph(graph: Any, k: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the k nearest of each row of a sparse matrix of distances.

    Parameters
    ----------
    graph : CSR matrix of shape (n_queries, n_points)
        Only stored entries are distances, stored zeros too.
    k : int

    Returns
    -------
    distance, index : ndarrays of shape (n_queries, k)

    Raises
    ------
    ValueError
        If a row stores fewer than k distances.
    """
    stored = np.diff(graph.indptr)
    if stored.min(initial=k) < k:
        raise ValueError(
            f"{k} neighbors per samples are required, but some samples have only "
            f"{stored.min()} neighbors in precomputed graph matrix. Decrease number of "
            "neighbors used or recompute the graph with more neighbors."
        )
    row = np.repeat(np.arange(graph.shape[0]), stored)
    order = np.lexsort((graph.indices, graph.data, row))
    chosen = order[(np.arange(k) + graph.indptr[:-1, None]).reshape(-1)]
    shape = (graph.shape[0], k)
    distance = graph.data[chosen].astype(np.float64).reshape(shape)
    return distance, graph.indices[chosen].astype(np.intp).reshape(shape)
