"""The objective of linear classifiers: value, gradient, and every form of its Hessian."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from scipy.optimize import approx_fprime

from skdeep.linear_model.losses.cross_entropy import SoftmaxLoss
from skdeep.linear_model.solvers.objective import LinearObjective
from tests.linear_model.differences import central


@pytest.mark.parametrize("as_sparse", [False, True])
@pytest.mark.parametrize("fit_intercept", [False, True])
def test_objective_gradient_and_hessian_equal_differences(fit_intercept, as_sparse):
    random = np.random.RandomState(0)
    X = random.standard_normal((9, 4))
    y, weight = random.randint(0, 3, 9), random.uniform(0.5, 2, 9)
    rows = sparse.csr_matrix(X) if as_sparse else X
    l2 = random.uniform(0.1, 1, 4)
    F = LinearObjective(rows, SoftmaxLoss(y, 3, weight), l2, np.zeros(4), fit_intercept)
    theta = random.standard_normal(F.shape)

    def value(flat):
        t = flat.reshape(F.shape)
        return F.loss.value(F.logits(t)) + F.penalty(t)

    def gradient(t):
        return F.gradient(t, F.loss.at(F.logits(t)))

    numeric = central(lambda t: value(t.ravel()), theta)
    assert_allclose(gradient(theta), numeric, rtol=1e-6, atol=1e-7)
    assert_allclose(gradient(theta).ravel(), approx_fprime(theta.ravel(), value), rtol=1e-4)
    point = F.loss.at(F.logits(theta))
    H = F.hessian(point)
    for column in range(H.shape[1]):
        step = np.zeros(F.shape)
        step.ravel()[column] = 1e-6
        change = (gradient(theta + step) - gradient(theta - step)) / 2e-6
        assert_allclose(H[:, column], change.ravel(), rtol=1e-5, atol=1e-6)
        unit = np.eye(H.shape[0])[column].reshape(F.shape)
        assert_allclose(F.hessian_product(point, unit).ravel(), H[:, column], atol=1e-12)
    assert_allclose(F.hessian_diagonal(point).ravel(), np.diagonal(H), atol=1e-12)
    if not as_sparse:
        blocks = H.reshape(3, F.shape[1], 3, F.shape[1])
        assert_allclose(F.block(point.curvature_of(1, 1)), blocks[1, :, 1], atol=1e-12)
