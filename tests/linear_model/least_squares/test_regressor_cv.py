"""Degrees and penalties chosen by held-out rows: equal to the explicit loops, for less work."""

import numpy as np
import pytest
from numpy.exceptions import RankWarning
from numpy.testing import assert_allclose
from sklearn.datasets import load_diabetes
from sklearn.model_selection import GridSearchCV, KFold, LeaveOneOut, ShuffleSplit

from skdeep import LeastSquaresRegressor, LeastSquaresRegressorCV
from skdeep.linear_model.least_squares.qr.row_factor import RowFactor


def explicit_errors(X, y, weight, degrees, alphas, folds, **params):
    """Fit every candidate on every fold anew."""
    errors = np.zeros((len(degrees), len(alphas)))
    total = 0.0
    for train, test in folds:
        total += weight[test].sum()
        for i, degree in enumerate(degrees):
            for j, alpha in enumerate(alphas):
                model = LeastSquaresRegressor(degree=degree, alpha=alpha, **params)
                model.fit(X[train], y[train], sample_weight=weight[train])
                wrong = (model.predict(X[test]) - y[test]).reshape(len(test), -1)
                errors[i, j] += weight[test] @ (wrong**2).mean(axis=1)
    return errors / total


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("cv", [None, 4, "shuffled"])
@pytest.mark.parametrize("n_targets", [1, 2])
def test_errors_equal_the_explicit_loop(cv, fit_intercept, n_targets):
    random = np.random.RandomState(0)
    X, weight = random.uniform(-2, 3, (30, 2)), random.randint(0, 3, 30).astype(float)
    y = X[:, 0] * X[:, 1] + random.standard_normal(30)
    y = y if n_targets == 1 else np.column_stack((y, X[:, 0] + random.standard_normal(30)))
    degrees, alphas = [3, 1, 2], [0.0, 1.0]
    splitter = ShuffleSplit(3, random_state=0) if cv == "shuffled" else cv
    folds = {None: LeaveOneOut(), 4: KFold(4), "shuffled": splitter}[cv].split(X)
    expected = explicit_errors(X, y, weight, degrees, alphas, folds, fit_intercept=fit_intercept)
    model = LeastSquaresRegressorCV(
        degree=degrees, alpha=alphas, cv=splitter, fit_intercept=fit_intercept
    ).fit(X, y, sample_weight=weight)
    assert_allclose(model.cv_errors_, expected, rtol=1e-7)
    i, j = np.unravel_index(expected.argmin(), expected.shape)
    assert (model.degree_, model.alpha_) == (degrees[i], alphas[j])
    chosen = LeastSquaresRegressor(
        degree=model.degree_, alpha=model.alpha_, fit_intercept=fit_intercept
    ).fit(X, y, sample_weight=weight)
    assert_allclose(model.coef_, chosen.coef_, rtol=1e-9)
    assert_allclose(model.standard_errors_, chosen.standard_errors_, rtol=1e-9)


def test_leave_one_out_over_degrees_takes_each_row_a_few_times(monkeypatch):
    random = np.random.RandomState(0)
    x = random.uniform(-1, 1, (2000, 1))
    y = np.sin(4 * x[:, 0]) + 0.1 * random.standard_normal(2000)
    factored, add = [], RowFactor.add

    def counted(self, block):
        factored.append(block.shape[1])
        return add(self, block)

    monkeypatch.setattr(RowFactor, "add", counted)
    model = LeastSquaresRegressorCV(degree=range(1, 16)).fit(x, y)
    assert 5 <= model.degree_ <= 12
    # Once for all candidates, and once for the one that is chosen; a loop takes 15 * 2000 * 1999.
    assert 2000 <= sum(factored) <= 2 * 2000


def test_a_grid_search_makes_the_same_choice():
    X, y = load_diabetes(return_X_y=True)
    X = X[:, [2, 8]]
    search = GridSearchCV(
        LeastSquaresRegressor(), {"degree": [1, 2, 3]}, cv=5, scoring="neg_mean_squared_error"
    ).fit(X, y)
    model = LeastSquaresRegressorCV(cv=5).fit(X, y)
    assert model.degree_ == search.best_params_["degree"]


def test_candidates_that_the_rows_do_not_determine_are_infinitely_bad():
    x = np.array([[0.0], [1.0], [2.0], [3.0]])
    model = LeastSquaresRegressorCV(degree=range(1, 7)).fit(x, [0.0, 1.0, 4.2, 8.9])
    assert np.isfinite(model.cv_errors_[:2]).all()
    assert np.isinf(model.cv_errors_[2:]).all()
    with pytest.warns(RankWarning, match="No candidate can be judged: 2 samples"):
        LeastSquaresRegressorCV().fit(x[:2], [0.0, 1.0])
    binary = np.array([[0.0], [1.0]] * 5)
    model = LeastSquaresRegressorCV(degree=(1, 2)).fit(binary, np.arange(10.0))
    assert np.isinf(model.cv_errors_[1, 0])


@pytest.mark.parametrize("params", [{"degree": ()}, {"degree": [0, 1]}, {"alpha": [-1.0]}])
def test_bad_candidates_are_refused(params):
    with pytest.raises(ValueError, match=f"'{next(iter(params))}' parameter"):
        LeastSquaresRegressorCV(**params).fit([[1.0], [2.0]], [1.0, 2.0])


@pytest.mark.parametrize("cv", [None, 3])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_more_terms_than_rows_are_judged_as_by_the_loop(cv, fit_intercept):
    random = np.random.RandomState(0)
    X, y = random.standard_normal((9, 11)), random.standard_normal(9)
    alphas, folds = [0.1, 10.0], LeaveOneOut() if cv is None else KFold(cv)
    model = LeastSquaresRegressorCV(
        degree=(1, 2, 3), alpha=alphas, cv=cv, fit_intercept=fit_intercept
    ).fit(X, y)
    loop = explicit_errors(
        X, y, np.ones(9), [1, 2, 3], alphas, folds.split(X), fit_intercept=fit_intercept
    )
    assert_allclose(model.cv_errors_, loop, rtol=1e-8)
