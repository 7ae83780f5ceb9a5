"""Softmax regression on features whose scales lie far apart, or that lie far from zero."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.special import logsumexp
from sklearn.exceptions import ConvergenceWarning

from skdeep import SoftmaxClassifier, SoftmaxClassifierCV
from skdeep.linear_model.classifiers import coordinates
from skdeep.linear_model.classifiers.coordinates import Coordinates


def mixed_scales():
    X = np.random.RandomState(0).standard_normal((200, 3))
    return X * [1e-8, 1.0, 1e8], (X[:, 0] + 0.5 * X[:, 1] > 0).astype(int) + (X[:, 2] > 1)


def assert_optimal(model, X, y, smoothing=0.0):
    """Check that the gradient in each weight is nothing beside the sizes of its terms."""
    logits = X @ model.coef_.T + model.intercept_
    residual = np.exp(logits - logsumexp(logits, axis=1, keepdims=True))
    residual -= smoothing / len(model.classes_)
    residual[np.arange(len(y)), y] -= 1 - smoothing
    centred = X - X.mean(axis=0)
    gradient = model.C * residual.T @ centred + model.coef_
    assert_allclose(gradient / (model.C * np.abs(centred).sum(axis=0)), 0, atol=1e-5)
    assert_allclose(residual.mean(axis=0), 0, atol=1e-5)


@pytest.mark.parametrize("C", [1e-8, 1e-4, 1.0, 1e4])
def test_a_tiny_feature_beside_a_huge_one_does_not_hold_back_the_others(C):
    X, y = mixed_scales()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = SoftmaxClassifier(C=C).fit(X, y)
        SoftmaxClassifierCV(Cs=[C], cv=2).fit(X, y)
    assert model.n_iter_[0] <= 10
    assert_optimal(model, X, y)


def test_smoothed_labels_of_three_rows_with_a_tiny_feature_converge():
    X = np.array([[1e-9, 518.0], [-1e-9, 3295.0], [-1e-8, 2932.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = SoftmaxClassifier(label_smoothing=0.2).fit(X, [0, 1, 2])
    assert model.n_iter_[0] <= 10
    assert_optimal(model, X, np.arange(3), smoothing=0.2)


def test_an_intercept_counts_beside_a_penalty_1e32_times_as_large():
    X, y = mixed_scales()
    model = SoftmaxClassifier(C=1e-8).fit(X * [1e-4, 1.0, 1.0], y)
    shares = np.bincount(y) / len(y)
    assert_allclose(model.predict_proba(X * [1e-4, 1.0, 1.0]).mean(axis=0), shares, atol=1e-5)


@pytest.mark.parametrize("as_rows", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("scale", [1e-160, 1e-200, 1e160, 1e250])
def test_scales_whose_squares_are_no_floats_are_refused(scale, as_rows):
    X, y = mixed_scales()
    with pytest.raises(ValueError, match=r"scales of the features go from .* scale the features"):
        SoftmaxClassifier().fit(as_rows(X * [1.0, scale, 1.0]), y)
    X[:, 1] = scale
    assert not SoftmaxClassifier().fit(X, y).coef_[:, 1].any()


@pytest.mark.parametrize("C", [1.0, 1e8])
def test_an_optimum_of_next_to_nothing_is_reached(C):
    """Rows without overlap on a huge feature: from F = 6 log 3 C to 1e-13."""
    X = np.array([[2.0, 0.0], [3.0, 0.5], [-1.0, 2.0], [-1.0, 1.5], [-1.0, -2.0], [-0.5, -3.0]])
    X, y = 1e8 * X, np.repeat([0, 1, 2], 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = SoftmaxClassifier(C=C, fit_intercept=False).fit(X, y)
    logits = X @ model.coef_.T
    own = logits[np.arange(6), y][:, None]
    wrong = np.exp(logits - logsumexp(logits, axis=1, keepdims=True))
    wrong[np.arange(6), y] = 0
    residual = wrong.copy()
    residual[np.arange(6), y] = -wrong.sum(axis=1)
    W = model.coef_
    others = np.where(logits == own, 0.0, np.exp(logits - own)).sum(axis=1)
    value = C * np.log1p(others).sum() + (W**2).sum() / 2
    # By strong convexity the optimum lies no further below than half the squared gradient.
    assert ((C * residual.T @ X + W) ** 2).sum() / 2 < 1e-6 * value


def test_what_the_hessian_cannot_resolve_is_not_called_converged():
    """Features that differ by 1e-11 of themselves, a penalty of 1e-21 beside the data."""
    random = np.random.RandomState(0)
    X = random.standard_normal((60, 2))
    y = (X[:, 1] > 0).astype(int)
    X = np.column_stack((X[:, 0], X[:, 0] + 1e-5 * X[:, 1])) + 1e6
    with pytest.warns(ConvergenceWarning):
        SoftmaxClassifier(C=1e8, fit_intercept=False, label_smoothing=0.2).fit(X, y)


# -- sparse tables


@pytest.mark.parametrize("share", [0.0, 2.0], ids=["as a dense table", "as a sparse table"])
def test_sparse_features_far_from_zero_cost_nothing_of_the_accuracy(share, monkeypatch):
    monkeypatch.setattr(coordinates, "DENSE_SHARE", share)
    random = np.random.RandomState(0)
    Z = random.standard_normal((30, 4))
    X, y = 1000.0 + Z * [1e-6, 1e-3, 1.0, 1e4], (Z @ random.standard_normal((4, 3))).argmax(axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dense = SoftmaxClassifier(C=100.0).fit(X, y)
        rows = SoftmaxClassifier(C=100.0).fit(sparse.csr_array(X), y)
    assert_allclose(rows.predict_proba(X), dense.predict_proba(X), atol=1e-5)
    assert_allclose(rows.coef_, dense.coef_, rtol=1e-3)


def test_a_feature_far_from_zero_is_centred_and_the_sparse_ones_beside_it_are_not():
    random = np.random.RandomState(0)
    X = np.where(random.uniform(size=(200, 12)) < 0.05, random.standard_normal((200, 12)), 0.0)
    X[:, 3] = 1e6 + random.standard_normal(200)
    rows = sparse.csr_array(X)
    coordinates = Coordinates(rows, np.ones(200), center=True)
    assert_array_equal(np.flatnonzero(coordinates.center), [3])
    assert coordinates.X.nnz <= rows.nnz
    assert_allclose(coordinates.X.toarray(), X - coordinates.center, rtol=1e-12)
    assert Coordinates(rows, np.ones(200), center=False).X is rows
    y = (X[:, 3] > 1e6).astype(int) + (X[:, 0] > 0)
    dense = SoftmaxClassifier().fit(X, y)
    assert_allclose(
        SoftmaxClassifier().fit(rows, y).predict_proba(X), dense.predict_proba(X), atol=1e-5
    )
