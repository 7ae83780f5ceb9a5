"""What each solver makes of the keywords."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skdeep import MLPClassifier, SoftmaxClassifier, SVMClassifier
from skdeep.neural_network.training_params import STOCHASTIC_SOLVERS
from skdeep.nn import SCHEDULE_NAMES
from skdeep.nn.training.described import make_optimizer
from tests.data import iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

GIVEN = {
    "momentum": 0.7,
    "nesterovs_momentum": False,
    "beta_1": 0.8,
    "beta_2": 0.95,
    "epsilon": 1e-6,
    "decay": 0.9,
    "clip_norm": 3.0,
    "clip_value": 0.5,
    "decoupled_weight_decay": 0.1,
}
COMMON = {"clip_norm": 3.0, "clip_value": 0.5, "weight_decay": 0.1, "t": 0}
MOMENTS = {"beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-6}
EXPECTED = {
    "sgd": ("Momentum", {"momentum": 0.7}),
    "adam": ("Adam", MOMENTS),
    "adagrad": ("AdaGrad", {"epsilon": 1e-6}),
    "rmsprop": ("RMSProp", {"decay": 0.9, "momentum": 0.0, "epsilon": 1e-6}),
    "rmsprop_momentum": ("RMSProp", {"decay": 0.9, "momentum": 0.7, "epsilon": 1e-6}),
    "amsgrad": ("AMSGrad", MOMENTS),
    "nadam": ("NAdam", MOMENTS | {"momentum_decay": 4e-3}),
    "lion": ("Lion", {"beta_1": 0.8, "beta_2": 0.9}),
    "muon": ("Muon", MOMENTS | {"momentum": 0.7, "nesterov": False}),
}


def test_every_solver_for_mini_batches_is_here():
    assert set(EXPECTED) == set(STOCHASTIC_SOLVERS)


@pytest.mark.parametrize("solver", EXPECTED)
def test_a_solver_takes_its_keywords(solver):
    name, expected = EXPECTED[solver]
    optimizer = make_optimizer(MLPClassifier(solver=solver, **GIVEN))
    assert type(optimizer).__name__ == name
    assert vars(optimizer) == expected | COMMON


@pytest.mark.parametrize("solver", EXPECTED)
def test_every_solver_reads_digits(solver):
    X, y = load_digits(return_X_y=True)
    rate = {"sgd": 0.1, "adagrad": 0.05, "lion": 0.003}.get(solver, 0.01)
    clf = MLPClassifier(
        (32,), solver=solver, learning_rate_init=rate, max_iter=10, random_state=0, batch_size=50
    )
    clf.fit(X[:1200] / 16, y[:1200])
    assert clf.score(X[1200:] / 16, y[1200:]) > 0.88


@pytest.mark.parametrize("solver", EXPECTED)
def test_going_on_is_the_same_as_not_having_stopped(solver):
    X, y = load_digits(n_class=3, return_X_y=True)

    def model(max_iter):
        return MLPClassifier((8,), solver=solver, shuffle=False, max_iter=max_iter, random_state=0)

    whole, parts = model(3).fit(X, y), model(1)
    for _ in range(3):
        parts.partial_fit(X, y, classes=[0, 1, 2])
    np.testing.assert_allclose(parts.predict_proba(X), whole.predict_proba(X), rtol=1e-9)


def test_a_solver_that_is_none_is_refused_by_name():
    with pytest.raises(ValueError, match=r"'solver' parameter.*'muon'.*Got 'adamax'"):
        MLPClassifier(solver="adamax").fit([[0.0], [1.0]], [0, 1])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "model",
    [
        MLPClassifier((4,), max_iter=2, random_state=0),
        SoftmaxClassifier(solver="sgd", max_iter=2, random_state=0),
        SVMClassifier(solver="sgd", max_iter=2, random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_every_solver_and_every_schedule_are_searched_like_any_keyword(model):
    pipeline = Pipeline([("scale", StandardScaler()), ("model", model)])
    schedules = [*SCHEDULE_NAMES, fading]
    grid = {"model__solver": list(STOCHASTIC_SOLVERS), "model__learning_rate": schedules}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(*iris())
    assert len(search.cv_results_["params"]) == len(STOCHASTIC_SOLVERS) * len(schedules)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def fading(epoch):
    return 0.5**epoch
