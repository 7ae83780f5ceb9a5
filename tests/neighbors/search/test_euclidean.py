"""The Euclidean search finds what float64 brute force finds, whatever the data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skdeep.neighbors.search import euclidean
from skdeep.neighbors.search.euclidean import EuclideanIndex, error_bound
from tests.neighbors.reference import assert_same_neighbors, brute_force, normal

SHAPES = [(40, 7, 1, 1), (300, 50, 3, 5), (1500, 60, 17, 10), (2600, 40, 130, 3), (700, 30, 5, 300)]


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


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.bool_])
def test_numbers_of_any_type_are_taken_as_they_are(dtype):
    rng = np.random.RandomState(0)
    X = rng.randint(0, 2 if dtype == np.bool_ else 200, (800, 9)).astype(dtype)
    found = EuclideanIndex(X).query(X[:30], 4)
    expected = brute_force(X, X[:30], 4)
    np.testing.assert_array_equal(found[1], expected[1])
    np.testing.assert_array_equal(found[0], expected[0])


def test_some_queries_of_many_points_are_asked_together(monkeypatch):
    X, Q = normal(5000, 5, 10, np.float64)
    index = EuclideanIndex(X)
    monkeypatch.setattr(index, "_one_by_one", None)
    assert_same_neighbors(index.query(Q, 3), brute_force(X, Q, 3))
