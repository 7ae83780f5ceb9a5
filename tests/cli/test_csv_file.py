"""Reading a CSV file as texts: delimiters, compression, and what is no table."""

import builtins

import pytest

from skdeep.cli.csv_file import read_texts
from skdeep.cli.errors import UsageError

ROWS = "size,colour,weight,kind\n1,red,0.5,a\n2,blue,,b\n3,red,1e2,a\n?,,7,b\n"


def test_texts_are_what_the_file_says(write):
    table = read_texts(write(ROWS.replace("1,red", " 01 ,NA")))
    assert list(table) == ["size", "colour", "weight", "kind"]
    assert table.iloc[0].tolist() == ["01", "NA", "0.5", "a"]
    assert table["weight"].tolist() == ["0.5", "", "1e2", "7"]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_shows_in_the_header(write, mark):
    assert read_texts(write(ROWS.replace(",", mark))).shape == (4, 4)


@pytest.mark.parametrize(("mark", "named"), [(":", ":"), ("\t", "tab"), ("\t", "\\t")])
def test_another_delimiter_can_be_named(write, mark, named):
    assert read_texts(write(ROWS.replace(",", mark)), named).shape == (4, 4)


def test_a_quoted_name_says_nothing_about_the_delimiter(write):
    text = '"size, in cm";"weight, in kg";y\n1;2;a\n2;3;b\n'
    assert list(read_texts(write(text))) == ["size, in cm", "weight, in kg", "y"]


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n"])
def test_a_delimiter_is_one_character(write, delimiter):
    with pytest.raises(UsageError, match=r"--delimiter must be a single character.*Got"):
        read_texts(write(ROWS), delimiter)


def test_quotes_a_byte_order_mark_and_blank_lines_are_understood(write):
    table = read_texts(write('\ufeff"a,b", c ,y\r\n1,"x, y",p\r\n\r\n2,z,q\r\n  \r\n'))
    assert list(table) == ["a,b", "c", "y"]
    assert table["c"].tolist() == ["x, y", "z"]


def test_a_compressed_file_is_simply_read(write):
    assert read_texts(write(ROWS, name="data.csv.gz")).equals(read_texts(write(ROWS)))


def test_a_column_without_a_name_gets_its_place(write):
    assert list(read_texts(write(",x,y\n0,1,a\n1,2,b\n"))) == ["column 1", "x", "y"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n \n\n", "is empty"),
        ("x,y\n", "no rows below its header"),
        ("x y\n1 2\n", "no comma, semicolon, tab or bar.*--delimiter"),
        ("x,y\n1,2\n1,2,3\n", "Line 3 .* has 3 fields, and its header has 2.*--delimiter"),
        ("x,y\n1,2\n1\n", "Row 2 .* has 1 fields, and its header has 2.*--delimiter"),
        ("x,x,y\n1,2,3\n", "more than one column 'x'"),
        ('x,y\n"1,2\n', "is no CSV file"),
    ],
)
def test_a_file_that_is_no_table_is_said_why(write, text, message):
    with pytest.raises(UsageError, match=message):
        read_texts(write(text))


def test_a_file_that_cannot_be_read_is_said_why(write, tmp_path):
    with pytest.raises(UsageError, match=r"nowhere.csv cannot be read: No such file"):
        read_texts(str(tmp_path / "nowhere.csv"))
    with pytest.raises(UsageError, match=r"not UTF-8: .* at byte \d+. Save it as UTF-8"):
        read_texts(write("größe,y\n1,a\n", encoding="latin-1"))
    (tmp_path / "broken.csv.gz").write_bytes(b"x,y\n1,2\n")
    with pytest.raises(UsageError, match=r"broken.csv.gz cannot be read: Not a gzipped file"):
        read_texts(str(tmp_path / "broken.csv.gz"))


def test_without_pandas_the_extra_is_named(write, monkeypatch):
    imported = builtins.__import__

    def without(name, *rest, **named):
        if name == "pandas":
            raise ImportError(name)
        return imported(name, *rest, **named)

    path = write(ROWS)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=r"pip install \"skdeep\[cli\]\""):
        read_texts(path)
