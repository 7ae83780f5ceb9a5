"""One call, the same folds for all, and a row for whatever happens."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.callback import ProgressBar
from sklearn.cluster import KMeans
from sklearn.datasets import load_diabetes, load_iris
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning, UnsetMetadataPassedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.model_selection import (
    GroupKFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedKFold,
    cross_validate,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skdeep import KNNClassifier, MLPClassifier
from skdeep.model_selection import compare

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

IRIS = load_iris(return_X_y=True)
PAIR = {"naive": GaussianNB(), "knn": KNNClassifier()}


class Failing(ClassifierMixin, BaseEstimator):
    """Fails where the row number `bad` is among the training rows."""

    def __init__(self, bad=None, error=ValueError, when="fit"):
        self.bad, self.error, self.when = bad, error, when

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        if self.when == "fit" and (self.bad is None or self.bad in X[:, 0]):
            raise self.error("no such luck")
        return self

    def predict(self, X):
        if self.when == "predict":
            raise self.error("no such luck")
        return np.full(len(X), self.classes_[0])


def numbered():
    """Return iris with the number of the row as the first feature."""
    X, y = IRIS
    return np.column_stack([np.arange(len(X)), X]), y


@pytest.mark.parametrize(
    "cv", [None, 3, StratifiedKFold(4, shuffle=True, random_state=1), "iterable"]
)
def test_scores_are_those_of_cross_validate_on_the_same_folds(cv):
    X, y = IRIS
    folds = list(StratifiedKFold(3).split(X, y))
    comparison = compare(PAIR, X, y, cv=iter(folds) if cv == "iterable" else cv)
    for name, estimator in PAIR.items():
        theirs = cross_validate(estimator, X, y, cv=folds if cv == "iterable" else cv)
        np.testing.assert_array_equal(comparison.scores[name], theirs["test_score"])


@pytest.mark.parametrize("table", [np.asarray, pd.DataFrame, np.ndarray.tolist])
@pytest.mark.parametrize("form", [np.asarray, list, tuple, "mask", "list of truth values"])
def test_rows_of_a_fold_may_be_numbers_or_a_mask(form, table):
    X, y = IRIS
    folds = list(StratifiedKFold(3).split(X, y))

    def given(rows):
        if callable(form):
            return form(rows)
        mask = np.isin(np.arange(len(y)), rows)
        return mask if form == "mask" else mask.tolist()

    shown = [(given(train), given(test)) for train, test in folds]
    comparison = compare(PAIR, table(X), y, cv=shown)
    assert comparison.n_train.tolist() == [100] * 3
    assert comparison.n_test.tolist() == [50] * 3
    for name, scores in compare(PAIR, X, y, cv=folds).scores.items():
        np.testing.assert_array_equal(comparison.scores[name], scores)


def test_folds_are_drawn_once_even_where_every_draw_differs():
    same = {"one": GaussianNB(), "two": GaussianNB()}
    comparison = compare(same, *IRIS, cv=ShuffleSplit(8, test_size=0.3))
    assert len(set(comparison.scores["one"])) > 1
    np.testing.assert_array_equal(comparison.scores["one"], comparison.scores["two"])


def test_scores_do_not_depend_on_the_number_of_jobs():
    net = make_pipeline(StandardScaler(), MLPClassifier((4,), max_iter=3, random_state=0))
    candidates = {"net": net, **PAIR}
    one, two = (compare(candidates, *IRIS, n_jobs=n).all_scores for n in (None, 2))
    for name in candidates:
        np.testing.assert_array_equal(one["score"][name], two["score"][name])


def test_estimators_are_left_as_they_were():
    knn = KNNClassifier()
    compare([knn], *IRIS)
    assert not hasattr(knn, "classes_")


def test_names_come_from_classes_where_none_are_given():
    comparison = compare([KNNClassifier(1), GaussianNB(), KNNClassifier(3)], *IRIS)
    assert comparison.names == ["KNNClassifier 1", "GaussianNB", "KNNClassifier 2"]
    assert compare([("a", GaussianNB()), ("b", GaussianNB())], *IRIS).names == ["a", "b"]


@pytest.mark.parametrize(
    "convert",
    [
        pd.DataFrame,
        lambda X: pl.DataFrame(X, schema=["a", "b", "c", "d"]),
        csr_array,
        lambda X: X.tolist(),
        lambda X: X.astype(np.float64, order="F"),
    ],
    ids=["pandas", "polars", "sparse", "list", "fortran"],
)
def test_any_table_that_scikit_learn_takes_is_taken(convert):
    X, y = IRIS
    knn = {"knn": KNNClassifier()}
    np.testing.assert_array_equal(
        compare(knn, convert(X), y).scores["knn"], compare(knn, X, y).scores["knn"]
    )


@pytest.mark.parametrize("convert", [pd.Series, pl.Series, list])
def test_any_column_that_scikit_learn_takes_is_a_target(convert):
    X, y = IRIS
    comparison = compare(PAIR, X, convert(y))
    np.testing.assert_array_equal(
        comparison.scores["knn"], cross_validate(PAIR["knn"], X, y)["test_score"]
    )


def test_a_kernel_loses_rows_and_columns():
    X, y = IRIS
    kernel = compare({"svc": SVC(kernel="precomputed")}, X @ X.T, y)
    linear = compare({"svc": SVC(kernel="linear")}, X, y)
    np.testing.assert_array_equal(kernel.scores["svc"], linear.scores["svc"])


def test_estimators_that_need_no_target_are_compared_too():
    X, _ = IRIS
    candidates = {k: KMeans(int(k), random_state=0, n_init=1) for k in "23"}
    assert compare(candidates, X).ranking == ["3", "2"]


def test_repeated_folds_count_with_their_overlap():
    cv = RepeatedStratifiedKFold(n_splits=5, n_repeats=4, random_state=0)
    comparison = compare(PAIR, *IRIS, cv=cv)
    assert comparison.n_folds == 20
    d = comparison.scores["naive"] - comparison.scores["knn"]
    t = d.mean() / np.sqrt((1 / 20 + 30 / 120) * d.var(ddof=1))
    assert comparison.test("naive", "knn").statistic == pytest.approx(t)


def test_groups_stay_together():
    groups = np.arange(150) % 5
    comparison = compare(PAIR, *IRIS, cv=GroupKFold(5), groups=groups)
    theirs = cross_validate(PAIR["knn"], *IRIS, cv=GroupKFold(5), groups=groups)
    np.testing.assert_array_equal(comparison.scores["knn"], theirs["test_score"])


def test_sample_weights_are_split_with_the_rows():
    weight = np.random.default_rng(0).uniform(0, 5, 150)
    candidates = {"logistic": LogisticRegression(C=1e-3), "naive": GaussianNB()}
    comparison = compare(candidates, *IRIS, params={"sample_weight": weight})
    for name, estimator in candidates.items():
        theirs = cross_validate(estimator, *IRIS, params={"sample_weight": weight})
        np.testing.assert_array_equal(comparison.scores[name], theirs["test_score"])


def test_metadata_goes_where_it_was_asked_for():
    X, y = IRIS
    weight = np.random.default_rng(0).uniform(0, 5, 150)
    params = {"sample_weight": weight, "groups": np.arange(150) % 5}
    with config_context(enable_metadata_routing=True):
        asks = LogisticRegression(C=1e-3).set_fit_request(sample_weight=True)
        asks.set_score_request(sample_weight=True)
        naive = GaussianNB().set_fit_request(sample_weight=False)
        naive.set_score_request(sample_weight=False)
        candidates = {"asks": asks, "naive": naive}
        comparison = compare(candidates, X, y, cv=GroupKFold(5), params=params)
        for name, wanted in (("asks", params), ("naive", {"groups": params["groups"]})):
            theirs = cross_validate(candidates[name], X, y, cv=GroupKFold(5), params=wanted)
            np.testing.assert_array_equal(comparison.scores[name], theirs["test_score"])
        with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
            compare([GaussianNB()], X, y, params={"sample_weight": weight})


def test_several_metrics_come_from_one_run():
    comparison = compare(PAIR, *IRIS, scoring=["f1_macro", "neg_log_loss"])
    assert (comparison.metric, comparison.metrics) == ("f1_macro", ["f1_macro", "neg_log_loss"])
    other = comparison.by_metric("neg_log_loss")
    theirs = cross_validate(PAIR["knn"], *IRIS, scoring="neg_log_loss")
    np.testing.assert_array_equal(other.scores["knn"], theirs["test_score"])
    means = comparison.to_dict()["mean_score"]
    assert sorted(other.to_dict()["mean_f1_macro"]) == sorted(means)
    with pytest.raises(ValueError, match=r"'metric'.*'f1_macro', 'neg_log_loss'. Got 'auc'"):
        comparison.by_metric("auc")


def test_an_estimator_that_was_not_compared_is_named():
    comparison = compare(PAIR, *IRIS)
    name = next(iter(PAIR))
    with pytest.raises(ValueError, match=r"'name' parameter of interval.*Got 'typo'"):
        comparison.interval("typo")
    with pytest.raises(ValueError, match=r"'name' parameter of error.*Got 'typo'"):
        comparison.error("typo")
    with pytest.raises(ValueError, match=r"'other' parameter of test.*Got 'typo'"):
        comparison.test(name, "typo")


def test_times_are_taken_of_every_fold():
    comparison = compare(PAIR, *IRIS)
    for times in (comparison.fit_times, comparison.predict_times):
        assert all(len(times[name]) == 5 and (times[name] > 0).all() for name in PAIR)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_what_all_folds_warn_of_is_said_once_with_a_count(n_jobs):
    net = MLPClassifier((4,), max_iter=2, random_state=0)
    with pytest.warns(ConvergenceWarning) as caught:
        compare({"net": net, "same": net, "naive": GaussianNB()}, *IRIS, n_jobs=n_jobs)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert "Maximum iterations (2) reached" in str(caught[0].message)
    assert str(caught[0].message).endswith("(net, same: in 10 of 10 fits)")


def test_warnings_that_are_errors_make_a_row_with_an_error():
    net = MLPClassifier((4,), max_iter=2, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        warnings.simplefilter("ignore", FitFailedWarning)
        comparison = compare({"net": net, **PAIR}, *IRIS)
    assert "failed in 5 of 5 folds, first in fold 1: Convergence" in comparison.error("net")


@pytest.mark.parametrize(
    ("scoring", "metric"), [(None, "score"), ("accuracy", "accuracy"), (["r2"], "r2")]
)
def test_an_interval_ends_where_the_metric_does(scoring, metric):
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 20)
    X = np.column_stack([y + np.where(np.arange(40) == 5, 1, 0), rng.normal(size=40)])
    comparison = compare([GaussianNB()], X, y, scoring=scoring)
    low, high = comparison.interval("GaussianNB")
    assert comparison.metric == metric
    assert comparison.scores["GaussianNB"].max() == 1.0
    assert low < comparison.scores["GaussianNB"].mean() < high == 1.0


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("when", ["fit", "predict"])
def test_a_failing_estimator_is_a_row_with_its_error(when, n_jobs):
    candidates = {"failing": Failing(when=when), **PAIR}
    with pytest.warns(FitFailedWarning, match=r"1 of 3 estimators failed.*\nfailing: failed in 5"):
        comparison = compare(candidates, *IRIS, n_jobs=n_jobs)
    np.testing.assert_array_equal(
        comparison.scores["knn"], compare(PAIR, *IRIS).scores["knn"], strict=True
    )
    row = {key: values[-1] for key, values in comparison.to_dict().items()}
    assert row["estimator"] == "failing"
    assert row["error"] == "failed in 5 of 5 folds, first in fold 1: ValueError: no such luck"
    assert np.isnan([row["mean_score"], row["p_value"], row["p_holm"]]).all()
    assert "ValueError: no such luck" in str(comparison)


def test_one_fold_that_fails_takes_the_row_and_keeps_the_other_folds():
    X, y = numbered()
    with pytest.warns(FitFailedWarning):
        comparison = compare({"failing": Failing(bad=0), "knn": KNNClassifier()}, X, y)
    assert comparison.errors["failing"] == [None, *["ValueError: no such luck"] * 4]
    assert comparison.scores["failing"][0] == pytest.approx(1 / 3)
    assert comparison.error("failing").startswith("failed in 4 of 5 folds, first in fold 2")
    assert comparison.ranking == ["knn", "failing"]


@pytest.mark.parametrize("scoring", ["neg_log_loss", ["neg_log_loss", "accuracy"]], ids=str)
def test_a_score_of_probabilities_of_folds_without_some_class(scoring):
    X, y = IRIS[0][40:110], IRIS[1][40:110]  # ten of the first class, fifty, ten
    folds = [(np.r_[:8, 12:70], np.r_[8:12]), (np.r_[5:70], np.r_[:5])]
    comparison = compare({"knn": KNNClassifier()}, X, y, scoring=scoring, cv=folds)
    for (train, test), found in zip(folds, comparison.scores["knn"], strict=True):
        probability = KNNClassifier().fit(X[train], y[train]).predict_proba(X[test])
        assert found == pytest.approx(-log_loss(y[test], probability, labels=[0, 1, 2]))


def test_if_all_fail_the_errors_are_the_result():
    with pytest.warns(FitFailedWarning, match="2 of 2"):
        comparison = compare([Failing(), Failing(error=KeyError)], *IRIS)
    assert "All estimators failed." in str(comparison)
    assert "KeyError" in comparison.error("Failing 2")
    assert "KeyError" in comparison.to_html()


def test_a_score_that_is_not_a_number_is_an_error_of_the_row():
    def undefined(estimator, X, y):
        return float("nan") if isinstance(estimator, GaussianNB) else 0.5

    with pytest.warns(FitFailedWarning, match="naive: .*the score is nan"):
        comparison = compare(PAIR, *IRIS, scoring=undefined)
    assert comparison.ranking == ["knn", "naive"]


def test_an_error_can_end_the_comparison():
    with pytest.raises(KeyError, match="no such luck"):
        compare([Failing(error=KeyError)], *IRIS, error_score="raise")


def test_ctrl_c_ends_the_comparison():
    with pytest.raises(KeyboardInterrupt):
        compare([Failing(error=KeyboardInterrupt)], *IRIS)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"estimators": []}, ValueError, "'estimators'.* at least one"),
        ({"estimators": GaussianNB()}, TypeError, "must be a dict of name to estimator"),
        ({"estimators": [GaussianNB]}, TypeError, "Entry 0.* must be an estimator"),
        ({"estimators": ["knn"]}, TypeError, "Entry 0.* must be an estimator.*'knn'"),
        ({"estimators": [("a", 1, 2)]}, TypeError, "must be .name, estimator"),
        ({"estimators": [("a", GaussianNB()), ("a", GaussianNB())]}, ValueError, "'a' twice"),
        ({"baseline": "nope"}, ValueError, r"'baseline'.*\['naive', 'knn'\]. Got 'nope'"),
        ({"confidence_level": 95}, ValueError, "'confidence_level'.*Got 95"),
        ({"error_score": 0.0}, ValueError, "'error_score'.* 'raise', or NaN. Got 0.0"),
        ({"scoring": "nope"}, ValueError, "nope"),
        ({"scoring": {"a": "r2", "error": "max_error"}}, ValueError, "a metric 'error'.*column"),
        ({"scoring": {"a": "accuracy", "score": "r2"}}, ValueError, "a metric 'score'"),
        ({"cv": []}, ValueError, "'cv'.* at least one fold"),
        ({"cv": [([0, 60], [1]), ([0, 60], [])]}, ValueError, "'cv'.* Got 2 and 0 in fold 2"),
        ({"y": [0, 1]}, ValueError, "inconsistent numbers of samples"),
        ({"estimators": [KNNClassifier(), Ridge()]}, ValueError, "KNNClassifier.*Ridge.*scoring"),
        ({"callbacks": [1]}, TypeError, "FitCallback"),
    ],
)
def test_bad_input_is_refused_before_any_work(arguments, error, message):
    X, y = IRIS
    given = {"estimators": PAIR, "X": X, "y": y} | arguments
    with pytest.raises(error, match=message):
        compare(**given)


def test_classifiers_and_regressors_can_share_a_metric_that_fits_both():
    X, y = load_diabetes(return_X_y=True)
    comparison = compare(
        [DummyClassifier(), DummyRegressor()],
        X[:60],
        y[:60] > 100,
        scoring="neg_mean_squared_error",
    )
    assert not any(map(comparison.error, comparison.names))


class Recorder:
    """Counts the tasks of each name; goes into the estimators as well."""

    max_propagation_depth = None

    def __init__(self):
        self.begun, self.ended, self.hooks = [], [], []

    def setup(self, estimator, context):
        self.hooks.append("setup")

    def teardown(self, estimator, context):
        self.hooks.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.begun.append(context.task_name)

    def on_fit_task_end(self, estimator, context):
        self.ended.append(context.task_name)


def test_callbacks_see_a_task_for_each_estimator_fold_and_epoch():
    net = MLPClassifier((4,), max_iter=3, n_iter_no_change=9, random_state=0)
    recorder = Recorder()
    compare({"net": net, "naive": GaussianNB()}, *IRIS, cv=2, callbacks=recorder)
    assert recorder.hooks == ["setup", "teardown"]
    # Where a network takes part, the fold is its fit.
    wanted = {"net": 1, "naive": 1, "fold": 2, "fit": 1 + 2, "epoch": 2 * 3}
    assert {name: recorder.begun.count(name) for name in recorder.begun} == wanted
    assert sorted(recorder.begun) == sorted(recorder.ended)


def test_callbacks_do_not_change_scores_and_outlive_a_failure():
    recorder = Recorder()
    with pytest.warns(FitFailedWarning):
        comparison = compare({"failing": Failing(), **PAIR}, *IRIS, callbacks=[recorder])
    assert recorder.hooks == ["setup", "teardown"]
    assert recorder.ended.count("fold") == 15
    np.testing.assert_array_equal(comparison.scores["knn"], compare(PAIR, *IRIS).scores["knn"])


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_progress_bar_names_the_estimators(n_jobs, capsys):
    compare(PAIR, *IRIS, n_jobs=n_jobs, callbacks=ProgressBar())
    shown = capsys.readouterr().out
    assert "Compare - naive" in shown
    assert "Compare - knn" in shown
