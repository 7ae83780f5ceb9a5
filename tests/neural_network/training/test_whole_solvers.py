"""Estimators trained on all data at once: 'bfgs', 'cg' and 'newton' beside 'lbfgs'."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.callback import ProgressBar
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPRegressor as TheirRegressor

from skdeep import (
    ConvNetClassifier,
    MLPClassifier,
    MLPRegressor,
    RecurrentClassifier,
    SoftmaxClassifier,
    TransformerClassifier,
)
from skdeep.neural_network.training_params import WHOLE_SOLVERS
from skdeep.nn import Tanh
from tests.data import diabetes, digits, iris

each_solver = pytest.mark.parametrize("solver", WHOLE_SOLVERS)
SMALL = {"hidden_layer_sizes": (4,), "activation": "tanh", "alpha": 1.0, "random_state": 0}


def test_newton_reaches_least_squares_in_one_step():
    X, y = diabetes()
    model = MLPRegressor(hidden_layer_sizes=(), solver="newton", alpha=0, tol=1e-8).fit(X, y)
    exact = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), y)[0]
    np.testing.assert_allclose([*model.coefs_[0][:, 0], model.intercepts_[0][0]], exact, atol=1e-10)
    assert model.n_iter_ == len(model.loss_curve_) == 1


@each_solver
@pytest.mark.parametrize("load", [iris, lambda: digits(100)], ids=["iris", "digits"])
def test_without_hidden_layers_the_optimum_is_that_of_softmax_regression(load, solver):
    X, y = load()
    params = {"alpha": 1.0, "tol": 1e-6, "max_iter": 3000, "random_state": 0}
    mine = MLPClassifier((), solver=solver, **params).fit(X, y)
    theirs = SoftmaxClassifier(C=1.0, tol=1e-12).fit(X, y)
    atol = 5e-3 if solver == "lbfgs" else 1e-4  # it also ends where the loss hardly falls
    np.testing.assert_allclose(mine.predict_proba(X), theirs.predict_proba(X), atol=atol)


@each_solver
def test_the_loss_is_as_low_as_scikit_learns_lbfgs_makes_it(solver):
    X, y = diabetes()
    y = (y - y.mean()) / y.std()
    params = {"max_iter": 2000, "tol": 1e-5}
    mine = MLPRegressor(**SMALL | params, solver=solver).fit(X, y)
    theirs = TheirRegressor(**SMALL | params, solver="lbfgs").fit(X, y)
    assert mine.loss_ < 1.05 * theirs.loss_
    assert mine.loss_curve_ == sorted(mine.loss_curve_, reverse=True)
    assert mine.loss_ == mine.loss_curve_[-1]
    assert mine.n_iter_ == len(mine.loss_curve_) == len(mine.history_["gradient_norm"])


@each_solver
def test_too_few_iterations_warn(solver):
    with pytest.warns(ConvergenceWarning, match=f"{solver} failed to converge after 2 iter"):
        model = MLPClassifier(**SMALL, solver=solver, max_iter=2).fit(*iris())
    assert model.n_iter_ == 2
    with pytest.warns(ConvergenceWarning, match=f"{solver} failed to converge"):
        MLPClassifier(**SMALL, solver=solver, max_fun=5).fit(*iris())


@each_solver
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_warm_starts_go_on(solver):
    X, y = iris()
    model = MLPClassifier(**SMALL, solver=solver, max_iter=3, warm_start=True)
    first = model.fit(X, y).loss_
    assert model.fit(X, y).loss_ < first
    assert model.n_iter_ == 3


@each_solver
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_fit_is_reproducible_and_watching_does_not_change_it(solver):
    X, y = iris()
    model = MLPClassifier(**SMALL, solver=solver, max_iter=5)
    watched = clone(model).set_callbacks(ProgressBar()).fit(X, y, X_val=X[::3], y_val=y[::3])
    np.testing.assert_array_equal(model.fit(X, y).predict_proba(X), watched.predict_proba(X))
    assert len(watched.validation_scores_) == 5


@each_solver
def test_partial_fit_is_for_mini_batches(solver):
    assert not hasattr(MLPClassifier(solver=solver), "partial_fit")


@each_solver
def test_dropout_is_refused(solver):
    model = MLPClassifier(**SMALL, solver=solver, dropout=0.2)
    with pytest.raises(
        ValueError, match=f"MLPClassifier cannot use dropout with solver='{solver}'"
    ):
        model.fit(*iris())
    assert vars(model) == model.get_params()


@pytest.mark.parametrize("solver", ["bfgs", "newton"])
def test_a_hopeless_size_is_refused_with_the_arithmetic_before_any_work(solver):
    X, y = digits(50)
    model = MLPClassifier((1000,), solver=solver)
    with pytest.raises(ValueError, match=r"MLPClassifier with solver=.* 75,010 x 75,010 numbers"):
        model.fit(X, y)
    assert vars(model) == model.get_params()


def test_newton_takes_sparse_rows_weights_and_float32():
    X, y = digits(120)
    weight = 1.0 + (np.arange(120) % 3 == 0)
    params = SMALL | {"solver": "newton", "max_iter": 100}
    model = MLPClassifier(**params).fit(sparse.csr_array(X), y, weight)
    dense = MLPClassifier(**params).fit(X, y, weight)
    np.testing.assert_allclose(model.predict_proba(X), dense.predict_proba(X), atol=1e-4)
    single = MLPClassifier(**params, dtype="float32").fit(X, y, weight)
    assert single.loss_ == pytest.approx(dense.loss_, rel=1e-3)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (MLPClassifier((3,), batch_norm=True), (4,)),
        (MLPClassifier((3,), layer_norm=True, activation="gelu"), (4,)),
        (ConvNetClassifier("2 | 3"), (4, 4, 1)),
        (RecurrentClassifier(2), (3, 2)),
        (TransformerClassifier(4, n_heads=1, n_layers=1, feedforward_size=4), (3, 2)),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "fit") else "",
)
def test_newton_trains_every_kind_of_network(model, shape):
    random = np.random.RandomState(0)
    X, y = random.normal(size=(20, *shape)), np.arange(20) % 2
    model.set_params(solver="newton", max_iter=15, random_state=0).fit(X, y)
    assert model.loss_curve_ == sorted(model.loss_curve_, reverse=True)
    assert model.loss_curve_[-1] < 0.95 * model.loss_curve_[0]


def test_a_layer_of_ones_own_without_second_derivatives_is_named():
    class Foreign(Tanh):
        def apply(self, x, y):
            y[...] = np.tanh(x)

    model = MLPClassifier((3,), activation=Foreign, solver="newton")
    with pytest.raises(NotImplementedError, match=r"second derivatives of .*Foreign"):
        model.fit(*iris())
    assert vars(model) == model.get_params()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_solvers_are_searched_like_any_keyword():
    search = GridSearchCV(
        MLPClassifier(**SMALL, max_iter=30), {"solver": list(WHOLE_SOLVERS)}, cv=3
    )
    assert search.fit(*iris()).best_score_ > 0.9
