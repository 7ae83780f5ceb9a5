"""The weights that estimators begin with: by name, by a number, by a look at the data."""

import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone

from skdeep import ConvNetClassifier, MLPClassifier, MLPRegressor
from skdeep.inspection.trace import trace
from skdeep.nn import Conv2D, Flatten, ReLU
from tests.data import digits, iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

# So slow that weights are those of the beginning.
STILL = {"solver": "sgd", "learning_rate_init": 1e-12, "momentum": 0.0, "max_iter": 1}
STILL |= {"random_state": 0, "alpha": 0.0}


def variances(model, x):
    parts = trace(model.network_, x)[1]
    return np.array([part.output.var() for part in parts if part.layer.linear])


def test_a_number_is_the_standard_deviation():
    X, y = digits(200)
    model = MLPClassifier((100, 100), weight_init=0.3, **STILL).fit(X, y)
    for weights, biases in zip(model.coefs_, model.intercepts_, strict=True):
        assert weights.std() == pytest.approx(0.3, rel=0.1)
        np.testing.assert_allclose(biases, 0, atol=1e-9)
    named = MLPClassifier((100, 100), weight_init="normal", **STILL).fit(X, y)
    same = MLPClassifier((100, 100), weight_init=0.01, **STILL).fit(X, y)
    np.testing.assert_array_equal(same.coefs_[1], named.coefs_[1])


def test_zeros_let_no_hidden_layer_learn_and_a_linear_model_all_the_same():
    X, y = iris()
    deep = MLPClassifier((5,), weight_init="zeros", max_iter=20, random_state=0).fit(X, y)
    assert not deep.coefs_[0].any()
    flat = MLPClassifier((), weight_init="zeros", max_iter=200, learning_rate_init=0.1)
    assert flat.fit(X, y).score(X, y) > 0.9


def test_orthogonal_weights_are_orthonormal():
    X, y = digits(100)
    model = MLPClassifier((40,), weight_init="orthogonal", **STILL).fit(X, y)
    np.testing.assert_allclose(model.coefs_[0].T @ model.coefs_[0], np.eye(40), atol=1e-8)


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic"])
def test_lsuv_begins_with_outputs_of_variance_one_and_orthogonal_weights(activation):
    X, y = digits(300)
    model = MLPClassifier((50,) * 20, activation=activation, weight_init="lsuv", **STILL)
    model.fit(X, y)
    np.testing.assert_allclose(variances(model, X), 1, atol=0.01)
    gram = model.coefs_[3].T @ model.coefs_[3]
    np.testing.assert_allclose(gram / gram[0, 0], np.eye(50), atol=1e-6)


def test_twenty_layers_learn_by_lsuv_what_they_do_not_by_default():
    X, y = digits(600)
    params = {"activation": "tanh", "max_iter": 15, "random_state": 0, "batch_size": 50}
    losses = {
        init: MLPClassifier((30,) * 20, weight_init=init, **params).fit(X, y).loss_
        for init in (None, 0.01, "lsuv")
    }
    assert losses["lsuv"] < 0.5 * losses[None] < losses[0.01]


def test_some_of_many_rows_are_enough():
    X, y = digits()
    model = MLPClassifier((50, 50), weight_init="lsuv", **STILL).fit(X, y)
    np.testing.assert_allclose(variances(model, X), 1, atol=0.1)


def test_samples_that_training_does_not_see_do_not_count():
    X, y = digits(300)
    odd = X.copy()
    odd[200:] *= 1000
    weight = np.r_[np.ones(200), np.zeros(100)]
    one, other = (
        MLPClassifier((9,), weight_init="lsuv", **STILL).fit(part, y, weight) for part in (X, odd)
    )
    np.testing.assert_array_equal(one.coefs_[0], other.coefs_[0])
    early = MLPClassifier((9,), weight_init="lsuv", early_stopping=True, **STILL).fit(X, y)
    assert np.isfinite(early.coefs_[0]).all()


def test_sparse_rows_streams_copies_and_regressors():
    X, y = digits(200)
    dense = MLPClassifier((9,), weight_init="lsuv", **STILL).fit(X, y)
    rows = MLPClassifier((9,), weight_init="lsuv", **STILL).fit(sparse.csr_array(X), y)
    np.testing.assert_allclose(rows.coefs_[0], dense.coefs_[0], rtol=1e-9)
    stream = MLPClassifier((9,), weight_init="lsuv", **STILL).partial_fit(X, y, classes=range(10))
    np.testing.assert_allclose(variances(stream, X), 1, atol=0.01)
    before = stream.coefs_[0].copy()
    np.testing.assert_allclose(stream.partial_fit(5 * X, y).coefs_[0], before, atol=1e-9)
    copy = pickle.loads(pickle.dumps(stream))
    np.testing.assert_array_equal(copy.predict(X), stream.predict(X))
    np.testing.assert_array_equal(clone(dense).fit(X, y).coefs_[0], dense.coefs_[0])
    regressor = MLPRegressor(hidden_layer_sizes=(9,), weight_init="lsuv", **STILL).fit(X, y)
    np.testing.assert_allclose(variances(regressor, X), 1, atol=0.01)


@pytest.mark.parametrize(
    "params",
    [
        {"batch_norm": False},
        {"architecture": [Conv2D(4, 3), ReLU(), Flatten()]},
    ],
    ids=["notation", "layers"],
)
def test_convolutions_begin_with_outputs_of_variance_one(params):
    X, y = digits(200)
    params = {"architecture": "8, 8 | 16"} | params
    model = ConvNetClassifier(weight_init="lsuv", dtype="float64", **params, **STILL).fit(X, y)
    np.testing.assert_allclose(variances(model, X.reshape(-1, 8, 8, 1)), 1, atol=0.01)


def test_convolutions_are_drawn_by_name_and_number():
    X, y = digits(100)
    params = {"batch_norm": False, **STILL}

    def first(**more):
        return next(
            layer.weight
            for layer in ConvNetClassifier("64 | 16", **params, **more).fit(X, y).network_.layers()
            if layer.linear
        )

    assert first(weight_init=0.5).std() == pytest.approx(0.5, rel=0.1)
    np.testing.assert_allclose(first(weight_init="he_normal"), first(), atol=1e-6)
    assert not np.allclose(first(weight_init="glorot_normal"), first())
    learned = ConvNetClassifier("8 | 16", weight_init="lsuv", max_iter=60, random_state=0)
    assert learned.fit(X, y).score(X, y) > 0.9
