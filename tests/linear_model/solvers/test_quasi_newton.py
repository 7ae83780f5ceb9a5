"""L-BFGS to the neighbourhood of the optimum that SciPy finds."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdeep.linear_model.losses.hinge import WestonWatkins
from skdeep.linear_model.solvers.quasi_newton import lbfgs
from tests.linear_model.solvers.problems import minimum_by_scipy, objective, value


def squared_hinge(y, n_classes, weight):
    return WestonWatkins(y, n_classes, weight, 2)


@pytest.mark.parametrize(("n_classes", "loss"), [(2, None), (4, None), (4, squared_hinge)])
def test_it_comes_within_a_percent_of_the_optimum_by_falling_values(n_classes, loss):
    F = objective(n_classes=n_classes, loss=loss)
    values = []
    found = lbfgs(F, np.zeros(F.shape), 200, lambda theta, value: values.append(value))
    assert_allclose(found.value, value(F, found.theta), rtol=1e-10)
    assert found.n_iter == len(values)
    assert (np.diff(values) <= 0).all()
    best = minimum_by_scipy(F)
    assert best * (1 - 1e-9) <= found.value <= 1.01 * best


def test_it_stops_when_asked_to_and_after_the_given_number_of_steps():
    F = objective()
    asked = lbfgs(F, np.zeros(F.shape), 200, lambda theta, value: True)
    assert asked.stopped
    assert asked.n_iter == 1
    short = lbfgs(F, np.zeros(F.shape), 3, lambda theta, value: False)
    assert not short.stopped
    assert short.n_iter == 3


def test_from_the_optimum_it_goes_nowhere():
    F = objective()
    theta = np.zeros(F.shape)
    for _ in range(20):
        theta = lbfgs(F, theta, 100, lambda theta, value: False).theta
    there = value(F, theta)
    again = lbfgs(F, theta, 100, lambda theta, value: False)
    assert again.value <= there * (1 + 1e-12)
