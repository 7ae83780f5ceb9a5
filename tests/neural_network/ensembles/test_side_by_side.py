"""Members trained side by side: each is what it would be by itself, and some must be."""

import pickle
import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from skdeep import (
    MLPClassifier,
    MLPRegressor,
    NetworkEnsembleClassifier,
    NetworkEnsembleRegressor,
    TabularNetClassifier,
)
from skdeep.nn import Dense, Elementwise, PReLU, ReLU, Sequence
from skdeep.nn.side_by_side import SideBySide
from tests.data import diabetes, digits, iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def mlp(kind=MLPClassifier, **more):
    keywords = {"hidden_layer_sizes": (9, 7), "max_iter": 12, "learning_rate_init": 0.02}
    return kind(**keywords | {"batch_size": 32} | more)


def both(network, X, y, **more):
    """Return an ensemble whose members were trained one by one, and the same side by side."""
    metadata = {name: more.pop(name) for name in list(more) if name in METADATA}
    kind = NetworkEnsembleClassifier
    if isinstance(network, MLPRegressor):
        kind = NetworkEnsembleRegressor
    model = kind(network, **{"n_estimators": 3, "random_state": 0} | more)
    return (
        clone(model).set_params(side_by_side=how).fit(X, y, **metadata) for how in (False, True)
    )


METADATA = ("sample_weight", "X_val", "y_val")
# What a member is, besides its weights.
FITTED = ("loss_curve_", "n_iter_", "t_", "best_loss_", "validation_scores_", "loss_")


def assert_same(alone, together, atol=1e-10):
    for one, other in zip(alone.estimators_, together.estimators_, strict=True):
        np.testing.assert_allclose(other.network_.params, one.network_.params, rtol=0, atol=atol)
        for name in FITTED:
            expected, found = getattr(one, name), getattr(other, name)
            if expected is None:
                assert found is None
            else:
                np.testing.assert_allclose(found, expected, rtol=100 * atol, err_msg=name)
        columns, expected = other.history_, one.history_
        assert list(columns) == list(expected)
        for name in set(columns) - {"seconds"}:
            np.testing.assert_allclose(columns[name], expected[name], rtol=1e5 * atol, err_msg=name)


SETTINGS = {
    "plain": {},
    "no hidden layer": {"hidden_layer_sizes": ()},
    "without a penalty": {"alpha": 0.0},
    "a strong one": {"alpha": 10.0, "decoupled_weight_decay": 0.1},
    "in one batch": {"batch_size": 150},
    "a last batch of one": {"batch_size": 149},
    "in order": {"shuffle": False},
    "early stopping": {"early_stopping": True, "n_iter_no_change": 2, "max_iter": 40},
    "tolerance": {"tol": 0.05, "n_iter_no_change": 1, "max_iter": 40},
    "clipped": {"clip_value": 0.01},
    "sgd": {"solver": "sgd", "activation": ("tanh", "gelu"), "learning_rate": "one_cycle"},
    "nadam": {"solver": "nadam", "activation": np.sin, "learning_rate": "cosine"},
    "lion": {"solver": "lion", "activation": "logistic", "warmup_epochs": 3},
    "rmsprop": {"solver": "rmsprop", "activation": "identity", "learning_rate": "invscaling"},
    "focal": {"loss": "focal", "class_weight": "balanced", "label_smoothing": 0.1},
    "drawn on data": {"weight_init": "lsuv"},
}


@pytest.mark.parametrize("strategy", ["restart", "bagging"])
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_members_are_what_they_would_be_by_themselves(settings, strategy):
    X, y = iris()
    assert_same(*both(mlp(**settings), X, y, strategy=strategy))


def test_each_member_ends_by_itself():
    X, y = iris()
    settings = SETTINGS["early stopping"] | {"max_iter": 60}
    alone, together = both(mlp(**settings), X, y, n_estimators=5)
    ends = [member.n_iter_ for member in together.estimators_]
    assert len(set(ends)) > 2
    assert ends == [member.n_iter_ for member in alone.estimators_]


