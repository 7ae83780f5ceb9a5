"""The search finds what float64 brute force finds, whatever the data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.metrics import pairwise_distances

from skdeep.neighbors import blocks, euclidean
from skdeep.neighbors.direct import DirectIndex
from skdeep.neighbors.euclidean import EuclideanIndex, error_bound
from skdeep.neighbors.metric import build_index, resolve_metric
from skdeep.neighbors.products import MissingValuesIndex, SparseIndex
from skdeep.neighbors.selection import Selection
from tests.neighbors.reference import assert_same_neighbors, brute_force

MINKOWSKI = resolve_metric("minkowski", 2, None), "minkowski"
SHAPES = [(40, 7, 1, 1), (300, 50, 3, 5), (1500, 60, 17, 10), (2600, 40, 130, 3), (700, 30, 5, 300)]


def normal(n, q, d, dtype, seed=0, offset=0.0):
    rng = np.random.RandomState(seed)
    return (
        (rng.standard_normal((n, d)) + offset).astype(dtype),
        (rng.standard_normal((q, d)) + offset).astype(dtype),
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [0.0, 1e4, -1e7])
@pytest.mark.parametrize("shape", SHAPES)
def test_neighbors_are_those_of_float64(shape, offset, dtype):
    n, q, d, k = shape
    X, Q = normal(n, q, d, dtype, offset=offset)
    assert_same_neighbors(EuclideanIndex(X).query(Q, k, 2), brute_force(X, Q, k))


@pytest.mark.parametrize("scale", [1e-30, 1e-12, 1e12, 1e18, 1e30])
def test_neighbors_at_any_scale(scale):
    X, Q = normal(900, 30, 6, np.float64)
    X, Q = X * scale, Q * scale
    assert_same_neighbors(EuclideanIndex(X).query(Q, 4), brute_force(X, Q, 4))


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


@pytest.mark.parametrize("metric", ["cosine", "correlation"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_angles(metric, dtype):
    X, Q = normal(1300, 50, 12, dtype, offset=0.5)
    distance, index = EuclideanIndex(X, metric).query(Q, 5, 2)
    true_distance, true = brute_force(X, Q, 5, metric)
    np.testing.assert_array_equal(index, true)
    np.testing.assert_allclose(distance, true_distance, atol=1e-14)


def test_a_row_without_direction_is_at_distance_one_of_all():
    X = np.array([[1.0, 0.0], [0.0, 0.0], [-1.0, 0.0], [0.0, 2.0]])
    distance, index = EuclideanIndex(X, "cosine").query(np.array([[3.0, 0.0], [0.0, 0.0]]), 4)
    assert index.tolist() == [[0, 1, 3, 2], [0, 1, 2, 3]]
    np.testing.assert_array_equal(distance, [[0, 1, 1, 2], [1, 1, 1, 1]])
    constant = np.full((1, 3), 0.1)
    distance, _ = EuclideanIndex(np.eye(3), "correlation").query(constant, 3)
    np.testing.assert_array_equal(distance, [[1, 1, 1]])


def test_clusters_far_apart_are_resolved_within():
    rng = np.random.RandomState(0)
    X = (rng.randint(0, 4, (4000, 1)) * 1e3 + 1e-3 * rng.standard_normal((4000, 8))).astype("f8")
    Q = X[::80] + 1e-4
    assert_same_neighbors(EuclideanIndex(X).query(Q, 5, 2), brute_force(X, Q, 5))


def test_one_far_point_costs_no_accuracy():
    X, Q = normal(3000, 40, 10, np.float32)
    X[17] = 1e9
    assert_same_neighbors(EuclideanIndex(X).query(Q, 5, 2), brute_force(X, Q, 5))


def test_far_queries():
    X, Q = normal(2000, 20, 10, np.float64)
    Q[3] *= 1e6
    Q[4] *= 1e40
    found = EuclideanIndex(X).query(Q[:4], 5)
    assert_same_neighbors(found, brute_force(X, Q[:4], 5))
    distance, _ = EuclideanIndex(X).query(Q, 5)
    np.testing.assert_allclose(distance[4], np.linalg.norm(Q[4]), rtol=1e-12)


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


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_sparse_angles_do_not_depend_on_length(scale):
    X, Q = normal(500, 30, 4, np.float64)
    found = SparseIndex(csr_array(X * scale), "cosine").query(csr_array(Q * scale), 5)
    np.testing.assert_array_equal(found[1], EuclideanIndex(X, "cosine").query(Q, 5)[1])


@pytest.mark.parametrize(
    ("search", "given"),
    [(EuclideanIndex, np.asarray), (MissingValuesIndex, np.asarray), (SparseIndex, csr_array)],
)
def test_a_query_too_far_for_float64_gets_the_first_points(search, given):
    X, _ = normal(50, 3, 4, np.float64)
    distance, index = search(given(X)).query(given(np.full((1, 4), 1e200)), 2)
    assert np.isinf(distance).all()
    assert index.tolist() == [[0, 1]]


@pytest.mark.parametrize("types", [(np.float32, np.float64), (np.float64, np.float32)])
def test_points_and_queries_of_two_types(types):
    X, Q = normal(1500, 40, 6, np.float64, offset=1e4)
    X, Q = X.astype(types[0]), Q.astype(types[1])
    assert_same_neighbors(EuclideanIndex(X).query(Q, 5), brute_force(X, Q, 5))


def test_points_that_are_all_the_same():
    X = np.full((5000, 3), 0.1, dtype=np.float32)
    distance, index = EuclideanIndex(X).query(X[:20], 7, 2)
    assert (distance == 0).all()
    assert (index == np.arange(7)).all()


@given(
    values=st.lists(st.sampled_from([0.0, 1.0, 2.5, -3.0, 1e6, 1e-6]), min_size=12, max_size=60),
    k=st.integers(1, 4),
    offset=st.sampled_from([0.0, 1e4]),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_any_small_data(values, k, offset, dtype):
    X = (np.array(values[: len(values) // 2 * 2]).reshape(-1, 2) + offset).astype(dtype)
    found = EuclideanIndex(X).query(X, k)
    true_distance, true = brute_force(X, X, k)
    np.testing.assert_array_equal(found[1], true)
    np.testing.assert_array_equal(found[0], true_distance)


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 400),
    d=st.integers(1, 40),
    decimals=st.integers(0, 3),
)
def test_any_rounded_data(seed, n, d, decimals):
    rng = np.random.RandomState(seed)
    X = np.round(rng.standard_normal((n, d)), decimals).astype(np.float32)
    Q = np.round(rng.standard_normal((9, d)), decimals).astype(np.float32)
    k = rng.randint(1, n + 1)
    assert_same_neighbors(EuclideanIndex(X).query(Q, k), brute_force(X, Q, k))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("d", [1, 10, 500])
def test_the_bound_covers_the_error_of_the_product(d, dtype):
    rng = np.random.RandomState(0)
    X = (rng.standard_normal((400, d)) + 3).astype(dtype)
    Q = (rng.standard_normal((100, d)) + 3).astype(dtype)
    norms, query_norms = ((A.astype(np.longdouble) ** 2).sum(axis=1) for A in (X, Q))
    exact = norms[:, None] / 2 - X.astype(np.longdouble) @ Q.T.astype(np.longdouble)
    product = (X**2).sum(axis=1, keepdims=True) * dtype(0.5) - X @ Q.T
    bound = error_bound(d, dtype) * (norms[:, None] + query_norms)
    assert (np.abs(product - exact) <= bound).all()
    assert (np.abs(product - exact) > 1e-3 * bound).any()  # it is not vacuous either


def test_a_wrong_product_is_not_trusted(monkeypatch):
    """The float32 product may err within its bound, in any way, and nothing changes."""
    X, Q = normal(3000, 50, 20, np.float32)
    expected = brute_force(X, Q, 8)
    rng = np.random.RandomState(1)
    true_matmul = np.matmul

    def off(left, right, out):
        true_matmul(left, right, out=out)
        if out.dtype == np.float32:
            reach = 0.9 * error_bound(20, np.float32)
            norms = (left[:, :-1] ** 2).sum(axis=1)[:, None] + (right[:-1] ** 2).sum(axis=0)
            out += (reach * norms * rng.choice([-1, 1], size=out.shape)).astype(np.float32)
        return out

    monkeypatch.setattr(euclidean.np, "matmul", off)
    found = EuclideanIndex(X).query(Q, 8)
    monkeypatch.undo()
    assert_same_neighbors(found, expected)


def test_a_search_that_cannot_decide_widens(monkeypatch):
    X, Q = normal(2000, 30, 5, np.float64)
    types = []
    attempt = EuclideanIndex._attempt

    def noted(self, rows, at, k, shape, dtype, *rest):
        types.append((dtype, len(at)))
        return attempt(self, rows, at, k, shape, dtype, *rest)

    monkeypatch.setattr(EuclideanIndex, "_attempt", noted)
    EuclideanIndex(X).query(Q, 3)
    assert types == [(np.float32, 30)]
    types.clear()
    tight = np.vstack([X * 1e-9, X[:5] + 1])
    tight_queries = Q * 1e-9
    found = EuclideanIndex(tight - 1).query(tight_queries - 1, 3)
    assert_same_neighbors(found, brute_force(tight - 1, tight_queries - 1, 3), rtol=1e-6)
    far = np.vstack([X * 1e-9, X[:5] * 1e3, X * 1e-9 + 1e3])
    types.clear()
    found = EuclideanIndex(far).query(far[-30:], 3)
    assert (np.float64, 30) in types
    assert_same_neighbors(found, brute_force(far, far[-30:], 3))


@pytest.mark.parametrize("megabytes", [1e-3, 0.1, 2])
@pytest.mark.parametrize("k", [1, 40])
def test_a_small_budget_changes_nothing(megabytes, k):
    X, Q = normal(3000, 130, 12, np.float32)
    expected = EuclideanIndex(X).query(Q, k)
    with config_context(working_memory=megabytes):
        found = EuclideanIndex(X).query(Q, k, 2)
        direct = DirectIndex(X, "manhattan").query(Q, k, 2)
    np.testing.assert_array_equal(found[1], expected[1])
    np.testing.assert_array_equal(direct[1], DirectIndex(X, "manhattan").query(Q, k)[1])


@pytest.mark.parametrize("k", [1, 5, 100, 3000])
@pytest.mark.parametrize("megabytes", [1, 64])
def test_tiles_stay_within_the_budget(k, megabytes):
    with config_context(working_memory=megabytes):
        shape = blocks.tiling(10**6, 10**5, 50, k, 2)
        # Float64 scores, the widest.
        assert shape.points * shape.queries * 8 * 2 <= max(megabytes * 2**20, 2**18)
        assert shape.points % shape.group == 0
        assert shape.n_groups >= min(k, shape.points)


def test_memory_does_not_grow_with_the_distance_matrix():
    import tracemalloc

    X, Q = normal(20_000, 4000, 8, np.float32)
    index = EuclideanIndex(X)
    tracemalloc.start()
    index.query(Q, 5, 2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60 * 2**20  # the matrix has 320 MB


def test_a_memory_map_is_not_copied(tmp_path):
    import tracemalloc

    from skdeep import KNNClassifier

    path = tmp_path / "points.dat"
    X = np.memmap(path, dtype=np.float32, mode="w+", shape=(60_000, 100))
    X[:] = np.random.RandomState(0).standard_normal(X.shape)
    X.flush()
    X = np.memmap(path, dtype=np.float32, mode="r", shape=X.shape)
    y = np.arange(len(X)) % 3
    tracemalloc.start()
    model = KNNClassifier().fit(X, y)
    model.kneighbors(X[:20])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.shares_memory(model._fit_X, X)
    assert peak < X.nbytes * 0.9


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.bool_])
def test_numbers_of_any_type_are_taken_as_they_are(dtype):
    rng = np.random.RandomState(0)
    X = rng.randint(0, 2 if dtype == np.bool_ else 200, (800, 9)).astype(dtype)
    found = EuclideanIndex(X).query(X[:30], 4)
    expected = brute_force(X, X[:30], 4)
    np.testing.assert_array_equal(found[1], expected[1])
    np.testing.assert_array_equal(found[0], expected[0])


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


def test_a_metric_without_a_triangle_inequality_is_searched_without_a_tree():
    rng = np.random.RandomState(0)
    X, Q = rng.randint(-3, 4, (200, 5)), rng.randint(-3, 4, (20, 5))
    index, _ = build_index(X, resolve_metric("braycurtis", 2, None), "braycurtis", "ball_tree", 1)
    found, expected = index.query(Q, 3), DirectIndex(X, "braycurtis").query(Q, 3)
    np.testing.assert_array_equal(found[1], expected[1])


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


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 200),
    group=st.sampled_from([1, 2, 8]),
    k=st.integers(1, 6),
)
def test_a_selection_keeps_the_smallest_of_every_column(seed, n, group, k):
    rng = np.random.RandomState(seed)
    k = min(k, n)
    values = rng.randint(0, 12, (n, 4)).astype(float)
    length = 8 * group
    selection = Selection(4, k, group=group, n_groups=8, dtype=np.float64)
    for start in range(0, n, length):
        part = values[start : start + length]
        tile = np.full((-(-len(part) // group) * group, 4), np.inf)
        tile[: len(part)] = part
        selection.add(tile, start, len(part))
    _, value, row = selection.decide()
    expected = np.argsort(values, axis=0, kind="stable")[:k].T
    np.testing.assert_array_equal(row, expected)
    np.testing.assert_array_equal(value, np.take_along_axis(values.T, expected, axis=1))


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
