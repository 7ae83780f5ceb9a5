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
    assert ours.best_score_ == pytest.approx(theirs.best_score_, nan_ok=True)
    assert ours.n_splits_ == theirs.n_splits_


@pytest.mark.parametrize(
    ("settings", "scoring"),
    [
        ({}, "accuracy"),
        ({}, "f1_macro"),
        ({}, "neg_log_loss"),
        ({"class_weight": "balanced"}, "f1_macro"),
        ({"class_weight": {0: 1, 1: 5, 2: 1}}, "neg_log_loss"),
        ({"tie_breaking": "nearest"}, "accuracy"),
        ({"tie_breaking": "random", "random_state": 3}, "f1_macro"),
        ({"p": 1}, "neg_log_loss"),
    ],
)
def test_scores_of_the_classifier_are_those_of_a_grid_search(settings, scoring):
    X, y = iris
    grid = {
        "n_neighbors": [30, 1, 2, 3, 8],
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


SORTED_FOLDS = [
    (np.r_[50:150], np.r_[0:50]),  # a class that was not trained
    (np.r_[0:45, 55:150], np.r_[45:55]),  # a class that is not tested
    (np.r_[0:100, 101:150:2], np.r_[40:60, 100:150:2]),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "scoring",
    [None, "accuracy", "f1_macro", "balanced_accuracy", "matthews_corrcoef", "neg_max_error"],
)
def test_a_class_may_be_missing_from_a_fold(scoring):
    grid = {"n_neighbors": [1, 5, 9]}
    theirs = GridSearchCV(KNNClassifier(), grid, cv=SORTED_FOLDS, scoring=scoring).fit(*iris)
    assert_same_results(
        KNNClassifierCV(**grid, cv=SORTED_FOLDS, scoring=scoring).fit(*iris), theirs
    )


@pytest.mark.parametrize(
    "scoring", ["neg_log_loss", "roc_auc_ovr", "roc_auc_ovo", "neg_brier_score", "top_k_accuracy"]
)
def test_what_cannot_be_scored_is_nan_and_said_once(scoring):
    grid, folds = {"n_neighbors": [1, 5, 9]}, [*SORTED_FOLDS, *FOLDS.split(*iris)]
    with pytest.warns(UserWarning, match="Scoring failed") as ours_said:
        ours = KNNClassifierCV(**grid, cv=folds, scoring=scoring).fit(*iris)
    with pytest.warns(UserWarning, match="Scoring failed"):
        theirs = GridSearchCV(KNNClassifier(), grid, cv=folds, scoring=scoring).fit(*iris)
    assert_same_results(ours, theirs)
    said = [
        str(warning.message) for warning in ours_said if "Scoring failed" in str(warning.message)
    ]
    assert len(said) == 1
    assert " of 21 candidates and folds, whose scores are set to nan. The first error" in said[0]


def test_a_scorer_that_fits_no_fold_is_refused_by_name():
    with pytest.raises(ValueError, match="scoring='neg_log_loss' of KNNRegressorCV") as refused:
        KNNRegressorCV([1, 3], scoring="neg_log_loss").fit(X_diabetes, y_diabetes)
    assert "KNNRegressor has none of the following attributes: predict_proba" in str(refused.value)
    assert "Frozen" not in str(refused.value)


def test_a_fold_without_weight_is_refused():
    X, y = iris
    weight = np.repeat([0.0, 1.0, 1.0], 50)
    with pytest.raises(ValueError, match="All rows of test fold 0 have the weight zero"):
        KNNClassifierCV([1, 3], cv=KFold(3)).fit(X, y, sample_weight=weight)
    with pytest.raises(ValueError, match="leaves 0 rows to train on"):
        KNNClassifierCV(cv=[(np.arange(50), np.arange(50, 150))]).fit(X, y, sample_weight=weight)


@pytest.mark.parametrize("sample_weight", [None, np.repeat([1.0, 2.0, 0.5], 50)])
def test_balanced_classes_without_each_row_are_those_of_the_rest(sample_weight):
    from sklearn.utils.class_weight import compute_class_weight

    from skdeep.neighbors.cv.classification import BalancedWithoutSelf

    y = np.r_[np.zeros(149, dtype=int), 1]
    everyone = np.arange(150)
    found = BalancedWithoutSelf(y, sample_weight).of(np.array([[0, 1]] * 150))
    for row in (0, 60, 149):
        rest = everyone != row
        classes = np.unique(y[rest])
        weight = None if sample_weight is None else sample_weight[rest]
        expected = compute_class_weight(
            "balanced", classes=classes, y=y[rest], sample_weight=weight
        )
        np.testing.assert_allclose(found[row, : len(classes)], expected)
        assert (found[row, len(classes) :] == 0).all()