@pytest.mark.parametrize("strategy", ["restart", "bagging"])
@pytest.mark.parametrize(
    "settings",
    [
        {"standardize_target": True},
        {"loss": "huber", "standardize_target": True},
        {"loss": "quantile", "quantiles": (0.1, 0.9), "standardize_target": True},
        {"loss": "gaussian", "standardize_target": True, "early_stopping": True},
    ],
    ids=lambda settings: settings.get("loss", "squared_error"),
)
def test_members_that_predict_numbers_are_too(settings, strategy):
    X, y = diabetes()
    weight = np.arange(len(y)) % 3
    network = mlp(MLPRegressor, learning_rate_init=0.005, **settings)
    assert_same(*both(network, X, y, strategy=strategy, sample_weight=weight), atol=1e-9)


def test_two_classes_several_labels_and_float32_are_too():
    X, y = iris()
    assert_same(*both(mlp(), X, y > 1, X_val=X[::3], y_val=y[::3] > 1))
    assert_same(*both(mlp(), X, np.column_stack([y > 0, y > 1, y == 1]).astype(int)))
    assert_same(*both(mlp(task_weights=[1, 0.3]), X, np.column_stack([y, y[::-1]])))
    assert_same(*both(mlp(), X.astype(np.float32), y), atol=1e-5)


def test_a_stream_goes_on_from_a_fit():
    X, y = iris()
    models = list(both(mlp(n_iter_no_change=1, tol=0.03, max_iter=30), X, y))
    for _ in range(3):
        assert_same(*(model.partial_fit(X, y) for model in models))
    copy = pickle.loads(pickle.dumps(models[1]))
    np.testing.assert_array_equal(copy.predict_proba(X), models[1].predict_proba(X))
    assert len(pickle.dumps(models[1])) < 1.02 * len(pickle.dumps(models[0]))


def test_a_member_whose_batch_counts_for_nothing_is_trained_by_itself():
    X, y = iris()
    weight = np.where(np.arange(len(y)) < 140, 0.0, 1.0)
    network = mlp(batch_size=10, shuffle=False)
    assert_same(*both(network, X, y, sample_weight=weight, strategy="bagging"))


def test_a_loss_that_diverges_says_what_it_says_of_one_network():
    X, y = diabetes()
    network = mlp(MLPRegressor, solver="sgd", learning_rate_init=1e6)
    for how in (True, False, "auto"):
        model = NetworkEnsembleRegressor(network, 3, random_state=0, side_by_side=how)
        with pytest.raises(ValueError, match=r"The loss became (inf|nan) in epoch"):
            model.fit(X, y)
        assert not hasattr(model, "estimators_")


def test_an_interrupt_keeps_all_members_as_they_were_after_the_last_epoch(monkeypatch):
    X, y = iris()
    epoch = SideBySide.epoch
    n_done = []

    def interrupted(self, runs):
        if len(n_done) == 4:
            raise KeyboardInterrupt
        n_done.append(1)
        return epoch(self, runs)

    monkeypatch.setattr(SideBySide, "epoch", interrupted)
    model = NetworkEnsembleClassifier(mlp(), 3, random_state=0)
    with pytest.warns(UserWarning, match=r"interrupted by user.* \(So 3 of 3 members"):
        model.fit(X, y)
    monkeypatch.undo()
    short = NetworkEnsembleClassifier(mlp(max_iter=4), 3, random_state=0).fit(X, y)
    assert_same(short, model)


# Which are


@pytest.fixture
def taken(monkeypatch):
    """Return a list that each epoch side by side puts the number of its networks into."""
    epoch, numbers = SideBySide.epoch, []

    def watched(self, runs):
        numbers.append(len(runs))
        return epoch(self, runs)

    monkeypatch.setattr(SideBySide, "epoch", watched)
    return numbers


