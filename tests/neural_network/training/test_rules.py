"""No keyword does nothing without a word."""

import dataclasses
import warnings
from dataclasses import KW_ONLY

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier as TheirClassifier

from skdeep import MLPClassifier, MLPRegressor, RecurrentClassifier
from skdeep.neural_network.training_params import WHOLE_SOLVERS, SolverParams, TrainingParams
from skdeep.utils.parameters import parameters
from tests.data import iris

OTHERS = {
    "batch_size": 32,
    "learning_rate": "cosine",
    "learning_rate_init": 0.1,
    "power_t": 0.1,
    "shuffle": False,
    "momentum": 0.5,
    "nesterovs_momentum": False,
    "early_stopping": True,
    "validation_fraction": 0.3,
    "beta_1": 0.5,
    "beta_2": 0.5,
    "epsilon": 0.1,
    "n_iter_no_change": 3,
    "clip_norm": 1.0,
    "decoupled_weight_decay": 0.1,
    "learning_rate_decay": 0.5,
    "learning_rate_step": 3,
    "learning_rate_min": 0.1,
    "warmup_epochs": 3,
    "clip_value": 0.1,
    "decay": 0.5,
    "learning_rate_patience": 2,
    "learning_rate_growth": 2,
    "l1_ratio": 0.5,
    "max_norm": 1.0,
    "average": "ema",
    "average_decay": 0.9,
    "average_start": 0.5,
}
USED = {
    "anchor": None,
    "orthogonality": 0.1,
    "alpha": 0.1,
    "max_iter": 10,
    "max_fun": 20,
    "tol": 0.01,
    "random_state": 3,
    "verbose": False,
    "warm_start": True,
    "dtype": "float32",
    "scoring": "loss",
}
NAMES = {field.name for field in dataclasses.fields(TrainingParams)}
THEIRS = {field.name for field in dataclasses.fields(SolverParams)}
KINDS = [(MLPClassifier, solver) for solver in WHOLE_SOLVERS] + [(MLPRegressor, "lbfgs")]
SMALL = {"hidden_layer_sizes": (3,), "max_iter": 1, "random_state": 0, "solver": "lbfgs"}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_every_training_keyword_is_on_one_of_the_lists():
    assert set(OTHERS) | set(USED) | {"solver"} == NAMES


@pytest.mark.parametrize("name", sorted(set(OTHERS) & THEIRS))
@pytest.mark.parametrize(("kind", "solver"), KINDS)
def test_solvers_without_batches_warn_of_what_scikit_learn_ignores_too(kind, solver, name):
    assert name in TheirClassifier().get_params()
    X, y = iris()
    params = SMALL | {"solver": solver}
    with pytest.warns(UserWarning, match=rf"solver='{solver}'.*does not use {name}=") as caught:
        warned = kind(**params | {name: OTHERS[name]}).fit(X, y)
    assert {warning.filename for warning in caught} == {__file__}
    np.testing.assert_array_equal(warned.predict(X), kind(**params).fit(X, y).predict(X))


@pytest.mark.parametrize("name", sorted(set(OTHERS) - THEIRS))
@pytest.mark.parametrize(("kind", "solver"), KINDS)
def test_they_refuse_what_only_skdeep_has_and_they_would_ignore(kind, solver, name):
    model = kind(**SMALL | {"solver": solver, name: OTHERS[name]})
    with pytest.raises(ValueError, match=rf"{kind.__name__} with solver='{solver}'.*use {name}="):
        model.fit(*iris())
    assert vars(model) == model.get_params()


def test_what_all_networks_have_by_default_asks_for_nothing():
    X, y = np.ones((4, 3, 1)), [0, 1, 0, 1]
    RecurrentClassifier((2,), solver="lbfgs", clip_norm=None, max_iter=1).fit(X, y)


def test_a_gradient_that_is_cut_off_is_no_gradient_of_the_loss():
    model = RecurrentClassifier((2,), solver="cg", truncate=2)
    with pytest.raises(ValueError, match=r"gradient of the loss itself. Got truncate=2; set it to"):
        model.fit(np.ones((4, 3, 1)), [0, 1, 0, 1])


@pytest.mark.parametrize("name", sorted(USED))
@pytest.mark.parametrize("solver", WHOLE_SOLVERS)
def test_they_say_nothing_of_what_they_use(solver, name):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.filterwarnings("ignore", message=f"{solver} failed to converge")
        MLPClassifier(**SMALL | {"solver": solver, name: USED[name]}).fit(*iris())


def test_all_of_them_are_named_in_one_sentence():
    X, y = iris()
    params = SMALL | {"early_stopping": True, "momentum": 0.5}
    with pytest.warns(UserWarning, match=r"use momentum=0\.5, early_stopping=True; scikit"):
        MLPClassifier(**params).fit(X, y)
    with pytest.raises(ValueError, match=r"use clip_norm=1\.0, warmup_epochs=2; leave it"):
        MLPClassifier(**SMALL | {"clip_norm": 1.0, "warmup_epochs": 2}).fit(X, y)


def test_a_default_of_the_estimators_own_is_no_setting():
    @parameters
    class Clipped(MLPClassifier):
        _: KW_ONLY
        clip_norm: float | None = 1.0

    model = Clipped((3,), solver="lbfgs", max_iter=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.filterwarnings("ignore", message="lbfgs failed to converge")
        model.fit(*iris())
