"""Newton steps of wide sparse tables, held against the Hessian and against other ways there."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse

from skdeep import SVMClassifier
from skdeep.linear_model.losses.hinge import WestonWatkins
from skdeep.linear_model.solvers import newton_steps, row_space_steps
from skdeep.linear_model.solvers.objective import LinearObjective
from skdeep.linear_model.solvers.row_space_steps import RowSpaceSteps


def wide(n_samples=40, n_features=120, n_classes=4):
    X = sparse.random(n_samples, n_features, density=0.1, random_state=0, format="csr")
    return X, np.random.RandomState(1).randint(n_classes, size=n_samples)


@pytest.mark.parametrize("fit_intercept", [False, True])
def test_a_step_solves_the_equation_of_newton(fit_intercept):
    X, y = wide()
    weight = np.random.RandomState(2).uniform(0.5, 2, len(y))
    F = LinearObjective(
        X, WestonWatkins(y, 4, weight, 2), np.full(120, 0.5), np.zeros(120), fit_intercept
    )
    assert RowSpaceSteps.suited(F)
    theta = 0.1 * np.random.RandomState(3).standard_normal(F.shape)
    theta -= theta.mean(axis=0)
    point = F.loss.at(F.logits(theta))
    gradient = F.gradient(theta, point)
    step = RowSpaceSteps(F)(point, gradient, 1e-10)
    left = F.hessian(point) @ step.ravel() + gradient.ravel()
    # The intercept has a penalty of next to nothing.
    assert np.abs(left).max() <= (1e-2 if fit_intercept else 1e-4) * np.abs(gradient).max()


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("fit_intercept", [False, True])
def test_the_optimum_is_that_of_the_dense_table(fit_intercept, C, monkeypatch):
    X, y = wide()
    weight = np.random.RandomState(2).randint(0, 3, len(y))
    model = SVMClassifier(C=C, fit_intercept=fit_intercept, tol=1e-7)
    expected = model.fit(X.toarray(), y, sample_weight=weight).coef_
    monkeypatch.setattr(newton_steps, "MAX_HESSIAN_SIZE", 0)
    found = model.fit(X, y, sample_weight=weight).coef_
    assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_other_objectives_go_other_ways():
    X, y = wide()
    weight, zeros, ones = np.ones(40), np.zeros(120), np.ones(120)
    squared = WestonWatkins(y, 4, weight, 2)
    assert not RowSpaceSteps.suited(LinearObjective(X.toarray(), squared, ones, zeros, True))
    assert not RowSpaceSteps.suited(LinearObjective(X, squared, zeros, zeros, True))
    assert not RowSpaceSteps.suited(LinearObjective(X, squared, np.arange(120.0), zeros, True))
    hinge = WestonWatkins(y, 4, weight, 1)
    assert not RowSpaceSteps.suited(LinearObjective(X, hinge, ones, zeros, True))


def test_rows_with_much_in_common_go_by_the_features(monkeypatch):
    X, y = wide()
    expected = SVMClassifier(tol=1e-7).fit(X.toarray(), y).coef_
    monkeypatch.setattr(newton_steps, "MAX_HESSIAN_SIZE", 0)
    monkeypatch.setattr(row_space_steps, "MAX_PRODUCTS", 2)
    found = SVMClassifier(tol=1e-7).fit(X, y).coef_
    assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())
