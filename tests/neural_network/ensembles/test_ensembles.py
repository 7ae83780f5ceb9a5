"""Ensembles of networks: what members are, what their mean predicts, what is refused."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV

from skdeep import (
    ConvNetClassifier,
    ConvNetRegressor,
    MLPClassifier,
    MLPRegressor,
    NetworkEnsembleClassifier,
    NetworkEnsembleRegressor,
    RecurrentClassifier,
    RecurrentRegressor,
    TabularNetClassifier,
    TabularNetRegressor,
    TransformerClassifier,
    TransformerRegressor,
)
from tests.data import diabetes, digits, iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

STRATEGIES = ("restart", "bagging", "snapshot")
SEEDS = np.random.RandomState(7).randint(2**31 - 1, size=3)


def small(**more):
    return MLPClassifier((12,), **{"max_iter": 12, "learning_rate_init": 0.02} | more)


def small_regressor(**more):
    keywords = {"hidden_layer_sizes": (12,), "max_iter": 12, "learning_rate_init": 0.02}
    return MLPRegressor(**keywords | {"standardize_target": True} | more)


def ensemble(*args, **more):
    kind = NetworkEnsembleClassifier
    if args and isinstance(args[0], (MLPRegressor, ConvNetRegressor)):
        kind = NetworkEnsembleRegressor
    return kind(*(args or (small(),)), **{"n_estimators": 3, "random_state": 7} | more)


def weights_of(model):
    return [member.network_.params for member in model.estimators_]


# What members are


def test_restarts_are_the_networks_that_their_seeds_give():
    X, y = iris()
    model = ensemble(side_by_side=False).fit(X, y)
    for member, seed in zip(model.estimators_, SEEDS, strict=True):
        alone = small(random_state=int(seed)).fit(X, y)
        np.testing.assert_array_equal(member.network_.params, alone.network_.params)
    expected = np.mean([member.predict_proba(X) for member in model.estimators_], axis=0)
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    np.testing.assert_array_equal(model.predict(X), model.classes_[expected.argmax(axis=1)])
    np.testing.assert_array_equal(model.predict_log_proba(X), np.log(expected))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_any_number_of_jobs_gives_the_same_members(strategy):
    X, y = iris()
    one, two, same = (
        ensemble(strategy=strategy, n_jobs=n_jobs, side_by_side=together).fit(X, y)
        for n_jobs, together in ((1, "auto"), (2, "auto"), (1, False))
    )
    np.testing.assert_allclose(weights_of(one), weights_of(two), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(weights_of(two), weights_of(same))
    assert len(one.estimators_) == 3
    assert not np.array_equal(*weights_of(one)[:2])


def test_bagged_members_see_samples_as_often_as_they_are_drawn():
    X, y = iris()
    random_state = np.random.RandomState(7)
    random_state.randint(2**31 - 1, size=3)
    model = ensemble(strategy="bagging", side_by_side=False).fit(X, y)
    for member, seed in zip(model.estimators_, SEEDS, strict=True):
        counts = random_state.multinomial(len(X), np.full(len(X), 1 / len(X)))
        alone = small(random_state=int(seed)).fit(X, y, sample_weight=counts)
        np.testing.assert_array_equal(member.network_.params, alone.network_.params)


def test_bagging_never_draws_a_sample_without_weight_and_keeps_the_sum_of_weights():
    X, y = iris()
    weight = np.where(np.arange(len(X)) % 2, 3.0, 0.0)
    strange = np.where(weight[:, None] > 0, X, 1e3)
    model = ensemble(strategy="bagging").fit(strange, y, sample_weight=weight)
    assert model.score(X, y) > 0.8
    # a penalty counts as much as with repeated samples: three times as much data, a third of it
    heavy, light = (
        ensemble(small(alpha=alpha, batch_size=150), strategy="bagging").fit(X, y, w)
        for alpha, w in ((3.0, np.full(len(X), 3.0)), (1.0, None))
    )
    np.testing.assert_allclose(heavy.predict_proba(X), light.predict_proba(X), atol=1e-8)


def test_snapshots_are_what_one_training_is_at_the_end_of_each_cosine():
    X, y = iris()
    X, y = np.tile(X, (2, 1)), np.tile(y, 2)
    network = small(max_iter=14, batch_norm=True, dropout=0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)  # the end is meant
        model = ensemble(network, strategy="snapshot").fit(X, y)
    assert [member.n_iter_ for member in model.estimators_] == [4, 8, 12]
    rates = model.estimators_[-1].history_["learning_rate"]
    assert rates[0] == rates[4] == rates[8] == 0.02
    for member in model.estimators_:
        alone = clone(network).set_params(
            learning_rate="cosine_restarts",
            learning_rate_step=4,
            max_iter=member.n_iter_,
            n_iter_no_change=np.inf,
            random_state=int(SEEDS[0]),
        )
        alone.fit(X, y)
        np.testing.assert_array_equal(member.network_.params, alone.network_.params)
        np.testing.assert_array_equal(member.network_.statistics, alone.network_.statistics)
        np.testing.assert_array_equal(member.predict_proba(X), alone.predict_proba(X))


def test_snapshots_begin_after_the_warm_up_and_callbacks_go_on():
    class Count:
        def __init__(self):
            self.n = 0

        def setup(self, estimator, context):
            pass

        teardown = setup

        def on_fit_task_begin(self, estimator, context):
            pass

        def on_fit_task_end(self, estimator, context):
            self.n += 1

    X, y = iris()
    count = Count()
    network = small(warmup_epochs=2, max_iter=11).set_callbacks(count)
    model = ensemble(network, strategy="snapshot").fit(X, y)
    assert [member.n_iter_ for member in model.estimators_] == [5, 8, 11]
    assert count.n == 11 + 1  # epochs, and the fit itself


def estimators():
    fast = {"max_iter": 3}
    pictures, steps = {"image_shape": (2, 2)}, {"hidden_layer_sizes": (4,)}
    for classifier, regressor, keywords in (
        (ConvNetClassifier, ConvNetRegressor, {"architecture": "4", **pictures, **fast}),
        (RecurrentClassifier, RecurrentRegressor, {**steps, **fast}),
        (TransformerClassifier, TransformerRegressor, {"width": 4, "n_heads": 1, **fast}),
        (TabularNetClassifier, TabularNetRegressor, {"preset": "fast", **fast}),
        (MLPClassifier, MLPRegressor, {**steps, **fast}),
    ):
        for kind, of in (
            (classifier, NetworkEnsembleClassifier),
            (regressor, NetworkEnsembleRegressor),
        ):
            for strategy in STRATEGIES:
                if strategy != "snapshot" or "Tabular" not in kind.__name__:
                    yield pytest.param(
                        of(kind(**keywords), 2, strategy=strategy, random_state=0),
                        id=f"{kind.__name__}-{strategy}",
                    )


@pytest.mark.parametrize("model", list(estimators()))
def test_all_networks_have_ensembles(model):
    X, y = iris()
    model.fit(X, y)
    say = "predict_proba" if hasattr(model, "predict_proba") else "predict"
    each = [getattr(member, say)(X) for member in model.estimators_]
    assert not np.array_equal(*each)
    np.testing.assert_allclose(getattr(model, say)(X), np.mean(each, axis=0), rtol=1e-6)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(X), model.predict(X))
    assert (model.report_ is None) == (model.strategy != "bagging")


def test_raw_tables_and_words_go_to_the_members_as_they_are():
    table = pd.DataFrame({"size": [1.0, 2.0, np.nan, 9.0] * 9, "kind": ["a", "b", "a", "b"] * 9})
    y = ["no", "no", "no", "yes"] * 9
    network = TabularNetClassifier("fast", max_iter=20)
    model = NetworkEnsembleClassifier(network, 2, strategy="bagging", random_state=0)
    assert model.fit(table, y).score(table, y) > 0.9
    assert list(model.feature_names_in_) == ["size", "kind"]

    words = ["aab", "ba", "abab", "b", "aaaa", "bb"] * 5
    y = [word.count("a") > word.count("b") for word in words]
    network = RecurrentClassifier((4,), max_iter=15, learning_rate_init=0.05)
    for strategy in STRATEGIES:
        model = NetworkEnsembleClassifier(network, 3, strategy=strategy, random_state=0)
        assert model.fit(words, y).score(words, y) > 0.6


# What their mean predicts


def test_regressors_tell_how_far_their_members_disagree():
    X, y = diabetes()
    model = ensemble(small_regressor()).fit(X, np.column_stack([y, -y]))
    each = np.array([member.predict(X) for member in model.estimators_])
    mean, std = model.predict(X, return_std=True)
    np.testing.assert_allclose(mean, each.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(std, each.std(axis=0), rtol=1e-12)
    np.testing.assert_array_equal(mean, model.predict(X))
    assert mean.shape == std.shape == (len(X), 2)
    alone = clone(model).set_params(n_estimators=1).fit(X, y)
    assert not alone.predict(X, return_std=True)[1].any()


def test_several_quantiles_are_judged_as_their_estimator_does():
    X, y = diabetes()
    network = small_regressor(loss="quantile", quantiles=(0.1, 0.5, 0.9))
    for target in (y, np.column_stack([y, -y])):
        model = ensemble(network, strategy="bagging").fit(X, target)
        assert model.predict(X).shape == (*target.shape, 3)
        expected = model.estimators_[0]._targets.score(target, model.predict(X), None)
        assert model.score(X, target) == model.report(X, target).ensemble_score == expected
        assert model.report_.metric == "D2"
        assert model.report(X, target).products.shape == (3, 3)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_label_indicators_are_averaged_label_by_label(strategy):
    X, y = make_multilabel_classification(80, 5, n_classes=3, random_state=0)
    model = ensemble(strategy=strategy).fit(X, y)
    expected = np.mean([member.predict_proba(X) for member in model.estimators_], axis=0)
    np.testing.assert_array_equal(model.predict(X), expected > 0.5)
    assert model.predict(X).dtype == model.estimators_[0].predict(X).dtype
    assert model.report(X, y).ensemble_score == accuracy_score(y, model.predict(X))


def test_two_classes_with_names_and_early_stopping_on_samples_of_ones_own():
    X, y = iris()
    X, y = X[y > 0], np.where(y[y > 0] == 1, "versi", "virgi")
    network = small(early_stopping=True, class_weight={"versi": 1, "virgi": 5})
    model = ensemble(network).fit(X[::2], y[::2], X_val=X[1::2], y_val=y[1::2])
    assert model.report_.ensemble_score == model.score(X[1::2], y[1::2])
    assert [m.best_validation_score_ for m in model.estimators_] == list(model.report_.scores)
    plain = ensemble().fit(X[::2], y[::2])
    assert (model.predict(X) == "virgi").sum() > (plain.predict(X) == "virgi").sum()


def test_a_grid_search_goes_over_members_and_strategies():
    X, y = iris()
    grid = {"strategy": ["restart", "snapshot"], "estimator__alpha": [1e-4, 100.0]}
    search = GridSearchCV(ensemble(), grid, cv=3).fit(X, y)
    assert search.best_params_["estimator__alpha"] == 1e-4


# Going on


@pytest.mark.parametrize("strategy", ["restart", "bagging"])
def test_partial_fit_trains_each_member_for_an_epoch(strategy):
    X, y = iris()
    model = ensemble(strategy=strategy)
    for _ in range(30):
        for rows in (slice(0, None, 2), slice(1, None, 2)):
            model.partial_fit(X[rows], y[rows], classes=[0, 1, 2])
    assert model.score(X, y) > 0.9
    assert model.report_ is None
    before = weights_of(model)
    with pytest.raises(ValueError, match="classes"):
        model.partial_fit(X, y + 1)
    assert all(a is b for a, b in zip(before, weights_of(model), strict=True))
    if strategy == "restart":
        alone = small(random_state=int(SEEDS[1]))
        for _ in range(30):
            alone.partial_fit(X[::2], y[::2], classes=[0, 1, 2]).partial_fit(X[1::2], y[1::2])
        np.testing.assert_array_equal(model.estimators_[1].network_.params, alone.network_.params)


def test_partial_fit_goes_on_from_a_fit_and_with_numbers():
    X, y = diabetes()
    model = ensemble(small_regressor(), strategy="bagging").fit(X, y)
    before = np.copy(weights_of(model))
    model.partial_fit(X[:3], y[:3], sample_weight=[0, 0, 1.0])
    assert (before != weights_of(model)).any(axis=1).all()


def test_there_is_no_partial_fit_where_members_have_none():
    assert hasattr(ensemble(), "partial_fit")
    assert not hasattr(ensemble(strategy="snapshot"), "partial_fit")
    assert not hasattr(ensemble(small(solver="lbfgs")), "partial_fit")


# What is refused


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (NetworkEnsembleClassifier(MLPRegressor()), "made of classifiers, and MLPRegressor"),
        (NetworkEnsembleRegressor(MLPClassifier()), "made of regressors, and MLPClassifier"),
        (NetworkEnsembleClassifier("mlp"), "must be None, or a network estimator of skdeep"),
        (ensemble(n_estimators=0), "'n_estimators' parameter of NetworkEnsembleClassifier"),
        (ensemble(strategy="boosting"), "'strategy' parameter"),
        (ensemble(n_jobs=1.5), "'n_jobs' parameter"),
        (ensemble(random_state="seed"), "'random_state' parameter"),
        (ensemble(RecurrentClassifier(per_step=True)), "per_step=True"),
        (ensemble(small(solver="cg"), strategy="snapshot"), "solver='cg' has none"),
        (ensemble(small(early_stopping=True), strategy="snapshot"), "early_stopping=True would"),
        (ensemble(small(average="ema"), strategy="snapshot"), "average='ema' would"),
        (ensemble(small(max_iter=2), strategy="snapshot"), "max_iter=2 and warmup_epochs=0"),
        (ensemble(TabularNetClassifier(), strategy="snapshot"), "TabularNetClassifier has a sch"),
        (ensemble(small(loss="hinge")), "averages probabilities.*loss='hinge' learns margins"),
        (ensemble(small(dropout=2.0)), "'dropout' parameter of MLPClassifier"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_makes_no_ensemble_is_refused_in_words(model, message):
    X, y = iris()
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)
    assert not hasattr(model, "estimators_")


def test_a_fit_that_fails_leaves_the_ensemble_as_it_was():
    X, y = digits(200)
    for strategy in STRATEGIES:
        model = ensemble(strategy=strategy).fit(X, y)
        before = vars(model).copy()
        with pytest.raises(ValueError, match="must not be negative"):
            model.fit(X, y, sample_weight=-np.ones(len(X)))
        assert vars(model) == before
