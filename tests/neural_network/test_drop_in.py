"""The same seed gives scikit-learn's network: weights, losses and scores of every epoch."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import (
    make_multilabel_classification,
    make_regression,
)
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.neural_network import MLPRegressor as TheirRegressor

from skdeep import MLPClassifier, MLPRegressor
from tests import data
from tests.data import cancer

pytestmark = pytest.mark.filterwarnings("ignore")


def digits():
    return data.digits(500)


def diabetes():
    X, y = data.diabetes()
    return X, y / 100


def labels():
    return make_multilabel_classification(200, 10, n_classes=4, random_state=0)


def assert_same_network(ours, theirs, rtol=1e-7):
    for name in ("coefs_", "intercepts_"):
        for mine, other in zip(getattr(ours, name), getattr(theirs, name), strict=True):
            np.testing.assert_allclose(mine, other, rtol=rtol, atol=rtol / 100, err_msg=name)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-6)
    for name in ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_"):
        assert getattr(ours, name) == getattr(theirs, name), name
    if theirs.validation_scores_ is not None:
        np.testing.assert_allclose(ours.validation_scores_, theirs.validation_scores_, rtol=1e-6)
        assert ours.best_validation_score_ == pytest.approx(theirs.best_validation_score_)
        assert ours.best_loss_ is theirs.best_loss_ is None
    else:
        assert ours.best_loss_ == pytest.approx(theirs.best_loss_, rel=1e-6)


VARIANTS = {
    "defaults": {},
    "tanh": {"activation": "tanh"},
    "logistic, two layers": {"activation": "logistic", "hidden_layer_sizes": (20, 10)},
    "identity": {"activation": "identity"},
    "no hidden layer": {"hidden_layer_sizes": ()},
    "no hidden layer, logistic": {"hidden_layer_sizes": (), "activation": "logistic"},
    "small batches": {"batch_size": 7, "max_iter": 3},
    "no shuffling": {"shuffle": False, "batch_size": 32},
    "strong penalty": {"alpha": 1.0, "batch_size": 32},
    "sgd with nesterov": {"solver": "sgd", "learning_rate_init": 0.05},
    "sgd with momentum": {"solver": "sgd", "nesterovs_momentum": False, "learning_rate_init": 0.05},
    "plain sgd": {"solver": "sgd", "momentum": 0, "learning_rate_init": 0.05},
    "invscaling": {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.02},
    "adaptive": {
        "solver": "sgd",
        "learning_rate": "adaptive",
        "tol": 0.1,
        "n_iter_no_change": 1,
        "max_iter": 30,
    },
    "early stopping": {"early_stopping": True, "n_iter_no_change": 3, "max_iter": 30},
    "converges": {"tol": 0.05, "n_iter_no_change": 2, "max_iter": 200, "learning_rate_init": 0.01},
}


@pytest.mark.parametrize("load", [digits, cancer, labels], ids=lambda f: f.__name__)
@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_classifier_is_scikit_learns(variant, load):
    params = {"hidden_layer_sizes": (15,), "max_iter": 8, "random_state": 5} | VARIANTS[variant]
    X, y = load()
    ours, theirs = MLPClassifier(**params).fit(X, y), TheirClassifier(**params).fit(X, y)
    assert_same_network(ours, theirs)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-6)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_regressor_is_scikit_learns(variant, loss):
    params = {"hidden_layer_sizes": (15,), "max_iter": 8, "random_state": 5} | VARIANTS[variant]
    X, y = diabetes()
    ours = MLPRegressor(loss, **params).fit(X, y)
    theirs = TheirRegressor(loss, **params).fit(X, y)
    assert_same_network(ours, theirs, rtol=1e-6)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-6)


@pytest.mark.parametrize("variant", ["defaults", "small batches", "early stopping"])
def test_sample_weights_mean_what_they_mean_in_scikit_learn(variant):
    params = {"hidden_layer_sizes": (15,), "max_iter": 8, "random_state": 5} | VARIANTS[variant]
    X, y = digits()
    weight = np.random.RandomState(0).uniform(0, 3, len(X))
    ours = MLPClassifier(**params).fit(X, y, weight)
    assert_same_network(ours, TheirClassifier(**params).fit(X, y, weight))


def test_several_outputs_follow_the_same_path():
    X, y = make_regression(100, 5, n_targets=3, random_state=0)
    params = {"hidden_layer_sizes": (10,), "max_iter": 10, "random_state": 0, "tol": 0}
    ours, theirs = MLPRegressor(**params).fit(X, y), TheirRegressor(**params).fit(X, y)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-8)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_partial_fit_takes_the_same_steps(solver):
    X, y = digits()
    ours, theirs = (
        kind(hidden_layer_sizes=(15,), solver=solver, random_state=1, batch_size=50)
        for kind in (MLPClassifier, TheirClassifier)
    )
    for part in np.array_split(np.arange(len(X)), 3):
        for model in (ours, theirs):
            model.partial_fit(X[part], y[part], classes=np.arange(10))
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-7)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_a_warm_start_goes_on_alike(solver):
    X, y = cancer()
    ours, theirs = (
        kind((10,), solver=solver, random_state=1, max_iter=5, warm_start=True)
        for kind in (MLPClassifier, TheirClassifier)
    )
    for _ in range(3):
        for model in (ours, theirs):
            model.fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-5)
    assert ours.n_iter_ == theirs.n_iter_
    if solver != "lbfgs":
        np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-6)


@pytest.mark.parametrize("load", [digits, cancer], ids=lambda f: f.__name__)
def test_lbfgs_reaches_the_same_minimum(load):
    X, y = load()
    params = {"hidden_layer_sizes": (10,), "solver": "lbfgs", "alpha": 0.1, "random_state": 0}
    ours = MLPClassifier(**params, max_iter=1000).fit(X, y)
    theirs = TheirClassifier(**params, max_iter=1000).fit(X, y)
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-2)


def test_every_parameter_of_scikit_learn_is_here_with_its_default():
    for mine, other in ((MLPClassifier, TheirClassifier), (MLPRegressor, TheirRegressor)):
        ours, theirs = mine().get_params(), other().get_params()
        assert {name: ours[name] for name in theirs} == theirs
        assert next(iter(ours)) == next(iter(theirs))


def test_float32_stays_float32_and_comes_out_close():
    X, y = digits()
    ours = MLPClassifier((15,), max_iter=8, random_state=5).fit(X.astype(np.float32), y)
    theirs = TheirClassifier((15,), max_iter=8, random_state=5).fit(X.astype(np.float32), y)
    assert {c.dtype for c in ours.coefs_ + ours.intercepts_} == {np.dtype(np.float32)}
    assert ours.predict_proba(X).dtype == np.float32
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ours.score(X, y) == pytest.approx(theirs.score(X, y), abs=0.01)
