"""Networks that begin from another network: what stays, what learns, what does not fit."""

import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV

from skdeep import (
    ConvNetClassifier,
    MLPClassifier,
    MLPRegressor,
    RecurrentClassifier,
    RecurrentRegressor,
    SoftmaxClassifier,
    TransformerClassifier,
)
from tests.data import diabetes, digits

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SIZES = {"hidden_layer_sizes": (32, 16), "batch_norm": True}


@pytest.fixture(scope="module")
def source():
    X, y = digits(800)
    known = y < 5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return MLPClassifier(**SIZES, max_iter=20, random_state=0).fit(X[known], y[known])


@pytest.fixture(scope="module")
def others():
    X, y = digits(800)
    return X[y >= 5], y[y >= 5]


def arrays(model):
    """Return all arrays of each of the layers with weights, by layer."""
    found, layers = [], model.network_.layers()
    for layer in layers:
        own = [
            getattr(layer, name).copy()
            for name in ("weight", "bias", "scale", "shift", "running_mean", "running_variance")
            if hasattr(layer, name)
        ]
        if layer.linear:
            found.append([])
        found[-1] += own
    return found


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_weights_that_are_taken_over_are_not_scaled(source, others):
    start = {"solver": "sgd", "learning_rate_init": 1e-300, "max_iter": 1, "random_state": 0}
    model = MLPClassifier(**SIZES, **start, init_from=source, weight_init="lsuv").fit(*others)
    for taken, given in zip(model.coefs_[:-1], source.coefs_, strict=False):
        np.testing.assert_allclose(taken, given, rtol=1e-12)


@pytest.mark.parametrize("n_frozen", [0, 1, 2])
@pytest.mark.parametrize(
    "keywords",
    [
        {"solver": "sgd", "decoupled_weight_decay": 0.1, "alpha": 1.0, "max_norm": 0.5},
        {"average": "ema", "average_decay": 0.9, "dropout": 0.2, "clip_norm": 1.0},
        {"average": "swa", "l1_ratio": 0.5, "alpha": 1.0, "orthogonality": 0.1},
        {"early_stopping": True, "learning_rate_init": 0.01},
        {"solver": "muon"},
        {"solver": "lbfgs"},
        {"weight_init": "lsuv"},
    ],
    ids=lambda keywords: "-".join(map(str, keywords.values())),
)
def test_frozen_layers_do_not_move_by_a_bit_and_the_others_learn(
    source, others, n_frozen, keywords
):
    model = MLPClassifier(
        **SIZES, init_from=source, n_frozen_layers=n_frozen, max_iter=4, random_state=0
    )
    model.set_params(**keywords).fit(*others)
    before, after = arrays(source), arrays(model)
    moved = [not same(*pair) for pair in zip(before, after, strict=True)]
    assert moved == [False] * n_frozen + [True] * (3 - n_frozen)
    assert model.coefs_[0].shape == (64, 32)
    if n_frozen:
        X, _ = others
        np.testing.assert_array_equal(
            model.transform(X, layer=n_frozen - 1), source.transform(X, layer=n_frozen - 1)
        )


def test_the_beginning_is_the_other_network_with_its_output_where_classes_are_the_same(source):
    X, y = digits(800)
    X, y = X[y < 5], y[y < 5]
    still = {"solver": "sgd", "learning_rate_init": 1e-30, "max_iter": 1, "shuffle": False}
    same_classes = MLPClassifier(**SIZES, **still, init_from=source).fit(X, y)
    np.testing.assert_array_equal(same_classes.coefs_[2], source.coefs_[2])
    renamed = MLPClassifier(**SIZES, **still, init_from=source).fit(X, y + 1)
    assert not np.array_equal(renamed.coefs_[2], source.coefs_[2])
    np.testing.assert_array_equal(renamed.coefs_[1], source.coefs_[1])
    regressor = MLPRegressor(**SIZES, **still, init_from=source).fit(X, y.astype(float))
    np.testing.assert_array_equal(regressor.coefs_[0], source.coefs_[0])
    assert regressor.coefs_[2].shape == (16, 1)
    single = MLPClassifier(**SIZES, **still, init_from=source, dtype="float32").fit(X, y)
    np.testing.assert_array_equal(single.coefs_[0], source.coefs_[0].astype(np.float32))


