"""Exact nearest neighbours by a tree, and the proof that a tree cannot give by itself.

A tree returns k neighbours, and of points at equal distance any. So it is asked for one more: if
that one is farther than the k-th by more than rounding can account for, no other point can belong
to the k; where it is not, all points decide that are as near, and where these are many, or numbers
leave float64, a search through the whole data.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree
from sklearn.neighbors import BallTree

from skdeep.neighbors.search.blocks import TILE_ENTRIES, budget, even_spans, run, spans
from skdeep.neighbors.search.direct import DirectIndex
from skdeep.neighbors.search.euclidean import EuclideanIndex
from skdeep.neighbors.search.radius import Balls
from skdeep.neighbors.search.selection import smallest

__all__ = ["TreeIndex"]

# The k-th and the next distance count as different from this relative gap on; the roundings of a
# few hundred sums of nonnegative numbers stay far below it.
GAP = 1e-12
# So many queries are asked at a time. Ctrl-C waits for them: SciPy's own threads would go on, and
# write to memory that is not there any more.
_QUERIES = 4096
# Of more than one in so many points, a tree finds the nearest later than a search through all,
FEW_NEIGHBORS = 4
# and of so many those within a radius.
FEW_IN_A_BALL = 16
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
            self.p = float(params.get("p", 2.0))
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
        if k > n_points // FEW_NEIGHBORS:
            return self.whole.query(Q, k, n_threads)
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
        lost = ~np.isfinite(distance[:, -1])
        index[lost] = 0
        doubt = np.zeros(n_queries, dtype=bool)
        if self.metric == "euclidean":
            doubt |= distance[:, -1] < VANISHING
            # As the search through the whole data computes them.
            column = np.repeat(np.arange(n_queries), more)
            distance = self.whole.distances(Q, column, index.reshape(-1)).reshape(index.shape)
        rows = np.flatnonzero(_out_of_order(distance, index).any(axis=1))
        if len(rows):
            order = rows[:, None], np.lexsort((index[rows], distance[rows]), axis=1)
            distance[rows], index[rows] = distance[order], index[order]
        if more > k:
            with np.errstate(over="ignore"):  # of distances near the largest float
                gap = distance[:, k - 1] * (1 + GAP) + self._rounding(distance)
            farther = distance[:, k] > gap
            doubt |= ~farther
            distance, index = distance[:, :k].copy(), index[:, :k].copy()
        at = np.flatnonzero(doubt & ~lost)
        if len(at):
            lost[at] = self._decide(Q, at, distance, index, n_threads)
        if lost.any():
            distance[lost], index[lost] = self.whole.query(Q[lost], k, n_threads)
        return distance, index

    def _decide(
        self, Q: NDArray, at: NDArray[np.intp], distance: NDArray, index: NDArray, n_threads: int
    ) -> NDArray[np.bool_]:
        """Choose from all points as near as the farthest found; return where there are too many."""
        k, Q = index.shape[1], Q[at]
        if self._overflows(Q):
            return np.ones(len(at), dtype=bool)
        reach = self._reach(distance[at, -1])
        count = self._balls(Q, reach, n_threads, only_count=True)
        too_many = count > 4 * k + 64 + len(self.X) // FEW_IN_A_BALL
        few = np.flatnonzero(~too_many)
        longest = max(1, min(budget() // 128, TILE_ENTRIES) // count[few].max(initial=1))
        for begin, end in spans(0, len(few), longest):
            some = few[begin:end]
            column, row = _pairs(self._balls(Q[some], reach[some], n_threads))
            value = self.whole.distances(Q[some], column, row)
            distance[at[some]], index[at[some]] = smallest(column, row, value, len(some), k)
        return too_many

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
        with np.errstate(over="ignore"):
            reach = self._reach(np.full(len(Q), radius))
        if not np.isfinite(reach).all() or self._overflows(Q):
            return self.whole.within(Q, radius, n_threads)
        if self._balls(Q, reach, n_threads, only_count=True).mean() > len(self.X) / FEW_IN_A_BALL:
            return self.whole.within(Q, radius, n_threads)
        column, row = _pairs(self._balls(Q, reach, n_threads))
        distance = self.whole.distances(Q, column, row)
        keep = distance <= radius
        return Balls(np.bincount(column[keep], minlength=len(Q)), row[keep], distance[keep])

    def _reach(self, radius: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far to ask a tree for all points within a radius, by roundings and powers."""
        least = 0.0 if np.isinf(self.p) else 2 * VANISHING ** (2 / self.p)
        return np.maximum(radius * (1 + GAP) + self._rounding(radius[:, None]), least)

    def _overflows(self, Q: NDArray) -> bool:
        """Return whether sums of powers may leave float64."""
        if np.isinf(self.p):
            return False
        largest = max(np.abs(rows).max(initial=0.0) for rows in (self.X, Q))
        with np.errstate(over="ignore"):
            return bool(np.isinf(np.float64(2 * largest) ** self.p * self.X.shape[1]))

    def _balls(
        self, Q: NDArray, reach: NDArray[np.float64], n_threads: int, only_count: bool = False
    ) -> NDArray[Any]:
        """Return the points of each ball, a list or an array, or how many there are."""
        queries = np.asarray(Q, dtype=np.float64)

        def ask(begin: int, end: int) -> Any:
            balls = queries[begin:end], reach[begin:end]
            if self.kind == "kd_tree":
                return self.tree.query_ball_point(*balls, p=self.p, return_length=only_count)
            return self.tree.query_radius(*balls, count_only=only_count)

        return np.concatenate(run(ask, even_spans(len(Q), _QUERIES, n_threads), n_threads))

    def _rounding(self, distance: NDArray) -> float:
        """Return how far a ball's center and radius can be off; boxes have no such error."""
        if self.kind == "kd_tree":
            return 0.0
        node = np.asarray(self.tree.get_arrays()[2])
        return 1e-14 * float(node["radius"].max(initial=0.0) + distance[:, 0].max(initial=0.0))


def _out_of_order(distance: NDArray[np.float64], index: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which neighbours belong before the one before them."""
    before, after = distance[:, :-1], distance[:, 1:]
    return (after < before) | ((after == before) & (index[:, 1:] < index[:, :-1]))


def _pairs(balls: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the query and the point of all pairs, ascending."""
    row = np.concatenate([np.sort(np.asarray(ball, dtype=np.intp)) for ball in balls])
    return np.repeat(np.arange(len(balls)), [len(ball) for ball in balls]), row
