"""Exact nearest neighbours where a float64 product bounds the distances: sparse and missing data.

The idea of `skdeep.neighbors.search.euclidean`, without its float32: the product of a tile gives
lower bounds, differences of the stored values decide.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from skdeep.neighbors.search.blocks import even_spans, longest_list, run, spans, tiling
from skdeep.neighbors.search.euclidean import error_bound
from skdeep.neighbors.search.moved_rows import EXACT_BYTES
from skdeep.neighbors.search.radius import Balls, Gathering, joined
from skdeep.neighbors.search.selection import Selection, first_smallest
from skdeep.neighbors.units import unit_of

__all__ = ["MissingValuesIndex", "SparseIndex"]


# So few sparse queries are faster dense in a product.
FEW_QUERIES = 8


class _BoundedIndex:
    """What the two kinds share: tiles of lower bounds, then exact distances of what is left.

    A subclass knows the squared norms of its points, half the squared distances of a tile up to
    an error of ``eta * (point_norm + query_norm)`` and a constant of the query, and the exact
    distances of pairs. Its rows are scaled, so that their squares stay within float64.
    """

    def __init__(self, X: Any, norms: NDArray[np.float64], eta: float) -> None:
        self.X, self.norms, self.eta = X, norms, eta

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
        n_points, n_features = self.X.shape
        n_queries, eta = Q.shape[0], self.eta
        with np.errstate(over="ignore"):
            Q, norms = self._prepared(Q)
        distance = np.empty((n_queries, k))
        index = np.empty((n_queries, k), dtype=np.intp)
        shape = tiling(n_points, n_queries, min(n_features, 2048), k, n_threads)
        if n_queries == 1 and np.isfinite(norms[0]):
            index[0], distance[0] = self._single(Q, 2 * eta * norms[0], k, shape.points)
            return distance, index

        @np.errstate(over="ignore", invalid="ignore")
        def stretch(begin: int, end: int) -> None:
            rows = Q[begin:end]
            # Queries too large for the scale of the points: no product, differences alone.
            finite = np.isfinite(norms[begin:end])
            margin = 2 * eta * np.where(finite, norms[begin:end], 0.0)
            margin += (n_features + 16) * np.finfo(np.float64).tiny
            selection = Selection(
                end - begin,
                k,
                group=shape.group,
                n_groups=shape.n_groups,
                dtype=np.float64,
                margin=margin,
                cap=longest_list(shape.queries, k, n_threads),
            )
            selection.lost |= ~finite
            scores = np.empty((shape.points, end - begin))
            slack = np.zeros(shape.points)
            for low, high in spans(0, n_points, shape.points):
                length = high - low
                padded = -(-length // shape.group) * shape.group
                self._half_squares(low, high, rows, scores[:length])
                scores[:length] -= eta * self.norms[low:high, None]
                scores[length:padded] = np.inf
                slack[:length] = 2 * eta * self.norms[low:high]
                selection.add(scores[:padded], low, length, slack[:padded])
            found, value, row = selection.decide(
                lambda column, point: self._distances(rows, column, point)
            )
            which = begin + np.flatnonzero(found)
            distance[which], index[which] = value, row
            everyone = np.arange(n_points)
            for lost in np.flatnonzero(~found):
                # Too many that products cannot tell apart: one query against all points.
                value = self._distances(rows, np.full(n_points, lost), everyone)
                nearest = first_smallest(value, k)
                distance[begin + lost], index[begin + lost] = value[nearest], nearest

        run(stretch, even_spans(n_queries, shape.queries, n_threads), n_threads)
        return distance, index

    @np.errstate(over="ignore", invalid="ignore")
    def _single(
        self, Q: Any, margin: float, k: int, length: int
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Answer one query, for which groups of points are not worth their sorting."""
        scores = np.empty((self.X.shape[0], 1))
        for low, high in spans(0, len(scores), length):
            self._half_squares(low, high, Q, scores[low:high])
        lower = scores[:, 0] - self.eta * self.norms
        upper = lower + 2 * self.eta * self.norms
        margin += (self.X.shape[1] + 16) * np.finfo(np.float64).tiny
        near = np.flatnonzero(lower <= np.partition(upper, k - 1)[k - 1] + margin)
        value = self._distances(Q, np.zeros_like(near), near)
        first = first_smallest(value, k)
        return near[first], value[first]

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
        n_points, n_features = self.X.shape
        n_queries = Q.shape[0]
        with np.errstate(over="ignore"):
            Q, norms = self._prepared(Q)
        shape = tiling(n_points, n_queries, min(n_features, 2048), 1, n_threads)

        @np.errstate(over="ignore", under="ignore", invalid="ignore")
        def stretch(begin: int, end: int) -> Balls:
            rows = Q[begin:end]
            found = Gathering(end - begin, radius, lambda c, r: self._distances(rows, c, r))
            reach = np.nextafter(radius, np.inf)  # a distance may have been rounded down to it
            half, scores = self._half_square(reach), np.empty((shape.points, end - begin))
            # Queries too large for the scale of the points: differences alone.
            known = np.where(np.isfinite(norms[begin:end]), norms[begin:end], np.inf)
            margin = 2 * self.eta * (known + half) + (n_features + 16) * np.finfo(np.float64).tiny
            limit = half - self._left_out(known) + margin
            limit[np.isinf(known)] = np.inf
            for low, high in spans(0, n_points, shape.points):
                self._half_squares(low, high, rows, scores[: high - low])
                scores[: high - low] -= 2 * self.eta * self.norms[low:high, None]
                scores[: high - low, np.isinf(known)] = 0.0
                found.add(scores[: high - low], limit, low)
            return found.balls()

        return joined(run(stretch, even_spans(n_queries, shape.queries, n_threads), n_threads))

    def _half_square(self, radius: float) -> float:
        """Return half the square of a scaled distance."""
        raise NotImplementedError

    def _left_out(self, norms: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what `_half_squares` leaves out, given the squared norms of the queries."""
        raise NotImplementedError

    def _prepared(self, Q: Any) -> tuple[Any, NDArray[np.float64]]:
        raise NotImplementedError

    def _half_squares(self, low: int, high: int, Q: Any, out: NDArray[np.float64]) -> None:
        raise NotImplementedError

    def _distances(self, Q: Any, column: NDArray, row: NDArray) -> NDArray[np.float64]:
        raise NotImplementedError


class SparseIndex(_BoundedIndex):
    """Sparse points under the Euclidean distance or the cosine.

    Parameters
    ----------
    X : CSR matrix of shape (n_points, n_features)
    metric : {"euclidean", "sqeuclidean", "cosine"}
    """

    def __init__(self, X: Any, metric: str = "euclidean") -> None:
        self.metric = metric
        self.scale = 1.0 if metric == "cosine" else unit_of(X.data)
        points = self._rows(X)
        super().__init__(points, self._norms(points), error_bound(X.shape[1], np.float64) * 2)

    def _rows(self, X: Any) -> Any:
        rows = csr_array(X).astype(np.float64)
        if self.metric == "cosine":
            rows.sum_duplicates()
            rows.eliminate_zeros()  # a row of stored zeros has no direction
            stored = np.diff(rows.indptr)
            # By the largest entry first, so that no square overflows or vanishes.
            rows.data /= np.repeat(abs(rows).max(axis=1).toarray().reshape(-1), stored)
            rows.data /= np.repeat(np.sqrt(_squared_norms(rows)), stored)
        elif self.scale != 1.0:
            rows.data *= self.scale
        return rows

    def _norms(self, rows: Any) -> NDArray[np.float64]:
        norms = _squared_norms(rows)
        if self.metric == "cosine":
            norms[norms == 0] = 1  # at a right angle to all, see `_distances`
        return norms

    def _prepared(self, Q: Any) -> tuple[Any, NDArray[np.float64]]:
        rows = self._rows(Q)
        return rows, self._norms(rows)

    def _half_square(self, radius: float) -> float:
        if self.metric == "cosine":
            return radius
        if self.metric == "sqeuclidean":
            return 0.5 * (self.scale * radius) * self.scale
        return float(0.5 * np.square(self.scale * radius))

    def _left_out(self, norms: NDArray[np.float64]) -> NDArray[np.float64]:
        return 0.5 * norms

    def _half_squares(self, low: int, high: int, Q: Any, out: NDArray[np.float64]) -> None:
        points = self.X if high - low == self.X.shape[0] else self.X[low:high]
        out[:] = 0.5 * self.norms[low:high, None]
        if Q.shape[0] <= FEW_QUERIES:
            out -= points @ Q.toarray().T
        else:
            out -= (points @ Q.T).toarray()

    def _distances(self, Q: Any, column: NDArray, row: NDArray) -> NDArray[np.float64]:
        value = np.empty(len(row))
        for begin, end in spans(0, len(row), 4096):
            points, queries = self.X[row[begin:end]], Q[column[begin:end]]
            difference = points - queries
            value[begin:end] = _squared_norms(difference)
            if self.metric == "cosine":
                empty = (np.diff(points.indptr) == 0) | (np.diff(queries.indptr) == 0)
                value[begin:end][empty] = 2.0
        if self.metric == "cosine":
            return value / 2
        if self.metric == "sqeuclidean":
            return value / self.scale / self.scale
        return np.sqrt(value) / self.scale


def _squared_norms(rows: Any) -> NDArray[np.float64]:
    """Return the sum of the squares of each row's stored entries."""
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    return np.bincount(row, weights=rows.data**2, minlength=rows.shape[0]).astype(np.float64)


class MissingValuesIndex(_BoundedIndex):
    r"""Points with missing values, under `sklearn.metrics.pairwise.nan_euclidean_distances`.

    Only the coordinates P that both rows have count, weighted up for those missing:
    :math:`\sqrt{\frac{d}{|P|} \sum_{j \in P} (x_j - q_j)^2}` with d the number of features.
    Two rows that share none are infinitely far apart.

    Parameters
    ----------
    X : ndarray of shape (n_points, n_features)
        NaN where a value is missing.
    """

    def __init__(self, X: NDArray) -> None:
        self.scale = unit_of(X)
        values = self._scaled(X)
        with np.errstate(invalid="ignore"):
            present = ~np.isnan(values)
            filled = np.where(present, values, 0.0)
            self.center = filled.sum(axis=0) / np.maximum(present.sum(axis=0), 1)
        # One value present scales the error of all by the number of features.
        eta = 2 * X.shape[1] * error_bound(3 * X.shape[1], np.float64)
        super().__init__(values, self._norms(values), eta)

    def _scaled(self, rows: NDArray) -> NDArray[np.float64]:
        rows = np.asarray(rows, dtype=np.float64)
        return rows if self.scale == 1.0 else rows * self.scale

    def _norms(self, rows: NDArray) -> NDArray[np.float64]:
        moved = np.nan_to_num(rows - self.center, nan=0.0)
        return np.einsum("ij,ij->i", moved, moved)

    def _prepared(self, Q: Any) -> tuple[Any, NDArray[np.float64]]:
        rows = self._scaled(Q)
        return rows, self._norms(rows)

    def _half_square(self, radius: float) -> float:
        return float(0.5 * np.square(self.scale * radius))

    def _left_out(self, norms: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.zeros_like(norms)

    def _half_squares(self, low: int, high: int, Q: Any, out: NDArray[np.float64]) -> None:
        (points, has_point), (queries, has_query) = (
            self._parts(self.X[low:high]),
            self._parts(Q),
        )
        # x^2 - 2 x q + q^2, each over the coordinates present in both, in one product.
        left = np.hstack([0.5 * points**2, points, has_point])
        right = np.hstack([has_query, -queries, 0.5 * queries**2])
        np.matmul(left, right.T, out=out)
        shared = has_point @ has_query.T
        with np.errstate(divide="ignore", invalid="ignore"):
            out *= points.shape[1] / shared
        out[shared == 0] = np.inf

    def _parts(self, rows: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        present = ~np.isnan(rows)
        return np.where(present, rows - self.center, 0.0), present.astype(np.float64)

    def _distances(self, Q: Any, column: NDArray, row: NDArray) -> NDArray[np.float64]:
        value = np.empty(len(row))
        n_features = self.X.shape[1]
        for begin, end in spans(0, len(row), max(1, EXACT_BYTES // (8 * n_features))):
            difference = self.X[row[begin:end]] - Q[column[begin:end]]
            shared = np.count_nonzero(~np.isnan(difference), axis=1)
            difference = np.nan_to_num(difference, nan=0.0)
            squares = np.einsum("ij,ij->i", difference, difference)
            with np.errstate(divide="ignore", invalid="ignore"):
                value[begin:end] = np.where(shared > 0, squares / shared * n_features, np.inf)
        return np.sqrt(value) / self.scale
