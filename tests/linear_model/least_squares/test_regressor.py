"""Least squares: certified digits, scikit-learn's results, what else a user may ask."""

import json
import tracemalloc
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.exceptions import RankWarning
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.optimize import nnls
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from skdeep import LeastSquaresRegressor
from skdeep.linear_model.least_squares import regressor
from skdeep.linear_model.least_squares.gradient_descent import (
    mean_squared_error,
    mean_squared_gradient,
)

NIST = json.loads((Path(__file__).parent / "nist_strd.json").read_text())
DIGITS = {"Filip": 9, "Wampler1": 9, "Wampler2": 9, "Longley": 12}


def correct_digits(found, certified):
    found, certified = np.asarray(found), np.asarray(certified)
    scale = np.where(certified == 0, 1.0, np.abs(certified))
    return -np.log10(np.maximum(np.abs(found - certified) / scale, 1e-16)).max(initial=0), (
        -np.log10(np.maximum(np.abs(found - certified) / scale, 1e-16))
    ).min()


@pytest.fixture
def nonlinear():
    random = np.random.RandomState(0)
    X = random.uniform(-2, 3, (120, 3))
    y = X[:, 0] ** 2 - X[:, 1] * X[:, 2] + 0.5 * random.standard_normal(120)
    return X, y


def polynomial_pipeline(degree, model=None, **kwargs):
    features = PolynomialFeatures(degree, include_bias=False, **kwargs)
    return make_pipeline(features, model or LinearRegression())


# -- digits


@pytest.mark.parametrize("name", sorted(NIST))
def test_coefficients_have_the_certified_digits(name):
    problem = NIST[name]
    model = LeastSquaresRegressor(degree=problem["degree"]).fit(problem["X"], problem["y"])
    coef = np.r_[model.intercept_, model.coef_]
    assert correct_digits(coef, problem["coef"])[1] >= DIGITS.get(name, 7)


@pytest.mark.parametrize("name", ["Filip", "Wampler3", "Wampler4", "Wampler5", "Longley"])
def test_standard_errors_have_six_certified_digits(name):
    problem = NIST[name]
    model = LeastSquaresRegressor(degree=problem["degree"]).fit(problem["X"], problem["y"])
    errors = np.r_[model.intercept_standard_error_, model.standard_errors_]
    assert correct_digits(errors, problem["standard_errors"])[1] >= 6


def test_scikit_learn_gets_no_digit_of_filip():
    problem = NIST["Filip"]
    model = polynomial_pipeline(10).fit(problem["X"], problem["y"])[-1]
    coef = np.r_[model.intercept_, model.coef_]
    assert correct_digits(coef, problem["coef"])[0] < 1


def test_residual_deviation_and_r2_are_the_certified_ones():
    problem = NIST["Filip"]
    model = LeastSquaresRegressor(degree=10).fit(problem["X"], problem["y"])
    assert_allclose(model.residual_std_, 0.00334801051324544, rtol=1e-11)
    assert_allclose(model.r2_, 0.996727416185620, rtol=1e-12)


@pytest.mark.parametrize("name", sorted(NIST))
def test_rows_in_pieces_lose_no_digits(name):
    problem = NIST[name]
    X, y = np.array(problem["X"]), np.array(problem["y"])
    model = LeastSquaresRegressor(degree=problem["degree"])
    for part in np.array_split(np.arange(len(X)), 4):
        model.partial_fit(X[part], y[part])
    coef = np.r_[model.intercept_, model.coef_]
    assert correct_digits(coef, problem["coef"])[1] >= {"Wampler5": 5}.get(name, 7)


