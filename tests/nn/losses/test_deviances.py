"""Deviances of a logarithmic mean: scikit-learn's, for every power."""

import numpy as np
import pytest
from sklearn.metrics import mean_gamma_deviance, mean_tweedie_deviance

from skdeep.nn import Gamma, Poisson, Tweedie
from tests.data import normal

POWERS = [-0.5, 0, 1, 1.2, 1.5, 1.9, 2, 2.5, 3]


def settled(loss):
    loss.settle(np, np.float64)
    return loss


def targets(power, n=20):
    rng = np.random.RandomState(0)
    if power >= 2:
        return rng.gamma(2.0, size=(n, 1))
    return rng.poisson(1.0, size=(n, 1)).astype(float) if power >= 1 else rng.normal(size=(n, 1))


@pytest.mark.parametrize("power", POWERS)
@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
def test_the_loss_is_half_the_deviance(power, weighted):
    z, y = normal((20, 1)), targets(power)
    assert (y == 0).any() == (1 <= power < 2)
    weight = np.random.RandomState(1).uniform(size=20) if weighted else None
    deviance = mean_tweedie_deviance(y[:, 0], np.exp(z[:, 0]), sample_weight=weight, power=power)
    share = weight / weight.sum() if weighted else None
    assert settled(Tweedie(power)).value(z.copy(), y, share) == pytest.approx(deviance / 2)


@pytest.mark.parametrize(("power", "special"), [(1, Poisson()), (2, Gamma())], ids=["1", "2"])
def test_powers_of_their_own_name_are_those_losses(power, special):
    z, y = normal((20, 2)), np.hstack([targets(power), targets(power)[::-1]])
    loss = settled(Tweedie(power)).value_and_gradient(z.copy(), y)
    other = settled(special).value_and_gradient(z.copy(), y)
    assert loss[0] == pytest.approx(other[0])
    np.testing.assert_allclose(loss[1], other[1])


def test_gamma_is_the_gamma_deviance_and_has_no_unit():
    z, y = normal((20, 1)), targets(2)
    value = settled(Gamma()).value(z.copy(), y)
    assert value == pytest.approx(mean_gamma_deviance(y[:, 0], np.exp(z[:, 0])) / 2)
    assert settled(Gamma()).value(z + np.log(1000), 1000 * y) == pytest.approx(value)


@pytest.mark.parametrize("power", POWERS)
def test_a_perfect_mean_costs_nothing(power):
    y = np.random.RandomState(0).gamma(2.0, size=(9, 2))
    value, gradient = settled(Tweedie(power)).value_and_gradient(np.log(y), y)
    assert value == pytest.approx(0, abs=1e-14)
    np.testing.assert_allclose(gradient, 0, atol=1e-14)


@pytest.mark.parametrize("power", [0.5, 1e-9, 0.999])
def test_there_is_no_distribution_between_zero_and_one(power):
    with pytest.raises(ValueError, match=rf"a power outside of \(0, 1\), got {power}"):
        Tweedie(power)
