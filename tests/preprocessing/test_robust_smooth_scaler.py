"""Scaling by the middle half."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.preprocessing import RobustScaler

from skdeep import RobustSmoothScaler


def test_without_a_bound_it_is_scikit_learns_robust_scaler():
    X = np.random.RandomState(0).standard_t(2, size=(101, 4))
    ours = RobustSmoothScaler(clip=None).fit(X)
    assert_allclose(ours.transform(X), RobustScaler().fit_transform(X), rtol=1e-12)


def test_with_a_bound_the_order_stays_and_nothing_lies_beyond():
    x = np.sort(np.random.RandomState(0).standard_cauchy(1000))
    scaler = RobustSmoothScaler(clip=2.0).fit(x[:, None])
    z = scaler.transform(x[:, None]).ravel()
    assert (np.diff(z) > 0).all()
    assert np.abs(z).max() <= 2
    u = (x - scaler.center_) / scaler.scale_
    assert_allclose(z, u / np.sqrt(1 + (u / 2) ** 2))
    assert_allclose(scaler.inverse_transform(z[:, None]).ravel(), x, rtol=1e-6)


def test_half_the_range_is_the_unit_where_the_quartiles_coincide():
    X = np.array([[0.0]] * 20 + [[-1.0], [3.0]])
    assert RobustSmoothScaler().fit(X).scale_ == [2.0]


def test_weights_are_repetitions():
    random = np.random.RandomState(0)
    X, weight = random.normal(size=(30, 3)), random.randint(0, 4, size=30)
    weighted = RobustSmoothScaler().fit(X, sample_weight=weight)
    repeated = RobustSmoothScaler().fit(X.repeat(weight, axis=0))
    assert_allclose(weighted.center_, repeated.center_)
    assert_allclose(weighted.scale_, repeated.scale_)


@pytest.mark.parametrize(
    "wrong", [{"clip": 0}, {"clip": -1.0}, {"quantile_range": (75, 25)}, {"quantile_range": 5}]
)
def test_a_wrong_parameter_is_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RobustSmoothScaler(**wrong).fit([[1.0], [2.0]])


def test_a_bound_that_is_zero_in_single_precision_is_the_smallest_there_is():
    X = np.arange(12, dtype=np.float32).reshape(6, 2)
    scaler = RobustSmoothScaler(clip=1e-300).fit(X)
    assert np.abs(scaler.transform(X)).max() == np.finfo(np.float32).tiny
    assert np.isfinite(scaler.inverse_transform(np.zeros((1, 2), np.float32))).all()
