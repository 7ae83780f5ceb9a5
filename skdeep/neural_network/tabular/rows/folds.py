"""Rows in an order of their own, and which of them each member leaves out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.neural_network.tabular.rows.features import Features

__all__ = ["deal_folds", "distinct_rows", "train_and_held_out"]

_MIX = np.uint64(0x9E3779B97F4A7C15)
# Rows that a member is validated by, at most.
_ENOUGH = 2**16


def distinct_rows(
    features: Features, target: NDArray[Any], weight: NDArray[Any] | None
) -> tuple[NDArray[np.intp], NDArray[Any] | None]:
    """Return the first of each set of equal rows, in an order that depends on values alone.

    So the same training follows from a row of weight two as from the row twice, and from the rows
    in any order; and no row is trained on that a copy of it shall validate.

    Parameters
    ----------
    features : Features
    target : ndarray of shape (n_samples,)
    weight : ndarray of shape (n_samples,) or None
        Rows of weight zero are left out.

    Returns
    -------
    rows : ndarray of int
    weight : ndarray of the same shape, or None
        Sums over equal rows; None where all are the same.
    """
    keys = _hashes(features, target)
    order = np.argsort(keys, kind="stable")
    if weight is not None:
        order = order[weight[order] > 0]
    sorted_keys = keys[order]
    starts = np.flatnonzero(np.r_[True, sorted_keys[1:] != sorted_keys[:-1]])
    each = np.ones(len(order)) if weight is None else weight[order].astype(np.float64)
    sums = np.add.reduceat(each, starts)
    return order[starts], None if (sums == sums[0]).all() else sums


def _hashes(features: Features, target: NDArray[Any]) -> NDArray[np.uint64]:
    """Return 64 mixed bits of each row: equal for equal rows, and else different."""
    columns = [*features.numbers.T, *features.others.T, *features.codes.T, target]
    found = np.zeros(features.n_samples, np.uint64)
    for column in columns:
        bits = (column.astype(np.float64) + 0.0).view(np.uint64)  # -0.0 is 0.0
        found ^= bits
        found *= _MIX
        found ^= found >> np.uint64(32)
        found *= _MIX
        found ^= found >> np.uint64(29)
    return found


def deal_folds(
    target: NDArray[Any], n_folds: int, random_state: np.random.RandomState
) -> NDArray[np.intp]:
    """Return each row's fold, so that all folds have targets alike.

    Rows are sorted by target, at random among equals, and each run of `n_folds` is dealt to the
    folds at random. So classes are spread evenly, however rare, and so are large and small numbers.
    """
    n = len(target)
    shuffled = random_state.permutation(n)
    order = shuffled[np.argsort(target[shuffled], kind="stable")]
    hands = np.argsort(random_state.random_sample((-(-n // n_folds), n_folds)), axis=1)
    folds = np.empty(n, np.intp)
    folds[order] = hands.reshape(-1)[:n]
    return folds


def train_and_held_out(
    folds: NDArray[np.intp], n_members: int, most: int = _ENOUGH
) -> tuple[list[NDArray[np.intp]], list[NDArray[np.intp]]]:
    """Return, for each member, the rows it is trained on and those that it leaves out.

    These are its fold; of a fold of more than `most` rows, as many of them evenly spread, which
    tell an epoch as well, and the others are trained on.

    Parameters
    ----------
    folds : ndarray of int of shape (n_samples,)
        As `deal_folds` returns them, of rows in an order that says nothing.
    n_members : int
    most : int, default=65536

    Returns
    -------
    train, held_out : list of ndarray of int
    """
    own = [np.flatnonzero(folds == i) for i in range(n_members)]
    held_out = [
        rows[np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(np.intp)] for rows in own
    ]
    return [np.delete(np.arange(len(folds)), rows) for rows in held_out], held_out
