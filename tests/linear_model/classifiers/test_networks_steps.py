"""The optimizers, schedules, averages and callbacks of networks, for linear classifiers."""

import dataclasses
import pickle
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.model_selection import GridSearchCV

from skdeep import MLPClassifier, SoftmaxClassifier, SVMClassifier
from skdeep.linear_model.classifiers.keywords import ONLY_MINIBATCH, MiniBatchParams
from skdeep.nn import OPTIMIZER_NAMES, SCHEDULE_NAMES
from tests.data import cancer, digits, iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

KINDS = [SoftmaxClassifier, SVMClassifier]
C = 0.1
RATES = {"sgd": 0.3, "momentum": 0.03, "nesterov": 0.03, "adagrad": 0.3, "rmsprop_momentum": 0.01}
# What is no default, of everything that exact solvers do not use.
OTHERS = {
    "batch_size": 10,
    "learning_rate_init": 0.1,
    "balanced_batches": "equal",
    "learning_rate": "cosine",
    "clip_norm": 1.0,
    "clip_value": 1.0,
    "decoupled_weight_decay": 0.1,
    "momentum": 0.5,
    "nesterovs_momentum": False,
    "beta_1": 0.5,
    "beta_2": 0.5,
    "epsilon": 0.1,
    "decay": 0.5,
    "power_t": 0.1,
    "learning_rate_decay": 0.5,
    "learning_rate_step": 3,
    "learning_rate_min": 0.1,
    "learning_rate_patience": 2,
    "learning_rate_growth": 2,
    "warmup_epochs": 3,
    "average": "swa",
    "average_decay": 0.9,
    "average_start": 0.5,
}


def objective(model, X, y, coef, intercept):
    """Return what the exact solver minimizes, at these weights."""
    codes = np.searchsorted(model.classes_, y)
    loss = model._loss(codes, len(model.classes_), np.ones(len(y)))
    return model.C * loss.value(X @ coef.T + intercept) + 0.5 * (coef**2).sum()


def excess(model, X, y):
    """Return how far above its least value the objective of a fitted model is, relatively."""
    exact = type(model)(C=model.C).fit(X, y)
    least = objective(model, X, y, exact.coef_, exact.intercept_)
    return objective(model, X, y, model.coef_, model.intercept_) / least - 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", OPTIMIZER_NAMES)
def test_every_optimizer_finds_the_optimum(solver, kind):
    X, y = iris()
    model = kind(
        C=C,
        solver=solver,
        learning_rate="cosine",
        learning_rate_init=RATES.get(solver, 0.1),
        batch_size=len(y),
        max_iter=400,
        tol=0.0,
        n_iter_no_change=400,
        random_state=0,
    ).fit(X, y)
    assert excess(model, X, y) < 1e-3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("learning_rate", [*SCHEDULE_NAMES, lambda epoch: 0.98**epoch])
def test_every_schedule_leads_near_the_optimum(learning_rate, kind):
    X, y = iris()
    model = kind(
        C=C,
        solver="adam",
        learning_rate=learning_rate,
        learning_rate_init=0.05,
        learning_rate_decay=0.7,
        power_t=0.2,
        batch_size=50,
        max_iter=200,
        n_iter_no_change=200 if learning_rate == "cosine_of_log" else 10,  # its rates rise again
        random_state=0,
    ).fit(X, y)
    assert excess(model, X, y) < 2e-2


def pair(solver, solver_here=None, **keywords):
    """Return a network without hidden units and a softmax regression, after the same training.

    All rows are one batch, so that the order of rows changes nothing but rounding.
    """
    X, y = iris()
    common = {"batch_size": len(y), "tol": 0.0, "random_state": 0, **keywords}
    alpha = 0.5
    start = MLPClassifier((), learning_rate=lambda epoch: 0.0, max_iter=1, random_state=0)
    start.fit(X, y)
    network = MLPClassifier((), alpha=alpha, solver=solver, **common).fit(X, y)
    linear = SoftmaxClassifier(C=1 / alpha, warm_start=True, solver=solver_here or solver, **common)
    linear.coef_, linear.intercept_ = start.coefs_[0].T, start.intercepts_[0]
    return network, linear.fit(X, y)