def test_a_network_with_a_frozen_body_is_the_softmax_regression_on_its_features(source, others):
    X, y = others
    model = MLPClassifier(
        **SIZES, init_from=source, n_frozen_layers=2, solver="lbfgs", alpha=1.0, max_iter=2000
    )
    model.set_params(tol=1e-8).fit(X, y)
    linear = SoftmaxClassifier(C=1.0, tol=1e-10).fit(source.transform(X), y)
    np.testing.assert_allclose(
        model.predict_proba(X), linear.predict_proba(source.transform(X)), atol=1e-3
    )


def test_fine_tuning_goes_on_saves_and_is_fine_tuned_itself(source, others):
    X, y = others
    model = MLPClassifier(**SIZES, init_from=source, n_frozen_layers=1, random_state=0)
    for _ in range(3):
        model.partial_fit(X, y, classes=np.unique(y))
    np.testing.assert_array_equal(model.coefs_[0], source.coefs_[0])
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict_proba(X), model.predict_proba(X))
    copy.partial_fit(X, y)
    model.partial_fit(X, y)
    np.testing.assert_array_equal(copy.predict_proba(X), model.predict_proba(X))
    again = MLPClassifier(**SIZES, init_from=model, n_frozen_layers=2, max_iter=2).fit(X, y)
    np.testing.assert_array_equal(again.coefs_[1], model.coefs_[1])
    warm = MLPClassifier(**SIZES, init_from=source, warm_start=True, max_iter=2).fit(X, y)
    with pytest.raises(ValueError, match=r"describe Sequence\(Frozen"):
        warm.set_params(n_frozen_layers=1).fit(X, y)


def test_a_search_finds_how_many_layers_to_freeze(source, others):
    X, y = others
    model = MLPClassifier(**SIZES, init_from=FrozenEstimator(source), max_iter=5, random_state=0)
    search = GridSearchCV(model, {"n_frozen_layers": [0, 1, 2]}, cv=3).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    best = search.best_estimator_
    assert best.n_frozen_layers == 0 or same(arrays(best)[0], arrays(source)[0])


def test_pictures_are_read_in_the_units_of_the_other_network():
    X, y = digits(300)
    low = y < 5
    source = ConvNetClassifier("4, 6 | 8", max_iter=2, random_state=0).fit(X[low], y[low])
    model = ConvNetClassifier("4, 6 | 8", max_iter=2, init_from=source, n_frozen_layers=2)
    model.fit(3 * X[~low], y[~low])
    np.testing.assert_array_equal(model.transform(X, layer=1), source.transform(X, layer=1))
    assert not np.array_equal(model.transform(X), source.transform(X))


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"n_frozen_layers": 1}, "n_frozen_layers=1 of random weights"),
        ({"n_frozen_layers": -1}, "'n_frozen_layers' parameter of MLPClassifier"),
        ({"init_from": "net"}, "'init_from' parameter of MLPClassifier"),
        ({"init_from": SoftmaxClassifier()}, "begins from a network of skdeep. Got init_from=Soft"),
        ({"init_from": MLPClassifier()}, "not fitted.*FrozenEstimator"),
    ],
    ids=["random", "negative", "text", "linear", "unfitted"],
)
def test_what_is_no_beginning_is_refused_in_words(others, keywords, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifier(**keywords).fit(*others)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"hidden_layer_sizes": (32, 8)}, r"3.weight is of shape \(32, 8\).*\(32, 16\)"),
        ({"batch_norm": False}, r"0.bias is of shape \(32,\).*(gain|scale) of shape \(32,\)"),
        ({"hidden_layer_sizes": (32, 16, 8)}, r"6.weight is of shape \(16, 8\).*\(16, 5\)"),
        ({"n_frozen_layers": 3}, "3 layers with weights can have 2 of them frozen at most"),
    ],
    ids=["narrower", "other normalization", "deeper", "all"],
)
def test_shapes_that_do_not_fit_are_named(source, others, keywords, message):
    model = MLPClassifier(**SIZES | {"init_from": source} | keywords)
    with pytest.raises(ValueError, match=message):
        model.fit(*others)
    assert not hasattr(model, "network_")
    X, y = diabetes()
    with pytest.raises(ValueError, match=r"0.weight is of shape \(10, 32\).*\(64, 32\)"):
        MLPRegressor(**SIZES, init_from=source).fit(X, y)


