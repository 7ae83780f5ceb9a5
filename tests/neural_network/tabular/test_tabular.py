"""Networks on raw tables: what users have, and what scikit-learn's checks do not ask."""

import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, train_test_split

from skdeep import MLPRegressor, TabularNetClassifier, TabularNetRegressor
from skdeep.neural_network.tabular.members.recipe import Recipe, recipe_for
from skdeep.neural_network.tabular.rows.folds import deal_folds, train_and_held_out

CHEAP = {"preset": "fast", "max_iter": 6, "random_state": 0}


def classifier(**parameters):
    return TabularNetClassifier(**CHEAP | parameters)


def regressor(**parameters):
    return TabularNetRegressor(**CHEAP | parameters)


def mixed(n=200, seed=0):
    """Return a table with everything in it, classes, and numbers that depend on it."""
    random = np.random.RandomState(seed)
    size, kind = random.exponential(size=n), random.choice(["a", "b", "c", None], n)
    yes, day = random.rand(n) < 0.5, np.datetime64("2024-01-01") + random.randint(0, 300, n)
    number = np.log(size) + (kind == "a") * 2.0 + yes
    frame = pd.DataFrame(
        {
            "size": np.where(random.rand(n) < 0.1, np.nan, size),
            "kind": pd.Categorical(kind),
            "yes": pd.array(yes, dtype="boolean"),
            "day": day,
            "same": 1.0,
            "text": random.choice(["red", "blue"], n),
            "count": pd.array(random.randint(0, 5, n), dtype="Int64"),
        }
    )
    return frame, np.where(number > 0.5, "high", "low"), number


def test_a_raw_table_needs_no_preparation():
    X, label, number = mixed(600)
    X_new, label_new, number_new = mixed(300, seed=1)
    X_new["kind"] = X_new["kind"].cat.add_categories(["new"]).mask(np.arange(300) == 0, "new")
    clf = classifier(max_iter=20).fit(X, label)
    assert clf.score(X_new, label_new) > 0.85
    assert regressor(max_iter=20).fit(X, number).score(X_new, number_new) > 0.7
    assert list(clf.feature_names_in_) == list(X.columns)
    assert clf.predict_proba(X_new).sum(axis=1) == pytest.approx(1)


def test_polars_predicts_what_pandas_predicts():
    X, label, _ = mixed()
    polars = pl.DataFrame(
        {name: X[name].astype(object).where(X[name].notna(), None).tolist() for name in X}
    )
    polars = polars.with_columns(pl.col("kind").cast(pl.Categorical), pl.col("day").cast(pl.Date))
    from_pandas = classifier().fit(X, label).predict_proba(X)
    assert_allclose(classifier().fit(polars, label).predict_proba(polars), from_pandas)


def test_default_views_on_bundled_data_are_no_worse_than_boosting():
    X, y = load_wine(return_X_y=True)
    X, X_new, y, y_new = train_test_split(X, y, stratify=y, random_state=0)
    ours = TabularNetClassifier(max_iter=12, random_state=0).fit(X, y)
    boosting = HistGradientBoostingClassifier(random_state=0).fit(X, y)
    assert ours.score(X_new, y_new) >= boosting.score(X_new, y_new)
    assert ours.views_ == ["raw", "bins", "waves", "linear"]
    X, y = load_diabetes(return_X_y=True)
    X, X_new, y, y_new = train_test_split(X, y, random_state=0)
    ours = TabularNetRegressor(max_iter=12, random_state=0).fit(X, y)
    boosting = HistGradientBoostingRegressor(random_state=0).fit(X, y)
    assert ours.score(X_new, y_new) >= boosting.score(X_new, y_new)
    assert ours.view_weights_.sum() == pytest.approx(1)


