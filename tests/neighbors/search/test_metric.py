"""Every algorithm finds the same, whatever the data."""

import numpy as np
import pytest
import sklearn.neighbors
from scipy.sparse import csr_array
from sklearn import config_context

from skdeep import NearestNeighbors
from skdeep.neighbors.search.direct import DirectIndex
from skdeep.neighbors.search.euclidean import EuclideanIndex
from skdeep.neighbors.search.metric import resolve_metric
from skdeep.neighbors.search.products import MissingValuesIndex, SparseIndex
from tests.neighbors.reference import assert_same_neighbors, brute_force, build_index, normal

MINKOWSKI = resolve_metric("minkowski", 2, None), "minkowski"


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree", "ball_tree"])
def test_equal_distances_are_ordered_by_index(algorithm):
    rng = np.random.RandomState(0)
    X = rng.randint(0, 3, size=(2000, 3)).astype(np.float32)
    Q = rng.randint(0, 3, size=(100, 3)).astype(np.float32)
    index, _ = build_index(X, resolve_metric("minkowski", 2, None), "minkowski", algorithm, 30)
    for k in (1, 7, 60):
        distance, found = index.query(Q, k, 2)
        true_distance, true = brute_force(X, Q, k)
        np.testing.assert_array_equal(found, true)
        np.testing.assert_array_equal(distance, true_distance)


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree", "ball_tree"])
@pytest.mark.parametrize("p", [1, 1.5, 2, 3, np.inf])
def test_every_power_and_algorithm_finds_the_same(p, algorithm):
    X, Q = normal(1200, 40, 4, np.float32)
    X[100:120] = X[5]
    metric = resolve_metric("minkowski", p, None)
    index, method = build_index(X, metric, "minkowski", algorithm, 20)
    assert method == algorithm
    name = {1: "cityblock", 2: "euclidean", np.inf: "chebyshev"}.get(p, "minkowski")
    params = {"p": p} if name == "minkowski" else {}
    assert_same_neighbors(index.query(Q, 6, 2), brute_force(X, Q, 6, name, **params))
    _, own = index.query(X[5:6], 25, 1)
    assert own[0, :21].tolist() == [5, *range(100, 120)]


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("haversine", {}),
        ("canberra", {}),
        ("seuclidean", {"V": np.array([1.0, 4.0])}),
        ("mahalanobis", {"VI": np.array([[2.0, 0.5], [0.5, 1.0]])}),
        ("minkowski", {"w": np.array([1.0, 3.0])}),
    ],
)
def test_metrics_without_a_k_d_tree_take_a_ball_tree_for_many_points(name, params):
    X, Q = normal(600, 30, 2, np.float64)
    X[100:120] = X[5]
    metric = resolve_metric(name, 2, params)
    index, method = build_index(X, metric, name, "auto", 30)
    assert method == "ball_tree"
    whole, _ = build_index(X, metric, name, "brute", 30)
    assert_same_neighbors(index.query(Q, 8), whole.query(Q, 8))
    assert build_index(X[:400], metric, name, "auto", 30)[1] == "brute"
    assert build_index(X * 1e-200, metric, name, "auto", 30)[1] == "brute"


@pytest.mark.parametrize("k", [5, 500])
@pytest.mark.parametrize("search", ["brute", "kd_tree", "ball_tree", "sparse", "missing"])
@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e-156, 1e156, 1e200, 1e300])
def test_numbers_whose_squares_leave_float64(scale, search, k):
    X, Q = normal(500, 30, 4, np.float64)
    if search == "sparse":
        index = SparseIndex(csr_array(X * scale))
    elif search == "missing":
        index = MissingValuesIndex(X * scale)
    else:
        index, _ = build_index(X * scale, *MINKOWSKI, search, 30)
    given = csr_array(Q * scale) if search == "sparse" else Q * scale
    distance, found = index.query(given, k)
    assert_same_neighbors((distance / scale, found), brute_force(X, Q, k))


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_squared_distances_that_leave_float64_end_at_zero_or_infinity(scale):
    X, Q = normal(50, 3, 4, np.float64)
    for index, rows in (
        (EuclideanIndex(X * scale, "sqeuclidean"), Q * scale),
        (SparseIndex(csr_array(X * scale), "sqeuclidean"), csr_array(Q * scale)),
    ):
        distance, _ = index.query(rows, 2)
        assert (distance == (0 if scale < 1 else np.inf)).all()


