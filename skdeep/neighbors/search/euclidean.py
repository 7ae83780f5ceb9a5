r"""Exact nearest neighbours under the Euclidean distance, at the speed of a matrix product.

With points :math:`x` and queries :math:`q`, moved to an origin amid the points,

.. math:: \tfrac12 \|x - q\|^2 - \tfrac12 \|q\|^2 = \tfrac12 \|x\|^2 - \langle x, q \rangle,

so one product of the points, with :math:`\tfrac12 \|x\|^2` as a further column, and the queries,
with a further column of ones, orders the points for every query. It is done in float32 and it is
not trusted: with the unit roundoff :math:`u` and :math:`d` features it is off by no more than

.. math:: \eta (\|x\|^2 + \|q\|^2), \qquad \eta = \frac{g}{1 - g}, \quad g = (1.5 d + 24) u,

where :math:`d + 1` products and sums cost :math:`(d + 1) u` of :math:`\|x\|^2 + \frac12\|q\|^2`
[1]_, the squared norm half of that, and rounding the moved and scaled coordinates
:math:`2 u (\|x\| + \|q\|)^2` at most; the rest is for the sums and comparisons with the bound
itself. The column holds :math:`(\tfrac12 - \eta) \|x\|^2`, which turns the product into lower
bounds, and all points are kept whose lower bound is not above the upper bounds of k others. Their
distances are computed from the stored values in float64, as :math:`\sum_j (x_j - q_j)^2`, and
those decide.

A query that would keep too many points (data in clusters far apart, many duplicates) goes through
the same search in float64, and where float64 overflows, through differences alone.

References
----------
.. [1] N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., SIAM, 2002,
   section 3.1: the bound for inner products in any order of summation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.neighbors.search.blocks import Tiling, even_spans, longest_list, run, spans, tiling
from skdeep.neighbors.search.direct import DirectIndex
from skdeep.neighbors.search.moved_rows import MovedRows
from skdeep.neighbors.search.radius import Balls, Gathering, joined
from skdeep.neighbors.search.selection import Selection, first_smallest

__all__ = ["EuclideanIndex"]

# Below so many multiplications one thread is done before a second has begun.
SMALL_WORK = 1 << 25
# Two queries with so many features in all are compared with all points before a product has been
# prepared, three with no more than so many points, and a single one always.
FEW_FEATURES = 128
FEW_POINTS = 6000


def error_bound(n_features: int, dtype: Any) -> float:
    """Return the relative bound of the module's formula for products of one type."""
    g = (1.5 * n_features + 24) * float(np.finfo(dtype).eps) / 2
    return g / (1 - g) if g < 0.5 else np.inf