def test_equal_rows_count_as_one_of_more_weight_and_order_does_not_matter():
    X, label, number = mixed(60)
    weight = np.random.RandomState(0).randint(0, 4, 60)
    rows = np.random.RandomState(1).permutation(np.arange(60).repeat(weight))
    for model, y in ((classifier(), label), (regressor(), number)):
        weighted = clone(model).fit(X, y, sample_weight=weight)
        repeated = clone(model).fit(X.iloc[rows].reset_index(drop=True), y[rows])
        assert_array_equal(weighted.predict(X), repeated.predict(X))


def test_class_weights_are_sample_weights():
    X, label, _ = mixed(100)
    by_class = classifier(class_weight={"high": 3.0}).fit(X, label)
    by_row = classifier().fit(X, label, sample_weight=np.where(label == "high", 3.0, 1.0))
    assert_array_equal(by_class.predict_proba(X), by_row.predict_proba(X))
    given = {"X_val": X[:50], "y_val": label[:50]}  # count as they are, as in scikit-learn
    by_class, by_row = (
        classifier(class_weight=by).fit(X, label, weight, **given)
        for by, weight in (({"high": 3.0}, None), (None, np.where(label == "high", 3.0, 1.0)))
    )
    assert by_class.validation_loss_ == by_row.validation_loss_
    assert_array_equal(by_class.predict_proba(X), by_row.predict_proba(X))
    balanced = classifier(class_weight="balanced").fit(X, label)
    with pytest.raises(ValueError, match="'balanced' needs all data at once; for partial_fit"):
        balanced.partial_fit(X, label)
    assert not np.array_equal(balanced.predict_proba(X), by_row.predict_proba(X))
    with pytest.raises(ValueError, match="leaves all sample weights zero"):
        classifier(class_weight={"high": 0, "low": 0}).fit(X, label)


@pytest.mark.parametrize(
    ("n", "p", "n_classes"), [(3, 2, 2), (50, 3, 3), (60, 2000, 2), (900, 4, 300)]
)
def test_small_wide_and_many_classed_tables_do_not_fail(n, p, n_classes):
    random = np.random.RandomState(0)
    X, y = random.normal(size=(n, p)), np.arange(n) % n_classes
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # scikit-learn's, of so many classes
        clf = classifier(max_iter=2).fit(X, y)
    assert clf.predict_proba(X).shape == (n, n_classes)
    assert np.isfinite(clf.predict_proba(X)).all()
    assert np.isfinite(regressor(max_iter=2).fit(X, X[:, 0]).predict(X)).all()


def test_a_rare_class_and_a_class_of_one_row_do_not_fail():
    X = np.random.RandomState(0).normal(size=(300, 3))
    y = np.zeros(300, int)
    y[X[:, 0] > 1.5] = 1
    y[0] = 2
    clf = classifier(max_iter=10).fit(X, y)
    share = np.bincount(y) / 300
    assert (clf.predict_proba(X) >= share / 301).all()  # as if there were one row more
    assert clf.score(X, y) > 0.94


def test_a_table_of_constants_and_holes_predicts_the_mean():
    frame = pd.DataFrame({"a": [1.0] * 40, "b": [None] * 40, "c": ["x"] * 40})
    y = np.arange(40.0)
    assert regressor().fit(frame, y).predict(frame) == pytest.approx(y.mean(), abs=2)
    constant = regressor().fit(frame.assign(d=y), np.full(40, 7.0))
    assert_array_equal(constant.predict(frame.assign(d=y)), 7.0)


def test_predictions_stay_within_the_targets():
    x = np.linspace(0, 1, 100)[:, None]
    reg = regressor(max_iter=20).fit(x, 3 * x.ravel())
    assert 0 <= reg.predict([[-100.0]])[0] <= reg.predict([[100.0]])[0] <= 3


def test_huge_and_tiny_values_and_targets_are_no_trouble():
    random = np.random.RandomState(0)
    X = random.normal(size=(200, 3)) * [1e30, 1e-30, 1.0] + [0, 0, 1e6]
    y = 1e20 * (X[:, 0] > 0)
    assert regressor(max_iter=20).fit(X, y).score(X, y) > 0.9