@pytest.mark.parametrize("solver", OPTIMIZER_NAMES[3:])
def test_weights_are_those_of_a_network_without_hidden_units(solver):
    network, linear = pair(
        solver,
        learning_rate="one_cycle",
        learning_rate_init=0.01,
        max_iter=12,
        momentum=0.8,
        beta_1=0.8,
        beta_2=0.99,
        decay=0.9,
        epsilon=1e-6,
        clip_value=0.2,
        clip_norm=0.3,
        decoupled_weight_decay=0.1,
    )
    assert_allclose(linear.coef_.T, network.coefs_[0], rtol=1e-7, atol=1e-10)
    assert_allclose(linear.intercept_, network.intercepts_[0], rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("average", ["ema", "swa"])
@pytest.mark.parametrize("learning_rate", SCHEDULE_NAMES)
def test_schedules_and_averages_are_those_of_a_network(learning_rate, average):
    network, linear = pair(
        "adam",
        learning_rate=learning_rate,
        learning_rate_init=0.05,
        learning_rate_step=3,
        learning_rate_growth=2,
        learning_rate_decay=0.4,
        learning_rate_min=0.001,
        warmup_epochs=2,
        max_iter=9,
        average=average,
        average_decay=0.8,
        average_start=0.4,
    )
    assert_allclose(linear.coef_.T, network.coefs_[0], rtol=1e-7, atol=1e-10)


def test_nesterov_here_is_a_networks_sgd():
    network, linear = pair("sgd", "nesterov", momentum=0.7, learning_rate_init=0.1, max_iter=10)
    assert_allclose(linear.coef_.T, network.coefs_[0], rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("average", ["ema", "swa"])
def test_an_average_lies_nearer_to_the_optimum_than_noisy_steps(average):
    X, y = cancer()
    common = {"C": C, "solver": "sgd", "learning_rate_init": 0.5, "batch_size": 4}
    common |= {"max_iter": 12, "random_state": 0, "n_iter_no_change": 12}
    noisy = SoftmaxClassifier(**common).fit(X, y)
    averaged = SoftmaxClassifier(average=average, average_decay=0.99, **common).fit(X, y)
    assert excess(averaged, X, y) < 0.7 * excess(noisy, X, y)
    assert averaged.loss_curve_ == noisy.loss_curve_  # the steps are the same


@pytest.mark.parametrize("average", [None, "ema", "swa"])
@pytest.mark.parametrize("solver", OPTIMIZER_NAMES)
def test_going_on_is_the_same_as_not_having_stopped(solver, average):
    X, y = digits(200)

    def model():
        return SoftmaxClassifier(
            solver=solver,
            average=average,
            average_decay=0.9,
            average_start=0.0,
            batch_size=64,
            max_iter=3,
            learning_rate="cosine",
            random_state=0,
        )

    whole, parts = model().fit(X, y), model()
    for _ in range(3):
        parts = pickle.loads(pickle.dumps(parts.partial_fit(X, y)))
    assert_allclose(parts.coef_, whole.coef_, rtol=1e-9, atol=1e-13)
    assert parts.loss_curve_ == pytest.approx(whole.loss_curve_)


def test_another_optimizer_or_average_begins_anew():
    X, y = digits(200)
    model = SoftmaxClassifier(solver="adam", average="ema", random_state=0).partial_fit(X, y)
    model.set_params(solver="lion", average=None).partial_fit(X, y)
    assert model._optimizer.t == 2
    assert model._average is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_that_is_none_is_answered_by_those_that_are(kind):
    X, y = iris()
    with pytest.raises(ValueError, match=r"'solver'.*'sgd'.*'muon'.*Got 'adamax'"):
        kind(solver="adamax").fit(X, y)
    with pytest.raises(ValueError, match=r"'learning_rate'.*'plateau'.*callable.*Got 'linear'"):
        kind(solver="adam", learning_rate="linear").fit(X, y)


def test_every_keyword_for_mini_batches_is_on_the_list():
    assert set(OTHERS) == set(ONLY_MINIBATCH)
    assert {field.name for field in dataclasses.fields(MiniBatchParams)} < set(OTHERS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", OTHERS)
def test_an_exact_solver_refuses_what_it_would_ignore(name, kind):
    X, y = iris()
    model = kind(**{name: OTHERS[name]})
    with pytest.raises(ValueError, match=rf"{kind.__name__} with solver='lbfgs'.*use {name}="):
        model.fit(X, y)
    assert vars(model) == model.get_params()


@pytest.mark.parametrize("kind", KINDS)
def test_an_exact_solver_warns_of_patience_that_it_does_not_use(kind):
    with pytest.warns(UserWarning, match="does not use n_iter_no_change=3"):
        kind(n_iter_no_change=3).fit(*iris())


def test_descent_without_momentum_refuses_one():
    with pytest.raises(ValueError, match=r"solver='sgd' has no momentum, got momentum=0\.5"):
        SoftmaxClassifier(solver="sgd", momentum=0.5).fit(*iris())


def test_a_search_goes_over_solvers():
    X, y = iris()
    search = GridSearchCV(
        SoftmaxClassifier(learning_rate_init=0.05, max_iter=30, random_state=0),
        {"solver": list(OPTIMIZER_NAMES), "learning_rate": ["one_cycle", "cosine_restarts"]},
        cv=3,
        error_score="raise",
    ).fit(X, y)
    assert search.cv_results_["mean_test_score"].min() > 0.8


class Watch:
    """Keeps the weights after each epoch, and stops after the third."""

    def __init__(self):
        self.weights = []

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
        if context.task_name == "epoch" and fitted_estimator is not None:
            self.weights.append(fitted_estimator.coef_.copy())
        return len(self.weights) == 3

    def teardown(self, estimator, context):
        pass


@pytest.mark.parametrize("average", [None, "ema", "swa"])
@pytest.mark.parametrize("kind", KINDS)
def test_callbacks_see_the_weights_of_every_epoch_and_may_stop(kind, average):
    X, y = iris()
    keywords = {"average_decay": 0.9, "average_start": 0.0, "random_state": 0, "tol": 0.0}
    model = kind(solver="rmsprop", average=average, **keywords)
    watch = Watch()
    model.set_callbacks(watch).fit(X, y)
    assert model.n_iter_ == 3
    for n_epochs, weights in enumerate(watch.weights, start=1):
        alone = kind(solver="rmsprop", average=average, max_iter=n_epochs, **keywords).fit(X, y)
        assert_array_equal(weights, alone.coef_)


def test_a_schedule_with_an_end_gives_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SoftmaxClassifier(solver="nadam", learning_rate="one_cycle", max_iter=3).fit(*iris())