class EuclideanIndex(MovedRows):
    """Points that can be asked for the nearest of them.

    Parameters
    ----------
    X : ndarray of shape (n_points, n_features)
        Real numbers of any type, C-contiguous. Not copied.
    metric : {"euclidean", "sqeuclidean", "cosine", "correlation"}
        The last two are half the squared Euclidean distance of rows of length one. A row without
        direction (all zeros; all equal) is at distance 1 of every other.
    """

    def query(
        self, Q: NDArray, k: int, n_threads: int = 1
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Return the k nearest points of every query, nearest first, equal ones by index.

        Parameters
        ----------
        Q : ndarray of shape (n_queries, n_features)
            C-contiguous.
        k : int
            At most the number of points.
        n_threads : int, default=1

        Returns
        -------
        distance : ndarray of shape (n_queries, k)
        index : ndarray of shape (n_queries, k)
        """
        (n_points, n_features), n_queries = self.X.shape, len(Q)
        if n_points * n_queries * n_features < SMALL_WORK:
            n_threads = 1
        distance = np.empty((n_queries, k))
        index = np.empty((n_queries, k), dtype=np.intp)
        few = n_queries <= 2 + FEW_POINTS // n_points and n_queries * n_features <= FEW_FEATURES
        if n_queries == 1 or few:
            self._one_by_one(Q, range(n_queries), k, distance, index)
            return distance, index
        shape = tiling(n_points, n_queries, n_features, k, n_threads)
        most = longest_list(shape.queries, k, n_threads)
        caps = {np.float32: min(most, 4 * k + 64 + n_points // 64), np.float64: most}

        def stretch(begin: int, end: int) -> None:
            self._search(Q[begin:end], k, shape, caps, distance[begin:end], index[begin:end])

        run(stretch, even_spans(n_queries, shape.queries, n_threads), n_threads)
        return distance, index

    def _search(
        self,
        Q: NDArray,
        k: int,
        shape: Tiling,
        caps: dict[Any, int],
        distance: NDArray,
        index: NDArray,
    ) -> None:
        """Fill in the neighbours of some queries: in float32 first, then whatever it takes."""
        lost = np.arange(len(Q))
        for dtype, cap in caps.items():
            lost = lost[self._attempt(Q, lost, k, shape, dtype, cap, distance, index)]
            if not len(lost):
                return
        self._by_differences(Q, lost, k, distance, index)

    def _attempt(
        self,
        Q: NDArray,
        at: NDArray,
        k: int,
        shape: Tiling,
        dtype: Any,
        cap: int,
        distance: NDArray,
        index: NDArray,
    ) -> NDArray[np.bool_]:
        """Search with products of one type; return which queries it could not decide."""
        n_features = self.X.shape[1]
        eta = error_bound(n_features, dtype)
        everything = len(at) == len(Q)
        rows = Q if everything else Q[at]
        n_queries = len(rows)
        if eta == np.inf:
            return np.ones(n_queries, dtype=bool)
        queries, _, margin, finite = self._as_columns(rows, dtype, eta)
        selection = Selection(
            n_queries,
            k,
            group=shape.group,
            n_groups=shape.n_groups,
            dtype=dtype,
            margin=margin.astype(dtype),
            cap=cap,
        )
        selection.lost |= ~finite
        if not self._pass(queries, eta, shape, selection):
            return np.ones(n_queries, dtype=bool)
        found, value, row = selection.decide(
            lambda column, point: self.distances(rows, column, point)
        )
        distance[at[found]], index[at[found]] = value, row
        return ~found

    def _as_columns(
        self, rows: NDArray, dtype: Any, eta: float
    ) -> tuple[NDArray, NDArray, NDArray, NDArray[np.bool_]]:
        """Return queries as the product takes them, their norms, margins, and which are finite."""
        n_queries, n_features = rows.shape
        queries = np.empty((n_queries, n_features + 1), dtype=dtype)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            self._move(rows, queries[:, :-1])
            norms = self._norms(queries[:, :-1])
            margin = 2 * eta * norms + (n_features + 16) * np.finfo(dtype).tiny
        np.negative(queries, out=queries)
        queries[:, -1] = 1
        finite = np.isfinite(norms)
        if not finite.all():
            queries[~finite] = 0
            margin[~finite] = 0
            norms[~finite] = 0
        return queries, norms, margin, finite

    def _pass(self, queries: NDArray, eta: float, shape: Tiling, selection: Selection) -> bool:
        """Show all points to a selection; return False where they overflow its type."""
        for begin, length, scores, norms in self._tiles(queries, eta, shape):
            if norms is None:
                return False
            slack = np.zeros(len(scores), dtype=queries.dtype)
            np.multiply(norms, 2 * eta, out=slack[:length])
            selection.add(scores, begin, length, slack)
            if selection.lost.all():
                return False
        return True

    def _tiles(
        self, queries: NDArray, eta: float, shape: Tiling
    ) -> Iterator[tuple[int, int, NDArray, NDArray | None]]:
        """Yield begin, length, lower bounds and squared norms; no norms where they overflow."""
        dtype = queries.dtype
        n_points, n_features = self.X.shape
        points = np.empty((shape.points, n_features + 1), dtype=dtype)
        scores = np.empty((shape.points, len(queries)), dtype=dtype)
        transposed = queries.T
        for begin, end in spans(0, n_points, shape.points):
            length = end - begin
            padded = -(-length // shape.group) * shape.group
            tile = points[:length]
            with np.errstate(over="ignore", under="ignore", invalid="ignore"):
                self._move(self.X[begin:end], tile[:, :-1])
                norms = self._norms(tile[:, :-1])
            if not np.isfinite(norms).all():
                yield begin, length, scores, None
                return
            np.multiply(norms, 0.5 - eta, out=tile[:, -1])
            np.matmul(tile, transposed, out=scores[:length])
            scores[length:padded] = np.inf
            yield begin, length, scores[:padded], norms

    def within(self, Q: NDArray, radius: float, n_threads: int = 1) -> Balls:
        """Return the points within a radius of every query.

        Parameters
        ----------
        Q : ndarray of shape (n_queries, n_features)
            C-contiguous.
        radius : float
            As :meth:`query` measures distances.
        n_threads : int, default=1

        Returns
        -------
        Balls
        """
        (n_points, n_features), n_queries = self.X.shape, len(Q)
        shape = tiling(n_points, n_queries, n_features, 1, n_threads)

        def stretch(begin: int, end: int) -> Balls:
            rows = Q[begin:end]
            for dtype in (np.float32, np.float64):
                balls = self._balls_by_products(rows, radius, shape, dtype)
                if balls is not None:
                    return balls
            return joined(self._ball_by_differences(row[None], radius) for row in rows)

        return joined(run(stretch, even_spans(n_queries, shape.queries, n_threads), n_threads))

    def _balls_by_products(
        self, rows: NDArray, radius: float, shape: Tiling, dtype: Any
    ) -> Balls | None:
        """Return the balls, or None where numbers overflow the type of the products."""
        eta = error_bound(self.X.shape[1], dtype)
        if eta == np.inf:
            return None
        queries, norms, margin, finite = self._as_columns(rows, dtype, eta)
        if not finite.all():
            return None
        with np.errstate(over="ignore", under="ignore"):
            # A distance may have been rounded down to the radius where digits are few.
            reach = np.nextafter(radius, np.inf)
            if self.metric == "euclidean":
                half = 0.5 * np.square(reach * self.scale)
            else:
                half = reach * self.scale * self.scale * (1.0 if self.unit else 0.5)
            limit = half - 0.5 * norms.astype(np.float64) + 2 * margin
            # Upwards, whatever the type rounds away.
            limit = np.nextafter((limit + 4 * eta * half).astype(dtype), dtype(np.inf))
        found = Gathering(len(rows), radius, lambda c, r: self.distances(rows, c, r))
        for begin, length, scores, point_norms in self._tiles(queries, eta, shape):
            if point_norms is None:
                return None
            found.add(scores[:length], limit, begin)
        return found.balls()

    def _ball_by_differences(self, row: NDArray, radius: float) -> Balls:
        value = np.empty(len(self.X))
        self._compare(row, value)
        index = np.flatnonzero(value <= radius)
        return Balls(np.array([len(index)]), index, value[index])

    def _one_by_one(
        self, Q: NDArray, at: Iterable[int], k: int, distance: NDArray, index: NDArray
    ) -> None:
        """Compare single queries with all points."""
        value = np.empty(len(self.X))
        for query in at:
            self._compare(Q[query : query + 1], value)
            nearest = first_smallest(value, k)
            index[query], distance[query] = nearest, value[nearest]

    def _by_differences(
        self, Q: NDArray, at: NDArray, k: int, distance: NDArray, index: NDArray
    ) -> None:
        """Search by differences alone: slow, and right wherever float64 is."""
        if self.unit:
            self._one_by_one(Q, at, k, distance, index)
            return
        with np.errstate(over="ignore", invalid="ignore"):
            _, found = DirectIndex(self.X, "euclidean").query(Q[at], k)
            column = np.repeat(np.arange(len(at)), k)
            distance[at] = self.distances(Q[at], column, found.reshape(-1)).reshape(-1, k)
            index[at] = found
