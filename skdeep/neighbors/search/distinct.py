"""Exact nearest neighbours where many points are equal: the distinct ones alone are searched.

Let these be numbered by their first rows. The k nearest rows, of equal distances the first, are
rows of the k nearest distinct points, of equal distances the first: any row of another point comes
after the first rows of those k.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from skdeep.neighbors.search.blocks import TILE_ENTRIES, budget, run, spans
from skdeep.neighbors.search.radius import Balls

__all__ = ["DistinctIndex", "equal_rows"]

# So many rows tell whether looking at all of them is worth it,
SAMPLE = 128
# which it is where no more than this part is distinct.
DISTINCT = 0.98
# Rows that are looked at together.
BLOCK = 1024


def equal_rows(X: Any) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """Find the distinct rows, where these are fewer.

    Parameters
    ----------
    X : array or CSR matrix of shape (n_rows, n_features)

    Returns
    -------
    first : ndarray of shape (n_distinct,)
        The first row of each kind, ascending.
    kind : ndarray of shape (n_rows,)
        Which of these each row is, to the last bit.

    None where so few are equal that a search is no slower for it, or copies would be too large.
    """
    n_rows = X.shape[0]
    if (X.data if issparse(X) else X).nbytes > budget():
        return None
    sample = X[:: -(-n_rows // SAMPLE)]
    if len(set(_contents(sample))) > DISTINCT * sample.shape[0]:
        return None
    seen: dict[bytes, int] = {}
    found = (seen.setdefault(row, number) for number, row in enumerate(_contents(X)))
    like = np.fromiter(found, np.intp, n_rows)  # the first row that is equal
    is_first = like == np.arange(n_rows)
    first, kind = np.flatnonzero(is_first), np.cumsum(is_first)[like] - 1
    if 2 * len(first) > n_rows and np.bincount(kind).max() < 64 + n_rows // 64:
        return None
    return first, kind


def _contents(X: Any) -> Iterator[bytes]:
    """Yield what each row holds."""
    if issparse(X):
        for low, high in pairwise(X.indptr):
            yield X.indices[low:high].tobytes() + X.data[low:high].tobytes()
        return
    for low, high in spans(0, len(X), BLOCK):
        rows = np.ascontiguousarray(X[low:high])
        yield from rows.view(f"V{rows.itemsize * rows.shape[1]}").reshape(-1).tolist()


class DistinctIndex:
    """An index of the distinct points, asked for the rows that they are.

    Parameters
    ----------
    index : object with ``query(Q, k, n_threads)`` and ``within(Q, radius, n_threads)``
        Of the distinct points, in the order of their first rows.
    kind : ndarray of shape (n_rows,)
        Which of the points each row is.
    """

    def __init__(self, index: Any, kind: NDArray[np.intp]) -> None:
        self.index = index
        self.count = np.bincount(kind)
        self.rows = np.argsort(kind, kind="stable")  # by point
        self.begin = np.cumsum(self.count) - self.count
        self._fewest = np.cumsum(np.sort(self.count))  # rows of so many points at least

    def query(
        self, Q: Any, k: int, n_threads: int = 1
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Return the k nearest rows of every query, nearest first, equal ones by index.

        Parameters
        ----------
        Q : array or sparse matrix of shape (n_queries, n_features)
        k : int
            At most the number of rows.
        n_threads : int, default=1

        Returns
        -------
        distance : ndarray of shape (n_queries, k)
        index : ndarray of shape (n_queries, k)
        """
        equal = equal_rows(Q)  # where points are equal, queries often are
        if equal is not None:
            first, kind = equal
            distance, index = self.query(Q[first], k, n_threads)
            return distance[kind], index[kind]
        most = min(k, len(self.count))
        # Any so many points are k rows, and one more shows whether others are as near.
        enough = int(np.searchsorted(self._fewest, k)) + 1
        return self._nearest(Q, k, min(enough + 1, most), most, n_threads)

    def _nearest(
        self, Q: Any, k: int, n_points: int, most: int, n_threads: int
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Look among the nearest points, and among `most` of them where the last are as near."""
        near, point = self.index.query(Q, n_points, n_threads)
        distance = np.empty((len(near), k))
        index = np.empty((len(near), k), dtype=np.intp)

        def stretch(begin: int, end: int) -> None:
            column, place = np.nonzero(near[begin:end] <= limit[begin:end, None])
            value = near[begin + column, place]
            farther = np.ones(len(value), dtype=bool)  # than the point before, or first of a query
            farther[1:] = (column[1:] != column[:-1]) | (value[1:] != value[:-1])
            which, row = self._rows_of(point[begin + column, place], k)
            order = self._by_row(np.cumsum(farther)[which], row)
            start = np.searchsorted(column[which], np.arange(end - begin))
            nearest = order[start[:, None] + np.arange(k)]
            distance[begin:end], index[begin:end] = value[which][nearest], row[nearest]

        # Up to the point that brings the k-th row, and those that are as near.
        last = np.argmax(np.cumsum(self.count[point], axis=1) >= k, axis=1)
        limit = near[np.arange(len(near)), last]
        longest = max(1, min(budget() // 128, TILE_ENTRIES) // (k * n_points * n_threads))
        run(stretch, list(spans(0, len(near), longest)), n_threads)
        again = np.flatnonzero(near[:, -1] <= limit) if n_points < most else ()
        if len(again):
            found = self._nearest(Q[again], k, most, most, n_threads)
            distance[again], index[again] = found
        return distance, index

    def _rows_of(
        self, point: NDArray[np.intp], most: int | None = None
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the first rows of points, `most` of each, and the place in `point` of each row."""
        count = self.count[point] if most is None else np.minimum(self.count[point], most)
        which = np.repeat(np.arange(len(point)), count)
        start = np.cumsum(count) - count
        return which, self.rows[(self.begin[point] - start)[which] + np.arange(len(which))]

    def _by_row(self, group: NDArray[np.intp], row: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return an order by ascending groups, and within each by row."""
        # Few runs that are sorted already, which this kind of sorting goes by.
        return np.argsort(group * len(self.rows) + row, kind="stable")

    def within(self, Q: Any, radius: float, n_threads: int = 1) -> Balls:
        """Return the rows within a radius of every query.

        Parameters
        ----------
        Q : array or sparse matrix of shape (n_queries, n_features)
        radius : float
        n_threads : int, default=1

        Returns
        -------
        Balls
        """
        balls = self.index.within(Q, radius, n_threads)
        which, row = self._rows_of(balls.index)
        query = balls.query[which]
        order = self._by_row(query, row)
        count = np.bincount(query, minlength=len(balls.count))
        return Balls(count, row[order], balls.distance[which][order])
