"""The same seed, the same network: in threads, in processes, from pickles."""

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from joblib import Parallel, delayed
from sklearn.ensemble import BaggingClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score

from skdeep import MLPClassifier, MLPRegressor
from tests.data import digits

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RICH = {
    "hidden_layer_sizes": (30, 20),
    "dropout": 0.3,
    "input_dropout": 0.1,
    "batch_norm": True,
    "max_iter": 5,
    "batch_size": 50,
    "random_state": 3,
}


@pytest.mark.parametrize("early_stopping", [False, True])
def test_the_same_seed_gives_the_same_network(early_stopping):
    X, y = digits(400)
    first, second = (MLPClassifier(**RICH, early_stopping=early_stopping) for _ in range(2))
    first.fit(X, y)
    second.fit(X, y)
    np.testing.assert_array_equal(first.network_.params, second.network_.params)
    np.testing.assert_array_equal(first.network_.statistics, second.network_.statistics)
    other = MLPClassifier(**RICH | {"random_state": 4}, early_stopping=early_stopping).fit(X, y)
    assert not np.allclose(first.network_.params, other.network_.params)


def test_fitting_again_is_fitting_anew():
    X, y = digits(400)
    model = MLPClassifier(**RICH)
    first = model.fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(model.fit(X, y).predict_proba(X), first)


def test_a_generator_goes_on_from_fit_to_fit():
    X, y = digits(400)
    state = np.random.RandomState(0)
    model = MLPClassifier(**RICH | {"random_state": state})
    first, second = (model.fit(X, y).predict_proba(X) for _ in range(2))
    assert not np.allclose(first, second)


def test_global_random_state_is_left_alone():
    X, y = digits(400)
    before = np.random.get_state()[1].copy()
    MLPClassifier(**RICH).fit(X, y)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_number_of_jobs_changes_nothing(n_jobs):
    X, y = digits(400)
    scores = cross_val_score(MLPClassifier(**RICH), X, y, cv=2, n_jobs=n_jobs)
    np.testing.assert_array_equal(scores, cross_val_score(MLPClassifier(**RICH), X, y, cv=2))
    search = GridSearchCV(MLPClassifier(**RICH), {"alpha": [1e-4, 1.0]}, cv=2, n_jobs=n_jobs)
    alone = GridSearchCV(MLPClassifier(**RICH), {"alpha": [1e-4, 1.0]}, cv=2)
    for one in (search, alone):
        one.fit(X, y)
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"]
    )
    np.testing.assert_allclose(
        search.best_estimator_.coefs_[0], alone.best_estimator_.coefs_[0], rtol=1e-10
    )


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_networks_trained_side_by_side_are_those_trained_alone(backend):
    X, y = digits(400)
    seeds = range(4)
    alone = [MLPClassifier(**RICH | {"random_state": s}).fit(X, y).predict_proba(X) for s in seeds]
    together = Parallel(n_jobs=2, backend=backend)(
        delayed(MLPClassifier(**RICH | {"random_state": s}).fit)(X, y) for s in seeds
    )
    for expected, model in zip(alone, together, strict=True):
        np.testing.assert_allclose(model.predict_proba(X), expected, rtol=1e-9)


def test_an_ensemble_of_scikit_learn_takes_them():
    X, y = digits(400)
    network = MLPClassifier(**RICH | {"max_iter": 20})
    bag = BaggingClassifier(network, n_estimators=3, random_state=0, n_jobs=2)
    assert bag.fit(X, y).score(X, y) > 0.7


@pytest.mark.parametrize("params", [{}, {"batch_norm": True}, {"layer_norm": True}], ids=str)
def test_several_threads_predict_right_at_the_same_time(params):
    X, y = digits(400)
    model = MLPClassifier((40, 40), max_iter=3, random_state=0, **params).fit(X, y)
    parts = [X[i : i + 50 + i] for i in range(0, 160, 5)]
    expected = [model.predict_proba(part) for part in parts]
    ready = threading.Barrier(4)

    def predict_all(_):
        ready.wait()
        return [[model.predict_proba(part) for part in parts] for _ in range(10)]

    with ThreadPoolExecutor(4) as pool:
        for rounds in pool.map(predict_all, range(4)):
            for found in rounds:
                for mine, right in zip(found, expected, strict=True):
                    np.testing.assert_allclose(mine, right, rtol=1e-9)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_to_predict_changes_no_attribute(kind):
    X, y = digits(400)
    model = kind(**RICH).fit(X, y)
    before = {name: id(value) for name, value in vars(model).items()}
    frozen = pickle.dumps(model)
    model.predict(X)
    model.score(X, y)
    if kind is MLPClassifier:
        model.predict_proba(X)
        model.predict_log_proba(X)
    assert {name: id(value) for name, value in vars(model).items()} == before
    assert pickle.dumps(model) == frozen


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("learning_rate", ["adaptive", "exponential"])
def test_partial_fit_goes_on_from_a_pickle_as_if_nothing_had_been(solver, learning_rate):
    X, y = digits(400)
    model = MLPClassifier(**RICH, solver=solver, learning_rate=learning_rate)
    for _ in range(3):
        model.partial_fit(X, y, classes=range(10))
    copy = pickle.loads(pickle.dumps(model))
    for one in (model, copy):
        for _ in range(3):
            one.partial_fit(X, y)
    np.testing.assert_array_equal(model.network_.params, copy.network_.params)
    np.testing.assert_array_equal(model.network_.statistics, copy.network_.statistics)
    assert model.loss_curve_ == copy.loss_curve_
    assert model.history_["learning_rate"] == copy.history_["learning_rate"]


def test_a_warm_start_goes_on_from_a_pickle():
    X, y = digits(400)
    model = MLPClassifier(**RICH, warm_start=True).fit(X, y)
    copy = pickle.loads(pickle.dumps(model)).fit(X, y)
    np.testing.assert_array_equal(model.fit(X, y).predict_proba(X), copy.predict_proba(X))


def test_epochs_of_partial_fit_are_those_of_fit():
    X, y = digits(400)
    params = {"hidden_layer_sizes": (20,), "random_state": np.random.RandomState(0)}
    whole = MLPClassifier(**params, max_iter=4).fit(X, y)
    params["random_state"] = np.random.RandomState(0)
    steps = MLPClassifier(**params)
    for _ in range(4):
        steps.partial_fit(X, y, classes=range(10))
    # Each call shuffles its rows from where they stand, `fit` from the last epoch's order.
    np.testing.assert_allclose(steps.loss_curve_[0], whole.loss_curve_[0], rtol=1e-12)
    np.testing.assert_allclose(steps.loss_curve_, whole.loss_curve_, rtol=1e-2)