@given(
    st.integers(1, 5),
    st.lists(st.integers(-50, 50), min_size=8, max_size=20, unique=True),
    st.integers(-(10**6), 10**6),
    st.data(),
)
def test_whole_number_problems_are_solved_to_the_last_digits(degree, points, offset, data):
    x = [point + offset for point in points]
    y = data.draw(st.lists(st.integers(-1000, 1000), min_size=len(x), max_size=len(x)), label="y")
    model = LeastSquaresRegressor(degree=degree).fit(np.array(x, float)[:, None], y)
    exact = rational_predictions(x, y, degree)
    size = max(1.0, max(map(abs, y)))
    predicted = model.predict(np.array(x, float)[:, None])
    assert np.abs(predicted - exact).max() <= 1e-12 * size


def rational_predictions(x, y, degree):
    """Fit in rational numbers, in powers of x - x[0], and return the fitted values."""
    A = [[Fraction(point - x[0]) ** k for k in range(degree + 1)] for point in x]
    n = degree + 1
    M = [
        [sum(row[i] * row[j] for row in A) for j in range(n)]
        + [sum(row[i] * value for row, value in zip(A, y, strict=True))]
        for i in range(n)
    ]
    for i in range(n):
        M[i] = [value / M[i][i] for value in M[i]]
        for k in range(n):
            if k != i:
                M[k] = [a - M[k][i] * b for a, b in zip(M[k], M[i], strict=True)]
    return [float(sum(a * M[i][n] for i, a in enumerate(row))) for row in A]


def test_prediction_is_as_exact_as_the_fit_where_monomials_are_not():
    x = np.linspace(2000.0, 2020.0, 41)[:, None]
    y = np.sin(x[:, 0])
    model = LeastSquaresRegressor(degree=8).fit(x, y)
    t = (x[:, 0] - 2010.0) / 10.0
    expected = np.polynomial.Chebyshev.fit(t, y, 8)(t)
    assert_allclose(model.predict(x), expected, atol=1e-12)
    plain = model.intercept_ + PolynomialFeatures(8, include_bias=False).fit_transform(x) @ (
        model.coef_
    )
    assert np.abs(plain - expected).max() > 1.0  # why predict does not use them


def test_large_means_cost_no_digits():
    random = np.random.RandomState(0)
    X, noise = random.standard_normal((300, 4)), random.standard_normal(300)
    near = LeastSquaresRegressor().fit(X, X.sum(axis=1) + noise)
    shifted = X + 2.0**26
    far = LeastSquaresRegressor().fit(shifted, (shifted - 2.0**26).sum(axis=1) + noise + 2.0**26)
    rounded = LeastSquaresRegressor().fit(shifted - 2.0**26, (shifted - 2.0**26).sum(1) + noise)
    assert_allclose(far.coef_, rounded.coef_, rtol=1e-7)
    assert_allclose(far.coef_, near.coef_, rtol=1e-6)


# -- the results of scikit-learn


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("interactions", [True, False])
@pytest.mark.parametrize("degree", [1, 2, 3])
def test_equals_the_pipeline_of_polynomial_features(nonlinear, degree, interactions, fit_intercept):
    X, y = nonlinear
    ours = LeastSquaresRegressor(
        degree=degree, interactions=interactions, fit_intercept=fit_intercept
    ).fit(X, y)
    theirs = polynomial_pipeline(
        degree, LinearRegression(fit_intercept=fit_intercept), interaction_only=interactions
    ).fit(X, y)
    assert_allclose(ours.coef_, theirs[-1].coef_, rtol=1e-8, atol=1e-10)
    assert_allclose(ours.intercept_, theirs[-1].intercept_, rtol=1e-8, atol=1e-10)
    assert_allclose(ours.predict(X + 1), theirs.predict(X + 1), rtol=1e-8, atol=1e-9)
    assert ours.rank_ == theirs[-1].rank_
    assert_array_equal(ours.get_feature_names_out(), theirs[0].get_feature_names_out())


def test_weights_count_as_repetitions_in_every_statistic(nonlinear):
    X, y = nonlinear
    counts = np.random.RandomState(1).randint(0, 4, len(y))
    weighted = LeastSquaresRegressor(degree=2).fit(X, y, sample_weight=counts)
    repeated = LeastSquaresRegressor(degree=2).fit(np.repeat(X, counts, 0), np.repeat(y, counts))
    for name in ("coef_", "intercept_", "standard_errors_", "residual_std_", "r2_"):
        assert_allclose(getattr(weighted, name), getattr(repeated, name), rtol=1e-9)


