"""From the rows within a radius to predictions: what each counts, and the votes for each class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from skdeep.neighbors.search.radius import Balls

__all__ = ["BallVotes", "ball_weights"]


def ball_weights(
    balls: Balls, weights: str | Callable[..., Any] | None
) -> NDArray[np.float64] | None:
    """Return what each point of each ball counts by its distance, or None where all count the same.

    Parameters
    ----------
    balls : Balls
    weights : {"uniform", "distance"}, callable or None
        As for :func:`distance_weights`; a callable takes and returns an array with one array for
        each query.

    Returns
    -------
    ndarray of shape (n_found,), or None

    Raises
    ------
    ValueError
        If a callable returns arrays of other lengths.
    """
    if weights is None or (isinstance(weights, str) and weights == "uniform"):
        return None
    if callable(weights):
        returned = weights(balls.in_arrays(balls.distance))
        lengths = [np.shape(part) for part in returned]
        if lengths != [(count,) for count in balls.count]:
            raise ValueError(
                "weights must return an array of the shape of the distances for each query, "
                f"{[(int(count),) for count in balls.count[:3]]} and so on. Got {lengths[:3]} "
                "instead."
            )
        return np.concatenate([np.asarray(part, dtype=np.float64) for part in returned])
    distance, query = balls.distance, balls.query
    near = np.full(len(balls.count), np.inf)
    np.minimum.at(near, query, np.where(distance > 0, distance, np.inf))
    hits = np.bincount(query[distance == 0], minlength=len(balls.count)) > 0
    near, hits = near[query], hits[query]
    with np.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
        relative = np.where(distance == near, 1.0, near / distance)
        extreme = (near < 1e-290) | (near > 1e290)
        return np.where(hits, distance == 0, np.where(extreme, relative, 1.0 / distance))


class BallVotes:
    """The votes of the points within a radius, kept for the classes that have any.

    Parameters
    ----------
    balls : Balls
    label : ndarray of shape (n_found,)
        The class of each point, as an index.
    weight : ndarray of shape (n_found,), or None
    n_classes : int
    """

    def __init__(
        self, balls: Balls, label: NDArray[np.intp], weight: NDArray | None, n_classes: int
    ) -> None:
        self.balls = balls
        weight = np.ones(len(label)) if weight is None else weight
        shape = (len(balls.count), n_classes)
        self._votes = csr_array((weight, (balls.query, label)), shape=shape)  # sums up

    def winners(self) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Return the class with the most votes, the first of equals, and who has no votes at all.

        Returns
        -------
        winner : ndarray of shape (n_queries,)
        empty : ndarray of shape (n_queries,)
        """
        votes = self._votes
        n_votes = np.diff(votes.indptr)
        there = np.flatnonzero(n_votes)
        winner = np.zeros(len(n_votes), dtype=np.intp)
        empty = np.ones(len(n_votes), dtype=bool)
        if len(there):
            most = np.maximum.reduceat(votes.data, votes.indptr[there])
            at = np.flatnonzero(votes.data == np.repeat(most, n_votes[there]))
            row, first = np.unique(np.repeat(there, n_votes[there])[at], return_index=True)
            winner[row] = votes.indices[at[first]]
            empty[there] = np.maximum.reduceat(np.abs(votes.data), votes.indptr[there]) == 0
        return winner, empty

    def shares(self) -> NDArray[np.float64]:
        """Return the share of the votes of each class, zero for all where there are no votes."""
        shares = self._votes.toarray()
        total = shares.sum(axis=1, keepdims=True)
        shares /= np.where(total == 0, 1.0, total)
        return shares
