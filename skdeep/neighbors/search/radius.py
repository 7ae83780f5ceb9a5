"""All points within a radius: tiles of scores bring candidates, exact distances decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["Balls", "Gathering", "joined"]

Exact = Callable[[NDArray[np.intp], NDArray[np.intp]], NDArray[np.float64]]


class Balls:
    """The points within a radius of each query.

    Parameters
    ----------
    count : ndarray of shape (n_queries,)
        How many points are in each ball.
    index, distance : ndarrays of shape (n_found,)
        The points, ball by ball, by index within each, and their distances.
    """

    def __init__(
        self,
        count: NDArray[np.intp],
        index: NDArray[np.intp],
        distance: NDArray[np.float64],
    ) -> None:
        self.count, self.index, self.distance = count, index, distance

    @classmethod
    def of_rows(cls, begin: NDArray[np.intp], index: NDArray, distance: NDArray) -> Balls:
        """Return balls by where they begin."""
        return cls(np.diff(begin), index, distance)

    @property
    def begin(self) -> NDArray[np.intp]:
        """Where each ball begins, and where the last one ends, of shape (n_queries + 1,)."""
        return np.concatenate([[0], np.cumsum(self.count)]).astype(np.intp)

    @property
    def query(self) -> NDArray[np.intp]:
        """The query of each point found, of shape (n_found,)."""
        return np.repeat(np.arange(len(self.count)), self.count)

    def where(self, keep: NDArray[np.bool_]) -> Balls:
        """Return what is left with some of the points, `keep` of shape (n_found,)."""
        count = np.bincount(self.query[keep], minlength=len(self.count))
        return Balls(count, self.index[keep], self.distance[keep])

    def in_arrays(self, values: NDArray) -> NDArray[np.object_]:
        """Return an array with the array of each ball's values, given (n_found,) of them."""
        begin = self.begin
        arrays = np.empty(len(self.count), dtype=object)
        for row, (low, high) in enumerate(pairwise(begin)):
            arrays[row] = values[low:high]
        return arrays

    def by_distance(self) -> Balls:
        """Return the balls with their points by distance, equal ones by index."""
        order = np.lexsort((self.index, self.distance, self.query))
        return Balls(self.count, self.index[order], self.distance[order])


class Gathering:
    """Collects what tiles find for some queries.

    Parameters
    ----------
    n_queries : int
    radius : float
    exact : callable
        ``exact(column, row) -> distance`` of pairs of a query and a point.
    """

    def __init__(self, n_queries: int, radius: float, exact: Exact) -> None:
        self.n_queries, self.radius, self.exact = n_queries, radius, exact
        empty = np.empty(0, dtype=np.intp)
        self._parts: list[tuple[NDArray, NDArray, NDArray]] = [(empty, empty, np.empty(0))]

    def add(self, scores: NDArray, limit: NDArray, start: int) -> None:
        """Read a tile: points whose score is not above the query's limit are compared.

        Parameters
        ----------
        scores : ndarray of shape (n_points, n_queries)
        limit : ndarray of shape (n_queries,), or (n_points, n_queries)
        start : int
            The index of the tile's first point.
        """
        column, row = np.nonzero((scores <= limit).T)
        row += start
        distance = self.exact(column, row)
        keep = distance <= self.radius
        self._parts.append((column[keep], row[keep], distance[keep]))

    def balls(self) -> Balls:
        """Return what has been found."""
        column, row, distance = map(np.concatenate, zip(*self._parts, strict=True))
        order = np.argsort(column, kind="stable")  # tiles come in the order of points
        count = np.bincount(column, minlength=self.n_queries)
        return Balls(count, row[order], distance[order])


def joined(parts: Iterable[Balls]) -> Balls:
    """Return the balls of consecutive stretches of queries together."""
    parts = list(parts)
    return Balls(
        np.concatenate([part.count for part in parts]),
        np.concatenate([part.index for part in parts]),
        np.concatenate([part.distance for part in parts]),
    )
