"""Mini-batches: a network of one layer walks as a loop written by hand."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_digits, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV

from skdeep import SoftmaxClassifier, SVMClassifier
from skdeep.linear_model.classifiers.minibatch import DEFAULT_RATES, batch_order
from skdeep.nn import (
    OPTIMIZER_NAMES,
    SCHEDULE_NAMES,
    Batches,
    Dense,
    Network,
    Run,
    SoftmaxCrossEntropy,
    named_optimizer,
    named_schedule,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def softmax_gradient(z, y, weight):
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1.0
    return p * weight[:, None]


def hinge_gradient(z, y, weight):
    """Return that of the squared hinge of Weston and Watkins."""
    places = np.arange(len(y))
    margins = np.maximum(1 + z - z[places, y][:, None], 0.0)
    margins[places, y] = 0.0
    gradient = 2 * margins
    gradient[places, y] = -gradient.sum(axis=1)
    return gradient * weight[:, None]


def by_hand(X, y, weight, *, gradient_of, solver, C, l1_ratio, n_epochs, batch_size, seed):
    """Train with SGD or with momentum; an L1 penalty is a proximal step."""
    random = np.random.RandomState(seed)
    n, rate, total = len(y), DEFAULT_RATES[solver], weight.sum()
    W, b = np.zeros((X.shape[1], 10)), np.zeros(10)
    v_W, v_b = np.zeros_like(W), np.zeros_like(b)
    l2, l1 = (1 - l1_ratio) / C / total, l1_ratio / C / total
    reach = 0.0  # of a unit of gradient that has always been there
    for _ in range(n_epochs):
        order = batch_order(y, None, random)
        for start in range(0, n, batch_size):
            rows = order[start : start + batch_size]
            z = gradient_of(X[rows] @ W + b, y[rows], weight[rows]) * (n / total / len(rows))
            g_W, g_b = X[rows].T @ z + l2 * W, z.sum(axis=0)
            if solver == "sgd":
                W -= rate * g_W
                b -= rate * g_b
                W = np.sign(W) * np.maximum(np.abs(W) - rate * l1, 0.0)
            else:
                v_W, v_b = 0.9 * v_W - rate * g_W, 0.9 * v_b - rate * g_b
                W, b = W + v_W, b + v_b
                reach = 0.9 * reach + rate
                W = np.sign(W) * np.maximum(np.abs(W) - reach * l1, 0.0)
    return W.T, b


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("solver", ["sgd", "momentum"])
@pytest.mark.parametrize("kind", ["softmax", "elastic net", "hinge"])
def test_on_the_digits_weights_are_those_of_a_loop_written_by_hand(kind, solver, weighted):
    X, y = load_digits(return_X_y=True)
    X = X / 16
    weight = np.random.RandomState(1).uniform(0.5, 2, len(y)) if weighted else np.ones(len(y))
    l1_ratio = 0.5 if kind == "elastic net" else 0.0
    common = {"C": 0.1, "solver": solver, "batch_size": 100, "random_state": 0, "max_iter": 3}
    if kind == "hinge":
        model = SVMClassifier(**common)
    else:
        model = SoftmaxClassifier(l1_ratio=l1_ratio, **common)
    model.fit(X, y, sample_weight=weight if weighted else None)
    coef, intercept = by_hand(
        X,
        y,
        weight,
        gradient_of=hinge_gradient if kind == "hinge" else softmax_gradient,
        solver=solver,
        C=0.1,
        l1_ratio=l1_ratio,
        n_epochs=3,
        batch_size=100,
        seed=0,
    )
    assert_allclose(model.coef_, coef, atol=2e-15)
    assert_allclose(model.intercept_, intercept, atol=2e-15)


@pytest.mark.parametrize("learning_rate", SCHEDULE_NAMES)
@pytest.mark.parametrize("solver", OPTIMIZER_NAMES)
def test_every_optimizer_and_schedule_lowers_the_loss(solver, learning_rate):
    X, y = load_digits(return_X_y=True)
    X = sparse.csr_matrix(X[:600] / 16)
    for kind in (SoftmaxClassifier, SVMClassifier):
        model = kind(
            solver=solver, learning_rate=learning_rate, max_iter=8, random_state=0, clip_norm=1.0
        ).fit(X, y[:600])
        assert np.isfinite(model.loss_curve_).all()
        assert model.loss_curve_[-1] < model.loss_curve_[0]


@pytest.mark.parametrize("solver", OPTIMIZER_NAMES)
def test_it_trains_as_a_network_of_one_layer_does(solver):
    X, y = load_wine(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    model = SoftmaxClassifier(
        C=np.inf, solver=solver, clip_value=0.05, max_iter=3, batch_size=32, random_state=0
    ).fit(X, y)
    random = np.random.RandomState(0)
    run = Run(
        Network(Dense(3, weight_init="zeros"), (13,), dtype=np.float64),
        SoftmaxCrossEntropy(),
        named_optimizer(solver, clip_value=0.05),
        named_schedule("constant", DEFAULT_RATES[solver], n_epochs=3),
        order=lambda: batch_order(y, None, random),
        random_state=random,
    )
    run.begin_fit()
    with run.working(Batches(X, y, None, 32, np.float64)):
        for _ in range(3):
            run.epoch()
    assert_allclose(model.coef_, run.network.root.weight.T, rtol=1e-9, atol=1e-12)


def test_a_schedule_may_be_a_function_and_optimizers_are_searched():
    X, y = load_wine(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    model = SVMClassifier(solver="nadam", max_iter=30, random_state=0)
    grid = {"solver": ["lion", "nadam"], "learning_rate": ["plateau", lambda epoch: 0.9**epoch]}
    search = GridSearchCV(model, grid, cv=3).fit(X, y)
    assert search.best_score_ > 0.9
    pickle.loads(pickle.dumps(clone(model).set_params(solver="muon").fit(X, y))).predict(X)
    with pytest.raises(ValueError, match="'solver' parameter of SVMClassifier must be one of"):
        clone(model).set_params(solver="rprop").fit(X, y)
    with pytest.raises(ValueError, match="'learning_rate' parameter of SVMClassifier must be"):
        clone(model).set_params(learning_rate="linear").fit(X, y)


def test_another_solver_starts_anew_in_partial_fit():
    X, y = load_wine(return_X_y=True)
    model = SoftmaxClassifier(solver="rmsprop", random_state=0).partial_fit(X, y)
    model.set_params(solver="rmsprop_momentum").partial_fit(X, y)
    assert model._optimizer.momentum == 0.9
    assert model._optimizer.t == 178 // 128 + 1


def test_a_schedule_that_ends_is_no_failure_to_converge(recwarn):
    X, y = load_digits(return_X_y=True)
    SoftmaxClassifier(solver="sgd", learning_rate="cosine", max_iter=2).fit(X / 16, y)
    assert not [w for w in recwarn if issubclass(w.category, ConvergenceWarning)]


def test_clipped_gradients_move_no_further_than_the_rate_allows():
    X, y = load_digits(return_X_y=True)
    model = SoftmaxClassifier(
        solver="sgd", clip_norm=1e-3, max_iter=1, batch_size=len(y), learning_rate_init=1.0
    ).fit(X, y)
    moved = np.sqrt((model.coef_**2).sum() + (model.intercept_**2).sum())
    assert moved == pytest.approx(1e-3)