@pytest.mark.parametrize(
    ("search", "given"),
    [(EuclideanIndex, np.asarray), (MissingValuesIndex, np.asarray), (SparseIndex, csr_array)],
)
def test_a_query_too_far_for_float64_gets_the_first_points(search, given):
    X, _ = normal(50, 3, 4, np.float64)
    distance, index = search(given(X)).query(given(np.full((1, 4), 1e200)), 2)
    assert np.isinf(distance).all()
    assert index.tolist() == [[0, 1]]


@pytest.mark.parametrize(
    ("metric", "params"),
    [
        ("braycurtis", None),  # of numbers below zero, too
        ("sokalmichener", None),
        ("mahalanobis", {"V": np.cov(np.random.RandomState(0).normal(size=(4, 30)))}),
    ],
)
def test_distances_are_those_of_scikit_learns_neighbors(metric, params):
    rng = np.random.RandomState(0)
    X, Q = rng.randint(-2, 3, (60, 4)).astype(float), rng.randint(-2, 3, (20, 4)).astype(float)
    X[:2] = Q[:2] = 0
    models = (
        kind(n_neighbors=60, metric=metric, metric_params=params, algorithm="ball_tree").fit(X)
        for kind in (NearestNeighbors, sklearn.neighbors.NearestNeighbors)
    )
    (distance, index), (expected, _) = (model.kneighbors(Q) for model in models)
    np.testing.assert_allclose(distance, expected, rtol=1e-9)
    assert (np.sort(index) == np.arange(60)).all()


def test_a_covariance_without_inverse_is_an_error_that_says_what_to_pass():
    model = NearestNeighbors(metric="mahalanobis", metric_params={"V": np.ones((2, 2))})
    with pytest.raises(ValueError, match="Pass the inverse, or a pseudo-inverse, as VI"):
        model.fit(np.eye(2))


def test_a_metric_without_a_triangle_inequality_is_searched_without_a_tree():
    rng = np.random.RandomState(0)
    X, Q = rng.randint(-3, 4, (200, 5)), rng.randint(-3, 4, (20, 5))
    index, _ = build_index(X, resolve_metric("braycurtis", 2, None), "braycurtis", "ball_tree", 1)
    found, expected = index.query(Q, 3), DirectIndex(X, "braycurtis").query(Q, 3)
    np.testing.assert_array_equal(found[1], expected[1])


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "nan_euclidean", "sparse"])
def test_ties_beyond_the_budget_are_still_ordered_by_index(metric):
    rng = np.random.RandomState(0)
    kinds = np.array([[1.0, 2.0, 0.1], [1.0, 2.0, 0.2], [0.3, 0.0, 0.1]])
    X = kinds[rng.randint(0, 3, 6000)]
    Q = kinds[[0, 1, 2, 1]]
    with config_context(working_memory=0.01):
        if metric == "sparse":
            index, _ = build_index(
                csr_array(X), resolve_metric("euclidean", 2, None), "euclidean", "brute", 30
            )
            found = index.query(csr_array(Q), 50, 2)
        elif metric == "nan_euclidean":
            found = MissingValuesIndex(X).query(Q, 50, 2)
        else:
            found = EuclideanIndex(X, metric).query(Q, 50, 2)
    for query, row in zip(Q, found[1], strict=True):
        same = np.flatnonzero((query == X).all(axis=1))
        np.testing.assert_array_equal(row, same[:50])
    np.testing.assert_allclose(found[0], 0, atol=1e-15)


def test_an_index_survives_pickling():
    import pickle

    X, Q = normal(400, 10, 3, np.float32)
    for algorithm in ("brute", "kd_tree", "ball_tree"):
        index, _ = build_index(X, resolve_metric("minkowski", 2, None), "minkowski", algorithm, 30)
        copy = pickle.loads(pickle.dumps(index))
        np.testing.assert_array_equal(copy.query(Q, 3)[1], index.query(Q, 3)[1])


@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree"])
def test_a_good_part_of_the_points_is_found_without_a_tree(algorithm):
    X, Q = normal(400, 30, 2, np.float64)
    index, _ = build_index(X, *MINKOWSKI, algorithm, 30)
    few, expected = index.within(Q, 0.1), index.whole.within(Q, 3.0)
    index._balls = lambda *_, only_count: np.full(30, 300)  # no tree is asked for their names
    many = index.within(Q, 3.0)
    np.testing.assert_array_equal(many.index, expected.index)
    np.testing.assert_array_equal(many.distance, expected.distance)
    assert few.count.sum() < many.count.sum()
    index.tree = None
    assert_same_neighbors(index.query(Q, 200), brute_force(X, Q, 200))