@pytest.mark.parametrize("exponent", [-1060, -900, 515, 1000])
def test_targets_in_any_unit_are_learned_alike(exponent):
    X = np.random.RandomState(0).normal(size=(80, 3))
    y = X[:, 0] - X[:, 1] ** 2
    plain = regressor(max_iter=30).fit(X, y).score(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        model = regressor(max_iter=30).fit(X, np.ldexp(y, exponent))
        assert_allclose(model.score(X, np.ldexp(y, exponent)), plain, atol=0.1)
    assert plain > 0.5


def test_own_validation_rows_choose_the_epoch():
    X, label, _ = mixed(300)
    clf = classifier().fit(X[:200], label[:200], X_val=X[200:], y_val=label[200:])
    own = clf.predict_proba(X[200:])[np.arange(100), np.searchsorted(clf.classes_, label[200:])]
    assert clf.validation_loss_ == pytest.approx(-np.log(own).mean(), rel=1e-4)
    for more, message in (
        ({"X_val": X}, "y_val was not provided"),
        ({"y_val": label}, "X_val was not provided"),
        ({"sample_weight_val": np.ones(3)}, "X_val and y_val were not"),
        ({"X_val": X[:2], "y_val": ["high", "odd"]}, "'odd', which is not in classes_"),
    ):
        with pytest.raises(ValueError, match=message):
            clf.fit(X, label, **more)


def test_warm_start_goes_on_from_the_members():
    X, label, _ = mixed()
    clf = classifier(warm_start=True, max_iter=3).fit(X, label)
    first = clf.history_["bins"]["loss"][0]
    clf.fit(X, label)
    assert clf.history_["bins"]["loss"][0] < first
    cold = classifier(max_iter=3).fit(X, label)
    assert cold.history_["bins"]["loss"][0] == first


def test_partial_fit_learns_from_a_stream():
    X, label, number = mixed(600)
    clf, reg = classifier(), regressor()
    for _ in range(15):
        for start in range(0, 600, 200):
            rows = slice(start, start + 200)
            clf.partial_fit(X[rows], label[rows], classes=["high", "low"])
            reg.partial_fit(X[rows], number[rows])
    assert clf.score(X, label) > 0.8
    assert reg.score(X, number) > 0.6
    assert clf.n_iter_ == 45
    clf.fit(X, label).partial_fit(X, label)
    with pytest.raises(ValueError, match="classes must be passed"):
        classifier().partial_fit(X, label)
    with pytest.raises(ValueError, match="not the same as on last call"):
        clf.partial_fit(X, label, classes=["high", "other"])


def test_a_fit_that_fails_leaves_the_estimator_as_it_was():
    X, label, _ = mixed()
    clf = classifier().fit(X, label)
    before, state = clf.predict_proba(X), set(vars(clf))
    with pytest.raises(ValueError, match="free text"):
        clf.fit(X.assign(text=[f"person {i}" for i in range(len(X))]), label)
    with pytest.raises(TypeError, match="dates"):
        clf.partial_fit(X.assign(day=[1, *X["day"][1:].astype(object)]), label)
    assert_array_equal(clf.predict_proba(X), before)
    assert set(vars(clf)) == state


def test_a_pickle_predicts_the_same_and_goes_on():
    X, label, _ = mixed()
    clf = classifier(preset="default", max_iter=2).fit(X, label)
    copy = pickle.loads(pickle.dumps(clf))
    assert_array_equal(copy.predict_proba(X), clf.predict_proba(X))
    assert_array_equal(
        copy.partial_fit(X, label).predict_proba(X), clf.partial_fit(X, label).predict_proba(X)
    )


def test_importances_find_the_features_that_count():
    random = np.random.RandomState(0)
    X = pd.DataFrame(random.normal(size=(500, 6)), columns=list("abcdef"))
    X["g"] = random.choice(["u", "v", "w"], 500)
    y = 3 * X["b"] + 2 * (X["g"] == "u")
    reg = regressor(max_iter=20).fit(X, y)
    importances = reg.feature_importances_
    assert importances.sum() == pytest.approx(1)
    assert set(np.argsort(importances)[-2:]) == {1, 6}
    permuted = permutation_importance(reg, X, y, n_repeats=2, random_state=0).importances_mean
    assert set(np.argsort(permuted)[-2:]) == {1, 6}


def test_categories_are_listed_as_in_histogram_boosting():
    random = np.random.RandomState(0)
    X = random.randint(0, 8, size=(400, 2)).astype(float)
    y = np.isin(X[:, 0], [1, 4, 6])
    clf = classifier(categorical_features=[0], max_iter=20).fit(X, y)
    assert clf.score(X, y) == 1
    # A column for each of 8 categories, and 8 bins at most of the other feature beside itself.
    assert clf.networks_[0].root.layers[1].weight.shape[1] in range(15, 18)


def test_categories_of_many_values_are_embedded():
    random = np.random.RandomState(0)
    value = random.normal(size=300)
    code = random.randint(0, 300, size=3000)
    frame = pd.DataFrame({"code": pd.Categorical(code), "x": random.normal(size=3000)})
    y = value[code] + 0.1 * frame["x"]
    reg = regressor(max_iter=20).fit(frame[:2500], y[:2500])
    assert reg.score(frame[2500:], y[2500:]) > 0.5
    assert reg.feature_importances_[0] > 0.5


def test_members_leave_out_no_more_rows_than_tell_an_epoch():
    assert [Recipe((), n_members=4).n_folds(n) for n in (8, 100, 400, 5000)] == [4, 4, 6, 8]
    assert Recipe((), n_members=10).n_folds(5000) == 10
    folds = deal_folds(np.arange(1000) % 7, 4, np.random.RandomState(0))
    for most, n in ((10_000, 250), (40, 40)):
        train, held_out = train_and_held_out(folds, 4, most)
        for i in range(4):
            assert (folds[held_out[i]] == i).all()
            assert len(np.unique(held_out[i])) == n
            assert_array_equal(np.sort(np.r_[train[i], held_out[i]]), np.arange(1000))


@pytest.mark.parametrize(
    ("parameters", "n_samples", "n_members"),
    [
        ({}, 511, 8),
        ({}, 512, 4),
        ({}, 15, 4),  # less than two for each of eight
        ({}, None, 4),  # more may come
        ({"n_members": 3}, 100, 3),
        ({"preset": "fast"}, 100, 4),
        ({"preset": "best"}, 5000, 8),
    ],
)
def test_on_few_rows_there_are_more_members(parameters, n_samples, n_members):
    net = TabularNetRegressor(**parameters)
    assert recipe_for(net, classifies=False, n_samples=n_samples).n_members == n_members


def test_what_goes_on_has_the_members_of_the_first_fit():
    X, y = np.arange(512.0)[:, None], np.arange(512.0) % 7
    reg = TabularNetRegressor(max_iter=1, hidden_layer_sizes=(2,), warm_start=True)
    for go_on in (lambda: reg.fit(X[:16], y[:16]), lambda: reg.fit(X, y)):
        assert go_on().networks_[0].input_shape[0][0] == 8
    assert reg.partial_fit(X, y).networks_[0].input_shape[0][0] == 8


def test_a_training_ends_where_a_fall_of_the_rate_brings_little():
    X = np.random.RandomState(0).normal(size=(200, 3))
    noise = np.random.RandomState(1).randint(0, 2, 200)
    long = {"max_iter": 15, "batch_size": 4, "hidden_layer_sizes": (4,)}
    assert classifier(**long).fit(X, noise).n_iter_ in (7, 3)
    assert regressor(**long).fit(X, np.abs(X[:, 0] - X[:, 1])).n_iter_ == 15


def test_memory_mapped_rows_are_read_not_copied(tmp_path):
    X = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.float32, (3000, 5))
    X[:] = np.random.RandomState(0).normal(size=X.shape)
    y = X[:, 0] > 0
    X.flush()
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert classifier(max_iter=4).fit(mapped, y).score(mapped, y) > 0.9


