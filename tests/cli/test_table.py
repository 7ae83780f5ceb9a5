"""A CSV file as features, target and groups."""

import numpy as np
import pytest

from skdeep.cli.errors import UsageError
from skdeep.cli.table import read_table

ROWS = "size,colour,weight,kind\n1,red,0.5,a\n2,blue,,b\n3,red,1e2,a\n?,,7,b\n"


def test_columns_have_the_type_of_what_they_hold(write):
    table = read_table(write(ROWS), "kind")
    assert {name: str(kind) for name, kind in table.X.dtypes.items()} == {
        "size": "float64",
        "colour": "category",
        "weight": "float64",
    }
    assert table.y.tolist() == ["a", "b", "a", "b"]
    assert table.summary.splitlines() == [
        "data.csv: 4 rows, 2 numeric and 1 categorical features, 3 missing values",
        "target 'kind': classification, 2 classes: a (2), b (2)",
    ]


def test_decimal_commas_are_points_unless_they_may_part_thousands(write):
    table = read_table(write("size;price;kind\n0,251;1,500;a\n-2,5;NA;b\n1e2;3,125;a\n"), "kind")
    np.testing.assert_array_equal(table.X, [[0.251, 1.5], [-2.5, np.nan], [100.0, 3.125]])
    assert table.notes[0] == "decimal commas are read as points, in 'size', 'price'"
    unsure = read_table(write("size;x;kind\n1,500;1;a\n2,500;2;b\n1,500;1;a\n"), "kind", keep=["x"])
    assert str(unsure.X["size"].dtype) == "category"
    assert unsure.notes == []


def test_what_is_left_out_is_said_and_can_be_kept(write):
    rows = "".join(f"{i},{i % 7},name{i},7,2024-01-{i % 28 + 1:02},{i % 2}\n" for i in range(40))
    path = write("row,x,name,same,day,y\n" + rows)
    table = read_table(path, "y")
    assert list(table.X) == ["x", "day"]
    assert "1 numeric, 1 date and 0 categorical features" in table.summary
    assert [note.split("'")[1] for note in table.notes[:-1]] == ["row", "name", "same"]
    assert table.notes[-1] == "--keep COLUMN uses a column all the same"
    assert all(note in table.summary for note in table.notes)
    kept = read_table(path, "y", keep=["row, name", "same"])
    assert list(kept.X) == ["row", "x", "name", "same", "day"]
    assert list(read_table(path, "y", keep=["row"], drop=["day,x"]).X) == ["row"]


def test_a_lone_column_that_numbers_the_rows_is_the_feature(write):
    path = write("x,y\n" + "".join(f"{i},{i % 2}\n" for i in range(40)))
    assert list(read_table(path, "y").X) == ["x"]


def test_a_column_that_numbers_the_rows_is_known_where_rows_are_left_out(write):
    path = write("row,x,y\n" + "".join(f"{i},{i % 7},{'ab'[i % 2] * (i > 3)}\n" for i in range(40)))
    assert list(read_table(path, "y").X) == ["x"]


def test_groups_are_no_feature(write):
    path = write("x,who,y\n" + "".join(f"{i * i},p{i % 4},{i % 2}\n" for i in range(40)))
    table = read_table(path, "y", groups="who")
    assert list(table.X) == ["x"]
    assert table.groups.tolist()[:5] == ["p0", "p1", "p2", "p3", "p0"]


def test_rows_without_a_target_leave_features_and_groups_too(write):
    table = read_table(write("x,g,y\n1,p,a\n2,q,\n3,q,b\n4,,NA\n"), "y", groups="g")
    assert table.X["x"].tolist() == [1, 3]
    assert table.groups.tolist() == ["p", "q"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "kinds"}, "--target 'kinds' is no column.*mean 'kind'.*'size', 'colour'"),
        ({"target": "size,kind"}, "--target 'size,kind' is no column"),
        ({"drop": ["color"]}, "--drop 'color' is no column.*mean 'colour'"),
        ({"keep": ["size,wait"]}, "--keep 'wait' is no column"),
        ({"groups": "x"}, "--groups 'x' is no column"),
        ({"groups": "colour"}, "--groups 'colour' has no value in 1 rows"),
        ({"drop": ["size,colour,weight"]}, "no column to predict 'kind' from"),
    ],
)
def test_a_column_that_is_not_there_is_said(write, options, message):
    with pytest.raises(UsageError, match=message):
        read_table(write(ROWS), **({"target": "kind"} | options))
