"""Mixed tables: numbers, categories, dates and missing cells just work."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import FitFailedWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skdeep import KNNClassifier, SoftmaxClassifier, TabularNetClassifier
from skdeep.model_selection import compare
from skdeep.model_selection.preparation import plan, takes_tables

N = 120
PAIR = {"knn": KNNClassifier(), "softmax": SoftmaxClassifier()}


def table():
    """Return columns of every kind, and classes that follow from city, day and member."""
    rng = np.random.default_rng(0)
    city = rng.choice(["Rome", "Oslo", "Bonn"], N)
    days = rng.integers(0, 1000, N)
    member = rng.choice([True, False], N)
    columns = {
        "note": [f"said {i} things" for i in range(N)],
        "city": np.where(rng.random(N) < 0.1, None, city).tolist(),
        "day": [date(2024, 1, 1) + timedelta(int(d)) for d in days],
        "member": member.tolist(),
        "same": ["x"] * N,
        "age": [None if rng.random() < 0.1 else int(a) for a in rng.integers(18, 80, N)],
    }
    y = np.where((city == "Rome") ^ ((days > 500) & member), "yes", "no")
    return columns, y


def as_pandas(columns):
    return pd.DataFrame(columns).astype({"day": "datetime64[ns]"})


FRAMES = {"pandas": as_pandas, "polars": pl.DataFrame}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_a_frame_with_text_dates_and_missing_cells_just_works(frame):
    columns, y = table()
    comparison = compare(PAIR, frame(columns), y)
    assert all(comparison.scores[name].mean() > 0.7 for name in PAIR)
    said = "columns prepared for all: 3 numbers, 1 category; left out: note (free text"
    assert said in " ".join(str(comparison).split())
    assert "columns prepared for" in comparison.to_html()


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_the_columns_are_what_they_hold(frame):
    preparation = plan(frame(table()[0]))
    assert preparation.numbers == ["day", "member", "age"]
    assert preparation.categories == ["city"]
    assert list(preparation.left_out) == ["note", "same"]


def test_every_library_gives_the_same_scores():
    columns, y = table()
    one, two = (compare(PAIR, frame(columns), y).scores for frame in FRAMES.values())
    for name in PAIR:
        np.testing.assert_array_equal(one[name], two[name])


def test_categories_that_only_test_rows_have_are_no_error():
    rare = pd.DataFrame({"kind": ["a", "b"] * 30 + ["new"] * 5, "x": np.arange(65.0)})
    folds = [(np.arange(60), np.arange(60, 65))]
    comparison = compare(PAIR, rare, np.arange(65) % 2, cv=folds)
    assert not any(map(comparison.error, PAIR))


def test_a_category_of_many_values_stays_narrow():
    many = pd.DataFrame({"x": np.arange(500.0), "many": [f"c{i % 200}" for i in range(500)]})
    encoded = plan(many).before(KNNClassifier())[:-1].fit_transform(many)
    assert encoded.shape == (500, 1 + 50)


def test_frames_of_numbers_and_arrays_stay_as_they_are():
    _, y = table()
    numbers = pd.DataFrame({"a": np.arange(float(N)), "b": np.arange(N) % 7, "c": y == "yes"})
    plain = compare(PAIR, numbers, y)
    assert plain.preparation == ""
    assert plain.estimators["knn"] is PAIR["knn"]
    scaled = compare(PAIR, numbers, y, prepare=True)
    assert scaled.preparation == "all: 3 numbers"
    with pytest.raises(ValueError, match=r"prepare=True needs a data frame.*Got ndarray"):
        compare(PAIR, numbers.to_numpy(float), y, prepare=True)
    with pytest.raises(ValueError, match=r"'prepare'.*'auto'.*Got 'yes'"):
        compare(PAIR, numbers, y, prepare="yes")


def test_whoever_prepares_the_columns_himself_is_left_alone():
    columns, y = table()
    frame = as_pandas(columns)
    own = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["city"]), (SimpleImputer(), ["age"])),
        LogisticRegression(),
    )
    search = GridSearchCV(own, {"logisticregression__C": [0.1, 1.0]}, cv=2)
    comparison = compare({"own": own, "search": search, "knn": KNNClassifier()}, frame, y)
    assert comparison.estimators["own"] is own
    assert comparison.estimators["search"] is search
    assert comparison.preparation.startswith("knn: 3 numbers")
    assert takes_tables(make_pipeline(HistGradientBoostingClassifier()))
    assert takes_tables(TabularNetClassifier())
    with pytest.warns(FitFailedWarning, match="could not convert string to float"):
        compare({"knn": KNNClassifier()}, frame, y, prepare=False)


def test_weights_find_their_way_through_the_preparation():
    columns, y = table()
    weight = np.where(y == "yes", 1.0, 1e-6)
    comparison = compare(
        {"softmax": SoftmaxClassifier(C=1e-3)},
        as_pandas(columns),
        y,
        params={"sample_weight": weight},
        scoring="recall_macro",
    )
    assert comparison.scores["softmax"].mean() == pytest.approx(0.5)  # all are "yes"


def test_a_frame_without_a_column_of_use_is_refused():
    with pytest.raises(ValueError, match=r"no column that can be used. Left out: a \(one value"):
        compare(PAIR, pd.DataFrame({"a": ["x"] * 10}), np.arange(10) % 2)


def test_a_prepared_estimator_takes_a_table_with_columns_in_another_order():
    columns, y = table()
    frame = as_pandas(columns)
    fitted = compare(PAIR, frame, y).estimators["softmax"].fit(frame, y)
    shuffled = frame[["age", "city", "member", "day"]]
    np.testing.assert_array_equal(fitted.predict(shuffled), fitted.predict(frame))


def test_columns_of_one_name_are_named():
    X = pd.DataFrame(np.eye(N, 3), columns=["a", "x", "x"])
    with pytest.raises(ValueError, match=r"columns of the same name, \['a', 'x', 'x'\]"):
        compare(PAIR, X, np.arange(N) % 2)
