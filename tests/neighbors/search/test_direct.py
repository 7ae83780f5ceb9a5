"""Metrics that are computed pair by pair."""

import numpy as np
import pytest
from sklearn.metrics import pairwise_distances

from skdeep.neighbors.search.direct import DirectIndex
from skdeep.neighbors.search.metric import resolve_metric
from tests.neighbors.reference import assert_same_neighbors, brute_force, build_index, normal


@pytest.mark.parametrize("metric", ["braycurtis", "canberra", "hamming", "jaccard", "sqeuclidean"])
def test_any_metric_of_pairwise_distances(metric):
    rng = np.random.RandomState(0)
    X, Q = rng.randint(0, 3, (1100, 6)), rng.randint(0, 3, (30, 6))
    if metric == "jaccard":
        X, Q = X > 1, Q > 1
    else:
        X, Q = X.astype(float), Q.astype(float)
    found = DirectIndex(X, metric).query(Q, 9, 2)
    D = pairwise_distances(Q, X, metric=metric)
    D = np.where(np.isnan(D), np.inf, D)
    index = np.argsort(D, axis=1, kind="stable")[:, :9]
    np.testing.assert_array_equal(found[1], index)
    np.testing.assert_array_equal(found[0], np.take_along_axis(D, index, axis=1))


def test_metrics_that_need_the_data_take_it_from_the_training_rows():
    X, Q = normal(500, 20, 4, np.float64)
    X = X * [1, 10, 100, 1000]
    for metric, params in (
        ("seuclidean", {"V": X.var(axis=0, ddof=1)}),
        ("mahalanobis", {"VI": np.linalg.inv(np.cov(X.T))}),
    ):
        found = DirectIndex(X, metric).query(Q, 5)
        assert_same_neighbors(found, brute_force(X, Q, 5, metric, **params), rtol=1e-9)


def test_a_single_feature_has_a_covariance():
    X, Q = normal(50, 5, 1, np.float64)
    distance, index = DirectIndex(X, "mahalanobis").query(Q, 3)
    true_distance, true = brute_force(X, Q, 3)
    np.testing.assert_array_equal(index, true)
    np.testing.assert_allclose(distance, true_distance / X.std(ddof=1))


def test_a_constant_feature_counts_nothing_where_spread_is_the_unit():
    X, Q = normal(200, 10, 3, np.float64)
    constant = np.full((210, 1), 0.1)
    wide, wide_queries = np.hstack([X, constant[:200]]), np.hstack([Q, constant[200:] + 5])
    for metric in ("seuclidean", "mahalanobis"):
        found = DirectIndex(wide, metric).query(wide_queries, 5)
        expected = DirectIndex(X, metric).query(Q, 5)
        np.testing.assert_array_equal(found[1], expected[1])
        np.testing.assert_allclose(found[0], expected[0], rtol=1e-10)
        distance, index = DirectIndex(constant, metric).query(constant[:3], 2)
        np.testing.assert_array_equal(distance, np.zeros((3, 2)))
        np.testing.assert_array_equal(index, [[0, 1]] * 3)


def test_a_feature_that_says_what_others_say_leaves_mahalanobis_a_distance():
    X, Q = normal(200, 10, 3, np.float64)
    twice = np.hstack([X, X[:, :1] * 2 + 1]), np.hstack([Q, Q[:, :1] * 2 + 1])
    found = DirectIndex(twice[0], "mahalanobis").query(twice[1], 5)
    expected = DirectIndex(X, "mahalanobis").query(Q, 5)
    np.testing.assert_array_equal(found[1], expected[1])
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-6)
    assert (DirectIndex(twice[0], "mahalanobis").query(twice[0], 1)[0] == 0).all()


def test_a_ball_tree_is_not_asked_for_a_spread_it_does_not_know():
    X, Q = normal(200, 10, 3, np.float64)
    metric = resolve_metric("seuclidean", 2, None)
    index, method = build_index(X, metric, "seuclidean", "ball_tree", 30)
    assert method == "brute"
    given = resolve_metric("seuclidean", 2, {"V": X.var(axis=0, ddof=1)})
    tree, method = build_index(X, given, "seuclidean", "ball_tree", 30)
    assert method == "ball_tree"
    np.testing.assert_allclose(tree.query(Q, 4)[0], index.query(Q, 4)[0])


@pytest.mark.parametrize("metric", ["seuclidean", "mahalanobis"])
def test_a_weight_of_n_counts_as_n_rows_in_the_spread(metric):
    X, Q = normal(60, 8, 3, np.float64)
    n = np.random.RandomState(0).randint(0, 4, 60)
    there = n > 0
    found = DirectIndex(X[there], metric, sample_weight=n[there].astype(float)).query(Q, 5)
    repeated = DirectIndex(np.repeat(X, n, axis=0), metric)
    expected = DirectIndex(X[there], metric, repeated.params).query(Q, 5)
    np.testing.assert_array_equal(found[1], expected[1])
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-9)
