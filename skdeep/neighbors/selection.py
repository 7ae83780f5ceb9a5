"""The k smallest of every column, gathered while tiles of a matrix pass by.

A matrix of scores is never held: it comes in tiles of some rows (points) and all columns
(queries). Each tile is read once, by `numpy.minimum`, into the minima of groups of rows. The k
smallest entries of a column lie in the k groups with the smallest minima, so a partition of the
few minima, not of the many entries, says which groups can matter, and only those are opened.

The scores may be lower bounds instead of values. Then entry ``(p, q)`` stands for an interval

    scores[p, q] - margin[q] / 2 <= value[p, q] <= scores[p, q] + slack[p] + margin[q] / 2,

and every entry is kept whose interval reaches below the upper ends of k others: what is dropped is
proven not to be among the k smallest, equal values included.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Exact = Callable[[NDArray[np.intp], NDArray[np.intp]], NDArray[np.float64]]

__all__ = ["Selection", "offsets", "ranks"]

# An opened entry costs three numbers; the lists are thinned out before they grow beyond this.
LIST_LENGTH = 1 << 18


def offsets(column: NDArray[np.intp], n_columns: int) -> NDArray[np.intp]:
    """Return where each column's run begins in a sorted list of columns, and its end.

    Parameters
    ----------
    column : ndarray of shape (n_entries,)
        Sorted.
    n_columns : int
        How many columns there are.

    Returns
    -------
    ndarray of shape (n_columns + 1,)
    """
    begin = np.zeros(n_columns + 1, dtype=np.intp)
    np.cumsum(np.bincount(column, minlength=n_columns), out=begin[1:])
    return begin


def ranks(column: NDArray[np.intp], n_columns: int) -> NDArray[np.intp]:
    """Return the place of each entry of a sorted list of columns within its own column's run."""
    return np.arange(len(column)) - offsets(column, n_columns)[column]


