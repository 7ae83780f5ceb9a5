"""Quadratic models with an L1 penalty, held against coordinate descent and the lasso."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import Lasso

from skdeep.linear_model.solvers.l1_steps import step_with_l1
from skdeep.linear_model.solvers.newton_steps import FormedModel


def quadratic(n_outputs, width, n_rows, seed):
    random = np.random.RandomState(seed)
    size = n_outputs * width
    A = random.standard_normal((n_rows, size))
    return A.T @ A / n_rows, random.standard_normal((n_outputs, width))


def coordinate_descent(H, gradient, theta, l1):
    """Minimise the model with the penalty one weight at a time, for ever."""
    shape, l1 = theta.shape, np.broadcast_to(l1, theta.shape).ravel()
    start, point, g = theta.ravel(), theta.ravel().copy(), gradient.ravel()
    for _ in range(3000):
        for j in range(point.size):
            slope = g[j] + H[j] @ (point - start)
            at = point[j] - slope / H[j, j]
            point[j] = np.sign(at) * max(abs(at) - l1[j] / H[j, j], 0.0)
    return point.reshape(shape)


def model_value(H, gradient, theta, l1, target):
    move = (target - theta).ravel()
    return gradient.ravel() @ move + move @ H @ move / 2 + (np.abs(target) * l1).sum()


def converged(H, gradient, theta, l1):
    """Return where steps end that are taken until none of them gains."""
    start = theta
    for _ in range(30):
        move = (theta - start).ravel()
        slope = gradient + (H @ move).reshape(gradient.shape)
        step = step_with_l1(FormedModel(H.copy(), theta.shape, 1), theta, slope, l1, 1e-14)
        if step.gained <= 1e-14:
            break
        theta = step.target
    return theta


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("start", ["zero", "dense"])
@pytest.mark.parametrize("free", [False, True])
def test_steps_end_where_coordinate_descent_does(seed, start, free):
    n_outputs, width = 2, 4
    H, gradient = quadratic(n_outputs, width, 40, seed)
    l1 = np.full(width, 0.4)
    if free:
        l1[-1] = 0.0  # an intercept
    theta = np.zeros((n_outputs, width))
    if start == "dense":
        theta = np.random.RandomState(seed + 100).standard_normal(theta.shape)
    true = coordinate_descent(H, gradient, theta, l1)
    found = converged(H, gradient, theta, l1)
    assert_allclose(found, true, atol=1e-7)
    assert ((found == 0) == (np.abs(true) < 1e-12)).all()


@pytest.mark.parametrize("seed", range(6))
def test_one_step_gains_most_and_says_what_is_left(seed):
    H, gradient = quadratic(2, 4, 40, seed)
    theta, l1 = np.zeros((2, 4)), np.full(4, 0.4)
    best = -model_value(H, gradient, theta, l1, coordinate_descent(H, gradient, theta, l1))
    for min_decrease in (1e-14, best, 100 * best):
        step = step_with_l1(FormedModel(H.copy(), (2, 4), 1), theta, gradient, l1, min_decrease)
        assert step.gained == pytest.approx(-model_value(H, gradient, theta, l1, step.target))
        assert best * (1 + 1e-9) >= step.gained >= best - max(0.1 * best, 0.1 * min_decrease)


@pytest.mark.parametrize("n_rows", [30, 8])
def test_of_more_weights_than_rows_the_model_is_as_low_as_the_lasso(n_rows):
    # |y - A w|^2 / 2 is the model around zero with H = A'A and gradient -A'y.
    random = np.random.RandomState(0)
    A, y = random.standard_normal((n_rows, 20)), random.standard_normal(n_rows)
    H, gradient, l1 = A.T @ A, -(A.T @ y)[None], np.full(20, 2.0)
    theta = np.zeros((1, 20))
    found = converged(H, gradient, theta, l1)
    lasso = Lasso(alpha=2.0 / n_rows, fit_intercept=False, tol=1e-14, max_iter=100_000).fit(A, y)
    best = model_value(H, gradient, theta, l1, lasso.coef_[None])
    assert model_value(H, gradient, theta, l1, found) <= best + 1e-8
    assert (found != 0).sum() <= n_rows


def test_a_penalty_stronger_than_every_slope_leaves_all_at_zero():
    H, gradient = quadratic(2, 3, 20, 0)
    theta = np.zeros((2, 3))
    step = step_with_l1(FormedModel(H, (2, 3), 1), theta, gradient, np.full(3, 1e3), 1e-12)
    assert not step.target.any()
    assert step.gained == step.left == 0.0