def test_several_targets_are_fitted_as_one_by_one(nonlinear):
    X, y = nonlinear
    Y = np.column_stack([y, X[:, 2], y**2])
    together = LeastSquaresRegressor(degree=2).fit(X, Y)
    for j, target in enumerate(Y.T):
        alone = LeastSquaresRegressor(degree=2).fit(X, target)
        assert_allclose(together.coef_[j], alone.coef_, atol=1e-10)
        assert_allclose(together.standard_errors_[j], alone.standard_errors_, atol=1e-10)
        assert_allclose(
            together.intercept_standard_error_[j], alone.intercept_standard_error_, atol=1e-10
        )
        assert_allclose(together.predict(X)[:, j], alone.predict(X), atol=1e-9)
    assert together.summary().count("R squared") == 3


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("degree", [1, 3])
@pytest.mark.parametrize("alpha", [1e-3, 1.0, 1e4])
def test_the_penalty_is_that_of_ridge_on_the_coefficients_the_user_sees(
    nonlinear, alpha, degree, fit_intercept
):
    X, y = nonlinear
    X = X * [1.0, 100.0, 0.01]
    ours = LeastSquaresRegressor(degree=degree, alpha=alpha, fit_intercept=fit_intercept).fit(X, y)
    ridge = Ridge(alpha, solver="svd", fit_intercept=fit_intercept)
    theirs = polynomial_pipeline(degree, ridge).fit(X, y)
    assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-7 * np.abs(y).max())
    if degree == 1:
        assert_allclose(ours.coef_, theirs[-1].coef_, rtol=1e-9)


def test_ridge_spends_fewer_degrees_of_freedom(nonlinear):
    X, y = nonlinear
    X = X - X.mean(axis=0)
    model = LeastSquaresRegressor(alpha=30.0).fit(X, y)
    hat = X @ np.linalg.solve(X.T @ X + 30.0 * np.eye(3), X.T)
    residual = y - model.predict(X)
    freedom = len(y) - 1 - np.trace(hat)
    assert_allclose(model.residual_std_, np.sqrt(residual @ residual / freedom), rtol=1e-10)
    operator = np.linalg.solve(X.T @ X + 30.0 * np.eye(3), X.T)
    assert_allclose(
        model.standard_errors_,
        model.residual_std_ * np.sqrt((operator**2).sum(axis=1)),
        rtol=1e-9,
    )


@pytest.mark.parametrize("degree", [1, 2])
def test_positive_coefficients_solve_the_non_negative_problem(nonlinear, degree):
    X, y = nonlinear
    model = LeastSquaresRegressor(degree=degree, positive=True).fit(X, y)
    Z = PolynomialFeatures(degree, include_bias=False).fit_transform(X)
    expected = nnls(Z - Z.mean(axis=0), y - y.mean())[0]
    assert_allclose(model.coef_, expected, atol=1e-9)
    assert (model.coef_ >= 0).all()
    assert not hasattr(model, "standard_errors_")


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("alpha", [0.0, 2.0])
@pytest.mark.parametrize("iterative", [False, True])
def test_sparse_data_gives_the_dense_result(iterative, alpha, fit_intercept, monkeypatch):
    if iterative:
        monkeypatch.setattr(regressor, "MAX_FACTORED_SPARSE_COLUMNS", 0)
    random = np.random.RandomState(0)
    X = sparse.random(200, 30, density=0.05, format="csr", random_state=0)
    y, weight = random.standard_normal((200, 2)), random.uniform(0.5, 2, 200)
    model = LeastSquaresRegressor(alpha=alpha, fit_intercept=fit_intercept, tol=1e-13)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RankWarning)
        of_sparse = clone(model).fit(X, y, sample_weight=weight)
        of_dense = clone(model).fit(X.toarray(), y, sample_weight=weight)
    assert_allclose(of_sparse.coef_, of_dense.coef_, atol=1e-7)
    assert_allclose(of_sparse.predict(X), of_dense.predict(X.toarray()), atol=1e-7)


