"""Newton steps by conjugate gradients, held against the factorised Hessian."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdeep.linear_model.solvers.conjugate_gradients import ConjugateGradientSteps
from tests.linear_model.solvers.problems import objective


def at_a_point(F, seed=1):
    theta = np.random.RandomState(seed).standard_normal(F.shape)
    point = F.loss.at(F.logits(theta))
    gradient = F.gradient(theta, point)
    H = F.hessian(point) + 1e-9 * np.eye(theta.size)  # equal shifts of all intercepts
    return point, gradient, H


def decrease_of(H, gradient, step):
    """Return how much lower the quadratic model is after a step, and how much it can be."""
    gradient, step = gradient.ravel(), step.ravel()
    best = 0.5 * gradient @ np.linalg.solve(H, gradient)
    return -gradient @ step - 0.5 * step @ H @ step, best


@pytest.mark.parametrize("as_sparse", [False, True])
@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("closeness", [1.0, 100.0])
def test_close_to_the_optimum_they_solve_the_equation_of_newton(
    closeness, seed, n_classes, as_sparse
):
    F = objective(n_classes=n_classes, as_sparse=as_sparse, seed=seed)
    point, gradient, H = at_a_point(F, seed)
    steps = ConjugateGradientSteps(F)
    best = decrease_of(H, gradient, gradient)[1]
    step = steps(point, gradient, best / closeness)
    found, best = decrease_of(H, gradient, step)
    assert best - found <= 0.2 * best / closeness


@pytest.mark.parametrize("as_sparse", [False, True])
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("closeness", [1e8, 1e12])
def test_far_from_it_they_go_most_of_the_way(closeness, seed, as_sparse):
    F = objective(n_classes=4, as_sparse=as_sparse, seed=seed)
    point, gradient, H = at_a_point(F, seed)
    best = decrease_of(H, gradient, gradient)[1]
    step = ConjugateGradientSteps(F)(point, gradient, best / closeness)
    found, best = decrease_of(H, gradient, step)
    assert 0.5 * best <= found <= best * (1 + 1e-9)
    assert -np.vdot(gradient, step) == pytest.approx(2 * found, rel=1e-6)


def test_blocks_of_one_output_are_its_hessian_and_the_simplified_step_that_of_newton():
    F = objective(n_classes=2)
    point, gradient, H = at_a_point(F)
    steps = ConjugateGradientSteps(F)
    assert steps.simplified_step(gradient) is None
    steps(point, gradient, 1e-12)
    other = np.random.RandomState(3).standard_normal(F.shape)
    assert_allclose(steps.simplified_step(other).ravel(), -np.linalg.solve(H, other.ravel()))


def test_a_held_weight_does_not_move_and_the_others_solve_their_equations():
    F = objective(n_classes=3)
    point, gradient, H = at_a_point(F)
    free = np.random.RandomState(2).uniform(size=F.shape) < 0.6
    model = ConjugateGradientSteps(F).model(point)
    slope = np.where(free, gradient, 0.0)
    step, damped = model.solve(slope, free, np.zeros(F.shape), 1.0)
    assert damped is None
    assert not step[~free].any()
    found, best = decrease_of(H[np.ix_(free.ravel(), free.ravel())], slope[free], step[free])
    assert best - found <= 1e-3 * best