class Selection:
    """What can be among the k smallest of each column, after the tiles seen so far.

    Parameters
    ----------
    n_columns : int
        The number of columns (queries) of every tile.
    k : int
        How many entries of each column are wanted.
    group : int
        How many rows of a tile make a group.
    n_groups : int
        The largest number of groups of a tile; `k` of them at least make the first tile useful.
    dtype : dtype
        The type of the scores.
    margin : ndarray of shape (n_columns,), or None
        The width of a column's interval. None says that scores are the values themselves; then
        of equal values only those that come first are kept, as many as are wanted.
    cap : int or None
        A column that keeps more entries than this is given up (see `lost`).

    Attributes
    ----------
    lost : ndarray of shape (n_columns,)
        The columns given up, for which nothing is kept.
    """

    def __init__(
        self,
        n_columns: int,
        k: int,
        *,
        group: int,
        n_groups: int,
        dtype: type,
        margin: NDArray[np.floating] | None = None,
        cap: int | None = None,
    ) -> None:
        self.k, self.group = k, group
        self.margin, self.cap = margin, cap
        self.lost = np.zeros(n_columns, dtype=bool)
        # Left: the k smallest upper ends so far. Right: those of the tile's groups.
        self._work: NDArray = np.full((n_columns, k + n_groups), np.inf, dtype=dtype)
        self._minima: NDArray = np.empty((n_groups, n_columns), dtype=dtype)
        self._hit = np.empty((n_groups, n_columns), dtype=bool)
        self._within = np.arange(group)[:, None]
        self._limit: NDArray = np.full(n_columns, np.inf, dtype=dtype)
        self._lists: list[tuple[NDArray, NDArray, NDArray, NDArray]] = []
        self._length, self._longest = 0, max(LIST_LENGTH, 4 * k * n_columns)

    def add(
        self,
        scores: NDArray[np.floating],
        start: int,
        n_points: int,
        slack: NDArray[np.floating] | None = None,
    ) -> None:
        """Read one tile.

        Parameters
        ----------
        scores : ndarray of shape (n_rows, n_columns), C-contiguous
            `n_rows` is a multiple of `group`; rows that stand for no point are infinite. No NaN.
        start : int
            The index of the tile's first row. Tiles come in the order of their rows.
        n_points : int
            How many of the rows stand for points.
        slack : ndarray of shape (n_rows,), or None
            How much the upper ends lie above the scores.
        """
        n_rows, n_columns = scores.shape
        n_groups, k = n_rows // self.group, self.k
        if self.group == 1:
            minima = scores
        else:
            minima = self._minima[:n_groups]
            np.minimum.reduce(scores.reshape(n_groups, self.group, n_columns), axis=1, out=minima)
        work = self._work[:, : k + n_groups]
        if slack is None:
            work[:, k:] = minima.T
        else:
            np.add(minima.T, slack.reshape(n_groups, self.group).max(axis=1), out=work[:, k:])
        work.partition(k - 1, axis=1)
        before = self._limit
        limit = work[:, k - 1].copy()
        if self.margin is not None:
            limit += self.margin
        limit[self.lost] = -np.inf
        self._limit = limit
        hit = np.less_equal(minima, limit, out=self._hit[:n_groups])
        group, column = np.divmod(np.flatnonzero(hit), n_columns)
        if not len(group):
            return
        row = group * self.group + self._within
        values = scores.reshape(-1).take(row * n_columns + column)
        keep = values <= limit.take(column)
        if self.margin is None and start > 0:
            # An equal value of an earlier row comes first.
            keep &= values < before.take(column)
        at = np.flatnonzero(keep)
        row, value = row.reshape(-1).take(at), values.reshape(-1).take(at)
        column = column.take(at % len(column))
        if n_points < n_rows:
            real = row < n_points
            row, column, value = row[real], column[real], value[real]
        upper = value if slack is None else value + slack.take(row)
        self._lists.append((column, row + start, value, upper))
        self._length += len(column)
        if self._length > self._longest:
            self._thin_out()

    def _thin_out(self) -> None:
        column, row, value, upper = self._concatenated()
        keep = value <= self._limit.take(column)
        if self.margin is None:
            order = np.lexsort((row, value, column))
            keep = np.zeros(len(column), dtype=bool)
            keep[order] = ranks(column[order], len(self.lost)) < self.k
        elif self.cap is not None:
            count = np.bincount(column[keep], minlength=len(self.lost))
            self.lost |= count > self.cap
            keep &= ~self.lost.take(column)
        self._lists = [(column[keep], row[keep], value[keep], upper[keep])]
        self._length = int(keep.sum())
        # What is left may be needed: thin out again when as much has come on top of it.
        self._longest = max(self._longest, 2 * self._length)

    def _concatenated(self) -> tuple[NDArray, ...]:
        if not self._lists:
            empty = np.empty(0, dtype=np.intp)
            value = np.empty(0, dtype=self._work.dtype)
            return empty, empty, value, value
        return tuple(np.concatenate(part) for part in zip(*self._lists, strict=True))

    def decide(self, exact: Exact | None = None) -> tuple[NDArray, NDArray, NDArray]:
        """Return the k smallest of every column that is not lost.

        Parameters
        ----------
        exact : callable, or None
            ``exact(column, row) -> value`` of every pair of indices, in float64. Needed where the
            scores are bounds; what it returns decides.

        Returns
        -------
        found : ndarray of shape (n_columns,)
            The columns that are not lost.
        value, row : ndarrays of shape (n_found, k)
            In ascending order, equal values by row.
        """
        self._thin_out()
        n_columns, k = len(self.lost), self.k
        found = ~self.lost
        column, row, value, upper = self._concatenated()
        if exact is not None and self.margin is not None:
            if len(column) > 2 * k * np.count_nonzero(found):
                # The k-th smallest upper end of all, not only of the groups' minima.
                order = np.lexsort((upper, column))
                column, row, value, upper = (part[order] for part in (column, row, value, upper))
                limit = np.full(n_columns, -np.inf)
                limit[found] = upper[offsets(column, n_columns)[:-1][found] + k - 1]
                keep = value <= (limit + self.margin)[column]
                column, row = column[keep], row[keep]
            value = exact(column, row)
        order = np.lexsort((row, value, column))
        column, row, value = column[order], row[order], value[order]
        first = ranks(column, n_columns) < k
        return found, value[first].reshape(-1, k), row[first].reshape(-1, k)
