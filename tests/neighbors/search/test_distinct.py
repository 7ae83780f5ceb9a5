"""Equal points are searched once, and found as often as they are there."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn import config_context

from skdeep import KNNClassifier, NearestNeighbors
from skdeep.neighbors.search.direct import DirectIndex
from skdeep.neighbors.search.distinct import DistinctIndex, equal_rows
from skdeep.neighbors.search.euclidean import EuclideanIndex
from skdeep.neighbors.search.gower import GowerIndex
from skdeep.neighbors.search.metric import resolve_metric
from skdeep.neighbors.search.products import MissingValuesIndex
from tests.neighbors.reference import assert_same_neighbors, brute_force, build_index

MINKOWSKI = resolve_metric("minkowski", 2, None), "minkowski"


def few_values(n, q, d, seed=0, values=3):
    rng = np.random.RandomState(seed)
    return rng.randint(0, values, (n, d)).astype(float), rng.randint(0, 2 * values, (q, d)) / 2


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree", "ball_tree", "sparse"])
@pytest.mark.parametrize("n_features", [1, 2, 4])
def test_equal_points_are_found_in_the_order_of_their_rows(n_features, algorithm):
    X, Q = few_values(600, 40, n_features)
    kind = csr_array if algorithm == "sparse" else np.asarray
    method = "brute" if algorithm == "sparse" else algorithm
    index, _ = build_index(kind(X), *MINKOWSKI, method, 5)
    assert isinstance(index, DistinctIndex)
    for k in (1, 3, 50, 600):
        distance, found = index.query(kind(Q), k, 2)
        true_distance, true = brute_force(X, Q, k)
        np.testing.assert_array_equal(found, true)
        np.testing.assert_array_equal(distance, true_distance)
    with config_context(working_memory=0.01):
        np.testing.assert_array_equal(index.query(kind(Q), 600)[1], true)


@pytest.mark.parametrize("metric", ["cosine", "canberra", "hamming", "gower", "nan_euclidean"])
def test_equal_points_are_found_by_every_metric(metric):
    X, Q = few_values(500, 30, 3)
    given, plain = None, DirectIndex(X, metric)
    if metric == "cosine":
        plain = EuclideanIndex(X, metric)
    elif metric == "gower":
        given = {"categorical_features": [False, True, False]}
        plain = GowerIndex(X, given)
    elif metric == "nan_euclidean":
        X[::7, 1] = np.nan
        plain = MissingValuesIndex(X)
    index, _ = build_index(X, resolve_metric(metric, None, given), metric, "brute", 30)
    assert isinstance(index, DistinctIndex)
    assert_same_neighbors(index.query(Q, 9), plain.query(Q, 9))


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree", "ball_tree"])
def test_a_ball_holds_all_equal_points(algorithm):
    X, Q = few_values(400, 20, 2)
    index, _ = build_index(X, *MINKOWSKI, algorithm, 5)
    true = np.sqrt(((X - Q[:, None]) ** 2).sum(axis=2))
    balls = index.within(Q, 1.0)
    query, point = np.nonzero(true <= 1)
    np.testing.assert_array_equal(balls.query, query)
    np.testing.assert_array_equal(balls.index, point)
    np.testing.assert_array_equal(balls.distance, true[query, point])


@pytest.mark.parametrize(("n_features", "n_asked"), [(1, 4), (12, 4)])
def test_neither_equal_points_nor_equal_queries_are_searched_twice(
    n_features, n_asked, monkeypatch
):
    X = np.repeat(np.arange(5.0), 800)[:, None] * np.ones(n_features)
    index, _ = build_index(X, *MINKOWSKI, "auto", 30)
    asked, query = [], index.index.query

    def counted(queries, *rest):
        asked.append(len(queries))
        return query(queries, *rest)

    monkeypatch.setattr(index.index, "query", counted)
    assert len(index.index.X) == 5
    Q = np.tile([[0.2], [1.2], [2.7], [4.0]], (50, n_features))
    distance, found = index.query(Q, 7)
    true_distance, true = brute_force(X, Q, 7)
    np.testing.assert_array_equal(found, true)
    np.testing.assert_array_equal(distance, true_distance)
    assert asked == [n_asked]


@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree"])
@pytest.mark.parametrize("p", [1, 2, 3, np.inf])
def test_points_on_a_grid_are_not_searched_through_for_their_ties(p, algorithm, monkeypatch):
    rng = np.random.RandomState(0)
    X = rng.permutation(np.indices((40, 40)).reshape(2, -1).T).astype(float)
    Q = rng.randint(0, 80, (50, 2)) / 2
    index, _ = build_index(X, resolve_metric("minkowski", p, None), "minkowski", algorithm, 10)
    expected = index.whole.query(Q, 3)
    monkeypatch.setattr(index.whole, "query", None)
    distance, found = index.query(Q, 3)
    np.testing.assert_array_equal(found, expected[1])
    np.testing.assert_allclose(distance, expected[0], rtol=1e-14)
    with config_context(working_memory=0.001):
        np.testing.assert_array_equal(index.query(Q, 3)[1], expected[1])


def test_rows_are_equal_to_the_last_bit_and_numbered_by_the_first():
    first, kind = equal_rows(np.array([[2.0, 1], [0, 0], [2, 1], [np.nan, 0], [0, 0], [np.nan, 0]]))
    assert first.tolist() == [0, 1, 3]
    assert kind.tolist() == [0, 1, 0, 2, 1, 2]
    rows = np.random.RandomState(0).normal(size=(1000, 2))
    assert equal_rows(rows) is None
    rows[::20] = 0
    assert equal_rows(rows) is None  # a few
    rows[::5] = 0
    assert len(equal_rows(rows)[0]) == 801
    assert len(equal_rows(csr_array(rows))[0]) == 801
    with config_context(working_memory=0.01):
        assert equal_rows(rows) is None


def test_what_is_measured_by_the_spread_of_all_points_is_left_to_all():
    X, _ = few_values(500, 1, 2)
    for metric in ("seuclidean", "mahalanobis"):
        index, _ = build_index(X, resolve_metric(metric, None, None), metric, "auto", 30)
        assert isinstance(index, DirectIndex)


def test_rows_are_not_their_own_neighbours_where_many_are_equal():
    X, _ = few_values(300, 1, 1)
    distance, index = NearestNeighbors(n_neighbors=4).fit(X).kneighbors()
    D = np.abs(X - X.T)
    np.fill_diagonal(D, np.inf)
    np.testing.assert_array_equal(index, np.argsort(D, axis=1, kind="stable")[:, :4])
    np.testing.assert_array_equal(distance, np.sort(D, axis=1)[:, :4])


def test_equal_rows_vote_each():
    X = np.repeat([[0.0], [1.0], [3.0]], [100, 20, 80], axis=0)
    y = np.repeat([0, 1, 0, 1], [60, 40, 20, 80])
    model = KNNClassifier(n_neighbors=100).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba([[0.1], [2.5]]), [[0.6, 0.4], [0.2, 0.8]])


def test_no_more_points_are_asked_for_than_hold_k_rows_unless_others_are_as_near(monkeypatch):
    X = np.tile(np.arange(100.0), 10)[:, None]
    index, _ = build_index(X, *MINKOWSKI, "auto", 30)
    asked, query = [], index.index.query

    def counted(Q, k, n_threads):
        asked.append((len(Q), k))
        return query(Q, k, n_threads)

    monkeypatch.setattr(index.index, "query", counted)
    Q = np.array([[20.2], [33.0], [41.4]])
    for k in (30, 40):
        np.testing.assert_array_equal(index.query(Q, k)[1], brute_force(X, Q, k)[1])
    # The fourth and the fifth point are as near to 33.
    assert asked == [(3, 4), (3, 5), (1, 40)]
