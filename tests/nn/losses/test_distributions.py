"""Losses of several outputs for each number: normal distributions, and quantiles in order."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import mean_pinball_loss

from skdeep.nn import Gaussian, Poisson, Quantile, Quantiles, SquaredError
from tests.data import normal


def type_name(loss):
    return type(loss).__name__


def settled(loss, dtype=np.float64):
    loss.settle(np, dtype)
    return loss


def test_the_gaussian_loss_is_minus_the_log_likelihood():
    z, y = 2 * normal((9, 6)), normal((9, 3), seed=1)
    loss = settled(Gaussian())
    found = loss.predict(z.copy())
    mean, std = found[:, :3], found[:, 3:]
    np.testing.assert_array_equal(mean, z[:, :3])
    np.testing.assert_allclose(std**2, np.log1p(np.exp(z[:, 3:])) + 1e-6)
    expected = -norm.logpdf(y, mean, std).sum(axis=1).mean()
    assert loss.value(z.copy(), y) == pytest.approx(expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_variance_is_a_number_above_zero_for_outputs_of_any_size(dtype):
    z = np.array([[0.0, -1e4], [0.0, 1e4], [0.0, 0.0]], dtype)
    loss = settled(Gaussian(), dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        std = loss.predict(z.copy())[:, 1]
        value, gradient = loss.value_and_gradient(z.copy(), np.ones((3, 1), dtype))
    np.testing.assert_allclose(std, [1e-3, 100.0, np.log(2) ** 0.5], rtol=1e-5)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


def test_a_target_met_exactly_does_not_pay_without_bound():
    values = [
        settled(Gaussian(0.01)).value(np.array([[2.0, s]]), np.array([[2.0]]))
        for s in (-5.0, -50.0, -500.0)
    ]
    assert values[0] > values[1] == pytest.approx(values[2])
    assert values[2] == pytest.approx((np.log(0.01) + np.log(2 * np.pi)) / 2)


def test_quantiles_never_cross_and_are_sums_of_softplus():
    loss = settled(Quantiles((0.1, 0.2, 0.5, 0.9)))
    z = 30 * normal((50, 8))
    each = loss.predict(z.copy()).reshape(50, 4, 2)
    assert (np.diff(each, axis=1) >= 0).all()
    steps = np.logaddexp(0, z.reshape(50, 4, 2)[:, 1:])
    np.testing.assert_allclose(np.diff(each, axis=1), steps, atol=1e-12)


@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
def test_the_loss_of_several_quantiles_is_the_sum_of_scikit_learns(weighted):
    quantiles = (0.05, 0.5, 0.8)
    z, y = normal((20, 3)), normal((20, 1), seed=1)
    weight = np.random.RandomState(2).uniform(size=20) if weighted else None
    loss = settled(Quantiles(quantiles))
    each = loss.predict(z.copy())
    expected = sum(
        mean_pinball_loss(y, each[:, [i]], alpha=q, sample_weight=weight)
        for i, q in enumerate(quantiles)
    )
    share = weight / weight.sum() if weighted else None
    assert loss.value(z.copy(), y, share) == pytest.approx(expected)


def test_one_of_several_quantiles_is_the_loss_of_one():
    z, y = normal((9, 2)), normal((9, 2), seed=1)
    one = settled(Quantile(0.3)).value_and_gradient(z.copy(), y)
    several = settled(Quantiles([0.3])).value_and_gradient(z.copy(), y)
    assert several[0] == pytest.approx(one[0])
    np.testing.assert_allclose(several[1], one[1])


@pytest.mark.parametrize(
    "quantiles", [(), (0.5, 0.5), (0.9, 0.1), (0.0, 0.5), (0.5, 1.0), (0.5, np.nan)], ids=str
)
def test_quantiles_are_in_order(quantiles):
    with pytest.raises(
        ValueError, match=r"Quantiles takes quantiles in .0, 1. in increasing order"
    ):
        Quantiles(quantiles)


@pytest.mark.parametrize("least", [0.0, -1.0])
def test_the_smallest_variance_is_above_zero(least):
    with pytest.raises(ValueError, match=f"Gaussian takes a min_variance above 0, got {least}"):
        Gaussian(least)


@pytest.mark.parametrize(
    "loss", [SquaredError(), Poisson(), Gaussian(), Quantiles((0.1, 0.2, 0.9))], ids=type_name
)
def test_predictions_lead_back_to_outputs(loss):
    z = 3 * normal((20, 6))
    predictions = settled(loss).predict(z.copy())
    before = predictions.copy()
    np.testing.assert_allclose(loss.outputs_of(predictions), z, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(predictions, before)


def test_predictions_without_spread_lead_to_finite_outputs():
    same = np.zeros((2, 3))
    assert np.isfinite(settled(Quantiles()).outputs_of(same)).all()
    assert np.isfinite(settled(Gaussian()).outputs_of(same[:, :2])).all()
