"""Gower's distance takes tables as they come: numbers, categories, missing values."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.utils.estimator_checks import estimator_checks_generator

from skdeep import (
    KNNClassifier,
    KNNClassifierCV,
    KNNRegressor,
    KNNRegressorCV,
    NearestNeighbors,
    RadiusNeighborsClassifier,
)


def table(n=120, seed=0):
    rng = np.random.RandomState(seed)
    frame = pd.DataFrame(
        {
            "age": rng.randint(18, 90, n).astype(float),
            "city": rng.choice(["Rome", "Oslo", "Bonn"], n),
            "income": rng.lognormal(8, 1, n),
            "size": pd.Categorical(rng.choice(["S", "M", "L"], n)),
            "code": pd.Series(rng.randint(0, 5, n)).astype("category"),
            "member": rng.rand(n) < 0.5,
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.randint(0, 900, n), unit="D"),
            "same": np.full(n, 3.5),
        }
    )
    for name in ("age", "income", "city", "size", "since"):
        frame.loc[rng.rand(n) < 0.1, name] = None
    return frame


def gower(points, queries, categorical, w=None):
    """Compute the distances one pair and one feature at a time."""
    w = dict.fromkeys(points, 1.0) if w is None else dict(zip(points, w, strict=True))
    ranges = {}
    for name in points:
        if name not in categorical:
            there = points[name].dropna().map(as_number)
            ranges[name] = there.max() - there.min()
    found = np.full((len(queries), len(points)), np.nan)
    for i, query in enumerate(queries.to_dict("records")):
        for j, point in enumerate(points.to_dict("records")):
            total = shared = 0.0
            for name in points:
                a, b = query[name], point[name]
                if pd.isna(a) or pd.isna(b):
                    continue
                if name in categorical:
                    part = float(a != b)
                else:
                    difference = abs(as_number(a) - as_number(b))
                    part = float(difference > 0)
                    if part and ranges[name]:
                        part = min(1.0, difference / ranges[name])
                total, shared = total + w[name] * part, shared + w[name]
            if shared:
                found[i, j] = total / shared
    return found


def as_number(value):
    return value.timestamp() if isinstance(value, pd.Timestamp) else float(value)


CATEGORICAL = ("city", "size", "code")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("w", [None, [1, 2, 0, 3, 0.5, 1, 1, 4]])
def test_distances_are_those_of_the_definition(w):
    points, queries = table(), table(40, seed=1)
    queries.loc[3, "city"] = "Lima"  # unseen
    queries.loc[4, "age"] = 500.0  # beyond the range
    queries.loc[5, "same"] = 4.0
    params = {} if w is None else {"w": w}
    search = NearestNeighbors(metric="gower", metric_params=params).fit(points)
    distance, index = search.kneighbors(queries, len(points))
    found = np.empty_like(distance)
    np.put_along_axis(found, index, distance, axis=1)
    np.testing.assert_allclose(found, gower(points, queries, CATEGORICAL, w), atol=1e-12)
    assert (np.diff(distance, axis=1) >= 0).all()
    one = search.kneighbors(queries.iloc[[5]], 7)
    np.testing.assert_array_equal(one[1], index[5:6, :7])


@pytest.mark.parametrize("library", ["pandas", "polars", "arrays of objects"])
def test_a_table_may_come_from_any_library(library):
    polars = pytest.importorskip("polars")
    frame = table().drop(columns=["since", "code"])
    expected = NearestNeighbors(metric="gower").fit(frame).kneighbors(frame)
    if library == "polars":
        given = polars.from_pandas(frame)
    else:
        given = frame if library == "pandas" else frame.astype(object).to_numpy()
    found = NearestNeighbors(metric="gower").fit(given).kneighbors(given)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_categories_can_be_named_in_every_way():
    frame = table()[["age", "code", "income"]].assign(code=lambda f: f.code.astype(int))
    plain = NearestNeighbors(metric="gower").fit(frame).kneighbors(frame, 4)
    expected = None
    for listed in (["code"], [1], [False, True, False]):
        params = {"categorical_features": listed}
        found = (
            NearestNeighbors(metric="gower", metric_params=params).fit(frame).kneighbors(frame, 4)
        )
        assert not np.array_equal(found[0], plain[0])
        if expected is not None:
            np.testing.assert_array_equal(found[0], expected)
        expected = found[0]
    with pytest.raises(ValueError, match="categorical_features names 'city'"):
        NearestNeighbors(metric="gower", metric_params={"categorical_features": ["city"]}).fit(
            frame
        )


def test_rows_that_share_no_feature_are_at_no_distance():
    points = pd.DataFrame({"a": [1.0, None, 3.0], "b": [None, "x", "y"]})
    query = pd.DataFrame({"a": [1.5], "b": [None]})
    distance, index = NearestNeighbors(metric="gower").fit(points).kneighbors(query, 3)
    assert index.tolist() == [[0, 2, 1]]
    np.testing.assert_array_equal(distance, [[0.25, 0.75, np.nan]])
    model = RadiusNeighborsClassifier(1.0, metric="gower").fit(points, [0, 1, 1])
    np.testing.assert_array_equal(model.predict_proba(query), [[0.5, 0.5]])


@pytest.mark.parametrize("scale", [1e-310, 1e-200, 1e200, 1e307])
def test_numbers_have_no_unit(scale):
    X = np.random.RandomState(0).uniform(-1, 1, (80, 3))
    expected = NearestNeighbors(metric="gower").fit(X).kneighbors(X, 5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = NearestNeighbors(metric="gower").fit(X * scale).kneighbors(X * scale, 5)
    np.testing.assert_allclose(found[0], expected[0], atol=1e-11)


def test_estimators_score_and_copy_tables():
    frame = table(200)
    label = frame.city.fillna("none")
    model = KNNClassifier(5, metric="gower", weights="distance")
    assert cross_val_score(model, frame, label, cv=3).mean() > 0.6
    model.fit(frame, label)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(frame), model.predict(frame))
    assert list(model.feature_names_in_) == list(frame)


def test_a_search_over_k_reads_the_table_once():
    frame = table(150)
    target = frame.age.fillna(50).to_numpy()
    label = (target > 50).astype(int)
    for Search, Plain, y in (
        (KNNRegressorCV, KNNRegressor, target),
        (KNNClassifierCV, KNNClassifier, label),
    ):
        ours = Search([1, 4, 9], metric="gower", cv=KFold(3)).fit(frame, y)
        theirs = GridSearchCV(Plain(metric="gower"), {"n_neighbors": [1, 4, 9]}, cv=KFold(3)).fit(
            frame, y
        )
        np.testing.assert_allclose(
            ours.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"]
        )
        np.testing.assert_array_equal(ours.predict(frame), theirs.predict(frame))


def test_another_fit_forgets_the_categories_of_a_table():
    model = KNNClassifier(metric="gower").fit([["a"], ["b"]] * 3, [0, 1] * 3)
    numbers = np.arange(6)[:, None]
    model.set_params(metric="euclidean").fit(numbers, [0, 1] * 3).set_params(metric="gower")
    with pytest.raises(ValueError, match="fitted with another metric than 'gower'"):
        model.predict(numbers)


def test_faults_of_a_table_are_named():
    frame = table()
    label = np.arange(len(frame)) % 2
    with pytest.raises(ValueError, match=r"weights 'w' of metric='gower' must be 8 numbers"):
        KNNClassifier(metric="gower", metric_params={"w": [1, 2]}).fit(frame, label)
    with pytest.raises((TypeError, ValueError), match=r"[Ss]parse"):
        KNNClassifier(metric="gower").fit(csr_matrix(np.eye(4)), [0, 1, 0, 1])
    with pytest.raises(ValueError, match="not valid for algorithm='kd_tree'"):
        KNNClassifier(metric="gower", algorithm="kd_tree").fit(frame, label)
    model = KNNClassifier(metric="gower").fit(frame, label)
    with pytest.raises(
        ValueError, match=r"Column 'age' held numbers in fit\. Got the text 'old' now"
    ):
        model.predict(frame.assign(age="old"))
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame.rename(columns={"age": "years"}))


def test_codes_of_categories_are_not_taken_for_numbers():
    frame = table()
    search = NearestNeighbors(metric="gower").fit(frame)
    for metric in ("gower", "nan_euclidean"):
        with pytest.raises(ValueError, match=r"fitted with metric='gower'.*Fit on the table"):
            KNNClassifier(metric=metric).fit(search, np.arange(len(frame)) % 2)


def checks():
    for estimator in (KNNClassifier(metric="gower"), KNNRegressor(3, metric="gower")):
        for instance, check in estimator_checks_generator(estimator):
            name = getattr(check, "func", check).__name__
            yield pytest.param(instance, check, id=f"{type(estimator).__name__}-{name}")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("estimator", "check"), list(checks()))
def test_scikit_learn_check(estimator, check):
    from unittest import SkipTest

    try:
        check(estimator)
    except SkipTest as skipped:
        pytest.skip(str(skipped))
