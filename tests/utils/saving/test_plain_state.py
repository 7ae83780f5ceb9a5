"""What pickle and skops see of fitted estimators."""

import copy
import pickle
import warnings
from functools import partial
from types import FunctionType

import numpy as np
import pytest
from sklearn.base import BaseEstimator, is_classifier, is_regressor

import skdeep
from skdeep import MLPClassifier, NetworkEnsembleClassifier, SoftmaxClassifier, SVMClassifier
from skdeep.nn import Dense, Network, Sequence, Tanh
from skdeep.nn.initializers import glorot_uniform
from skdeep.utils.saving.plain_state import from_plain, to_plain
from tests.cheap import cheap_estimators
from tests.data import data_for, iris

VARIANTS = [
    MLPClassifier((5,), max_iter=3, activation="logistic", early_stopping=True, dropout=0.1),
    MLPClassifier((5,), max_iter=3, batch_norm=True, average="ema", learning_rate="plateau"),
    MLPClassifier((5,), max_iter=3, solver="lbfgs"),
    SoftmaxClassifier(solver="adam", max_iter=3),
    SVMClassifier(solver="sgd", max_iter=3),
]
ALL = [e for e in cheap_estimators() if is_classifier(e) or is_regressor(e)] + VARIANTS


def fitted(estimator):
    X, y = data_for(estimator)
    if "random_state" in estimator.get_params():
        estimator.set_params(random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return estimator.fit(X, y), X


def all_in(value):
    yield value
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from all_in(item)


@pytest.mark.parametrize("estimator", ALL, ids=lambda e: type(e).__name__)
def test_skops_needs_to_trust_estimators_alone_and_the_copy_predicts_the_same(estimator):
    skops = pytest.importorskip("skops.io")
    model, X = fitted(estimator)
    loaded = skops.loads(skops.dumps(model), trusted=skdeep.TRUSTED_TYPES)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert skops.get_untrusted_types(data=skops.dumps(loaded)) == [
        f"{type(model).__module__}.{type(model).__name__}"
    ]


@pytest.mark.parametrize("estimator", ALL, ids=lambda e: type(e).__name__)
def test_the_state_has_no_code_and_copies_predict_the_same(estimator):
    model, X = fitted(estimator)
    for value in all_in(model.__getstate__()):
        assert not isinstance(value, (FunctionType, partial))
        assert not type(value).__module__.startswith("skdeep.")
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(other.predict(X), model.predict(X))


def test_trusted_types_are_the_public_estimators():
    public = [getattr(skdeep, name) for name in skdeep.__all__]
    estimators = [e for e in public if isinstance(e, type) and issubclass(e, BaseEstimator)]
    assert sorted(f"{e.__module__}.{e.__name__}" for e in estimators) == skdeep.TRUSTED_TYPES


def test_training_goes_on_from_a_copy_as_from_the_original():
    X, y = iris()
    model = MLPClassifier((5,), random_state=0, batch_norm=True).partial_fit(
        X, y, classes=[0, 1, 2]
    )
    other = pickle.loads(pickle.dumps(model))
    for each in (model, other):
        each.partial_fit(X, y).partial_fit(X, y)
    np.testing.assert_array_equal(other.predict_proba(X), model.predict_proba(X))


def test_what_is_met_twice_stays_one_object():
    dense = Dense(2, weight_init=partial(glorot_uniform, factor=2.0))
    network = Network(Sequence(Dense(3), Tanh(), dense), (4,), random_state=0)
    found = from_plain(to_plain({"a": network, "b": [network, (network.root,)]}))
    assert found["a"] is found["b"][0]
    assert found["a"].root is found["b"][1][0]
    x = np.random.RandomState(0).standard_normal((5, 4))
    np.testing.assert_array_equal(found["a"].forward(x), network.forward(x))


def test_estimators_inside_an_estimator_count_their_objects_for_themselves():
    X, y = iris()
    model = NetworkEnsembleClassifier(MLPClassifier((5,), batch_norm=True, max_iter=2), 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, y)
    model.best_ = model.estimators_[2]  # met twice, after objects of the others
    other = pickle.loads(pickle.dumps(model))
    assert other.best_ is other.estimators_[2]
    for one, two in zip(model.estimators_, other.estimators_, strict=True):
        np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))


def test_older_states_that_held_objects_are_read():
    X, y = iris()
    model = MLPClassifier((5,), max_iter=3, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, y)
    other = MLPClassifier.__new__(MLPClassifier)
    other.__setstate__(copy.copy(vars(model)))
    np.testing.assert_array_equal(other.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize(
    "name", ["os:system", "skdeep.cli.main:main", "skdeep.nn.network:np", "skdeep.nn.network:No"]
)
@pytest.mark.parametrize("kind", ["class", "function"])
def test_a_state_names_nothing_but_classes_and_functions_of_the_package(kind, name):
    with pytest.raises(ValueError, match="not of skdeep"):
        from_plain({f"skdeep.{kind}": name})


def test_a_network_without_its_training_is_little_more_than_its_parameters():
    random = np.random.RandomState(0)
    X, y = random.standard_normal((60, 50)), random.randint(3, size=60)
    model = MLPClassifier((150, 50), max_iter=2, batch_norm=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, y)
    before = model.predict_proba(X)
    model.forget_training()
    assert len(pickle.dumps(model)) <= 1.2 * model.network_.params.nbytes
    np.testing.assert_array_equal(model.predict_proba(X), before)
    loss = model.loss_
    assert model.partial_fit(X, y).loss_ < loss


def test_what_is_in_two_places_is_one_object_before_and_after():
    column = [1.0, 2.0]
    plain = to_plain({"history": {"loss": column}, "curve": column, "layer": Tanh()})
    assert plain["history"]["loss"] is plain["curve"] is column
    made = from_plain(pickle.loads(pickle.dumps(plain)))
    assert made["history"]["loss"] is made["curve"]


def test_a_file_is_hardly_larger_than_parameters_optimizer_and_history():
    X, y = iris()
    clf = MLPClassifier(max_iter=50, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        clf.fit(X, y)
    numbers = 3 * clf.network_.n_parameters + sum(map(len, clf.history_.values()))
    assert len(pickle.dumps(clf)) < 1.25 * 8 * numbers  # and the parameters of the estimator


def test_a_fit_goes_on_from_a_file_as_without():
    X, y = iris()
    clf = MLPClassifier((5,), random_state=0).partial_fit(X, y, classes=[0, 1, 2])
    twin = pickle.loads(pickle.dumps(clf))
    assert twin.history_["loss"] is twin._record.history["loss"]
    for model in (clf, twin):
        model.partial_fit(X, y)
    assert twin.loss_curve_ == clf.loss_curve_
    np.testing.assert_array_equal(twin.network_.params, clf.network_.params)
