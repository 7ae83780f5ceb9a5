"""One search per fold gives the scores of GridSearchCV."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV, KFold, LeaveOneOut, StratifiedKFold

from skdeep import KNNClassifier, KNNClassifierCV, KNNRegressor, KNNRegressorCV

iris = load_iris(return_X_y=True)
X_diabetes, y_diabetes = load_diabetes(return_X_y=True)
FOLDS = StratifiedKFold(4, shuffle=True, random_state=0)


def gaussian(distance):
    return np.exp(-((distance / distance[:, -1:]) ** 2))


def assert_same_results(ours, theirs):
    assert set(ours.cv_results_) == set(theirs.cv_results_)
    for name, column in theirs.cv_results_.items():
        if "time" in name:
            assert ours.cv_results_[name].shape == column.shape
            assert (ours.cv_results_[name] >= 0).all()
        elif name == "params":
            assert ours.cv_results_[name] == column
        elif name.startswith("param_"):
            assert ours.cv_results_[name].dtype == column.dtype
            assert list(ours.cv_results_[name]) == list(column)
        elif name.startswith("rank"):
            assert ours.cv_results_[name].dtype == column.dtype
        else:
            np.testing.assert_allclose(ours.cv_results_[name], column, rtol=1e-10, err_msg=name)
    assert ours.best_params_ == theirs.best_params_
    assert ours.best_index_ == theirs.best_index_
    assert ours.best_score_ == pytest.approx(theirs.best_score_)
    assert ours.n_splits_ == theirs.n_splits_


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"class_weight": "balanced"},
        {"class_weight": {0: 1, 1: 5, 2: 1}},
        {"tie_breaking": "nearest"},
        {"tie_breaking": "random", "random_state": 3},
        {"p": 1},
    ],
)
@pytest.mark.parametrize("scoring", ["accuracy", "f1_macro", "neg_log_loss"])
def test_scores_of_the_classifier_are_those_of_a_grid_search(settings, scoring):
    X, y = iris
    grid = {
        "n_neighbors": [30, 1, 2, 3, 4, 8, 15],
        "weights": ["uniform", "distance", gaussian],
        "metric": ["minkowski", "cosine"],
    }
    with np.errstate(invalid="ignore"):
        ours = KNNClassifierCV(**grid, **settings, cv=FOLDS, scoring=scoring).fit(X, y)
        theirs = GridSearchCV(KNNClassifier(**settings), grid, cv=FOLDS, scoring=scoring).fit(X, y)
    assert_same_results(ours, theirs)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    np.testing.assert_array_equal(ours.predict_proba(X), theirs.predict_proba(X))
    assert ours.score(X, y) == theirs.score(X, y)


@pytest.mark.parametrize("scoring", [None, "r2", "neg_mean_absolute_error", "neg_max_error"])
@pytest.mark.parametrize("outputs", [1, 2])
def test_scores_of_the_regressor_are_those_of_a_grid_search(scoring, outputs):
    y = y_diabetes if outputs == 1 else np.c_[y_diabetes, X_diabetes[:, 0]]
    if outputs == 2 and scoring == "neg_max_error":
        pytest.skip("has no value for several outputs")
    grid = {"n_neighbors": range(1, 20, 3), "weights": ["uniform", "distance", gaussian]}
    ours = KNNRegressorCV(**grid, cv=3, scoring=scoring).fit(X_diabetes, y)
    theirs = GridSearchCV(KNNRegressor(), grid, cv=3, scoring=scoring).fit(X_diabetes, y)
    assert_same_results(ours, theirs)
    np.testing.assert_array_equal(ours.predict(X_diabetes), theirs.predict(X_diabetes))
    assert ours.score(X_diabetes, y) == pytest.approx(theirs.score(X_diabetes, y))


@pytest.mark.parametrize("settings", [{}, {"class_weight": "balanced"}])
def test_leave_one_out_is_a_single_search(settings, monkeypatch):
    X, y = iris[0][::2], iris[1][::2]
    grid = {"n_neighbors": [1, 3, 10, 40], "weights": ["uniform", "distance"]}
    theirs = GridSearchCV(
        KNNClassifier(**settings), grid, cv=LeaveOneOut(), scoring="accuracy"
    ).fit(X, y)
    searches = []
    search = KNNClassifier._search
    monkeypatch.setattr(
        KNNClassifier, "_search", lambda self, X, k: searches.append(k) or search(self, X, k)
    )
    ours = KNNClassifierCV(**grid, **settings, cv=LeaveOneOut(), scoring="accuracy").fit(X, y)
    assert searches == [40]
    assert_same_results(ours, theirs)


def test_leave_one_out_of_the_regressor():
    X, y = X_diabetes[:60], y_diabetes[:60]
    grid = {"n_neighbors": [1, 5, 20]}
    keywords = {"cv": LeaveOneOut(), "scoring": "neg_mean_squared_error"}
    ours = KNNRegressorCV(**grid, **keywords).fit(X, y)
    assert_same_results(ours, GridSearchCV(KNNRegressor(), grid, **keywords).fit(X, y))
    with pytest.raises(ValueError, match=r"'scoring' .* 'neg_mean_squared_error'"):
        KNNRegressorCV(cv=LeaveOneOut()).fit(X, y)


def test_sample_weights_count_in_leave_one_out():
    X, y = X_diabetes[:60], y_diabetes[:60]
    weight = np.random.RandomState(0).randint(0, 3, 60)
    keywords = {"cv": LeaveOneOut(), "scoring": "neg_mean_squared_error"}
    found = KNNRegressorCV([1, 5, 20], **keywords).fit(X, y, sample_weight=weight)
    there = weight > 0
    same = KNNRegressorCV([1, 5, 20], **keywords).fit(X[there], y[there], weight[there])
    for name in ("mean_test_score", "std_test_score"):
        np.testing.assert_allclose(found.cv_results_[name], same.cv_results_[name])
    for k, mean in zip([1, 5, 20], found.cv_results_["mean_test_score"], strict=True):
        left_out = KNNRegressor(k).fit(X, y, sample_weight=weight).predict(None)
        assert mean == pytest.approx(-np.average((y - left_out) ** 2, weights=weight))


def test_a_fold_is_searched_once_for_a_metric(monkeypatch):
    searches = []
    search = KNNClassifier._search
    monkeypatch.setattr(
        KNNClassifier, "_search", lambda self, X, k: searches.append(k) or search(self, X, k)
    )
    KNNClassifierCV(
        range(1, 31), weights=["uniform", "distance"], metric=["euclidean", "manhattan"], cv=FOLDS
    ).fit(*iris)
    assert searches == [30] * 8


def test_sample_weights_count_among_neighbors_and_in_scores():
    X, y = iris
    n = np.random.RandomState(0).randint(1, 4, len(X))
    folds = list(FOLDS.split(X, y))
    where = np.repeat(np.arange(len(X)), n)
    repeated_folds = [tuple(np.flatnonzero(np.isin(where, part)) for part in f) for f in folds]
    keywords = {"n_neighbors": [1, 4, 9], "weights": ["uniform", "distance"]}
    weighted = KNNClassifierCV(**keywords, cv=folds).fit(X, y, sample_weight=n)
    repeated = KNNClassifierCV(**keywords, cv=repeated_folds).fit(X[where], y[where])
    np.testing.assert_allclose(
        weighted.cv_results_["mean_test_score"], repeated.cv_results_["mean_test_score"]
    )


def test_by_default_as_many_neighbors_are_tried_as_the_folds_have():
    X, y = iris
    assert len(KNNClassifierCV().fit(X, y).cv_results_["params"]) == 50
    small = KNNRegressorCV(cv=KFold(3)).fit(X[:9], X[:9, 0])
    assert [p["n_neighbors"] for p in small.cv_results_["params"]] == [1, 2, 3, 4, 5, 6]


def test_sparse_rows_and_distances_computed_before():
    X, y = load_breast_cancer(return_X_y=True)
    X, y = X[:200], y[:200]
    dense = KNNClassifierCV([1, 5, 9], metric="manhattan", cv=3).fit(X, y)
    sparse = KNNClassifierCV([1, 5, 9], metric="manhattan", cv=3).fit(csr_matrix(X), y)
    from scipy.spatial.distance import cdist

    D = cdist(X, X, "cityblock")
    before = KNNClassifierCV([1, 5, 9], metric="precomputed", cv=3).fit(D, y)
    for other in (sparse, before):
        np.testing.assert_allclose(
            other.cv_results_["mean_test_score"], dense.cv_results_["mean_test_score"]
        )
    np.testing.assert_array_equal(before.predict(D), dense.predict(X))


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"n_neighbors": [1, 2.5]}, "'n_neighbors' parameter of KNNClassifierCV"),
        ({"n_neighbors": []}, "'n_neighbors'"),
        ({"weights": ["uniform", "far"]}, "'weights' .* Got 'far'"),
        ({"metric": ["euclidean", "no such"]}, "'metric' .* Got 'no such'"),
        ({"weights": []}, r"'weights' .* Got \[\]"),
        ({"metric": ()}, r"'metric' .* Got \(\)"),
        ({"cv": "five"}, "'cv'"),
        ({"tie_breaking": "last"}, "'tie_breaking'"),
    ],
)
def test_a_bad_parameter_is_named_before_any_work(keywords, message):
    with pytest.raises(ValueError, match=message):
        KNNClassifierCV(**keywords).fit("no data", None)


def test_more_neighbors_than_a_fold_has_are_refused():
    with pytest.raises(ValueError, match=r"n_neighbors <= 120.* goes up to 121 \(n_samples = 150"):
        KNNClassifierCV([1, 121]).fit(*iris)