# -- rank


@pytest.mark.parametrize("form", [sparse.csr_array, sparse.csc_array, sparse.coo_array])
def test_one_sparse_row_gives_an_array_of_one_prediction(form):
    model = LeastSquaresRegressor().fit(np.arange(3.0)[:, None], np.arange(3.0))
    prediction = model.predict(form(np.array([[5.0]])))
    assert prediction.shape == (1,)
    assert_allclose(prediction, 5.0)


def test_without_an_intercept_it_is_zero_for_several_targets_too():
    X, y = np.random.RandomState(0).standard_normal((2, 20, 2))
    models = (
        kind(fit_intercept=False).fit(X, y) for kind in (LeastSquaresRegressor, LinearRegression)
    )
    ours, theirs = (model.intercept_ for model in models)
    assert ours == theirs == 0.0
    assert np.shape(ours) == np.shape(theirs)


def test_too_few_rows_give_the_minimum_norm_solution_and_a_warning():
    random = np.random.RandomState(0)
    X, y = random.standard_normal((2, 10)), np.array([1.0, 3.0])
    with pytest.warns(RankWarning, match="10 columns have rank 1: 'x1', .* depend linearly"):
        model = LeastSquaresRegressor().fit(X, y)
    centred = X - X.mean(axis=0)
    assert_allclose(model.coef_, np.linalg.pinv(centred) @ (y - y.mean()), rtol=1e-10)
    assert_allclose(model.predict(X), y, rtol=1e-12)
    assert model.rank_ == 1
    assert np.isnan(model.residual_std_)
    assert np.isinf(model.condition_number_)