def test_parameters_change_the_recipe():
    X, label, _ = mixed()
    clf = classifier(n_members=3, hidden_layer_sizes=(7,), batch_size=10, max_iter=2).fit(X, label)
    weights = [view.shape for path, view, _ in clf.networks_[0].parameters() if "weight" in path]
    assert [shape[::2] for shape in weights] == [(3, 7), (3, 2)]
    assert clf.n_iter_ == 2
    search = GridSearchCV(classifier(), {"learning_rate_init": [1e-6, 0.03]}, cv=2).fit(X, label)
    assert search.best_params_ == {"learning_rate_init": 0.03}


@pytest.mark.parametrize(
    "wrong",
    [
        {"preset": "slow"},
        {"n_members": 1},
        {"max_iter": 0},
        {"hidden_layer_sizes": (0,)},
        {"dropout": 1.0},
        {"weight_decay": -1},
        {"learning_rate_init": 0},
        {"batch_size": 0},
        {"class_weight": "even"},
        {"categorical_features": "all"},
    ],
    ids=str,
)
def test_a_wrong_parameter_is_named(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))!r} parameter"):
        classifier(**wrong).fit([[1.0], [2.0]], [0, 1])


def test_the_linear_view_is_a_linear_model():
    random = np.random.RandomState(0)
    X = random.uniform(-1, 1, size=(400, 3))
    y = X @ [1.0, -2.0, 0.5]
    assert LinearRegression().fit(X, y).score(X, y) == pytest.approx(1)
    label = y > 0
    clf = TabularNetClassifier(max_iter=20, random_state=0).fit(X, label)
    assert clf.score(X, label) > 0.97


