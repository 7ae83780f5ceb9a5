"""Raw tables, as users have them."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from skdeep import KNNClassifier, TableEncoder


def table(**columns):
    return pd.DataFrame(columns)


def encoded(frame, **parameters):
    encoder = TableEncoder(**parameters).set_output(transform="pandas")
    return encoder.fit_transform(frame)


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        (pd.array([1, None, 3], dtype="Int64"), [1, np.nan, 3]),
        (pd.array([1.5, None, 3], dtype="Float32"), [1.5, np.nan, 3]),
        (pd.array([1, None, 3], dtype="int64[pyarrow]"), [1, np.nan, 3]),
        (pd.array([True, None, False], dtype="boolean"), [1, np.nan, 0]),
        ([True, False, True], [1, 0, 1]),
        ([True, None, False], [1, np.nan, 0]),
        ([datetime.date(1970, 1, 3), None, datetime.date(1970, 1, 1)], [2, np.nan, 0]),
        (pd.to_datetime(["1970-01-03 00:00", None, "1970-01-01 12:00"]), [2, np.nan, 0.5]),
        (pd.to_datetime(["1970-01-03"] * 3).tz_localize("UTC"), [2, 2, 2]),
        (pd.to_timedelta([1, None, 3], unit="D"), [1, np.nan, 3]),
        (pd.PeriodIndex(["1970-01", None, "1970-02"], freq="M"), [0, np.nan, 31]),
        ([datetime.time(12), None, datetime.time(6)], [0.5, np.nan, 0.25]),
        (pd.array([datetime.time(12), None], dtype="time64[us][pyarrow]"), [0.5, np.nan]),
        ([None, None, None], [np.nan] * 3),
    ],
    ids=str,
)
def test_whatever_is_a_number_in_pandas_becomes_one(column, wanted):
    frame = table(a=column)
    out = TableEncoder(missing_indicator=False).fit_transform(frame)
    assert out.dtype == np.float64
    assert_array_equal(out.ravel(), wanted)


def test_polars_gives_what_pandas_gives():
    columns = {
        "number": [1, None, 3],
        "yes": [True, None, False],
        "word": ["a", None, "b"],
        "day": [datetime.date(1970, 1, 3), None, datetime.date(1970, 1, 1)],
        "hour": [datetime.datetime(1970, 1, 1, 6), None, datetime.datetime(1970, 1, 2)],
        "time": [datetime.timedelta(days=2), None, datetime.timedelta(hours=6)],
    }
    polars = pl.DataFrame(columns).with_columns(kind=pl.col("word").cast(pl.Categorical))
    pandas = pd.DataFrame(columns).assign(kind=lambda frame: frame["word"].astype("category"))
    from_polars, from_pandas = TableEncoder().fit(polars), TableEncoder().fit(pandas)
    assert_array_equal(from_polars.is_categorical_, [False, False, True, False, False, False, True])
    assert_array_equal(from_polars.transform(polars), from_pandas.transform(pandas))
    assert_array_equal(from_polars.transform(polars)[2, :5], [3, 0, 0, 1, 0.25])


def test_rows_in_lists_keep_the_types_of_their_values():
    rows = [[0.5, "a", True], [np.nan, "b", False], [2.0, np.nan, True]]
    encoder = TableEncoder().fit(rows)
    assert_array_equal(encoder.transform(rows), encoder.transform(np.array(rows, dtype=object)))
    assert encoder.categories_[0].tolist() == ["a", "b"]


def test_categories_are_sorted_codes_with_places_for_unseen_and_missing():
    frame = table(a=["b", None, "a", "b"], b=pd.Categorical([10, 2, 2, 10], [10, 2, 7]))
    encoder = TableEncoder().fit(frame)
    assert_array_equal(encoder.transform(frame), [[2, 2], [3, 1], [1, 1], [2, 2]])
    assert_array_equal(encoder.n_codes_, [4, 3])
    assert [list(found) for found in encoder.categories_] == [["a", "b"], [2.0, 10.0]]
    later = table(a=["new", "a"], b=pd.Categorical([7, None]))
    assert_array_equal(encoder.transform(later), [[0, 0], [1, 0]])


def test_numeric_features_come_first_then_indicators_then_codes():
    frame = table(a=["u", "v", "u"], b=[1.0, None, 3.0], c=[1, 2, 3], d=[None, 1.0, None])
    out = encoded(frame)
    assert list(out.columns) == ["b", "c", "d", "b_missing", "d_missing", "a"]
    assert_array_equal(out["d_missing"], [1, 0, 1])
    assert list(encoded(frame, missing_indicator=False).columns) == ["b", "c", "d", "a"]


@pytest.mark.parametrize("listed", [["a", "c"], [0, 2], [True, False, True]], ids=str)
def test_categories_are_listed_as_in_histogram_boosting(listed):
    frame = table(a=[3, 1, 3], b=[1.0, 2.0, 3.0], c=[1.0, np.nan, 0.5])
    encoder = TableEncoder(listed).fit(frame)
    assert_array_equal(encoder.is_categorical_, [True, False, True])
    assert_array_equal(encoder.transform(frame), [[1, 2, 2], [2, 1, 3], [3, 2, 1]])


def test_categories_of_an_array_are_listed_by_number():
    X = np.array([[3, 1.0], [1, 2.0], [3, 3.0]], dtype=np.float32)
    out = TableEncoder([0]).fit_transform(X)
    assert out.dtype == np.float32
    assert_array_equal(out, [[1, 2], [2, 1], [3, 2]])


def test_an_array_of_objects_is_read_column_by_column():
    X = np.array([["1", "x", 2], ["2", "y", None], [3, "x", 4.0]], dtype=object)
    out = TableEncoder().fit_transform(X)
    assert_array_equal(out, [[1, 2, 0, 1], [2, np.nan, 1, 2], [3, 4, 0, 1]])
    days = np.array([["1970-01-02"], ["NaT"]], dtype="datetime64[D]")
    assert_array_equal(TableEncoder().fit_transform(days), [[1, 0], [np.nan, 1]])


def test_an_array_of_floats_stays_as_it_is():
    X = np.random.RandomState(0).normal(size=(10, 3)).astype(np.float32)
    assert_array_equal(TableEncoder().fit_transform(X), X)


def test_dates_as_text_are_told_how_to_be_dates():
    days = [f"{year}-0{month}-01" for year in range(1960, 2020) for month in (1, 2)]
    with pytest.raises(ValueError, match=r"free text: 120 .* dates: pandas.to_datetime"):
        TableEncoder().fit(table(day=days))


def test_free_text_is_refused_with_a_way_out():
    frame = table(name=[f"person {i}" for i in range(100)], age=np.arange(100))
    with pytest.raises(ValueError, match="Column 'name' holds free text: 100 different values"):
        TableEncoder().fit(frame)
    out = TableEncoder(["name"]).fit_transform(frame)
    assert_array_equal(np.sort(out[:, 1]), np.arange(1, 101))
    frame["name"] = frame["name"].astype("category")
    assert TableEncoder().fit(frame).n_codes_ == [101]


def test_text_is_refused_where_no_feature_is_categorical():
    with pytest.raises(ValueError, match=r"categorical_features=None.*'x'.*column 'a'"):
        TableEncoder(None).fit(table(a=["x", "y"]))
    as_numbers = TableEncoder(None).fit_transform(table(a=pd.Categorical([3, 5])))
    assert_array_equal(as_numbers.ravel(), [3, 5])


def test_text_where_fit_found_numbers_is_named():
    encoder = TableEncoder().fit(table(a=[1.0, 2.0]))
    with pytest.raises(ValueError, match="'many' to a number, in row 1 of column 'a'"):
        encoder.transform(table(a=[1.0, "many"]))


@pytest.mark.parametrize("value", ["inf", "-1e999", 10**400], ids=lambda value: str(value)[:6])
def test_what_reads_as_an_infinite_number_is_refused(value):
    encoder = TableEncoder().fit(table(a=[1.0, 2.0]))
    for column in ([1.0, value], pd.Categorical([1.0, value])):
        with pytest.raises(ValueError, match="infinity or a value too large, in column 'a'"):
            encoder.transform(table(a=column))


def test_a_column_without_any_value_takes_anything_later():
    encoder = TableEncoder(missing_indicator=False).fit(table(a=[None, None], b=[1, 2]))
    assert_array_equal(encoder.transform(table(a=["x"], b=[3])), [[np.nan, 3]])


@pytest.mark.parametrize(
    ("frame", "error", "message"),
    [
        (table(a=[1.0, np.inf]), ValueError, "infinity.*'a'"),
        (table(a=[[1], [2]]), TypeError, "'a'.*must be a string or a number, not 'list'"),
        (table(a=[datetime.date(2020, 1, 1), 5]), TypeError, "'a' mixes dates"),
        (table(a=[1j, 2j]), ValueError, "Complex data not supported"),
        (table(a=[1.0])[[]], ValueError, "0 feature"),
        (table(a=[]), ValueError, r"0 sample|shape=\(0, 1\)"),
        (sparse.eye_array(3), TypeError, "[Ss]parse"),
    ],
    ids=str,
)
def test_what_is_no_table_of_values_is_refused(frame, error, message):
    with pytest.raises(error, match=message):
        TableEncoder().fit(frame)


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ("a", "categorical_features"),
        ([5], "between 0 and 1"),
        ([-1], "between 0 and 1"),
        ([True], "one entry a feature, 2. Got 1"),
        (["z"], "'z', which is no column"),
        (3, "categorical_features"),
    ],
)
def test_a_wrong_list_of_categories_is_named(listed, message):
    with pytest.raises(ValueError, match=message):
        TableEncoder(listed).fit(table(a=[1, 2], b=[3, 4]))


def test_names_need_a_table_with_names():
    with pytest.raises(ValueError, match="holds names, but the table has none"):
        TableEncoder(["a"]).fit(np.ones((3, 2)))


def test_columns_of_another_order_are_refused():
    encoder = TableEncoder().fit(table(a=[1, 2], b=[3, 4]))
    with pytest.raises(ValueError, match="same order"):
        encoder.transform(table(b=[3, 4], a=[1, 2]))


def test_rows_of_weight_zero_leave_no_category_and_no_indicator():
    frame = table(a=["u", "v", None], b=[1.0, 2.0, None])
    encoder = TableEncoder().fit(frame, sample_weight=[1, 1, 0])
    assert_array_equal(encoder.n_codes_, [3])
    assert_array_equal(encoder.has_missing_, [False, False])
    assert_array_equal(encoder.transform(frame)[2], [np.nan, 0])


def test_objects_of_an_array_are_read_like_those_of_a_frame():
    objects = np.array(
        [[datetime.timedelta(hours=6), b"yes", datetime.time(18)], [None, "no", None]] * 3,
        dtype=object,
    )
    out = TableEncoder(missing_indicator=False).fit_transform(objects)
    assert_array_equal(out[:2], [[0.25, 0.75, 2], [np.nan, np.nan, 1]])


def test_bytes_are_text_and_intervals_categories():
    frame = table(word=[b"b", b"a"] * 9, part=pd.cut([1.0, 3.0] * 9, [0, 2, 4]))
    frame["piece"] = pd.arrays.IntervalArray(frame["part"])
    encoder = TableEncoder().fit(frame)
    assert encoder.categories_[0].tolist() == ["a", "b"]
    assert encoder.categories_[2].tolist() == ["(0, 2]", "(2, 4]"]
    assert_array_equal(encoder.transform(frame)[:2], [[2, 1, 1], [1, 2, 2]])


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (pl.LazyFrame({"a": [1.0]}), r"got a LazyFrame: pass X\.collect\(\)"),
        (np.zeros(3, [("a", float), ("b", int)]), r"fields \('a', 'b'\): pass pandas\.DataFrame"),
    ],
    ids=["lazy", "structured"],
)
def test_a_table_that_must_be_made_first_is_named(X, message):
    with pytest.raises(TypeError, match=message):
        TableEncoder().fit(X)


def test_categories_that_are_not_listed_are_numbers_or_named():
    frame = table(a=pd.Categorical([1, 2] * 9), b=pd.Categorical(["x", "y"] * 9))
    encoder = TableEncoder(categorical_features=["b"]).fit(frame)
    assert_array_equal(encoder.is_categorical_, [False, True])
    with pytest.raises(ValueError, match=r"leaves this column out: .*'x'.* of column 'b'"):
        TableEncoder(categorical_features=["a"]).fit(frame)


@pytest.mark.parametrize(
    "kind", [np.array, pd.DataFrame, pl.DataFrame, list, "objects", "category"]
)
def test_identifiers_that_floats_cannot_tell_apart_are_categories_of_their_own(kind):
    X = np.array([[2**53], [2**53 + 1], [-(2**60) - 1]] * 3)
    if kind == "category":
        given = pd.DataFrame(X).astype("category")
    else:
        given = X.astype(object) if kind == "objects" else kind(X.tolist() if kind is list else X)
    encoder = TableEncoder(categorical_features=[0]).fit(given)
    assert encoder.categories_[0].tolist() == [-(2**60) - 1, 2**53, 2**53 + 1]
    assert_array_equal(encoder.transform(given)[:3, 0], [2, 3, 1])
    gower = KNNClassifier(1, metric="gower", metric_params={"categorical_features": [0]})
    assert gower.fit(given, X[:, 0] % 2).score(given, X[:, 0] % 2) == 1
