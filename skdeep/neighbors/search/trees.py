"""Exact nearest neighbours by a tree, and the proof that a tree cannot give by itself.

A tree returns k neighbours, and of points at equal distance any. So it is asked for one more: if
that one is farther than the k-th by more than rounding can account for, no other point can belong
to the k; where it is not, the whole data decides.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree
from sklearn.neighbors import BallTree

from skdeep.neighbors.search.blocks import budget, even_spans, run
from skdeep.neighbors.search.direct import DirectIndex, pair_distances
from skdeep.neighbors.search.euclidean import EuclideanIndex
from skdeep.neighbors.search.radius import Balls, balls_of_lists

__all__ = ["TreeIndex"]

# The k-th and the next distance count as different from this relative gap on; the roundings of a
# few hundred sums of nonnegative numbers stay far below it.
GAP = 1e-12
# So many queries are asked at a time. Ctrl-C waits for them: SciPy's own threads would go on, and
# write to memory that is not there any more.
_QUERIES = 4096
# Below it the square of a distance has not all digits of float64.
VANISHING = float(np.sqrt(np.finfo(np.float64).tiny / np.finfo(np.float64).eps))


class TreeIndex:
    """A tree over points, with a search through all of them where the tree leaves a doubt.

    Parameters
    ----------
    X : ndarray of shape (n_points, n_features)
    kind : {"kd_tree", "ball_tree"}
        SciPy's k-d tree, for the L-p distances, or scikit-learn's ball tree.
    metric : str, callable or sklearn.metrics.DistanceMetric
    params : dict
    leaf_size : int
    """

    def __init__(
        self, X: NDArray, kind: str, metric: Any, params: dict[str, Any], leaf_size: int
    ) -> None:
        self.X, self.kind, self.metric, self.params = X, kind, metric, params
        leaf_size = min(leaf_size, len(X))
        self.whole: Any
        if metric == "euclidean":
            self.whole = EuclideanIndex(X)
        else:
            self.whole = DirectIndex(X, metric, params)
        if kind == "kd_tree":
            power = {"manhattan": 1.0, "euclidean": 2.0, "chebyshev": np.inf}
            self.p = power.get(metric) or float(params["p"])
            # Balanced boxes cost more to build than they save for such numbers of queries.
            self.tree = KDTree(X, leafsize=leaf_size, balanced_tree=False, compact_nodes=True)
        else:
            given = {name: value for name, value in params.items() if value is not None}
            try:
                self.tree = BallTree(
                    np.asarray(X, dtype=np.float64), leaf_size=leaf_size, metric=metric, **given
                )
            except (TypeError, ValueError) as error:
                if callable(metric):
                    raise
                raise ValueError(
                    f"metric={metric!r} with metric_params={given!r} does not fit X of shape "
                    f"{X.shape}: {error}"
                ) from error

    def query(
        self, Q: NDArray, k: int, n_threads: int = 1
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Return the k nearest points of every query, nearest first, equal ones by index.

        Parameters
        ----------
        Q : ndarray of shape (n_queries, n_features)
        k : int
            At most the number of points.
        n_threads : int, default=1

        Returns
        -------
        distance : ndarray of shape (n_queries, k)
        index : ndarray of shape (n_queries, k)
        """
        n_points, n_queries = len(self.X), len(Q)
        more = min(k + 1, n_points)
        distance = np.empty((n_queries, more))
        index = np.empty((n_queries, more), dtype=np.intp)

        def ask(begin: int, end: int) -> None:
            queries = np.asarray(Q[begin:end], dtype=np.float64)
            with np.errstate(over="ignore", invalid="ignore"):
                if self.kind == "kd_tree":
                    found = self.tree.query(queries, np.arange(1, more + 1), p=self.p)
                else:
                    found = self.tree.query(queries, more)
            distance[begin:end], index[begin:end] = found

        longest = max(1, min(_QUERIES, budget() // (64 * more * n_threads)))
        run(ask, even_spans(n_queries, longest, n_threads) if n_queries else [], n_threads)
        # Where powers leave float64 a tree finds nothing, or cannot tell what it finds.
        doubt = ~np.isfinite(distance[:, -1])
        index[doubt] = 0
        if self.metric == "euclidean":
            doubt |= distance[:, -1] < VANISHING
            # As the search through the whole data computes them.
            column = np.repeat(np.arange(n_queries), more)
            distance = self.whole.distances(Q, column, index.reshape(-1)).reshape(index.shape)
        order = np.lexsort((index, distance), axis=1)
        distance = np.take_along_axis(distance, order, axis=1)
        index = np.take_along_axis(index, order, axis=1)
        if more > k:
            with np.errstate(over="ignore"):  # of distances near the largest float
                gap = distance[:, k - 1] * (1 + GAP) + self._rounding(distance)
            farther = distance[:, k] > gap
            doubt |= ~farther
            distance, index = distance[:, :k].copy(), index[:, :k].copy()
        if doubt.any():
            # Where many points are equally near, features have few values, and queries repeat.
            different, which = np.unique(Q[doubt], axis=0, return_inverse=True)
            found = self.whole.query(different, k, n_threads)
            distance[doubt], index[doubt] = (part[which.reshape(-1)] for part in found)
        return distance, index

    def within(self, Q: NDArray, radius: float, n_threads: int = 1) -> Balls:
        """Return the points within a radius of every query.

        Parameters
        ----------
        Q : ndarray of shape (n_queries, n_features)
        radius : float
        n_threads : int, default=1

        Returns
        -------
        Balls
        """
        queries = np.asarray(Q, dtype=np.float64)
        power = self.p if self.kind == "kd_tree" else float(self.params.get("p", 2.0))
        reach = radius * (1 + GAP) + self._rounding(np.array([[radius]]))
        if not np.isfinite(reach) or self._leaves_float64(queries, radius, power):
            return self.whole.within(Q, radius, n_threads)

        def ask(begin: int, end: int) -> Any:
            if self.kind == "kd_tree":
                return self.tree.query_ball_point(queries[begin:end], reach, p=self.p)
            return self.tree.query_radius(queries[begin:end], reach)

        found = run(ask, even_spans(len(queries), _QUERIES, n_threads), n_threads)
        return balls_of_lists(
            np.concatenate(found), radius, lambda query, index: self._exact(Q, query, index)
        )

    def _leaves_float64(self, queries: NDArray, radius: float, power: float) -> bool:
        """Return whether powers of distances may overflow, or the radius's may vanish."""
        if np.isinf(power):
            return False
        largest = max(np.abs(self.X).max(initial=0.0), np.abs(queries).max(initial=0.0))
        with np.errstate(over="ignore"):
            sum_of_powers = np.float64(2 * largest) ** power * self.X.shape[1]
        return bool(np.isinf(sum_of_powers) or 0 < radius < VANISHING ** (2 / power))

    def _exact(self, Q: NDArray, query: int, index: NDArray[np.intp]) -> NDArray[np.float64]:
        if self.metric == "euclidean":
            return self.whole.distances(Q, np.full(len(index), query), index)
        rows = self.whole._prepared(Q[query : query + 1])
        return pair_distances(rows, self.whole.X[index], self.metric, self.params)[0]

    def _rounding(self, distance: NDArray) -> float:
        """Return how far a ball's center and radius can be off; boxes have no such error."""
        if self.kind == "kd_tree":
            return 0.0
        node = np.asarray(self.tree.get_arrays()[2])
        return 1e-14 * float(node["radius"].max(initial=0.0) + distance[:, 0].max(initial=0.0))
