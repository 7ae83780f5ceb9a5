"""Reading a CSV file: what is a number, what a category, what is to be predicted."""

import numpy as np
import pytest

from skdeep.cli.csv_table import read_table
from skdeep.cli.errors import UsageError


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file and returns its path."""

    def to_file(text, encoding="utf-8"):
        path = tmp_path / "data.csv"
        path.write_bytes(text.encode(encoding))
        return str(path)

    return to_file


ROWS = "size,colour,weight,kind\n1,red,0.5,a\n2,blue,,b\n3,red,1e2,a\n?,,7,b\n"


def test_numbers_come_first_and_categories_as_their_number(write):
    table = read_table(write(ROWS), "kind")
    assert (table.numeric, table.categorical) == (["size", "weight"], ["colour"])
    nan = np.nan
    wanted = [[1, 0.5, 1], [2, nan, 0], [3, 100, 1], [nan, 7, nan]]
    np.testing.assert_array_equal(table.X, wanted)
    assert table.y.tolist() == ["a", "b", "a", "b"]
    assert "4 rows, 2 numeric and 1 categorical features, 3 missing values" in table.summary


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_shows_in_the_header(write, mark):
    table = read_table(write(ROWS.replace(",", mark)), "kind")
    assert table.X.shape == (4, 3)


def test_another_delimiter_can_be_named(write):
    assert read_table(write(ROWS.replace(",", ":")), "kind", delimiter=":").X.shape == (4, 3)


def test_a_quoted_name_says_nothing_about_the_delimiter(write):
    text = '"size, in cm";"weight, in kg";y\n1;2;a\n2;3;b\n'
    assert read_table(write(text), "y").numeric == ["size, in cm", "weight, in kg"]


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n"])
def test_a_delimiter_is_one_character(write, delimiter):
    with pytest.raises(UsageError, match=r"--delimiter must be a single character.*Got"):
        read_table(write(ROWS), "kind", delimiter=delimiter)


def test_numbers_joined_by_an_underscore_are_texts(write):
    rows = "".join(f"{i % 3}_{i % 2},{'1_0' if i % 2 else 10}\n" for i in range(12))
    table = read_table(write("code,y\n" + rows), "y")
    assert (table.numeric, table.categorical) == ([], ["code"])
    assert set(table.y) == {"1_0", "10"}


@pytest.mark.parametrize("labels", [(2**53, 2**53 + 1), (10**22, 2 * 10**22)])
def test_classes_beyond_exact_numbers_stay_apart(write, labels):
    rows = "".join(f"{i},{labels[i % 2]}\n" for i in range(12))
    assert set(read_table(write("x,y\n" + rows), "y").y) == set(map(str, labels))


def test_infinity_is_a_missing_number(write):
    table = read_table(write("x,y\n1,a\n-Infinity,b\ninf,a\n2,b\n"), "y")
    np.testing.assert_array_equal(table.X, [[1], [np.nan], [np.nan], [2]])


def test_quotes_a_byte_order_mark_and_blank_lines_are_understood(write):
    text = '\ufeff"a,b", c ,y\r\n1,"x, y",p\r\n\r\n2,z,q\r\n  \r\n'
    table = read_table(write(text), "y")
    assert (table.numeric, table.categorical) == (["a,b"], ["c"])
    assert table.y.tolist() == ["p", "q"]


@pytest.mark.parametrize(
    ("labels", "task"),
    [
        (["a", "b"] * 10, "classification"),
        (["0", "1"] * 10, "classification"),
        (["1.0", "2.0"] * 10, "classification"),
        (["0.5", "1.5"] * 10, "regression"),
        ([str(i) for i in range(20)], "regression"),
        ([str(i % 25) for i in range(100)], "regression"),
    ],
)
def test_the_task_shows_in_the_target(write, labels, task):
    path = write("x,y\n" + "".join(f"{i},{label}\n" for i, label in enumerate(labels)))
    assert read_table(path, "y").task == task
    if task == "classification" and labels[0] != "a":
        assert read_table(path, "y").y.dtype.kind == "i"
        assert read_table(path, "y", task="regression").y.dtype.kind == "f"


def test_rows_without_a_target_are_left_out(write):
    table = read_table(write("x,y\n1,a\n2,\n3,b\n4,NA\n"), "y")
    assert table.X.ravel().tolist() == [1, 3]
    assert table.notes == ["2 rows without 'y' are left out"]


def test_columns_that_say_nothing_are_left_out_with_a_note(write):
    rows = "".join(f"{i},name {i},7,,{i % 2}\n" for i in range(40))
    table = read_table(write("x,name,same,empty,y\n" + rows), "y")
    assert (table.numeric, table.categorical) == (["x"], [])
    assert [note.split("'")[1] for note in table.notes] == ["name", "same", "empty"]
    assert all(note in table.summary for note in table.notes)


@pytest.mark.parametrize(
    ("text", "target", "message"),
    [
        (ROWS, "kinds", "--target 'kinds' is no column.*mean 'kind'.*'size', 'colour'"),
        ("x,y\n", "y", "no rows below its header"),
        ("", "y", "has no comma"),
        ("x y\n1 2\n", "y", "no comma, semicolon, tab or bar.*--delimiter"),
        ("x,y\n1,2\n1,2,3\n", "y", "Row 2 .* has 3 fields, and its header has 2.*--delimiter"),
        ("x,x,y\n1,2,3\n", "y", "more than one column 'x'"),
        ("x,y\n1,\n2,\n", "y", "no row with a value of 'y'"),
        ("x,y\n1,a\n2,a\n", "y", "one class only, 'a'"),
        ("x,y\n5,a\n5,b\n", "y", "no column to predict 'y' from.*'x' is left out"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_why(write, text, target, message):
    with pytest.raises(UsageError, match=message):
        read_table(write(text), target)


def test_text_cannot_be_regressed(write):
    with pytest.raises(UsageError, match=r"--task regression needs numbers.*'kind' has 'a'"):
        read_table(write(ROWS), "kind", task="regression")


def test_a_file_in_another_encoding_is_refused(write):
    with pytest.raises(UsageError, match="not UTF-8"):
        read_table(write("größe,y\n1,a\n", encoding="latin-1"), "y")


def test_numbers_with_a_comma_are_pointed_out(write):
    rows = "".join(f"{i},5;{i};{2 * i},1;{i % 7}\n" for i in range(60))
    with pytest.raises(UsageError, match="'y' has numbers with a comma, such as '0,1'"):
        read_table(write("a;b;y;c\n" + rows), "y")
    table = read_table(write("a;y;b;c\n" + rows), "y")
    said = "is left out: texts that hardly repeat; numbers have a point here, not a comma"
    assert table.notes == [f"column {name!r} {said}" for name in "ab"]
