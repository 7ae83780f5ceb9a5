"""From neighbours to predictions: what each of them counts, and who wins a tie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Ballot",
    "ClassWeight",
    "check_some_weight",
    "class_counts",
    "distance_weights",
    "masses",
]

# Totals that differ by less than this part of the larger one are a tie: sums of the same weights
# in another order differ by roundings.
SAME = 1e-12


def distance_weights(
    distance: NDArray[np.float64],
    weights: str | Callable[..., Any] | None,
    mass: NDArray[np.float64] | None = None,
) -> NDArray[np.float64] | None:
    """Return what each neighbour counts by its distance, or None where all count the same.

    Parameters
    ----------
    distance : ndarray of shape (n_queries, k)
    weights : {"uniform", "distance"}, callable or None
        "distance" is one over the distance; where some neighbours are at distance zero, they
        alone count, one each.
    mass : ndarray of shape (n_queries, k), or None
        How much of each neighbour there is; the weight is multiplied by it.

    Returns
    -------
    ndarray of shape (n_queries, k), or None

    Raises
    ------
    ValueError
        If a callable returns another shape.
    """
    if weights is None or (isinstance(weights, str) and weights == "uniform"):
        return mass
    if isinstance(weights, str):
        if mass is not None:
            # A row of weight zero is not there, even at distance zero.
            distance = np.where(mass > 0, distance, np.inf)
        result = inverse(distance)
    else:
        result = np.asarray(weights(distance))
        if result.shape != distance.shape:
            raise ValueError(
                "weights must return an array of the shape of the distances, "
                f"{distance.shape}. Got the shape {result.shape} instead."
            )
    return result if mass is None else result * mass


def inverse(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return one over each distance; where some of a row are zero, one for these alone.

    Parameters
    ----------
    distance : ndarray of shape (n_queries, k)
        NaN, of rows that share no feature, gives zero; where all of a row are NaN, one each.

    Returns
    -------
    ndarray of shape (n_queries, k)
        Rows whose inverses would leave float64 are in units of their nearest neighbour.
    """
    usual = distance.size > 0 and distance.min() > 1e-290 and distance.max() < 1e290
    if usual:  # which NaN is not
        return 1.0 / distance
    zero = distance == 0
    with np.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
        result = 1.0 / distance
        near = np.where(distance > 0, distance, np.inf).min(axis=1, keepdims=True)
        rows = np.flatnonzero((near < 1e-290) | (near > 1e290))
        if len(rows):  # where all overflow, all are as far
            same = distance[rows] == near[rows]
            result[rows] = np.where(same, 1.0, near[rows] / distance[rows])
    result[np.isnan(result)] = 0.0
    result[np.isnan(distance).all(axis=1)] = 1.0
    rows = np.flatnonzero(zero.any(axis=1))
    result[rows] = zero[rows]
    return result


def masses(weight: NDArray[np.float64], k: float) -> NDArray[np.float64]:
    """Return how much of each neighbour belongs to a neighbourhood of total weight `k`.

    A row of weight w counts as w rows: nearest first, neighbours are taken until their weights
    add up to `k`, and the last one with the part that is missing.

    Parameters
    ----------
    weight : ndarray of shape (n_queries, n_neighbors)
        Of the neighbours in order.
    k : float

    Returns
    -------
    ndarray of shape (n_queries, n_neighbors)
    """
    before = np.cumsum(weight, axis=1) - weight
    return np.clip(k - before, 0.0, weight)


