"""The right value up to the unit, from the smallest numbers to the largest, and no warning."""

import warnings

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from skdeep import KNNClassifier, KNNClassifierCV, KNNRegressor, KNNRegressorCV
from skdeep.neighbors.units import unit_of
from tests.data import iris_without_ties

X, y = iris_without_ties()
target = X[:, 0] + X[:, 2]
SCALES = [1e-310, 1e-300, 1e-160, 1e-30, 1e30, 1e155, 1e300, 1e307]
METRICS = [
    {},
    {"p": 1},
    {"p": 3},
    {"p": np.inf},
    {"p": 3, "metric_params": {"w": np.ones(4)}},
    *({"metric": name} for name in ("cosine", "correlation", "seuclidean", "mahalanobis")),
    *({"metric": name} for name in ("nan_euclidean", "canberra", "braycurtis")),
]


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("algorithm", ["brute", "auto", "kd_tree", "ball_tree"])
@pytest.mark.parametrize("keywords", METRICS, ids=str)
@pytest.mark.parametrize("scale", SCALES)
def test_predictions_do_not_depend_on_the_unit_of_the_features(scale, keywords, algorithm):
    for weights in ("uniform", "distance"):
        model = KNNClassifier(3, weights=weights, algorithm=algorithm, **keywords)
        try:
            expected = model.fit(X, y).predict_proba(X[::3])
        except ValueError:
            pytest.skip("a metric that the algorithm does not take")
        found = model.fit(X * scale, y).predict_proba(X[::3] * scale)
        # Subnormal numbers have few digits, and large ones overflow in their sum.
        differ = (np.abs(found - expected) > 1e-6).any(axis=1).mean()
        assert differ < (0.05 if scale < 1e-300 or scale > 1e306 else 1e-12)


@pytest.mark.parametrize("scale", SCALES[:-1])
def test_sparse_rows_in_any_unit(scale):
    expected = KNNClassifier(3).fit(X, y).predict(X)
    given = csr_matrix(X * scale)
    found = KNNClassifier(3, weights="distance").fit(given, y).predict(given[:50])
    assert (found == expected[:50]).mean() > 0.95
    assert KNNClassifierCV([3]).fit(given, y).best_score_ > 0.9


@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e200, 1e307])
def test_a_mean_does_not_depend_on_the_unit_of_the_target(scale, weights):
    model = KNNRegressor(3, weights=weights)
    expected, score = model.fit(X, target).predict(None), model.score(None, target)
    model.fit(X, target * scale)
    np.testing.assert_allclose(model.predict(None) / scale, expected, rtol=1e-10)
    assert model.score(None, target * scale) == pytest.approx(score)


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e200, 1e300])
def test_the_choice_of_k_does_not_depend_on_the_unit_of_the_target(scale):
    search = KNNRegressorCV(range(1, 20), weights=["uniform", "distance"])
    search.fit(X, target)
    expected = search.cv_results_["mean_test_score"], search.best_params_, search.score(X, target)
    search.fit(X, target * scale)
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], expected[0])
    assert search.best_params_ == expected[1]
    assert search.score(X, target * scale) == pytest.approx(expected[2])


def test_squares_that_leave_float64_are_said_to_be_no_scores():
    search = KNNRegressorCV([1, 3], scoring="neg_mean_squared_error")
    with pytest.warns(UserWarning, match="test scores are non-finite"):
        search.fit(X, target * 1e200)


def test_a_unit_is_a_power_of_two():
    assert unit_of(np.array([1.0, -1e100])) == 1.0
    assert unit_of(np.zeros(3)) == 1.0
    assert unit_of(np.array([np.nan, 1e-320])) == 2.0**1000
    assert np.frexp(unit_of(np.array([3e250])))[0] == 0.5
    assert unit_of(np.array([1e100]), power=10) < 1e-99


def test_neighbours_without_a_known_distance_count_alike():
    model = KNNRegressor(3, weights="distance", metric="nan_euclidean").fit(X, target)
    assert target.min() <= model.predict(np.full((1, 4), np.nan))[0] <= target.max()


@pytest.mark.parametrize("p", [2, np.inf])
def test_a_ball_tree_is_asked_about_the_largest_numbers_of_both_signs(p):
    far = np.random.default_rng(0).choice([-1e308, 1e308], (6, 4))
    ball_tree, brute = (
        KNNRegressor(3, p=p, algorithm=name).fit(X, target).predict(far)
        for name in ("ball_tree", "brute")
    )
    assert np.array_equal(ball_tree, brute)