def test_a_clone_keeps_the_parameter_and_begins_from_a_frozen_one_only(source, others):
    model = clone(MLPClassifier(**SIZES, init_from=FrozenEstimator(source), max_iter=1))
    model.fit(*others)
    with pytest.raises(ValueError, match="A clone is not"):
        clone(MLPClassifier(**SIZES, init_from=source, max_iter=1)).fit(*others)


# Sequences


@pytest.mark.parametrize(
    ("kind", "keywords"),
    [
        (RecurrentClassifier, {"hidden_layer_sizes": (6, 5), "dropout": 0.2}),
        (
            RecurrentClassifier,
            {"hidden_layer_sizes": (4, 3), "cell": "gru", "bidirectional": True, "truncate": 2},
        ),
        (TransformerClassifier, {"width": 8, "n_layers": 2, "dropout": 0.1}),
    ],
    ids=["lstm", "gru both ways", "transformer"],
)
def test_networks_of_words_begin_with_vectors_and_vocabulary(kind, keywords):
    words, y = ["abab", "ba", "bbb", "aab", "cab"] * 4, [0, 1, 1, 0, 1] * 4
    source = kind(max_iter=3, random_state=0, **keywords).fit(words, y)
    new, labels = ["ab", "abbab", "bca"] * 6, list("xyz") * 6
    for n_frozen in range(3):
        model = kind(
            max_iter=3, random_state=0, init_from=source, n_frozen_layers=n_frozen, **keywords
        ).fit(new, labels)
        assert list(model.vocabulary_) == ["a", "b", "c"]
        assert list(model.classes_) == ["x", "y", "z"]
        for layer in range(2):
            was, now = (one.transform(new, layer=layer) for one in (source, model))
            assert np.array_equal(was[:, :2], now[:, :2]) == (layer < n_frozen)
    less = kind(max_iter=3, init_from=source, **keywords).fit(["ab", "b"] * 4, [0, 1] * 4)
    assert less.n_outputs_ == 1
    assert len(less.vocabulary_) == 3
    with pytest.raises(ValueError, match="token 'z' at step 2, which fit has not seen"):
        kind(init_from=source, **keywords).fit(["abz", "ab"] * 4, [0, 1] * 4)
    with pytest.raises(ValueError, match="cannot begin from the network of init_from"):
        kind(init_from=source, **keywords).fit(np.ones((4, 3, 2)), [0, 1, 0, 1])


def test_steps_with_targets_of_their_own_keep_their_output_layer():
    X = np.random.RandomState(0).normal(size=(20, 6, 2))
    y = np.cumsum(X[:, :, 0], axis=1)
    keywords = {"hidden_layer_sizes": (5,), "per_step": True, "max_iter": 4, "random_state": 0}
    source = RecurrentRegressor(**keywords).fit(X, y)
    model = RecurrentRegressor(**keywords | {"max_iter": 1, "learning_rate_init": 1e-12})
    model.set_params(init_from=source).fit(X, y)
    np.testing.assert_allclose(model.predict(X), source.predict(X), atol=1e-6)
