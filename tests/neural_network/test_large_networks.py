"""Networks whose steps threads share behave as those that one thread trains."""

import pickle
import threading
import warnings

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from skdeep import MLPClassifier, MLPRegressor
from skdeep.nn import Dense, Trainer, products
from skdeep.nn.training import threads

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

LARGE = {"hidden_layer_sizes": (60, 50), "max_iter": 3, "batch_size": 64, "random_state": 0}
rng = np.random.RandomState(0)
X = rng.standard_normal((300, 20))
y = rng.randint(0, 3, 300)


@pytest.fixture(autouse=True)
def two_threads_share_every_step(monkeypatch):
    """Take every network for a large one, on a machine of two cores."""
    monkeypatch.setattr(threads, "_SHARED", 0)
    monkeypatch.setattr(products, "SMALLEST_SHARED", 0)
    monkeypatch.setattr(threads, "available_threads", lambda: 2)


VARIANTS = {
    "adam": {},
    "sgd": {"solver": "sgd", "learning_rate_init": 0.05},
    "normalized and dropped out": {"batch_norm": True, "dropout": 0.2},
    "clipped": {"clip_norm": 0.1},
    "clipped by value": {"clip_value": 1e-3},
    "rmsprop": {"solver": "rmsprop_momentum"},
    "nadam": {"solver": "nadam"},
    "muon": {"solver": "muon"},
    "decayed": {"decoupled_weight_decay": 0.1},
    "weighted": {"class_weight": {0: 2.0}},
    "early stopping": {"early_stopping": True},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_shared_work_trains_the_same_network(variant, monkeypatch):
    params = LARGE | VARIANTS[variant]
    shared = MLPClassifier(**params).fit(X, y)
    monkeypatch.setattr(threads, "available_threads", lambda: 1)
    alone = MLPClassifier(**params).fit(X, y)
    np.testing.assert_allclose(shared.predict_proba(X), alone.predict_proba(X), rtol=1e-7)
    np.testing.assert_allclose(shared.loss_curve_, alone.loss_curve_, rtol=1e-9)
    assert shared.history_["gradient_norm"] == pytest.approx(alone.history_["gradient_norm"])


def test_the_limit_of_the_user_changes_no_more_than_rounding():
    with threadpool_limits(1):
        one = MLPClassifier(**LARGE).fit(X, y)
    free = MLPClassifier(**LARGE).fit(X, y)
    np.testing.assert_allclose(one.predict_proba(X), free.predict_proba(X), rtol=1e-7)


def shares(network):
    return [layer.share for layer in network.layers() if isinstance(layer, Dense)]


def test_nothing_of_the_threads_is_left_after_fit():
    before = threading.active_count()
    model = MLPClassifier(**LARGE).fit(X, y)
    assert threading.active_count() == before
    assert set(shares(model.network_)) == {None}
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(copy.fit(X, y).coefs_[0], model.coefs_[0])


class Keep:
    """Keeps the estimator of every epoch."""

    def __init__(self):
        self.fitted = []

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        if context.task_name == "epoch":
            self.fitted.append(fitted_estimator)
            assert set(shares(fitted_estimator.network_)) == {None}


def test_estimators_kept_by_callbacks_have_no_threads():
    keep = Keep()
    model = MLPClassifier(**LARGE).set_callbacks(keep).fit(X, y)
    for epoch, fitted in enumerate(keep.fitted, 1):
        short = MLPClassifier(**LARGE | {"max_iter": epoch}).fit(X, y)
        np.testing.assert_allclose(fitted.predict_proba(X), short.predict_proba(X), rtol=1e-7)
    np.testing.assert_array_equal(keep.fitted[-1].predict(X), model.predict(X))


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_an_error_in_a_step_ends_the_threads(error, monkeypatch):
    before = threading.active_count()
    calls, update = [], Trainer._step

    def step(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == 7:
            raise error
        return update(self, *args, **kwargs)

    monkeypatch.setattr(Trainer, "_step", step)
    model = MLPClassifier(**LARGE)
    if error is KeyboardInterrupt:
        with pytest.warns(UserWarning, match="interrupted"):
            model.fit(X, y)
        assert np.isfinite(model.predict_proba(X)).all()
        assert set(shares(model.network_)) == {None}
    else:
        with pytest.raises(ZeroDivisionError):
            model.fit(X, y)
        assert vars(model) == model.get_params()
    assert threading.active_count() == before


def test_an_error_in_a_threads_part_reaches_the_caller(monkeypatch):
    from skdeep.nn.optimizers import Adam

    before = threading.active_count()

    def broken(self, *args):
        raise MemoryError("in a part")

    monkeypatch.setattr(Adam, "update", broken)
    with pytest.raises(MemoryError, match="in a part"):
        MLPClassifier(**LARGE).fit(X, y)
    assert threading.active_count() == before


@pytest.mark.parametrize("rate", [1e10, 1e160])
def test_divergence_is_an_error_and_no_warning_of_some_thread(rate):
    params = LARGE | {"solver": "sgd", "learning_rate_init": rate}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(ValueError, match="non-finite"):
            MLPRegressor(**params).fit(X, 1e3 * y)
    assert not caught


def test_divergence_leaves_a_fitted_network_as_it_was():
    model = MLPClassifier(**LARGE, warm_start=True).fit(X, y)
    params = model.network_.params.copy()
    with pytest.raises(ValueError, match="non-finite"):
        model.set_params(learning_rate_init=1e308).fit(X, y)
    np.testing.assert_array_equal(model.network_.params, params)
