"""Bins by quantiles, and how far a value has come through each."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LinearRegression

from skdeep import PiecewiseLinearEncoder


def test_each_column_rises_from_0_to_1_over_its_bin():
    encoder = PiecewiseLinearEncoder(3).fit(np.arange(13.0)[:, None])
    edges = encoder.bin_edges_[0]
    assert_array_equal(encoder.transform(edges[:, None]), np.tri(4, 3, -1))
    middle = (edges[1] + edges[2]) / 2
    assert_allclose(encoder.transform([[middle]]), [[1, 0.5, 0]])
    assert_allclose(encoder.transform([[-99.0], [99.0]]), [[0, 0, 0], [1, 1, 1]])


def test_a_linear_model_on_it_is_a_polygon_that_goes_through_every_edge():
    x = np.linspace(-1, 1, 201)[:, None]
    Z = PiecewiseLinearEncoder(8).fit_transform(x)
    wanted = np.interp(x.ravel(), np.linspace(-1, 1, 9), [0, 1, 0, 2, -1, 3, 0, 0, 5])
    assert LinearRegression().fit(Z, wanted).score(Z, wanted) > 0.999


def test_bins_hold_as_many_rows_each_and_ties_make_fewer_bins():
    random = np.random.RandomState(0)
    X = np.column_stack([random.exponential(size=1000), random.randint(3, size=1000)])
    encoder = PiecewiseLinearEncoder(10).fit(X)
    counts, _ = np.histogram(X[:, 0], encoder.bin_edges_[0])
    assert_array_equal(counts, 100)
    assert_array_equal(encoder.bin_edges_[1], [0, 1, 2])
    assert_array_equal(encoder.n_bins_, [10, 2])
    assert encoder.get_feature_names_out()[-2:].tolist() == ["x1_bin0", "x1_bin1"]


def test_weights_are_repetitions():
    random = np.random.RandomState(0)
    X, weight = random.normal(size=(30, 2)), random.randint(0, 4, size=30)
    weighted = PiecewiseLinearEncoder(5).fit(X, sample_weight=weight)
    repeated = PiecewiseLinearEncoder(5).fit(X.repeat(weight, axis=0))
    for ours, theirs in zip(weighted.bin_edges_, repeated.bin_edges_, strict=True):
        assert_allclose(ours, theirs)


def test_a_wrong_parameter_is_named():
    with pytest.raises(ValueError, match="n_bins"):
        PiecewiseLinearEncoder(0).fit([[1.0], [2.0]])
