"""A new network estimator costs its keywords, its layers, and how it reads X."""

import pickle
from dataclasses import KW_ONLY
from typing import Annotated

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_score
from sklearn.utils.validation import validate_data

from skdeep.neural_network.base import BaseNetwork
from skdeep.neural_network.classifier import NetworkClassifier
from skdeep.neural_network.regressor import NetworkRegressor
from skdeep.nn import Dense, Layer, ReLU, Sequence
from skdeep.utils.parameters import parameters
from skdeep.utils.params import integer

pytestmark = [
    pytest.mark.filterwarnings("error::UserWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


class Pooled(Layer):
    """The mean over the valid steps of each sequence."""

    def output_shape(self, input_shape):
        return input_shape[1:]

    def forward(self, x, mode):
        lengths = np.full(len(x), x.shape[1]) if mode.lengths is None else mode.lengths
        valid = np.arange(x.shape[1]) < np.asarray(lengths)[:, None]
        self.share = (valid / valid.sum(axis=1, keepdims=True)).astype(x.dtype)
        return np.einsum("ntd,nt->nd", x, self.share)

    def backward(self, grad_y, wants_input=True):
        return np.einsum("nd,nt->ntd", grad_y, self.share)


class Joined(Layer):
    """Numbers beside one column of a table for each category."""

    input_dtype = (None, "intp")

    def __init__(self, n_categories):
        self.n_categories = n_categories

    def config(self):
        return {"n_categories": self.n_categories}

    def output_shape(self, input_shape):
        return (input_shape[0][0] + self.n_categories,)

    def forward(self, x, mode):
        numbers, codes = x
        return np.hstack([numbers, np.eye(self.n_categories, dtype=numbers.dtype)[codes[:, 0]]])

    def backward(self, grad_y, wants_input=True):
        return None


@parameters
class SequenceNet(BaseNetwork):
    """Dense layers on every step, and their mean.

    Attributes
    ----------
    n_steps_ : int
        Of the longest sequence in `fit`.
    """

    units: Annotated[int, integer(1), "Of the steps."] = 8
    _: KW_ONLY
    learning_rate_init: float = 0.02

    def _architecture(self, n_outputs):
        return Sequence(Dense(self.units), ReLU(), Pooled(), Dense(n_outputs))

    def _check_X(self, X, *, reset):
        X = [np.asarray(x, dtype=float) for x in X]
        if reset:
            self.n_features_in_, self.n_steps_ = X[0].shape[1], max(map(len, X))
        return X

    def _inputs(self, X):
        lengths = np.array([len(x) for x in X])
        padded = np.full((len(X), max(self.n_steps_, lengths.max()), self.n_features_in_), 1e3)
        for x, row in zip(X, padded, strict=True):
            row[: len(x)] = x
        return padded, lengths


@parameters
class SequenceClassifier(SequenceNet, NetworkClassifier):
    """Classes of sequences."""


@parameters
class SequenceRegressor(SequenceNet, NetworkRegressor):
    """Numbers of sequences."""


@parameters
class TableClassifier(NetworkClassifier):
    """One table of numbers, and one category."""

    _: KW_ONLY
    learning_rate_init: float = 0.05

    def _architecture(self, n_outputs):
        return Sequence(Joined(len(self._categories)), Dense(n_outputs))

    def _check_X(self, X, *, reset):
        validate_data(self, X, skip_check_array=True, reset=reset)
        if reset:
            self._categories = sorted(set(X["kind"]))
        return X

    def _inputs(self, X):
        codes = [self._categories.index(kind) for kind in X["kind"]]
        return (X[["size"]].to_numpy(), np.array(codes)[:, None]), None


def sequences(n=150):
    rng = np.random.default_rng(0)
    y = np.arange(n) % 3
    return [rng.normal(loc=2 * label, size=(rng.integers(2, 9), 3)) for label in y], y


SHORT = {"max_iter": 40, "random_state": 0}
PATIENT = {"early_stopping": True, "n_iter_no_change": 40}
VARIANTS = [{}, PATIENT, PATIENT | {"scoring": "accuracy"}]


@pytest.mark.parametrize("params", [*VARIANTS, {"solver": "lbfgs"}], ids=str)
def test_sequences_of_any_length_in_a_list(params):
    X, y = sequences()
    model = SequenceClassifier(**SHORT | params).fit(X, y)
    assert model.score(X, y) > 0.85
    assert model.predict_proba(X[:4]).shape == (4, 3)
    np.testing.assert_allclose(model.predict_proba(X[5:6]), model.predict_proba(X)[5:6])
    for copy in (clone(model).fit(X, y), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(copy.predict(X), model.predict(X))


def test_validation_samples_weights_and_streams_take_sequences():
    X, y = sequences()
    model = SequenceClassifier(**SHORT).fit(X[:100], y[:100], X_val=X[100:], y_val=y[100:])
    assert model.validation_scores_[-1] == model.score(X[100:], y[100:])
    assert SequenceClassifier(**SHORT).fit(X, y, np.ones(len(y))).score(X, y) > 0.85
    stream = SequenceClassifier(**SHORT)
    for _ in range(30):
        stream.partial_fit(X, y, classes=[0, 1, 2])
    assert stream.score(X, y) > 0.85


def test_the_regressor_costs_a_class_line():
    X, y = sequences()
    model = SequenceRegressor(units=16, standardize_target=True, **SHORT).fit(X, 1e-8 * y)
    assert model.score(X, 1e-8 * y) > 0.7
    with pytest.raises(ValueError, match="'units' parameter of SequenceRegressor"):
        SequenceRegressor(units=0).fit(X, y)


@pytest.mark.parametrize("params", [*VARIANTS, {"solver": "lbfgs"}], ids=str)
def test_a_data_frame_becomes_several_inputs(params):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"size": rng.normal(size=200), "kind": list("abcd") * 50})
    y = np.where((frame["size"] > 0) ^ frame["kind"].isin(["a", "b"]), "yes", "no")
    y = np.where(frame["kind"] == "a", "yes", y)
    model = TableClassifier(**SHORT | params).fit(frame, y)
    assert model.score(frame, y) > 0.7
    assert list(model.feature_names_in_) == ["size", "kind"]
    one = frame[frame["kind"] == "c"].iloc[:3]
    np.testing.assert_allclose(model.predict_proba(one), model.predict_proba(frame)[one.index])


def test_flat_rows_may_be_images_inside():
    class RowsAsImages(SequenceClassifier):
        def _check_X(self, X, *, reset):
            self.n_steps_ = 8
            return NetworkClassifier._check_X(self, X, reset=reset)

        def _inputs(self, X):
            return X.reshape(-1, 8, 8), None

    X, y = load_digits(return_X_y=True)
    model = RowsAsImages(units=32, random_state=0, max_iter=20)
    assert cross_val_score(model, X / 16, y, cv=3).mean() > 0.5
