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

__all__ = ["Ragged", "Selection", "first_smallest", "smallest"]

# An opened entry costs three numbers; the lists are thinned out before they grow beyond this.
LIST_LENGTH = 1 << 18


class Ragged:
    """Entries of columns of unequal length, and the matrices that they fill.

    Parameters
    ----------
    column : ndarray of shape (n_entries,)
        The column of each entry, in ascending order.
    n_columns : int
    """

    def __init__(self, column: NDArray[np.intp], n_columns: int) -> None:
        count = np.bincount(column, minlength=n_columns)
        begin = np.cumsum(count) - count
        self.shape = (n_columns, int(count.max(initial=0)))
        self._place = column * self.shape[1] + (np.arange(len(column)) - begin.take(column))

    def filled(self, values: NDArray, rest: float) -> NDArray:
        """Return a matrix with a row for each column: its entries in order, and `rest`."""
        matrix = np.full(self.shape, rest, dtype=values.dtype)
        matrix.reshape(-1)[self._place] = values
        return matrix


def smallest(
    column: NDArray[np.intp], row: NDArray[np.intp], value: NDArray, n_columns: int, k: int
) -> tuple[NDArray, NDArray]:
    """Return the k smallest values of every column, equal ones by row.

    Parameters
    ----------
    column, row : ndarrays of shape (n_entries,)
        Ascending by column, and within a column by row.
    value : ndarray of shape (n_entries,)
    n_columns, k : int

    Returns
    -------
    value, row : ndarrays of shape (n_columns, k)
        Filled up with infinity and -1 where a column has fewer entries.
    """
    ragged = Ragged(column, n_columns)
    values, rows = ragged.filled(value, np.inf), ragged.filled(row, -1)
    short = k - values.shape[1]
    if short > 0:
        values = np.pad(values, ((0, 0), (0, short)), constant_values=np.inf)
        rows = np.pad(rows, ((0, 0), (0, short)), constant_values=-1)
    order = np.argsort(values, axis=1)
    result = np.take_along_axis(values, order, axis=1)
    # The fast sort is not stable: where values are equal, sort again by the one that is.
    equal = (result[:, :k] == result[:, 1 : k + 1]) if result.shape[1] > k else None
    if equal is None:
        equal = result[:, :-1] == result[:, 1:]
    again = np.flatnonzero(equal.any(axis=1))
    if len(again):
        order[again] = np.argsort(values[again], axis=1, kind="stable")
    order = order[:, :k]
    return result[:, :k], np.take_along_axis(rows, order, axis=1)


def first_smallest(value: NDArray, k: int) -> NDArray[np.intp]:
    """Return the indices of the k smallest of an array, ascending, equal ones by index."""
    near = np.flatnonzero(value <= np.partition(value, k - 1)[k - 1])
    return near[np.argsort(value[near], kind="stable")][:k]


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
        self._within = np.arange(group)
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
        # Column by column, and ascending within each.
        column, group = np.divmod(np.flatnonzero(hit.T), n_groups)
        if not len(group):
            return
        row = group[:, None] * self.group + self._within
        values = scores.reshape(-1).take(row * n_columns + column[:, None])
        keep = values <= limit.take(column)[:, None]
        if self.margin is None and start > 0:
            # An equal value of an earlier row comes first.
            keep &= values < before.take(column)[:, None]
        if n_points < n_rows:
            keep &= row < n_points
        at = np.flatnonzero(keep)
        row, value = row.reshape(-1).take(at), values.reshape(-1).take(at)
        column = column.take(at // self.group)
        upper = value if slack is None else value + slack.take(row)
        self._lists.append((column, row + start, value, upper))
        self._length += len(column)
        if self._length > self._longest:
            self._thin_out()

    def _thin_out(self) -> None:
        """Drop what the limits reached so far rule out."""
        column, row, value, upper = self._concatenated()
        keep = value <= self._limit.take(column)
        if self.margin is None:
            column, row, value = column[keep], row[keep], value[keep]
            value, row = smallest(column, row, value, len(self.lost), self.k)
            taken = row >= 0
            column, by_row = np.nonzero(taken)[0], taken
            row, value = row[by_row], value[by_row]
            order = np.lexsort((row, column))
            self._lists = [(column, row[order], value[order], value[order])]
        else:
            if self.cap is not None:
                count = np.bincount(column[keep], minlength=len(self.lost))
                self.lost |= count > self.cap
                keep &= ~self.lost.take(column)
            self._lists = [(column[keep], row[keep], value[keep], upper[keep])]
        self._length = len(self._lists[0][0])
        # What is left may be needed: thin out again when as much has come on top of it.
        self._longest = max(self._longest, 2 * self._length)

    def _concatenated(self) -> tuple[NDArray, NDArray, NDArray, NDArray]:
        """Return all that is kept, by column and within a column by row."""
        if not self._lists:
            empty = np.empty(0, dtype=np.intp)
            value: NDArray = np.empty(0, dtype=self._work.dtype)
            return empty, empty, value, value
        if len(self._lists) == 1:
            return self._lists[0]
        column, row, value, upper = map(np.concatenate, zip(*self._lists, strict=True))
        # Tiles come in the order of rows; sorting 16-bit integers takes a pass or two.
        small = column.astype(np.uint16) if len(self.lost) <= 1 << 16 else column
        order = np.argsort(small, kind="stable")
        return column.take(order), row.take(order), value.take(order), upper.take(order)

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
        n_columns, k = len(self.lost), self.k
        if self.cap is not None:
            self._thin_out()
        found = ~self.lost
        column, row, value, upper = self._concatenated()
        if self.margin is not None and exact is not None:
            keep = value <= self._limit.take(column)
            if np.count_nonzero(keep) > 2 * k * np.count_nonzero(found):
                # The k-th smallest upper end of all, not only of the groups' minima.
                uppers = Ragged(column, n_columns).filled(upper, np.inf)
                limit = np.partition(uppers, k - 1, axis=1)[:, k - 1] + self.margin
                keep = value <= limit.take(column)
            column, row = column[keep], row[keep]
            value = exact(column, row)
        value, row = smallest(column, row, value, n_columns, k)
        return found, value[found], row[found]
