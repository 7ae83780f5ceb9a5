"""Targets in any unit are learned alike, and what cannot be is refused in one sentence."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from skdeep import MLPClassifier, MLPRegressor

SMALL = {"hidden_layer_sizes": (8,), "max_iter": 40, "learning_rate_init": 0.05, "random_state": 0}


@pytest.fixture(autouse=True)
def no_other_warning():
    """Let no warning of NumPy pass."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def data(n_samples=120):
    rng = np.random.default_rng(5)
    X = rng.normal(size=(n_samples, 4))
    y = X @ [1.0, 2.0, 3.0, 4.0] + 0.1 * rng.normal(size=n_samples)
    return X, y / np.abs(y).max()


UNITS = [2.0**e for e in (-1040, -900, -500, -100, 100, 500, 900, 1023)]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: f"{unit:.0e}")
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_standardized_target_is_learned_alike_in_every_unit(unit, early_stopping):
    X, y = data()
    params = SMALL | {"standardize_target": True, "early_stopping": early_stopping}
    plain, other = MLPRegressor(**params).fit(X, y), MLPRegressor(**params).fit(X, unit * y)
    digits = {"rtol": 1e-9} if unit > 1e-300 else {"rtol": 1e-3, "atol": 1e-4 * unit}
    np.testing.assert_allclose(other.predict(X), unit * plain.predict(X), **digits)
    assert other.score(X, unit * y) == pytest.approx(plain.score(X, y), rel=1e-4)
    assert other.loss_ == pytest.approx(plain.loss_, rel=1e-4)
    if early_stopping:
        assert other.best_validation_score_ == pytest.approx(plain.best_validation_score_, rel=1e-4)


@pytest.mark.parametrize("value", [0.0, 5e-324, 1e-310, -1e-6, 0.1, 5.0, 1e155, -1.7e308])
@pytest.mark.parametrize("params", [{}, {"early_stopping": True}, {"solver": "lbfgs"}], ids=str)
def test_a_constant_target_is_predicted_to_the_last_digit(value, params):
    X, _ = data()
    params = SMALL | params | {"standardize_target": True}
    if params.get("solver") == "lbfgs":
        del params["learning_rate_init"]
    model = MLPRegressor(**params).fit(X, np.full(len(X), value))
    np.testing.assert_array_equal(model.predict(10 * X), value)
    assert model.score(X, np.full(len(X), value)) == 1.0
    assert model.best_validation_score_ in (None, 1.0)


def test_what_varies_by_rounding_alone_is_a_constant():
    X, _ = data()
    y = np.where(X[:, 0] > 0, 0.1 + 0.2, 0.3)
    model = MLPRegressor(**SMALL, standardize_target=True).fit(X, y)
    np.testing.assert_allclose(model.predict(X), 0.3, rtol=1e-15)


def test_a_small_spread_on_a_large_mean_is_learned():
    X, y = data()
    model = MLPRegressor(**SMALL, standardize_target=True).fit(X, 1e6 + 1e-3 * y)
    assert model.score(X, 1e6 + 1e-3 * y) > 0.95


def test_a_constant_among_several_outputs_is_exact():
    X, y = data()
    model = MLPRegressor(**SMALL, standardize_target=True).fit(X, np.c_[y, np.full(len(y), 0.1)])
    np.testing.assert_array_equal(model.predict(X)[:, 1], 0.1)
    assert np.corrcoef(model.predict(X)[:, 0], y)[0, 1] > 0.95


@pytest.mark.parametrize("first", [1, 2, 30])
def test_a_stream_that_began_with_a_constant_takes_its_unit_when_it_varies(first):
    X, y = data()
    model = MLPRegressor(**SMALL, standardize_target=True)
    model.partial_fit(X[:first], np.full(first, 7e-5))
    np.testing.assert_array_equal(model.predict(X), 7e-5)
    for _ in range(60):
        model.partial_fit(X, 1e-5 * y)
    assert model.score(X, 1e-5 * y) > 0.9
    np.testing.assert_allclose(model.target_scale_, [1e-5 * y.std()])


def test_a_stream_of_single_samples_finds_a_unit():
    X, y = data()
    model = MLPRegressor(**SMALL, standardize_target=True)
    for _ in range(20):
        for row in range(len(X)):
            model.partial_fit(X[row : row + 1], 1e-5 * y[row : row + 1])
    assert model.score(X, 1e-5 * y) > 0.5


def test_a_failed_partial_fit_leaves_the_constant():
    X, y = data()
    model = MLPRegressor(**SMALL, standardize_target=True).partial_fit(X, np.full(len(X), 3.0))
    with pytest.raises(ValueError, match="2 outputs"):
        model.partial_fit(X, np.c_[y, y])
    np.testing.assert_array_equal(model.predict(X), 3.0)
    np.testing.assert_array_equal(model.target_scale_, [1.0])


@pytest.mark.parametrize("unit", [1e-300, 1e-60, 1e60, 1e300])
@pytest.mark.parametrize("standardize_target", [False, True])
def test_a_unit_that_float32_cannot_hold_is_refused(unit, standardize_target):
    X, y = data()
    model = MLPRegressor(**SMALL, standardize_target=standardize_target, dtype="float32")
    with pytest.raises(ValueError, match=r"float32, go from 1e-38 to 3e\+38\. Set dtype="):
        model.fit(X, unit * y)
    assert vars(model) == model.get_params()


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_features_too_far_from_those_of_fit_are_refused(kind):
    X, y = data()
    model = kind(**SMALL).fit(X, np.round(y))
    model.coefs_ = [10 * weights for weights in model.coefs_]
    far = X.copy()
    far[:3] = 1e308 * np.sign(far[:3])
    for method in {"predict", "predict_proba"} & set(dir(model)):
        with pytest.raises(ValueError, match=r"no finite output for \d of 120 samples"):
            getattr(model, method)(far)


@pytest.mark.parametrize("unit", [1e-310, 1e-155, 1e155, 1e300])
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_features_in_extreme_units_end_in_numbers_or_in_one_sentence(kind, unit):
    X, y = data()
    try:
        model = kind(**SMALL).fit(unit * X, np.round(y))
    except ValueError as error:
        assert "non-finite" in str(error)  # noqa: PT017
    else:
        assert np.isfinite(model.score(unit * X, np.round(y)))


@pytest.mark.parametrize(("mean", "spread"), [(1e6, 1.0), (0.0, 1e3)])
def test_a_target_that_is_not_learned_for_its_unit_names_the_remedy(mean, spread):
    X, y = data()
    with pytest.warns(ConvergenceWarning, match=r"than its mean.*Set standardize_target=True"):
        MLPRegressor(hidden_layer_sizes=(8,), random_state=0).fit(X, mean + spread * y)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*standardize_target")
        MLPRegressor(hidden_layer_sizes=(8,), random_state=0).fit(X, y)
        MLPRegressor(hidden_layer_sizes=(8,), standardize_target=True).fit(X, mean + spread * y)
