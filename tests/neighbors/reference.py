"""Brute force in float64, for tests to compare with."""

import numpy as np
from scipy.spatial.distance import cdist

from skdeep.neighbors.search.metric import choose_index, make_index


def brute_force(X, Q, k, metric="euclidean", **params):
    """Return distances and indices of the k nearest rows, equal ones by index."""
    if metric == "euclidean":
        # Differences, as the definition says; products would lose digits.
        D = np.stack([np.sqrt(((X.astype(float) - q) ** 2).sum(axis=1)) for q in Q.astype(float)])
    else:
        D = cdist(Q.astype(float), X.astype(float), metric, **params)
    index = np.argsort(D, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(D, index, axis=1), index


def assert_same_neighbors(found, expected, rtol=1e-12):
    """Distances agree to rounding; indices exactly, or where distances do to rounding."""
    (distance, index), (true_distance, true_index) = found, expected
    np.testing.assert_allclose(distance, true_distance, rtol=rtol, atol=1e-300)
    differ = index != true_index
    if differ.any():
        # Only sums of the same numbers in another order can tell such neighbours apart.
        rows = differ.any(axis=1)
        gap = np.diff(true_distance[rows], axis=1)
        assert (np.abs(gap) <= 1e-14 * true_distance[rows][:, 1:]).any(axis=1).all()


def normal(n, q, d, dtype, seed=0, offset=0.0):
    rng = np.random.RandomState(seed)
    return (
        (rng.standard_normal((n, d)) + offset).astype(dtype),
        (rng.standard_normal((q, d)) + offset).astype(dtype),
    )


def build_index(X, metric, given, algorithm, leaf_size):
    """Return an index as an estimator makes it, and the method that it chose."""
    method = choose_index(X, metric, given, algorithm)
    return make_index(X, metric, method, leaf_size), method
