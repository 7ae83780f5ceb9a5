"""Features and targets in extreme units: the same fit up to the unit, or one clear refusal."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from skdeep import LeastSquaresRegressor, LeastSquaresRegressorCV

MODELS = {
    "plain": LeastSquaresRegressor(),
    "without intercept": LeastSquaresRegressor(fit_intercept=False),
    "non-negative": LeastSquaresRegressor(positive=True),
    "gradient descent": LeastSquaresRegressor(solver="gd", max_iter=30),
    "chosen": LeastSquaresRegressorCV(degree=(1, 2), cv=3),
}


@pytest.fixture(autouse=True)
def no_warning_leaks():
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def table():
    random = np.random.RandomState(0)
    X = random.standard_normal((60, 3))
    return X, X @ [0.5, 0.3, 0.1] + random.standard_normal(60)


def statistics(model, unit):
    """Return what is reported in the unit of the target, divided by it, and pure numbers."""
    if not hasattr(model, "r2_"):
        return []
    found = [model.residual_std_ / unit, model.r2_]
    if hasattr(model, "standard_errors_"):
        found += [model.intercept_standard_error_ / unit if model.fit_intercept else 0.0]
    return found


@pytest.mark.parametrize("exponent", [-1000, -700, -500, 500, 700, 1000])
@pytest.mark.parametrize("kind", MODELS)
def test_the_unit_of_the_target_changes_nothing_else(kind, exponent):
    X, y = table()
    unit = 2.0**exponent
    plain = MODELS[kind].fit(X, y)
    expected, coef, before = plain.predict(X), plain.coef_, statistics(plain, 1.0)
    plain_score = plain.score(X, y)
    model = MODELS[kind].fit(X, y * unit)
    assert_allclose(model.predict(X) / unit, expected, rtol=1e-9)
    assert_allclose(model.coef_ / unit, coef, rtol=1e-9)
    assert_allclose(model.score(X, y * unit), plain_score, rtol=1e-9)
    assert_allclose(statistics(model, unit), before, rtol=1e-9)


@pytest.mark.parametrize("columns", [[0], [0, 1, 2]])
@pytest.mark.parametrize("exponent", [-1000, -700, -500, 500, 700, 1000])
@pytest.mark.parametrize("kind", MODELS)
def test_the_units_of_features_change_their_coefficients_alone(kind, exponent, columns):
    X, y = table()
    unit = np.ones(3)
    unit[columns] = 2.0**exponent
    plain = MODELS[kind].fit(X, y)
    expected, coef, before = plain.predict(X), plain.coef_, statistics(plain, 1.0)
    model = MODELS[kind].fit(X * unit, y)
    assert_allclose(model.predict(X * unit), expected, rtol=1e-9)
    assert_allclose(model.coef_ * unit, coef, rtol=1e-9)
    assert_allclose(statistics(model, 1.0), before, rtol=1e-9)
    if hasattr(model, "standard_errors_"):
        # Those of the plain fit, of which the last column knows nothing of units.
        errors = MODELS[kind].fit(X, y).standard_errors_
        model = MODELS[kind].fit(X * unit, y)
        assert_allclose(model.standard_errors_ * unit, errors, rtol=1e-9)
        assert "std err" in model.summary()


@pytest.mark.parametrize("scale", [1e-310, 1e-160, 1e160, 1e300])
@pytest.mark.parametrize("degree", [1, 2])
def test_a_penalty_decides_everything_or_nothing(scale, degree):
    X, y = table()
    model = LeastSquaresRegressor(degree=degree, alpha=1.0)
    free = LeastSquaresRegressor(degree=degree).fit(X, y).predict(X)
    try:
        found = model.fit(X * scale, y).predict(X * scale)
    except ValueError as error:
        assert "Scale them" in str(error)  # noqa: PT017
    else:
        # Of degree 2, terms of tiny features are pressed to zero as those of degree 1 are.
        expected = free if scale > 1 else np.full(60, y.mean())
        assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("exponent", [-1000, -200, -60, 60, 200, 1000])
@pytest.mark.parametrize("of", ["features", "target"])
def test_wide_sparse_tables_have_units_too(of, exponent):
    X = sparse.random(40, 1200, density=0.05, random_state=0, format="csr")
    y = np.random.RandomState(0).standard_normal(40)
    plain = LeastSquaresRegressor(tol=1e-10).fit(X, y)
    expected = plain.predict(X)
    unit = 2.0**exponent
    if of == "features":
        found = plain.fit(X * unit, y).predict(X * unit)
    else:
        found = plain.fit(X, y * unit).predict(X) / unit
    assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("scale", [1e-320, 1e-310])
@pytest.mark.parametrize("kind", MODELS)
def test_coefficients_beyond_all_floats_are_refused(kind, scale):
    X, y = table()
    with pytest.raises(ValueError, match=r"coefficients leave the range of float64.*Scale them"):
        MODELS[kind].fit(X * scale, y)


@pytest.mark.parametrize("value", [0.0, 1e-300, 0.1, -1e300])
@pytest.mark.parametrize("kind", ["plain", "non-negative", "chosen"])
def test_a_constant_target_is_predicted(kind, value):
    X = table()[0]
    model = MODELS[kind].fit(X, np.full(60, value))
    assert_allclose(model.predict(X), value, rtol=1e-14)
