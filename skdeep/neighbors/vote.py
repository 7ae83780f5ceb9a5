"""From neighbours to predictions: what each of them counts, and who wins a tie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "check_some_weight",
    "class_counts",
    "distance_weights",
    "masses",
    "tied_classes",
    "totals",
    "winners",
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
        with np.errstate(divide="ignore"):
            result = 1.0 / distance
        result[np.isnan(result)] = 0.0  # nan_euclidean: nothing in common
        infinite = np.isinf(result)
        rows = infinite.any(axis=1)
        result[rows] = infinite[rows]
    else:
        result = np.asarray(weights(distance))
        if result.shape != distance.shape:
            raise ValueError(
                "weights must return an array of the shape of the distances, "
                f"{distance.shape}. Got the shape {result.shape} instead."
            )
    return result if mass is None else result * mass


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


def class_counts(class_weight: NDArray[np.float64], label: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return what each neighbour counts by its class.

    Parameters
    ----------
    class_weight : ndarray of shape (n_classes,) or (n_queries, n_classes)
    label : ndarray of shape (n_queries, k)

    Returns
    -------
    ndarray of shape (n_queries, k)
    """
    if class_weight.ndim == 1:
        return class_weight.take(label)
    return np.take_along_axis(class_weight, label, axis=1)


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


def totals(
    label: NDArray[np.intp], weight: NDArray[np.floating] | None, n_classes: int
) -> NDArray[np.float64]:
    """Return the votes for each class.

    Parameters
    ----------
    label : ndarray of shape (n_queries, k)
        The class of each neighbour, as an index.
    weight : ndarray of shape (n_queries, k), or None
    n_classes : int

    Returns
    -------
    ndarray of shape (n_queries, n_classes)
    """
    n_queries = len(label)
    flat = label + np.arange(n_queries)[:, None] * n_classes
    votes = np.bincount(
        flat.reshape(-1),
        weights=None if weight is None else weight.reshape(-1),
        minlength=n_queries * n_classes,
    )
    return votes.reshape(n_queries, n_classes).astype(np.float64, copy=False)


def tied_classes(votes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which classes share the most votes, for votes of shape (n_queries, n_classes)."""
    most = votes.max(axis=1, keepdims=True)
    return votes >= most - SAME * np.abs(most)


def winners(
    votes: NDArray[np.float64],
    label: NDArray[np.intp],
    weight: NDArray[np.floating] | None,
    tie_breaking: str,
    random: np.random.RandomState | None = None,
) -> NDArray[np.intp]:
    """Return the class with the most votes.

    Parameters
    ----------
    votes : ndarray of shape (n_queries, n_classes)
    label : ndarray of shape (n_queries, k)
        The class of each neighbour, nearest first.
    weight : ndarray of shape (n_queries, k), or None
        Neighbours of weight zero break no tie.
    tie_breaking : {"first", "nearest", "random"}
        Of the tied classes: the one with the lowest index, the one of the nearest neighbour among
        them, or any with the same probability.
    random : RandomState
        For "random".

    Returns
    -------
    ndarray of shape (n_queries,)
    """
    first = votes.argmax(axis=1)
    if tie_breaking == "first":
        return first
    tied = tied_classes(votes)
    n_tied = tied.sum(axis=1)
    rows = np.flatnonzero(n_tied > 1)
    if tie_breaking == "random":
        assert random is not None
        # One draw for every query, so that a query's luck does not hang on its companions' ties.
        chosen = (random.random_sample(len(votes))[rows] * n_tied[rows]).astype(np.intp)
        first[rows] = (tied[rows].cumsum(axis=1) > chosen[:, None]).argmax(axis=1)
    elif len(rows):
        counts = np.take_along_axis(tied[rows], label[rows], axis=1)
        if weight is not None:
            counts &= weight[rows] > 0
        nearest = counts.argmax(axis=1)
        first[rows] = label[rows, nearest]
    return first
