"""Sparse rows and missing values."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from skdeep.neighbors.search.direct import DirectIndex
from skdeep.neighbors.search.euclidean import EuclideanIndex
from skdeep.neighbors.search.metric import resolve_metric
from skdeep.neighbors.search.products import MissingValuesIndex, SparseIndex
from tests.neighbors.reference import assert_same_neighbors, brute_force, build_index, normal


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_sparse_angles_do_not_depend_on_length(scale):
    X, Q = normal(500, 30, 4, np.float64)
    found = SparseIndex(csr_array(X * scale), "cosine").query(csr_array(Q * scale), 5)
    np.testing.assert_array_equal(found[1], EuclideanIndex(X, "cosine").query(Q, 5)[1])


def test_sparse_float32_is_measured_in_float64():
    X, Q = normal(400, 20, 5, np.float32)
    found = DirectIndex(csr_array(X), "manhattan").query(csr_array(Q), 3)
    assert_same_neighbors(found, brute_force(X, Q, 3, "cityblock"))


def test_a_row_of_stored_zeros_is_a_row_without_direction():
    X = csr_array(([0.0, 0.0, 1.0, 2.0], [0, 1, 0, 1], [0, 2, 4]), shape=(2, 2))
    distance, _ = SparseIndex(X, "cosine").query(X, 2)
    np.testing.assert_allclose(distance, [[1, 1], [0, 1]])


def test_missing_values():
    rng = np.random.RandomState(0)
    X = rng.standard_normal((600, 5)) + 100
    Q = rng.standard_normal((40, 5)) + 100
    X[rng.uniform(size=X.shape) < 0.3] = np.nan
    Q[rng.uniform(size=Q.shape) < 0.3] = np.nan
    both = ~np.isnan(Q[:, None] - X)
    squares = np.where(both, np.nan_to_num(Q[:, None] - X) ** 2, 0).sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        D = np.where(both.any(axis=2), np.sqrt(squares / both.sum(axis=2) * 5), np.inf)
    index = np.argsort(D, axis=1, kind="stable")[:, :7]
    expected = np.take_along_axis(D, index, axis=1), index
    assert_same_neighbors(MissingValuesIndex(X).query(Q, 7, 2), expected)


@pytest.mark.parametrize("metric", ["euclidean", "sqeuclidean", "cosine"])
def test_sparse_rows_have_the_neighbors_of_dense_ones(metric):
    rng = np.random.RandomState(0)
    X = rng.randint(-2, 3, (1500, 60)) * (rng.uniform(size=(1500, 60)) < 0.1)
    X = X.astype(float)
    resolved = resolve_metric(metric, 2, None)
    sparse, _ = build_index(csr_array(X), resolved, metric, "auto", 30)
    dense = EuclideanIndex(X, metric)
    found, expected = sparse.query(csr_array(X[:60]), 6, 2), dense.query(X[:60], 6, 2)
    if metric == "cosine":
        np.testing.assert_allclose(found[0], expected[0], atol=1e-15)
    else:
        np.testing.assert_array_equal(found[1], expected[1])
        np.testing.assert_array_equal(found[0], expected[0])
