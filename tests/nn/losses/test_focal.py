"""The focal loss: cross-entropy where gamma is zero, and stable for outputs of any size."""

import numpy as np
import pytest
from scipy.special import expit, softmax

from skdeep.nn import LogisticCrossEntropy, LogisticFocal, SoftmaxCrossEntropy, SoftmaxFocal
from tests.data import normal


def settled(loss, dtype=np.float64):
    loss.settle(np, dtype)
    return loss


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_with_gamma_zero_it_is_the_cross_entropy(smoothing):
    z, y = 3 * normal((7, 4)), np.arange(7) % 4
    plain = settled(SoftmaxCrossEntropy(smoothing)).value_and_gradient(z.copy(), y)
    focal = settled(SoftmaxFocal(0.0, smoothing)).value_and_gradient(z.copy(), y)
    assert focal[0] == pytest.approx(plain[0], rel=1e-14)
    np.testing.assert_allclose(focal[1], plain[1], atol=1e-15)
    yes = (normal((7, 4), seed=1) > 0).astype(float)
    plain = settled(LogisticCrossEntropy(smoothing)).value_and_gradient(z.copy(), yes)
    focal = settled(LogisticFocal(0.0, smoothing)).value_and_gradient(z.copy(), yes)
    assert focal[0] == pytest.approx(plain[0], rel=1e-14)
    np.testing.assert_allclose(focal[1], plain[1], atol=1e-15)


@pytest.mark.parametrize("gamma", [0.5, 2.0, 5.0])
def test_it_is_the_cross_entropy_times_a_power_of_what_is_missing(gamma):
    z, y = 3 * normal((7, 4)), np.arange(7) % 4
    p = softmax(z, axis=1)[range(7), y]
    value = settled(SoftmaxFocal(gamma)).value(z.copy(), y)
    assert value == pytest.approx(np.mean(-((1 - p) ** gamma) * np.log(p)))
    one, yes = z[:, :1], np.arange(7) % 2
    p = np.where(yes, expit(one[:, 0]), expit(-one[:, 0]))
    value = settled(LogisticFocal(gamma)).value(one.copy(), yes[:, None].astype(float))
    assert value == pytest.approx(np.mean(-((1 - p) ** gamma) * np.log(p)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_outputs_of_any_size_are_no_trouble(gamma, dtype):
    z = np.array([[1e4, 0.0, -1e4], [1e4, 1e4, 1e4], [60.0, 0.0, -60.0]], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for y in ([0, 1, 2], [2, 0, 1]):
            focal = settled(SoftmaxFocal(gamma), dtype)
            value, gradient = focal.value_and_gradient(z.copy(), np.array(y))
            assert np.isfinite(value)
            assert np.isfinite(gradient).all()
        logistic = settled(LogisticFocal(gamma), dtype)
        value, gradient = logistic.value_and_gradient(z.copy(), np.eye(3, dtype=dtype))
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()
    right, y = np.array([[1e4, 0.0, 0.0]], dtype), np.array([0])
    assert settled(SoftmaxFocal(gamma), dtype).value(right, y) == 0


@pytest.mark.parametrize("kind", [SoftmaxFocal, LogisticFocal])
def test_gamma_is_not_negative(kind):
    with pytest.raises(ValueError, match=f"{kind.__name__} takes a gamma of at least 0, got -1"):
        kind(-1.0)
