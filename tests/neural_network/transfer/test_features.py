"""What hidden layers say, as features of a transformer."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

from skdeep import (
    ConvNetClassifier,
    MLPClassifier,
    MLPRegressor,
    RecurrentClassifier,
    SoftmaxClassifier,
)
from tests.data import diabetes, digits, iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def fitted(sizes=(8, 6), **more):
    X, y = iris()
    return MLPClassifier(sizes, max_iter=5, random_state=0, **more).fit(X, y), X, y


def test_features_are_what_the_next_layer_reads():
    model, X, _ = fitted(dropout=0.5, input_dropout=0.1)
    first = np.maximum(X @ model.coefs_[0] + model.intercepts_[0], 0)
    second = np.maximum(first @ model.coefs_[1] + model.intercepts_[1], 0)
    for layer in (0, -2):
        np.testing.assert_allclose(model.transform(X, layer=layer), first, rtol=1e-12)
    for found in (model.transform(X), model.transform(X, layer=1), model.transform(csr_matrix(X))):
        np.testing.assert_allclose(found, second, rtol=1e-12)
    logits = model.transform(X) @ model.coefs_[2] + model.intercepts_[2]
    np.testing.assert_array_equal(model.predict(X), logits.argmax(axis=1))
    for layer in (2, -3):
        with pytest.raises(ValueError, match=r"has 2 hidden layers.*from -2 to 1; got"):
            model.transform(X, layer=layer)


def test_without_hidden_layers_features_are_the_input():
    model, X, _ = fitted(())
    np.testing.assert_array_equal(model.transform(X), X)
    np.testing.assert_array_equal(model.transform(csr_matrix(X), layer=0), X)


def test_features_have_names_and_frames():
    model, X, _ = fitted()
    names = [f"mlpclassifier{i}" for i in range(6)]
    assert list(model.get_feature_names_out()) == names
    frame = model.set_output(transform="pandas").transform(pd.DataFrame(X))
    assert list(frame.columns) == names
    X, y = diabetes()
    regressor = MLPRegressor(hidden_layer_sizes=(4,), max_iter=2).fit(X, y)
    assert list(regressor.get_feature_names_out()) == [f"mlpregressor{i}" for i in range(4)]


def test_the_last_layer_is_trained_again_behind_a_frozen_network():
    X, y = digits(600)
    known = y < 5
    network = MLPClassifier((64,), max_iter=30, random_state=0).fit(X[known], y[known])
    before = network.network_.params.copy()
    model = make_pipeline(FrozenEstimator(network), SoftmaxClassifier())
    model.fit(X[~known][::2], y[~known][::2])
    assert model.score(X[~known][1::2], y[~known][1::2]) > 0.8
    np.testing.assert_array_equal(network.network_.params, before)


def test_maps_of_pictures_become_rows():
    X, y = digits(60)
    model = ConvNetClassifier("3, 4 | 5", max_iter=1, random_state=0).fit(X, y)
    assert [model.transform(X, layer=i).shape for i in range(3)] == [(60, 48), (60, 16), (60, 5)]
    assert model.transform(X).shape == (60, 5)
    assert len(model.get_feature_names_out()) == 5


def test_layers_of_sequences_are_zero_behind_their_ends():
    X = [np.ones((n, 2)) for n in (1, 3, 2, 3)] * 3
    model = RecurrentClassifier((4, 5), max_iter=2, random_state=0).fit(X, [0, 1, 0, 1] * 3)
    steps = model.transform(X, layer=0)
    assert steps.shape == (12, 3, 4)
    assert (steps.any(axis=2).sum(axis=1) == [len(x) for x in X]).all()
    assert model.transform(X).shape == model.transform(X, layer=1).shape == (12, 5)
