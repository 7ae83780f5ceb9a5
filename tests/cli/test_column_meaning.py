"""What a column of texts means: the digits of a code count, and an identifier is no feature."""

import pandas as pd
import pytest

from skdeep.cli.column_meaning import what_it_means


def meaning(texts, name="x", **options):
    return what_it_means(name, pd.Series(texts, dtype=str), **options)


def test_numbers_are_numbers_with_holes_for_what_is_missing():
    found = meaning(["1", "2.5", "-3e2", "", "NA", "None", "inf", "?"])
    assert found.kind == "number"
    assert found.values.tolist()[:3] == [1, 2.5, -300]
    assert found.values.isna().sum() == 5


@pytest.mark.parametrize(
    "texts",
    [
        ["01", "1", "2", "02"] * 5,
        ["0123", "4567"] * 5,
        ["12345678901234567", "12345678901234568"] * 5,
        ["1_0", "10"] * 5,
        ["0x1f", "0x2f"] * 5,
        ["yes", "no"] * 5,
        ["3", "three"] * 5,
    ],
)
def test_what_would_lose_something_as_a_number_stays_text(texts):
    found = meaning(texts)
    assert found.kind == "category"
    assert found.values.astype(str).tolist() == texts


def test_a_column_of_codes_is_told_as_such():
    assert meaning(["01", "1"] * 5).note == "has codes, such as '01', kept as text"
    assert meaning(["0", "0.5", "00.5", "10"]).kind == "number"


def test_missing_cells_of_a_category_are_missing_and_none_is_a_word():
    found = meaning(["a", "", "None", "NA", "a", "None"])
    assert found.values.isna().tolist() == [False, True, False, True, False, False]
    assert list(found.values.cat.categories) == ["None", "a"]


@pytest.mark.parametrize(
    ("texts", "first", "note"),
    [
        (["2024-01-31", "2024-02-01 12:00", ""], "2024-01-31", ""),
        (["2024-01-31T10:00:00Z", "2024-02-01T00:00:00+02:00"], "2024-01-31 10:00", ""),
        (["31.01.2024", "01.02.2024"], "2024-01-31", ""),
        (["01/31/2024", "02/01/2024"], "2024-01-31", ""),
        (["31/01/2024", "01/02/2024"], "2024-01-31", ""),
        (["01/02/2024", "03/04/2024"], "2024-01-02", "has dates, read as month/day/year"),
        (["1 Jan 2024", "31 Dec 2023"], "2024-01-01", ""),
        (["20240131", "20240201"], "2024-01-31", "has dates, read as yearmonthday"),
    ],
)
def test_dates_are_recognised(texts, first, note):
    found = meaning(texts)
    assert (found.kind, found.note) == ("date", note)
    assert found.values.iloc[0] == pd.Timestamp(first)


@pytest.mark.parametrize("texts", [["2024-13-01", "2024-01-01"], ["2024", "2023"], ["1.2", "3.4"]])
def test_what_only_looks_like_a_date_is_none(texts):
    assert meaning(texts).kind != "date"


@pytest.mark.parametrize(
    ("name", "texts", "note"),
    [
        ("x", map(str, range(40)), "numbers the rows"),
        ("column 1", map(str, range(1, 41)), "numbers the rows"),
        ("PassengerId", (str(7 * i % 41) for i in range(40)), "is an identifier"),
        ("user_id", (str(10**9 + 7 * i) for i in range(40)), "is an identifier"),
        ("name", (f"name{i}" for i in range(40)), "texts that hardly repeat, as names and"),
        ("review", (f"it was the {i}th time" for i in range(40)), "is free text, which has to"),
        ("price", (f"{i},5" for i in range(40)), "numbers have a point here, not a comma"),
        ("zip", (f"0{9000 + i}" for i in range(40)), "texts that hardly repeat, as names and"),
        ("same", ["7"] * 40, "has one value, or none"),
        ("same", ["a"] * 40, "has one value, or none"),
        ("empty", [""] * 40, "has one value, or none"),
    ],
)
def test_what_says_nothing_is_left_out_with_a_word(name, texts, note):
    texts = list(texts)
    found = meaning(texts, name)
    assert found.kind == "nothing"
    assert note in found.note
    assert meaning(texts, name, keep=True).kind in ("number", "category")


def test_an_identifier_that_repeats_is_categories_and_said():
    found = meaning([str(i % 8) for i in range(40)], "patient_id")
    assert found.kind == "category"
    assert "--groups keeps its rows together" in found.note


@pytest.mark.parametrize("name", ["year", "step", "t", "day of year"])
def test_a_clock_is_no_row_number(name):
    assert meaning([str(i) for i in range(40)], name).kind == "number"


@pytest.mark.parametrize("name", ["acid", "humid", "refractive_index", "valid", "paid"])
def test_a_name_that_ends_like_an_identifier_is_none(name):
    assert meaning([str(7 * i % 41) for i in range(40)], name).kind == "number"


def test_a_category_that_is_seen_once_is_still_one_where_others_repeat():
    assert meaning(["red", "blue"] * 20 + ["green"]).kind == "category"
