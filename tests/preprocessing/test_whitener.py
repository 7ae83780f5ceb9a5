"""Whitening by PCA and ZCA."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import sqrtm
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA

from skdeep import Whitener

METHODS = ["zca", "pca", "zca-cor", "pca-cor"]


@pytest.fixture
def X():
    random = np.random.RandomState(0)
    return random.normal(size=(60, 5)) @ random.normal(size=(5, 5)) + random.normal(size=5)


@pytest.mark.parametrize("method", METHODS)
def test_the_covariance_becomes_the_identity_and_the_way_back_exists(X, method):
    white = Whitener(method).fit(X)
    Z = white.transform(X)
    assert_allclose(np.cov(Z, rowvar=False), np.eye(5), atol=1e-10)
    assert_allclose(Z.mean(axis=0), 0, atol=1e-12)
    assert_allclose(white.inverse_transform(Z), X, atol=1e-10)
    assert_allclose((X - white.mean_) @ white.whitening_, Z, atol=1e-10)


@pytest.mark.parametrize("shape", [(50, 6), (6, 50)])
def test_pca_is_scikit_learns_up_to_signs(shape):
    X = np.random.RandomState(0).normal(size=shape) * np.arange(1, shape[1] + 1)
    Z = Whitener("pca").fit_transform(X)
    theirs = PCA(whiten=True).fit_transform(X)[:, : Z.shape[1]]
    assert Z.shape[1] == min(shape[0] - 1, shape[1])
    signs = np.sign((Z * theirs).sum(axis=0))
    assert_allclose(Z, signs * theirs, atol=1e-8)


def test_zca_is_the_inverse_root_of_the_covariance(X):
    C = np.cov(X, rowvar=False)
    assert_allclose(Whitener("zca").fit(X).whitening_, np.linalg.inv(sqrtm(C)), atol=1e-8)
    more = 0.3 * np.trace(C) / 5 * np.eye(5)
    regularized = Whitener("zca", regularization=0.3).fit(X)
    assert_allclose(regularized.whitening_, np.linalg.inv(sqrtm(C + more)), atol=1e-8)
    assert_allclose(regularized.inverse_transform(regularized.transform(X)), X, atol=1e-10)


def test_no_white_features_are_nearer_than_those_of_zca(X):
    near = np.square(Whitener("zca").fit_transform(X) - (X - X.mean(axis=0))).sum()
    random = np.random.RandomState(0)
    for _ in range(20):
        turn = np.linalg.qr(random.normal(size=(5, 5)))[0]
        other = Whitener("pca").fit_transform(X) @ turn
        assert near <= np.square(other - (X - X.mean(axis=0))).sum()


def test_units_of_features_play_no_part_in_correlations():
    X = load_wine().data
    Z = Whitener("zca-cor").fit_transform(X)
    assert_allclose(Whitener("zca-cor").fit_transform(X * np.logspace(-3, 3, 13)), Z, atol=1e-9)
    assert not np.allclose(Whitener("zca").fit_transform(X * np.logspace(-3, 3, 13)), Z, atol=0.1)


def test_directions_without_variance_are_left_out():
    random = np.random.RandomState(0)
    X = np.column_stack([random.normal(size=(30, 2)), np.full(30, 0.1), np.full(30, 1e20)])
    for method in METHODS:
        white = Whitener(method).fit(X)
        assert white.n_components_ == 2
        Z = white.transform(X)
        assert_allclose(white.inverse_transform(Z), X)
        kept = Z[:, :2]
        assert_allclose(np.cov(kept, rowvar=False), np.eye(2), atol=1e-10)
    assert Whitener("pca").fit_transform(X).shape == (30, 2)


def test_few_samples_of_many_features_are_whitened_by_the_smaller_side():
    X = np.random.RandomState(0).normal(size=(10, 20_000))
    white = Whitener("zca").fit(X)  # no matrix of 20000 by 20000
    assert white.components_.shape == (9, 20_000)
    assert_allclose(white.inverse_transform(white.transform(X)), X, atol=1e-8)


def test_components_are_counted_or_told_by_their_part_of_the_variance():
    X = np.random.RandomState(0).normal(size=(500, 3)) * [10.0, 1.0, 0.1]
    assert Whitener("pca", n_components=2).fit_transform(X).shape == (500, 2)
    assert Whitener("pca", n_components=0.9).fit(X).n_components_ == 1
    assert Whitener("pca", n_components=0.999).fit(X).n_components_ == 2
    assert Whitener("zca", n_components=1).fit_transform(X).shape == (500, 3)


def test_centring_subtracts_the_mean_of_the_training_part():
    X = np.arange(12.0).reshape(4, 3)
    centred = Whitener("center").fit(X[:2])
    assert_allclose(centred.transform(X), X - X[:2].mean(axis=0))
    assert_allclose(centred.inverse_transform(centred.transform(X)), X)
    assert_allclose(centred.whitening_, np.eye(3))


@pytest.mark.parametrize("method", [*METHODS, "center"])
def test_float32_stays_and_a_pickle_does_the_same(X, method):
    small = X.astype(np.float32)
    white = Whitener(method, regularization=0.01).fit(small)
    Z = white.transform(small)
    assert Z.dtype == white.inverse_transform(Z).dtype == np.float32
    assert_allclose(Z, Whitener(method, regularization=0.01).fit_transform(X), atol=1e-3)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(white)).transform(small), Z)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"method": "svd"}, "method"),
        ({"n_components": 0}, "n_components"),
        ({"n_components": 4}, "n_components=4.*differ in 3 directions"),
        ({"regularization": -1.0}, "regularization"),
    ],
)
def test_a_wrong_parameter_is_named(params, message):
    with pytest.raises(ValueError, match=message):
        Whitener(**params).fit(np.random.RandomState(0).normal(size=(20, 3)))


def test_constant_samples_and_a_wrong_width_are_refused():
    with pytest.raises(ValueError, match="all features are constant"):
        Whitener().fit(np.ones((5, 2)))
    with pytest.raises(ValueError, match="minimum of 2"):
        Whitener().fit([[1.0, 2.0]])
    with pytest.raises(ValueError, match="X has 3 features, but Whitener makes 1 features"):
        Whitener("pca", n_components=1).fit(np.eye(3)).inverse_transform(np.eye(3))


@pytest.mark.parametrize("unit", [1e-170, 1e-310])
def test_correlations_have_no_unit_and_lost_variances_are_told(unit):
    X = np.sign(np.random.default_rng(0).normal(size=(25, 3))) * unit
    Z = Whitener(method="zca-cor").fit_transform(X)
    np.testing.assert_allclose(np.cov(Z.T), np.eye(3), atol=0.05)
    with pytest.raises(ValueError, match="their squares are lost"):
        Whitener(method="zca").fit(X)