class ClassWeight(Protocol):
    """What a vote for each class counts, where that is not the same for every query."""

    def of(self, label: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return what each neighbour counts by its class, for labels (n_queries, k)."""


def class_counts(
    class_weight: NDArray[np.float64] | ClassWeight, label: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return what each neighbour counts by its class.

    Parameters
    ----------
    class_weight : ndarray of shape (n_classes,), or ClassWeight
    label : ndarray of shape (n_queries, k)

    Returns
    -------
    ndarray of shape (n_queries, k)
    """
    if isinstance(class_weight, np.ndarray):
        return class_weight.take(label)
    return class_weight.of(label)


def check_some_weight(weight: NDArray[np.floating] | None) -> None:
    """Raise ValueError if some query has no neighbour with any weight.

    Parameters
    ----------
    weight : ndarray of shape (n_queries, k), or None
    """
    if weight is not None and not weight.any(axis=1).all():
        raise ValueError(
            "All neighbors of some sample is getting zero weights. Please modify 'weights' to "
            "avoid this case if you are using a user-defined function."
        )


class Ballot:
    """The votes of neighbours, in memory that grows with the neighbours and not with the classes.

    Where there are many classes, the votes of a query are counted for the classes of its own
    neighbours alone.

    Parameters
    ----------
    label : ndarray of shape (n_queries, k)
        The class of each neighbour, as an index, nearest first.
    weight : ndarray of shape (n_queries, k), or None
        What each neighbour counts.
    n_classes : int
    n_counted : int, default=None
        How many of the neighbours vote so far, the nearest first (see :meth:`count`). None: all.

    Attributes
    ----------
    votes : ndarray of shape (n_queries, n_places)
        Minus infinity where a place stands for no class.
    """

    def __init__(
        self,
        label: NDArray[np.intp],
        weight: NDArray[np.floating] | None,
        n_classes: int,
        n_counted: int | None = None,
    ) -> None:
        self.label, self.weight, self.n_classes = label, weight, n_classes
        n_queries, k = label.shape
        self._class_of: NDArray[np.intp] | None = None
        if n_classes <= 2 * k + 8 and (weight is None or not (weight < 0).any()):
            self._place = label
            self.votes = np.zeros((n_queries, n_classes))
        else:
            self._place, self._class_of = _places(label)
            self.votes = np.where(self._class_of < 0, -np.inf, 0.0)
        # By neighbour, as flat indices of `votes`.
        n_places = self.votes.shape[1]
        self._flat = np.add(self._place.T, np.arange(n_queries) * n_places, order="C")
        self.n_counted = 0
        self.count(k if n_counted is None else n_counted)

    def count(self, k: int) -> None:
        """Let the nearest `k` vote, of whom some may have voted before."""
        votes, new = self.votes.reshape(-1), range(self.n_counted, k)
        if len(new) > len(self.label):
            weight = 1.0 if self.weight is None else self.weight[:, new].T
            np.add.at(votes, self._flat[new], weight)
        else:  # no query comes up twice
            for j in new:
                votes[self._flat[j]] += 1.0 if self.weight is None else self.weight[:, j]
        self.n_counted = k

    def winners(
        self, tie_breaking: str, random: np.random.RandomState | None = None
    ) -> NDArray[np.intp]:
        """Return the class with the most votes.

        Parameters
        ----------
        tie_breaking : {"first", "nearest", "random"}
            Of the tied classes: the one with the lowest index, the one of the nearest neighbour
            among them, or any with the same probability.
        random : RandomState
            For "random".

        Returns
        -------
        ndarray of shape (n_queries,)
        """
        place = self._winning_places(tie_breaking, random)
        if self._class_of is None:
            return place
        return self._class_of[np.arange(len(place)), place]

    def _winning_places(
        self, tie_breaking: str, random: np.random.RandomState | None
    ) -> NDArray[np.intp]:
        votes = self.votes
        first = votes.argmax(axis=1)
        if tie_breaking == "first":
            return first
        tied = tied_classes(votes)
        n_tied = tied.sum(axis=1)
        rows = np.flatnonzero(n_tied > 1)
        if tie_breaking == "random":
            assert random is not None
            # One draw for every query, so that its luck does not hang on its companions' ties.
            chosen = (random.random_sample(len(votes))[rows] * n_tied[rows]).astype(np.intp)
            first[rows] = (tied[rows].cumsum(axis=1) > chosen[:, None]).argmax(axis=1)
        elif len(rows):
            place = self._place[rows, : self.n_counted]
            counts = np.take_along_axis(tied[rows], place, axis=1)
            if self.weight is not None:  # neighbours of weight zero break no tie
                counts &= self.weight[rows, : self.n_counted] > 0
            first[rows] = place[np.arange(len(rows)), counts.argmax(axis=1)]
        return first

    def shares(self) -> NDArray[np.float64]:
        """Return the share of the votes of each class, of shape (n_queries, n_classes)."""
        if self._class_of is None:
            return self.votes / self.votes.sum(axis=1, keepdims=True)
        shares = np.zeros((len(self.votes), self.n_classes))
        row, place = np.nonzero(self._class_of >= 0)
        shares[row, self._class_of[row, place]] = self.votes[row, place]
        shares /= shares.sum(axis=1, keepdims=True)
        return shares


def _places(label: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Number the classes of each query's neighbours.

    Parameters
    ----------
    label : ndarray of shape (n_queries, k)

    Returns
    -------
    place : ndarray of shape (n_queries, k)
        The number of each neighbour's class among those of its query, in their order.
    class_of : ndarray of shape (n_queries, k)
        The class of each number, -1 for numbers that are not given.
    """
    order = np.argsort(label, axis=1, kind="stable")
    ordered = np.take_along_axis(label, order, axis=1)
    number = np.zeros_like(ordered)
    np.cumsum(ordered[:, 1:] != ordered[:, :-1], axis=1, out=number[:, 1:])
    place, class_of = np.empty_like(ordered), np.full_like(ordered, -1)
    np.put_along_axis(place, order, number, axis=1)
    np.put_along_axis(class_of, number, ordered, axis=1)
    return place, class_of


def tied_classes(votes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which classes share the most votes, for votes of shape (n_queries, n_classes)."""
    most = votes.max(axis=1, keepdims=True)
    return votes >= most - SAME * np.abs(most)
