"""A classifier with a head for each of several categorical targets."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multioutput import MultiOutputClassifier
from sklearn.utils.class_weight import compute_sample_weight

import skdeep
from skdeep import (
    ConvNetClassifier,
    MLPClassifier,
    NetworkEnsembleClassifier,
    RecurrentClassifier,
)
from tests.data import digits, iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def several(n=300):
    X, y = digits(n)
    return X, np.column_stack([y, y % 3, np.minimum(y, 1) + (y > 7)])


def small(**more):
    keywords = {"hidden_layer_sizes": (24,), "max_iter": 15, "learning_rate_init": 0.01}
    return MLPClassifier(**keywords | {"random_state": 0} | more)


def test_outputs_have_the_forms_of_a_forest():
    X, y = several()
    model, forest = small().fit(X, y), RandomForestClassifier(5, random_state=0).fit(X, y)
    assert isinstance(model.classes_, list)
    for ours, theirs in zip(model.classes_, forest.classes_, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for name in ("predict_proba", "predict_log_proba"):
        ours = getattr(model, name)(X)
        with np.errstate(divide="ignore"):  # a forest takes the logarithm of 0
            theirs = getattr(forest, name)(X)
        assert isinstance(ours, list)
        assert [part.shape for part in ours] == [part.shape for part in theirs]
    for ours, logs in zip(model.predict_proba(X), model.predict_log_proba(X), strict=True):
        np.testing.assert_allclose(ours.sum(axis=1), 1.0)
        np.testing.assert_allclose(np.log(ours), logs)
    said = model.predict(X)
    assert said.shape == y.shape
    assert said.dtype == y.dtype
    for column, part, classes in zip(said.T, model.predict_proba(X), model.classes_, strict=True):
        np.testing.assert_array_equal(column, classes[part.argmax(axis=1)])
    assert model.score(X, y) == np.mean((said == y).all(axis=1)) > 0.7
    theirs = MultiOutputClassifier(model).fit(X, y)
    assert theirs.score(X, y) == np.mean((theirs.predict(X) == y).all(axis=1))  # the same rule
    weight = np.arange(len(X))
    expected = np.average((said == y).all(axis=1), weights=weight)
    assert model.score(X, y, sample_weight=weight) == pytest.approx(expected)
    assert model.n_outputs_ == 10 + 3 + 3


def test_each_target_alone_is_a_network_of_its_own():
    """With the loss of the others at zero, hidden layers and head learn as if alone."""
    X, y = iris()
    both = np.column_stack([y, (y + 1) % 3])
    one = small(task_weights=(1.0, 0.0), alpha=0.0).fit(X, both)
    other = small(task_weights=(2.0, 0.0), alpha=0.0, solver="sgd").fit(X, both)
    third = small(
        task_weights=(1.0, 0.0), alpha=0.0, solver="sgd", learning_rate_init=0.02, max_iter=15
    ).fit(X, both)
    np.testing.assert_allclose(other.coefs_[0], third.coefs_[0], rtol=1e-10)
    assert np.mean(one.predict(X)[:, 0] == y) > 0.85
    before = small(task_weights=(1.0, 0.0), alpha=0.0, learning_rate_init=1e-30).fit(X, both)
    np.testing.assert_array_equal(one.coefs_[1][:, 3:], before.coefs_[1][:, 3:])


def test_indicator_matrices_stay_what_they_are():
    X, y = make_multilabel_classification(60, 5, n_classes=3, random_state=0)
    model = small().fit(X, y)
    assert isinstance(model.predict_proba(X), np.ndarray)
    assert model.out_activation_ == "logistic"
    np.testing.assert_array_equal(model.classes_, [0, 1, 2])
    with pytest.raises(ValueError, match=r"task_weights=.*one target"):
        small(task_weights=(1, 2, 3)).fit(X, y)


def test_labels_may_be_words_of_any_length_and_frames():
    X, y = several()
    words = np.array([f"{'x' * digit}{digit}" for digit in range(10)])
    frame = pd.DataFrame({"digit": words[y[:, 0]], "rest": np.array(["a", "bb", "c"])[y[:, 1]]})
    model = small(max_iter=30).fit(X, frame)
    assert model.score(X, frame) > 0.9
    assert set(model.predict(X)[:, 1]) == {"a", "bb", "c"}
    strings = frame.to_numpy().astype(str)
    np.testing.assert_array_equal(small(max_iter=30).fit(X, strings).predict(X), model.predict(X))


def test_class_weights_are_a_list_of_dicts_or_balanced_as_in_forests():
    X, y = several()
    given = [dict.fromkeys(range(10), 1.0) | {3: 5.0}, {0: 1.0, 1: 2.0, 2: 0.5}, {0: 1, 1: 1, 2: 3}]
    for class_weight in (given, "balanced"):
        weighted = small(class_weight=class_weight).fit(X, y)
        weight = compute_sample_weight(class_weight, y)
        by_hand = small().fit(X, y, sample_weight=weight)
        np.testing.assert_allclose(weighted.coefs_[0], by_hand.coefs_[0], rtol=1e-6, atol=1e-9)
    for wrong, message in (
        ({3: 5.0}, "class_weight of 3 targets must be a list of dicts"),
        (given[:2], "has 2 dicts, but y has 3 targets"),
    ):
        with pytest.raises(ValueError, match=message):
            small(class_weight=wrong).fit(X, y)


def test_sample_weights_mean_repetition():
    X, y = several(60)
    weight = np.random.RandomState(0).randint(0, 4, 60)
    keywords = {"batch_size": 1000, "solver": "lbfgs", "max_iter": 5, "alpha": 0.1}
    one = small(**keywords).fit(X, y, sample_weight=weight)
    two = small(**keywords).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight, axis=0))
    for ours, theirs in zip(one.predict_proba(X), two.predict_proba(X), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_early_stopping_counts_samples_that_are_all_right():
    X, y = several()
    model = small(early_stopping=True).fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    assert model.best_validation_score_ == model.score(X[200:], y[200:])
    assert small(early_stopping=True, scoring="loss").fit(X, y).best_validation_score_ < 0


def test_partial_fit_takes_a_list_of_classes():
    X, y = several()
    classes = [np.arange(10), [2, 1, 0], np.arange(3)]
    model = small()
    with pytest.raises(ValueError, match="classes must be passed"):
        model.partial_fit(X, y)
    binary = (y[:, 0] < 2) & (y[:, 1] < 2) & (y[:, 2] < 2)  # an indicator matrix by itself
    model.partial_fit(X[binary], y[binary], classes=classes)
    for _ in range(60):
        model.partial_fit(X, y, classes=classes)
    assert model.score(X, y) > 0.8
    for wrong in ([np.arange(9), *classes[1:]], classes[:2], np.arange(3)):
        with pytest.raises(ValueError, match="not the same as on last call"):
            model.partial_fit(X, y, classes=wrong)
    with pytest.raises(ValueError, match=r"classes_\[1\].*\[0 1 2\].*Column 1 of 'y' has \[7\]"):
        model.partial_fit(X[:3], np.array([[1, 7, 0], [2, 0, 1], [3, 1, 1]]))
    with pytest.raises(ValueError, match=r"shape \(n_samples, 3\).*got shape \(300,\)"):
        model.partial_fit(X, y[:, 0])


@pytest.mark.parametrize(
    "keywords",
    [
        {"batch_norm": True, "dropout": 0.2, "dtype": "float32"},
        {"augment": "mixup", "label_smoothing": 0.1},
        {"loss": "focal", "solver": "muon"},
        {"solver": "newton", "hidden_layer_sizes": (3,), "max_iter": 2, "alpha": 1.0},
    ],
    ids=lambda keywords: next(iter(keywords)),
)
def test_what_networks_have_works_with_several_targets(keywords):
    X, y = several(120)
    model = small(**keywords).fit(X[:, 20:40], y)
    assert np.isfinite(model.loss_)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(X[:, 20:40]), model.predict(X[:, 20:40]))


def test_searches_warm_starts_transfer_and_ensembles_take_them():
    X, y = several()
    assert cross_val_score(small(), X, y, cv=3).mean() > 0.3
    search = GridSearchCV(small(), {"task_weights": [None, (1, 2, 0.5)]}, cv=3).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    model = small(warm_start=True).fit(X, y)
    assert model.fit(X, y).score(X, y) > 0.9
    with pytest.raises(ValueError, match="Column 0 previously had"):
        model.fit(X[:5], y[:5])
    again = small(init_from=model, learning_rate_init=1e-30, max_iter=1, solver="sgd").fit(X, y)
    np.testing.assert_array_equal(again.coefs_[1], model.coefs_[1])
    ensemble = NetworkEnsembleClassifier(small(), 3, strategy="bagging", random_state=0).fit(X, y)
    each = [member.predict_proba(X) for member in ensemble.estimators_]
    for i, mean in enumerate(ensemble.predict_proba(X)):
        np.testing.assert_allclose(mean, np.mean([parts[i] for parts in each], axis=0))
    report = ensemble.report(X, y)
    assert report.ensemble_score == ensemble.score(X, y)
    assert list(report.scores) == [member.score(X, y) for member in ensemble.estimators_]
    assert 0 < ensemble.report_.ensemble_score <= 1


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"task_weights": (1.0, 2.0)}, "a weight for each of the 3 targets"),
        ({"task_weights": (0.0, 0.0, 0.0)}, "one of them above 0"),
        ({"task_weights": (1.0, -1.0, 1.0)}, "'task_weights' parameter of MLPClassifier"),
        ({"loss": "hinge"}, "loss='hinge' takes one target"),
    ],
    ids=["length", "zeros", "negative", "hinge"],
)
def test_what_does_not_go_with_several_targets_is_refused(keywords, message):
    X, y = several()
    with pytest.raises(ValueError, match=message):
        small(**keywords).fit(X, y)


def test_shapes_of_targets_are_named():
    X, y = several()
    model = small(max_iter=1).fit(X, y)
    with pytest.raises(ValueError, match=r"learned 3 targets.*y has shape \(300, 2\)"):
        model.score(X, y[:, :2])
    with pytest.raises(ValueError, match=r"labels of shape \(n_samples, 3\)"):
        small().fit(X, y, X_val=X, y_val=y[:, :2])


def test_networks_of_one_target_say_so_and_name_what_takes_several():
    y = np.array([[0, 2], [1, 0], [2, 1]])
    for model, X in (
        (ConvNetClassifier("2"), np.ones((3, 4, 4))),
        (RecurrentClassifier((2,)), ["ab", "b", "a"]),
        (RecurrentClassifier((2,), per_step=True), np.ones((3, 1, 2))),
    ):
        targets = y[:, None] if getattr(model, "per_step", False) else y
        with pytest.raises(ValueError, match=r"y has 2 columns of labels.*MLPClassifier learns"):
            model.fit(X, targets)


@pytest.mark.parametrize("kind", [int, str, object])
def test_files_of_skops_hold_nothing_that_is_not_trusted(kind):
    skops_io = pytest.importorskip("skops.io")
    labels = np.array([[0, 2], [1, 0], [2, 1]])
    y = labels.astype(str).astype(object) if kind is object else labels.astype(kind)
    model = MLPClassifier((2,), max_iter=1).fit(np.eye(3), y)
    loaded = skops_io.loads(skops_io.dumps(model), trusted=skdeep.TRUSTED_TYPES)
    np.testing.assert_array_equal(loaded.predict(np.eye(3)), model.predict(np.eye(3)))
    assert loaded.predict(np.eye(3)).dtype == y.dtype
