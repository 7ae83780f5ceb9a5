"""All points within a radius, by every search, in every unit."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from skdeep.neighbors.search.metric import resolve_metric
from skdeep.neighbors.search.radius import Balls
from tests.neighbors.reference import build_index

CASES = [
    ("minkowski", 2, "brute"),
    ("minkowski", 2, "kd_tree"),
    ("minkowski", 2, "ball_tree"),
    ("minkowski", 2, "sparse"),
    ("minkowski", 1, "brute"),
    ("minkowski", 1, "kd_tree"),
    ("minkowski", 1, "sparse"),
    ("minkowski", 3, "kd_tree"),
    ("minkowski", 3, "ball_tree"),
    ("minkowski", np.inf, "kd_tree"),
    ("cosine", 2, "brute"),
    ("cosine", 2, "sparse"),
    ("correlation", 2, "brute"),
    ("sqeuclidean", 2, "brute"),
    ("sqeuclidean", 2, "sparse"),
    ("seuclidean", 2, "brute"),
    ("mahalanobis", 2, "brute"),
    ("nan_euclidean", 2, "brute"),
    ("canberra", 2, "ball_tree"),
]


@pytest.mark.parametrize(("metric", "p", "algorithm"), CASES)
@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1.0, 1e160, 1e285])
def test_a_ball_holds_what_is_not_farther_than_its_radius(metric, p, algorithm, scale):
    rng = np.random.RandomState(0)
    X = (rng.randint(-3, 4, (400, 3)) + rng.randint(0, 2, (400, 3)) / 4) * scale
    Q = (rng.randint(-3, 4, (30, 3)) + 0.5) * scale
    if metric == "nan_euclidean":
        X[rng.rand(*X.shape) < 0.2] = np.nan
    sparse = csr_array if algorithm == "sparse" else np.asarray
    resolved = resolve_metric(metric, p, None)
    algorithm = "brute" if algorithm == "sparse" else algorithm
    index, _ = build_index(sparse(X), resolved, metric, algorithm, 10)
    distance, order = index.query(sparse(Q), 400)
    true = np.empty_like(distance)
    np.put_along_axis(true, order, distance, axis=1)
    finite = true[np.isfinite(true)]
    if not len(finite):
        return  # squares that leave float64
    for radius in np.quantile(finite, [0, 0.02, 0.3, 1], method="nearest"):
        balls = index.within(sparse(Q), float(radius), 2)
        expected = true <= radius  # many lie on the border
        query, point = np.nonzero(expected)
        np.testing.assert_array_equal(balls.query, query)
        np.testing.assert_array_equal(balls.index, point)
        np.testing.assert_allclose(balls.distance, true[expected], rtol=1e-12)
        np.testing.assert_array_equal(np.diff(balls.begin), expected.sum(axis=1))


def test_balls_can_be_thinned_out_and_sorted():
    balls = Balls(
        np.array([3, 0, 2]), np.array([1, 4, 5, 0, 2]), np.array([2.0, 1.0, 1.0, 3.0, 0.0])
    )
    kept = balls.where(balls.distance < 3)
    assert kept.count.tolist() == [3, 0, 1]
    assert kept.index.tolist() == [1, 4, 5, 2]
    ordered = balls.by_distance()
    assert ordered.index.tolist() == [4, 5, 1, 2, 0]
    assert ordered.begin.tolist() == [0, 3, 3, 5]
