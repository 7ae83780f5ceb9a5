"""The target: labels mean what the file says."""

import pandas as pd
import pytest

from skdeep.cli.errors import UsageError
from skdeep.cli.target import read_target


def read(labels, task=None):
    """Return target, task and notes of a column "y"."""
    notes = []
    y, task, _ = read_target(pd.Series(labels, name="y", dtype=str), task, notes)
    return y, task, notes


@pytest.mark.parametrize(
    ("labels", "task"),
    [
        (["a", "b"] * 10, "classification"),
        (["0", "1"] * 10, "classification"),
        (["1.0", "2.0"] * 10, "classification"),
        (["01", "1"] * 10, "classification"),
        ([f"{i % 50:03}" for i in range(200)], "classification"),
        (["0.5", "1.5"] * 10, "regression"),
        ([str(i) for i in range(20)], "regression"),
        ([str(i % 25) for i in range(100)], "regression"),
    ],
)
def test_the_task_shows_in_the_target(labels, task):
    assert read(labels)[1] == task


def test_whole_numbers_are_classes_as_numbers_and_values_as_floats():
    for labels in (["1.0", "2.0"] * 10, ["-1", "+1"] * 10):
        assert read(labels)[0].dtype.kind == "i"
        assert read(labels, "regression")[0].dtype.kind == "f"


@pytest.mark.parametrize(
    "labels",
    [
        ["01", "1"] * 10,
        ["007", "7", "07"] * 10,
        ["1", "1.0"] * 10,
        ["1.1", "1.10"] * 10,
        ["1_0", "10"] * 10,
        [str(2**53), str(2**53 + 1)] * 10,
        [str(10**22), str(2 * 10**22)] * 10,
        ["Yes", "yes"] * 10,
        ["None", "mild"] * 10,
    ],
)
def test_labels_that_differ_in_the_file_stay_apart(labels):
    y, task, _ = read(labels, "classification")
    assert y.tolist() == labels
    assert task == "classification"


def test_codes_are_told_as_such():
    assert read(["01", "1"] * 10)[2] == [
        "labels of 'y' have leading zeros or many digits, and stay text"
    ]


def test_rows_without_a_target_are_left_out():
    y, _, notes = read(["a", "", "b", "NA", "a", "b"])
    assert y.tolist() == ["a", "b", "a", "b"]
    left_out = "2 rows without 'y' (empty or 'NA') are left out"
    assert notes == [f"{left_out}; if 'NA' is a class, spell it differently in the file"]
    assert read(["1", "", "2", "NA", "1", "2"])[2] == [left_out]  # no class among numbers
    with pytest.raises(UsageError, match=r"one class only, .a.: 1 rows .* spell it differently"):
        read(["a", "NA", "a"])
    assert read(["a", "", "b"])[2] == ["1 rows without 'y' are left out"]
    assert read(["1.5", "None", "2.5"], "regression")[0].tolist() == [1.5, 2.5]


@pytest.mark.parametrize(
    ("labels", "task", "message"),
    [
        (["", "NA"], None, "no row with a value of --target 'y'"),
        (["a", "a"], None, "one class only, 'a'"),
        (["a", "b"], "regression", "--task regression needs numbers, and --target 'y' has 'a'"),
        ([f"2024-01-{i:02}" for i in range(1, 29)], None, "has dates, such as '2024-01-01'"),
        ([f"name {i}" for i in range(60)], None, "60 different values in 60 rows.*have to repeat"),
        ([f"{i},5" for i in range(60)], None, "numbers with a comma, such as '0,5'"),
    ],
)
def test_a_target_that_cannot_be_predicted_is_said_why(labels, task, message):
    with pytest.raises(UsageError, match=message):
        read(labels, task)