class Recorder:
    """Counts epochs, and stops after some."""

    def __init__(self, stop_after=None):
        self.stop_after, self.scores = stop_after, []

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context, *, X):
        pass

    def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
        if context.task_name == "epoch":
            self.scores.append(fitted_estimator.score(X, y))
        return len(self.scores) == self.stop_after

    def teardown(self, estimator, context):
        pass


def test_callbacks_see_every_epoch_and_may_stop():
    X, label, _ = mixed()
    recorder = Recorder()
    clf = classifier(preset="default", max_iter=4).set_callbacks(recorder).fit(X, label)
    assert len(recorder.scores) == 3 * 4 + 2
    assert recorder.scores[-1] == clf.score(X, label)
    recorder = Recorder(stop_after=6)
    clf = classifier(preset="default", max_iter=4).set_callbacks(recorder).fit(X, label)
    assert len(recorder.scores) == 6
    assert clf.views_ == ["raw", "bins"]
    assert clf.predict(X).shape == label.shape


def test_names_that_come_after_an_array_are_warned_of_once():
    X = np.random.RandomState(0).rand(20, 2)
    reg = regressor(max_iter=1).fit(X, X[:, 0])
    with pytest.warns(UserWarning, match="TabularNetRegressor was fitted without") as caught:
        reg.predict(pd.DataFrame(X, columns=["a", "b"]))
    assert len(caught) == 1


def test_errors_of_a_table_name_the_network_and_the_part_of_the_data():
    X = np.random.RandomState(0).rand(20, 2)
    net = classifier(max_iter=1).fit(X, X[:, 0] > 0.5)
    with pytest.raises(ValueError, match="TabularNetClassifier is expecting 2 features"):
        net.predict(X[:, :1])
    with pytest.raises(ValueError, match="is required by TabularNetClassifier"):
        net.fit(np.zeros((3, 2, 2)), [True, False, True])
    with pytest.raises(ValueError, match="y_val has the class 'other'"):
        net.fit(X, np.where(X[:, 0] > 0.5, "a", "b"), X_val=X[:1], y_val=["other"])
    for unit in ("ns", "D"):
        days = np.datetime64("2024-01-01", unit) + np.arange(20)
        for kind in (regressor(), MLPRegressor()):
            with pytest.raises(ValueError, match=r"needs numbers for y, which is of type dat.*\["):
                kind.fit(X, days)
