"""The activations of networks as keywords: names, functions, layers."""

import pickle

import numpy as np
import pytest
from scipy.special import expit
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skdeep import (
    ConvNetClassifier,
    ConvNetRegressor,
    MLPClassifier,
    MLPRegressor,
    TransformerClassifier,
)
from skdeep.nn import Elementwise, Maxout
from tests.data import diabetes, digits, iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL = {"hidden_layer_sizes": (8, 5), "max_iter": 10, "random_state": 0}
TINY = {"architecture": "1x4 | 6", "max_iter": 1, "random_state": 0}


def swish(x):
    return x * expit(x)


def slope_of_swish(x):
    return expit(x) * (1 + x * expit(-x))


def kinds(model):
    return [type(layer).__name__ for layer in model.network_.layers()]


def test_a_function_with_or_without_its_derivative_learns_as_the_layer_does():
    X, y = iris()
    named = MLPClassifier(**SMALL, activation="silu").fit(X, y)
    for activation in (swish, Elementwise(swish), Elementwise(swish, slope_of_swish)):
        model = MLPClassifier(**SMALL, activation=activation).fit(X, y)
        np.testing.assert_allclose(model.predict_proba(X), named.predict_proba(X), rtol=1e-6)
    np.testing.assert_allclose(
        MLPClassifier(**SMALL, activation=np.tanh).fit(X, y).predict_proba(X),
        MLPClassifier(**SMALL, activation="tanh").fit(X, y).predict_proba(X),
        rtol=1e-10,
    )


def test_functions_clone_pickle_and_search():
    X, y = iris()
    model = MLPClassifier(**SMALL, activation=[swish, np.sin]).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(clone(model).fit(X, y).predict_proba(X), model.predict_proba(X))
    choices = [swish, "selu", "maxout", "prelu", Elementwise(np.sin, np.cos), Maxout(3)]
    search = GridSearchCV(MLPClassifier(**SMALL), {"activation": choices}, cv=2).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_a_warm_start_goes_on_with_the_same_function_only():
    X, y = iris()
    model = MLPClassifier(**SMALL, activation=swish, warm_start=True).fit(X, y)
    model.fit(X, y)
    with pytest.raises(ValueError, match=r"Elementwise\(swish\).*Elementwise\(sin\)"):
        model.set_params(activation=np.sin).fit(X, y)


def test_a_function_that_is_none_of_a_number_is_refused_before_any_work():
    X, y = iris()
    with pytest.raises(ValueError, match="to an array of its shape"):
        MLPClassifier(**SMALL, activation=np.sum).fit(X, y)


def test_a_selu_network_has_its_weights_and_its_dropout():
    X, y = digits()
    params = {"hidden_layer_sizes": (300,), "max_iter": 1, "learning_rate_init": 1e-9}
    model = MLPClassifier(**params, activation="selu", dropout=0.1, random_state=0).fit(X / 16, y)
    assert kinds(model) == ["Dense", "SELU", "AlphaDropout", "Dense"]
    assert abs(model.coefs_[0].std() * np.sqrt(64) - 1) < 0.02
    assert abs(model.intercepts_[0]).max() < 1e-6
    mixed = MLPClassifier(**SMALL, activation=["selu", "relu"], dropout=0.1).fit(X[:50], y[:50])
    assert kinds(mixed)[1:3] == ["SELU", "AlphaDropout"]
    assert kinds(mixed)[4:6] == ["ReLU", "Dropout"]


def test_slopes_are_learned_and_no_penalty_pulls_them():
    X, y = iris()
    model = MLPClassifier(**SMALL, activation="prelu").fit(X, y)
    slopes = model.network_.layers()[1].slope
    assert slopes.shape == (8,)
    assert np.ptp(slopes) > 1e-3
    assert model.network_.n_penalized == sum(w.size for w in model.coefs_)


def test_the_width_of_a_maxout_layer_counts_what_is_left():
    X, y = iris()
    two = MLPClassifier(**SMALL, activation="maxout").fit(X, y)
    assert [w.shape for w in two.coefs_] == [(4, 16), (8, 10), (5, 3)]
    hidden = (X @ two.coefs_[0] + two.intercepts_[0]).reshape(-1, 2, 8).max(axis=1)
    hidden = (hidden @ two.coefs_[1] + two.intercepts_[1]).reshape(-1, 2, 5).max(axis=1)
    outputs = hidden @ two.coefs_[2] + two.intercepts_[2]
    np.testing.assert_array_equal(two.classes_[outputs.argmax(axis=1)], two.predict(X))
    five = MLPClassifier(**SMALL, activation=Maxout(5)).fit(X, y)
    assert five.coefs_[0].shape == (4, 40)


@pytest.mark.parametrize(
    "activation",
    ["selu", "maxout", "prelu", "tanh", swish, np.sin, Maxout(3)],
    ids=lambda given: getattr(given, "__name__", str(given)),
)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_convolutional_networks_take_them_for_their_notation(activation, batch_norm):
    X, y = digits()
    X, y = X[:80], y[:80]
    model = ConvNetClassifier(**TINY, activation=activation, batch_norm=batch_norm, dropout=0.1)
    model.fit(X, y)
    assert model.predict(X).shape == (80,)
    assert "ReLU" not in {kind for kind in kinds(model) if kind != "PReLU"}
    assert ("AlphaDropout" in kinds(model)) == (activation == "selu")
    with pytest.raises(ValueError, match="activation"):
        ConvNetRegressor(**TINY, activation="swishy").fit(X, y)


def test_transformers_take_functions():
    X = np.random.RandomState(0).normal(size=(20, 4, 3))
    y = np.arange(20) % 2
    params = {"width": 8, "n_layers": 1, "n_heads": 2, "max_iter": 2, "random_state": 0}
    named = TransformerClassifier(**params, activation="silu").fit(X, y)
    own = TransformerClassifier(**params, activation=swish).fit(X, y)
    np.testing.assert_allclose(own.predict_proba(X), named.predict_proba(X), rtol=1e-5)


def test_regressors_take_them_too():
    X, y = diabetes()
    for activation in ("mish", "selu", swish):
        model = MLPRegressor(**SMALL, activation=activation, standardize_target=True).fit(X, y)
        assert model.loss_curve_[-1] < model.loss_curve_[0]