@pytest.mark.parametrize("interactions", [False, True])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("alpha", [0.0, 0.5])
def test_more_terms_than_rows_cost_by_the_rows(alpha, fit_intercept, interactions):
    random = np.random.RandomState(0)
    X, y = random.standard_normal((30, 25)) + 2, random.standard_normal((30, 2))
    X[7] = X[3]  # these two rows are fitted by their mean
    model = LeastSquaresRegressor(
        degree=3, alpha=alpha, fit_intercept=fit_intercept, interactions=interactions
    )
    tracemalloc.start()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RankWarning)
        model.fit(X, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    n_terms = model.coef_.shape[1]
    assert peak < 8 * 30 * n_terms * 20 + 1500 * n_terms  # the square would be 84 MB
    expansion = PolynomialFeatures(3, include_bias=False, interaction_only=interactions)
    M = expansion.fit_transform(X)
    if alpha:
        ridge = Ridge(alpha=alpha, fit_intercept=fit_intercept, solver="svd").fit(M, y)
        coef = ridge.coef_
    else:
        center, level = M.mean(axis=0) * fit_intercept, y.mean(axis=0) * fit_intercept
        coef = np.linalg.lstsq(M - center, y - level, rcond=1e-13)[0].T
        assert model.rank_ == 28 + (not fit_intercept)
    assert_allclose(model.coef_, coef, atol=1e-8 * np.abs(coef).max())
    assert_allclose(model.predict(X), M @ coef.T + model.intercept_, atol=1e-8)


def test_a_hopeless_number_of_terms_is_refused_by_every_way_to_fit():
    X, y = np.zeros((5, 300)), np.zeros(5)
    for solver in ("qr", "gd", "sgd"):
        with pytest.raises(ValueError, match="348,881,875 terms"):
            LeastSquaresRegressor(degree=4, solver=solver).fit(X, y)
    with pytest.raises(ValueError, match="348,881,875 terms"):
        LeastSquaresRegressor(degree=4).partial_fit(X, y)


def test_the_dependent_columns_are_named_and_the_solution_is_the_shortest():
    random = np.random.RandomState(0)
    frame = pd.DataFrame(random.standard_normal((50, 3)), columns=["height", "weight", "age"])
    frame["both"] = frame["height"] + 1e6 * frame["weight"]
    frame["same"] = 7.0
    y = random.standard_normal(50)
    with pytest.warns(RankWarning, match="5 columns have rank 3: 'both', 'same' depend linearly"):
        model = LeastSquaresRegressor().fit(frame, y)
    expected = LinearRegression(tol=1e-14).fit(frame, y)
    assert_allclose(model.coef_, expected.coef_, rtol=1e-7, atol=1e-9)


@pytest.mark.filterwarnings("ignore::numpy.exceptions.RankWarning")
def test_powers_that_only_rounding_tells_apart_do_not_spoil_the_fit():
    # The shortest coefficients were sought so far away that errors of training rose to thousands.
    rng = np.random.default_rng(1)
    X, noise = rng.normal(size=(60, 1)), rng.normal(size=60)
    y = 1 + 2 * X[:, 0] + noise
    models = (LeastSquaresRegressor(degree=degree).fit(X, y) for degree in (10, 58))
    ten, most = (np.mean((model.predict(X) - y) ** 2) for model in models)
    assert most < ten


def test_the_summary_of_dependent_columns_says_what_their_errors_mean(nonlinear):
    X, y = nonlinear
    with pytest.warns(RankWarning):
        model = LeastSquaresRegressor().fit(np.column_stack([X, X.sum(axis=1)]), y)
    assert "Columns depend on each other" in model.summary()


def test_powers_of_a_binary_feature_are_named():
    random = np.random.RandomState(0)
    X = np.column_stack([random.standard_normal(60), random.randint(0, 2, 60)])
    with pytest.warns(RankWarning, match=r"5 columns have rank 4: 'x1\^2' depends linearly"):
        model = LeastSquaresRegressor(degree=2).fit(X, X[:, 0] * X[:, 1] + 4 * X[:, 1])
    assert_allclose(model.coef_, [0, 2, 0, 1, 2], atol=1e-10)


def test_the_warning_points_at_the_line_of_the_user():
    with pytest.warns(RankWarning) as caught:
        LeastSquaresRegressor().fit(np.ones((5, 1)), np.arange(5.0))
    assert caught[0].filename == __file__


def test_scales_of_1e8_and_1e_minus_8_in_one_table_are_no_rank_problem():
    random = np.random.RandomState(0)
    scales = np.array([1e8, 1e-8, 1.0])
    X, coef = random.standard_normal((80, 3)), np.array([1.0, 2.0, -3.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = LeastSquaresRegressor(degree=2).fit(X * scales, X @ coef + 5)
    assert_allclose(model.coef_[:3] * scales, coef, rtol=1e-11)
    assert_allclose(model.intercept_, 5)


# -- statistics, names, summary


def test_statistics_are_those_of_the_textbook():
    X, y = load_diabetes(return_X_y=True)
    model = LeastSquaresRegressor().fit(X, y)
    A = np.column_stack([np.ones(len(X)), X])
    inverse = np.linalg.inv(A.T @ A)
    residual = y - A @ inverse @ A.T @ y
    std = np.sqrt(residual @ residual / (len(y) - 11))
    errors = std * np.sqrt(np.diag(inverse))
    assert_allclose(model.residual_std_, std, rtol=1e-10)
    assert_allclose(np.r_[model.intercept_standard_error_, model.standard_errors_], errors)
    assert_allclose(model.r2_, model.score(X, y), rtol=1e-12)
    assert_allclose(model.condition_number_, np.linalg.cond(A / np.linalg.norm(A, axis=0)))
    assert_allclose(model.singular_, np.linalg.svd(X - X.mean(axis=0))[1])


def test_the_summary_shows_what_statisticians_expect():
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    text = LeastSquaresRegressor().fit(X, y).summary()
    assert "depend on each other" not in text
    lines = text.splitlines()
    assert "residual degrees of freedom 431" in text
    assert "R squared 0.517748" in text
    bmi = next(line.split() for line in lines if line.startswith("bmi"))
    # Coefficient, standard error, t, p and the 95% interval, as R's lm gives them.
    assert bmi[1:5] == ["519.846", "66.53", "7.813", "0.000"]
    assert_allclose([float(bmi[5]), float(bmi[6])], [389.07, 650.62], atol=0.02)


def test_a_column_of_zeros_has_its_place_in_the_summary_of_ridge():
    X = np.c_[np.zeros(20), np.random.RandomState(0).standard_normal(20)]
    model = LeastSquaresRegressor(alpha=0.5).fit(X, X[:, 1] + 1)
    assert model.condition_number_ == np.inf
    assert model.coef_[0] == 0.0
    assert "condition number inf" in model.summary()


def test_feature_names_come_from_the_frame_or_from_the_caller(nonlinear):
    X, y = nonlinear
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    model = LeastSquaresRegressor(degree=2).fit(frame, y)
    names = ["a", "b", "c", "a^2", "a b", "a c", "b^2", "b c", "c^2"]
    assert list(model.get_feature_names_out()) == names
    assert list(model.get_feature_names_out(["u", "v", "w"]))[:4] == ["u", "v", "w", "u^2"]
    with pytest.raises(ValueError, match="should have 3 names, one for each feature; got 2"):
        model.get_feature_names_out(["u", "v"])


# -- pieces, memory, search


def test_pieces_of_any_size_give_the_fit_of_the_whole():
    random = np.random.RandomState(0)
    X = random.standard_normal((20000, 3)) + 1000.0
    y = X[:, 0] * X[:, 1] + random.standard_normal(20000)
    weight = random.uniform(0.0, 2.0, 20000)
    whole = LeastSquaresRegressor(degree=2).fit(X, y, sample_weight=weight)
    pieces = LeastSquaresRegressor(degree=2)
    for start, stop in [(0, 1), (1, 50), (50, 5000), (5000, 20000)]:
        piece = X[start:stop].copy(), y[start:stop].copy(), weight[start:stop].copy()
        pieces.partial_fit(*piece[:2], sample_weight=piece[2])
        for array in piece:
            array[:] = 1.0  # the caller's, who reads the next piece into them
    assert_allclose(pieces.predict(X), whole.predict(X), rtol=1e-12)
    assert_allclose(pieces.coef_, whole.coef_, rtol=1e-7)
    assert_allclose(pieces.standard_errors_, whole.standard_errors_, rtol=1e-9)


def test_more_rows_continue_a_fit():
    random = np.random.RandomState(0)
    X = random.standard_normal((200, 4))
    y = X.sum(axis=1) + random.standard_normal(200)
    model = LeastSquaresRegressor().fit(X[:150], y[:150]).partial_fit(X[150:], y[150:])
    assert_allclose(model.coef_, LeastSquaresRegressor().fit(X, y).coef_, rtol=1e-12)


@pytest.mark.parametrize(
    "change", [{"degree": 2}, {"interactions": True}, {"fit_intercept": False}]
)
def test_pieces_of_another_model_are_refused(change):
    X, y = np.random.RandomState(0).standard_normal((2, 20, 2))
    model = LeastSquaresRegressor(degree=3).partial_fit(X, y)
    message = f"goes on with degree=3.*got .*{next(iter(change))}={next(iter(change.values()))}"
    with pytest.raises(ValueError, match=message):
        model.set_params(**change).partial_fit(X, y)


def test_pieces_that_do_not_fit_are_refused():
    X, y = np.eye(3), np.arange(3.0)
    model = LeastSquaresRegressor().partial_fit(X, y)
    with pytest.raises(ValueError, match=r"y has shape \(3, 2\), but the rows before had 1"):
        model.partial_fit(X, np.ones((3, 2)))
    with pytest.raises(ValueError, match="needs solver='qr'; got solver='sgd'"):
        LeastSquaresRegressor(solver="sgd").partial_fit(X, y)


def test_memory_does_not_hold_the_design():
    X = np.random.RandomState(0).standard_normal((60000, 6))
    tracemalloc.start()
    LeastSquaresRegressor(degree=3).fit(X, X[:, 0])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 25e6  # the design has 83 columns: 40 MB


def test_the_degree_is_searched_without_a_pipeline():
    x = np.linspace(-1, 1, 60)[:, None]
    y = x[:, 0] ** 3 - x[:, 0] + 0.05 * np.random.RandomState(0).standard_normal(60)
    order = np.random.RandomState(1).permutation(60)
    search = GridSearchCV(LeastSquaresRegressor(), {"degree": range(1, 16)}, cv=5)
    search.fit(x[order], y[order])
    assert search.best_params_["degree"] == 3


# -- gradient descent


def test_the_gradient_equals_central_differences():
    random = np.random.RandomState(0)
    design, targets = random.standard_normal((4, 9)), random.standard_normal((9, 2))
    weight, root = random.uniform(0, 2, 9), random.standard_normal((4, 4))
    table = design, targets, weight, root @ root.T
    coef = random.standard_normal((4, 2))
    numeric = np.zeros_like(coef)
    for place in np.ndindex(coef.shape):
        step = np.zeros_like(coef)
        step[place] = 1e-6
        up, down = (mean_squared_error(coef + s, *table) for s in (step, -step))
        numeric[place] = (up - down) / 2e-6
    assert_allclose(mean_squared_gradient(coef, *table), numeric, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("alpha", [0.0, 5.0])
def test_gradient_descent_reaches_the_factorised_solution(nonlinear, alpha):
    X, y = nonlinear
    exact = LeastSquaresRegressor(degree=2, alpha=alpha).fit(X, y)
    model = LeastSquaresRegressor(degree=2, alpha=alpha, solver="gd", tol=0.0, max_iter=3000)
    assert_allclose(model.fit(X, y).predict(X), exact.predict(X), atol=1e-5)
    losses = np.array(model.loss_curve_)
    assert (np.diff(losses) <= 1e-12).all()
    assert len(losses) == model.n_iter_
    with pytest.warns(ConvergenceWarning, match="max_iter=3 epochs"):
        model.set_params(max_iter=3).fit(X, y)


def test_mini_batches_come_near_and_stop_by_themselves(nonlinear):
    X, y = nonlinear
    exact = LeastSquaresRegressor(degree=2).fit(X, y)
    model = LeastSquaresRegressor(degree=2, solver="sgd", random_state=0).fit(X, y)
    assert model.n_iter_ < 1000
    assert model.score(X, y) > exact.score(X, y) - 0.02
    excess = np.mean((y - model.predict(X)) ** 2) / np.mean((y - exact.predict(X)) ** 2) - 1
    assert 0 < excess < 1e-4  # a constant step: 0.1
    again = LeastSquaresRegressor(degree=2, solver="sgd", random_state=0).fit(X, y)
    assert_array_equal(model.coef_, again.coef_)


@pytest.mark.parametrize("batch_size", [1, 7, 64])
def test_weights_count_in_mini_batches_of_any_size(batch_size):
    random = np.random.RandomState(0)
    X, heavy = random.standard_normal((400, 1)), random.rand(400) < 0.5
    y, weight = np.where(heavy, X[:, 0] + 3, -X[:, 0]), np.where(heavy, 10.0, 0.5)
    model = LeastSquaresRegressor(solver="sgd", batch_size=batch_size, random_state=0)
    model.set_params(learning_rate_init=0.001 * batch_size, tol=1e-4)
    model.fit(X, y, sample_weight=weight)
    exact = LeastSquaresRegressor().fit(X, y, sample_weight=weight)
    assert_allclose(model.predict(X), exact.predict(X), atol=0.2)


def test_a_learning_rate_too_large_is_an_error_that_says_what_to_lower(nonlinear):
    X, y = nonlinear
    model = LeastSquaresRegressor(degree=2).fit(X, y)
    before = dict(vars(model))
    model.set_params(solver="gd", learning_rate_init=10.0)
    with pytest.raises(ValueError, match=r"diverged at epoch .* lower learning_rate_init"):
        model.fit(X, y)
    assert model.coef_ is before["coef_"]


@pytest.mark.parametrize("solver", ["gd", "sgd"])
def test_a_loss_of_rounding_alone_has_converged(solver):
    X = np.random.RandomState(0).normal(size=(100, 1))
    model = LeastSquaresRegressor(solver=solver, random_state=0).fit(X, X[:, 0] + 100)
    assert model.n_iter_ < 100
    assert_allclose(model.coef_, 1)


def test_a_loss_that_slowly_rises_is_not_taken_for_settled(nonlinear):
    X, y = nonlinear
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    steepest = np.linalg.eigvalsh(Z.T @ Z / len(Z))[-1]
    model = LeastSquaresRegressor(solver="gd", learning_rate_init=2.01 / steepest, max_iter=200)
    with pytest.warns(ConvergenceWarning):
        model.fit(X, y)
    assert model.loss_curve_[-1] > model.loss_curve_[50]


def test_descent_has_no_standard_errors_and_says_so(nonlinear):
    model = LeastSquaresRegressor(degree=2).fit(*nonlinear)
    model.set_params(solver="gd").fit(*nonlinear)
    assert not hasattr(model, "standard_errors_")
    assert not hasattr(model, "r2_")
    with pytest.raises(ValueError, match="need solver='qr'"):
        model.summary()


def test_callbacks_see_every_epoch_and_may_stop(nonlinear):
    X, y = nonlinear

    class StopAtThird:
        seen = 0

        def setup(self, estimator, context):
            pass

        def on_fit_task_begin(self, estimator, context):
            pass

        def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
            if context.task_name == "epoch":
                self.seen += 1
                assert np.isfinite(fitted_estimator.score(X, y))
            return self.seen == 3

        def teardown(self, estimator, context):
            pass

    stop = StopAtThird()
    model = LeastSquaresRegressor(solver="gd").set_callbacks(stop).fit(X, y)
    assert stop.seen == model.n_iter_ == 3


# -- refusals


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"degree": 0}, "'degree' parameter .* must be an integer in"),
        ({"alpha": -1.0}, "'alpha' parameter"),
        ({"solver": "svd"}, "'solver' parameter .* 'qr', 'gd', 'sgd'"),
        ({"positive": True, "solver": "gd"}, "positive=True needs solver='qr'"),
    ],
)
def test_bad_parameters_name_themselves(params, message):
    with pytest.raises(ValueError, match=message):
        LeastSquaresRegressor(**params).fit([[1.0], [2.0]], [1.0, 2.0])


def test_sparse_data_of_higher_degree_is_refused():
    with pytest.raises(TypeError, match="Sparse data was passed"):
        LeastSquaresRegressor(degree=2).fit(sparse.eye(5, format="csr"), np.arange(5.0))


def test_a_failed_fit_leaves_the_old_one():
    model = LeastSquaresRegressor().fit(np.arange(6.0)[:, None], np.arange(6.0))
    with pytest.raises(ValueError, match="negative"):
        model.fit(np.eye(3), np.arange(3.0), sample_weight=[-1, 1, 1])
    assert model.n_features_in_ == 1
    assert_allclose(model.predict([[10.0]]), [10.0])


def test_float32_gives_float32():
    X, y = load_diabetes(return_X_y=True)
    model = LeastSquaresRegressor().fit(X.astype(np.float32), y)
    assert model.coef_.dtype == model.predict(X.astype(np.float32)).dtype == np.float32