@pytest.mark.parametrize(
    ("network", "n_jobs", "is_so"),
    [
        (mlp(max_iter=2), None, True),
        (mlp(max_iter=2), 2, False),
        (mlp(max_iter=2, hidden_layer_sizes=(3000,)), None, False),
        (mlp(max_iter=2, batch_norm=True), None, False),
        (TabularNetClassifier("fast", max_iter=2), None, False),
    ],
    ids=["small", "several jobs", "large", "normalized", "tabular"],
)
def test_small_perceptrons_are_side_by_side_of_themselves(taken, network, n_jobs, is_so):
    X, y = iris()
    NetworkEnsembleClassifier(network, 2, random_state=0, n_jobs=n_jobs).fit(X, y)
    assert taken == ([2, 2] if is_so else [])


class Watcher:
    def setup(self, estimator, context):
        pass

    teardown = on_fit_task_begin = on_fit_task_end = setup


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dropout": 0.1}, "layers other than"),
        ({"layer_norm": True}, "layers other than"),
        ({"activation": "maxout"}, "layers other than"),
        ({"activation": PReLU}, "layers other than"),
        ({"activity_l1": 0.1}, "layers other than"),
        ({"tied_layers": True, "hidden_layer_sizes": (4, 4, 4)}, "layers other than"),
        ({"clip_norm": 1.0}, "all weights at once"),
        ({"solver": "muon"}, "all weights at once"),
        ({"l1_ratio": 0.5}, "a penalty"),
        ({"orthogonality": 0.5}, "a penalty"),
        ({"max_norm": 1.0}, "a bound"),
        ({"average": "ema"}, "an average"),
        ({"augment": "mixup"}, "augment='mixup'"),
        ({"learning_rate": "plateau"}, "goes by progress"),
        ({"learning_rate": "adaptive", "solver": "sgd"}, "goes by progress"),
        ({"solver": "lbfgs"}, "solver='lbfgs'"),
        ({"verbose": True}, "verbose=True"),
    ],
    ids=lambda value: str(value).replace(str(PReLU), "PReLU"),
)
def test_what_is_not_goes_alone_and_true_says_why(taken, settings, message):
    X, y = iris()
    network = mlp(**{"max_iter": 2} | settings)
    model = NetworkEnsembleClassifier(network, 2, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match=f"side_by_side=True is for .* with .*{message}"):
        clone(model).set_params(side_by_side=True).fit(X, y)
    assert not taken


def test_sparse_rows_and_callbacks_go_alone(taken):
    X, y = iris()
    for network, data in ((mlp(), sparse.csr_array(X)), (mlp().set_callbacks(Watcher()), X)):
        NetworkEnsembleClassifier(network, 2, random_state=0).fit(data, y)
        model = NetworkEnsembleClassifier(network, 2, random_state=0, side_by_side=True)
        with pytest.raises(ValueError, match=r"sparse X|callbacks"):
            model.fit(data, y)
    assert not taken
    with pytest.raises(ValueError, match="'side_by_side' parameter"):
        NetworkEnsembleClassifier(mlp(), side_by_side="never").fit(X, y)


def test_layers_that_a_user_derives_are_never_taken_for_their_bases():
    class Mine(Dense):
        pass

    class Chain(Sequence):
        pass

    assert Mine(3).for_members() is None
    assert Chain(ReLU()).for_members() is None
    assert Sequence(Dense(2), Mine(3)).for_members() is None
    assert repr(Sequence(Dense(2), Elementwise(np.sin)).for_members()) == (
        "Sequence(MemberDense(units=2), Elementwise(sin))"
    )


# Warnings


@pytest.mark.parametrize("how", [True, False])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_what_members_warn_of_alike_is_said_once(how, n_jobs):
    X, y = digits(200)
    model = NetworkEnsembleClassifier(
        mlp(batch_size=500), 3, random_state=0, side_by_side=how, n_jobs=n_jobs
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y)
    said = sorted(str(warning.message) for warning in caught)
    assert len(said) == 2
    assert said[0].startswith("Stochastic Optimizer: Maximum iterations (12) reached")
    assert "batch_size=500" in said[1]
    assert all(text.endswith("(So 3 of 3 members.)") for text in said)
    assert caught[0].filename == __file__
    assert {warning.category for warning in caught} == {ConvergenceWarning, UserWarning}
