"""Hinge losses: their values by formula, and what a margin of one is worth."""

import numpy as np
import pytest
from sklearn.metrics import hinge_loss

from skdeep.nn import Hinge, MulticlassHinge
from tests.data import normal


def settled(loss):
    loss.settle(np, np.float64)
    return loss


def test_the_hinge_of_two_classes_is_scikit_learns():
    z, yes = normal((20, 1)) * 2, np.arange(20) % 2
    value = settled(Hinge()).value(z.copy(), yes[:, None].astype(float))
    assert value == pytest.approx(hinge_loss(yes, z[:, 0]))


@pytest.mark.parametrize("power", [1, 2])
def test_the_hinge_of_several_classes_is_that_of_weston_and_watkins(power):
    z, y = normal((9, 4)) * 2, np.arange(9) % 4
    expected = [
        sum(max(0.0, 1 + z[i, k] - z[i, y[i]]) ** power for k in range(4) if k != y[i])
        for i in range(9)
    ]
    assert settled(MulticlassHinge(power)).value(z.copy(), y) == pytest.approx(np.mean(expected))


@pytest.mark.parametrize("power", [1, 2])
def test_a_margin_of_one_costs_nothing_and_pulls_nowhere(power):
    z = np.array([[3.0, 1.5, -1.0], [0.5, 2.0, 1.0]])
    value, gradient = settled(MulticlassHinge(power)).value_and_gradient(z, np.array([0, 1]))
    assert value == 0
    np.testing.assert_array_equal(gradient, 0)
    z, y = np.array([[1.5, -1.0]]), np.array([[1.0, 0.0]])
    value, gradient = settled(Hinge(power)).value_and_gradient(z, y)
    assert value == 0
    np.testing.assert_array_equal(gradient, 0)


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
def test_a_mixed_target_costs_the_mean_of_its_classes(power, weighted):
    z = normal((6, 3))
    share = np.random.RandomState(0).dirichlet(np.ones(3), size=6)
    weight = np.arange(1, 7) / 21.0 if weighted else np.full(6, 1 / 6)
    loss = settled(MulticlassHinge(power))
    value, gradient = loss.value_and_gradient(z.copy(), share, weight if weighted else None)
    assert weight @ loss.per_row == pytest.approx(value)
    gradient, expected, slope = gradient.copy(), 0.0, 0.0
    for k in range(3):
        of_class = loss.value_and_gradient(z.copy(), np.full(6, k), weight * share[:, k])
        expected, slope = expected + of_class[0], slope + of_class[1]
    assert value == pytest.approx(expected)
    np.testing.assert_allclose(gradient, slope, atol=1e-15)


@pytest.mark.parametrize("kind", [Hinge, MulticlassHinge])
@pytest.mark.parametrize("power", [0, 3, 1.5])
def test_a_hinge_is_linear_or_square(kind, power):
    with pytest.raises(ValueError, match=f"{kind.__name__} takes as power 1 or 2, got {power}"):
        kind(power)
