"""Cross entropies: the derivatives that they claim, and digits where one class takes all."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdeep.linear_model.losses.cross_entropy import LogisticLoss, SoftmaxLoss
from tests.linear_model.differences import check_derivatives


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("n_outputs", [1, 3, 6])
def test_derivatives_equal_central_differences(n_outputs, smoothing):
    random = np.random.RandomState(0)
    weight, logits = random.uniform(0, 2, 7), 3 * random.standard_normal((7, n_outputs))
    y = random.randint(0, max(n_outputs, 2), 7)
    if n_outputs == 1:
        loss = LogisticLoss(y, weight, smoothing)
    else:
        loss = SoftmaxLoss(y, n_outputs, weight, smoothing)
    check_derivatives(loss, logits)


@pytest.mark.parametrize("gap", [1.0, 30.0, 200.0])
def test_a_loss_of_next_to_nothing_has_its_digits(gap):
    # log(1 + e^-gap) is e^-gap - e^-2gap / 2 + ..., whatever both logits have in common.
    small = np.exp(np.longdouble(-gap))
    true = float(np.log1p(small))
    y, weight = np.array([1]), np.ones(1)
    logits = np.array([[100.0 - gap, 100.0]])
    softmax = SoftmaxLoss(y, 2, weight)
    assert_allclose(softmax.value(logits), true, rtol=1e-14)
    assert_allclose(LogisticLoss(y, weight).value(np.array([[gap]])), true, rtol=1e-14)
    slope = float(small / (1 + small))
    assert_allclose(softmax.at(logits).gradient, [[slope, -slope]], rtol=1e-13)
    assert_allclose(LogisticLoss(y, weight).at(np.array([[gap]])).gradient, -slope, rtol=1e-13)


def test_smoothed_targets_are_those_of_the_docstring():
    y, weight, third = np.array([0]), np.ones(1), Fraction(1, 3)
    gradient = SoftmaxLoss(y, 3, weight, smoothing=0.3).at(np.zeros((1, 3))).gradient
    target = [1 - Fraction(3, 10) * 2 * third, Fraction(1, 10), Fraction(1, 10)]
    assert_allclose(gradient[0], [float(third - t) for t in target], rtol=1e-14)
