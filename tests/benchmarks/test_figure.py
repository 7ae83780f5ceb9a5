"""The speed figure shows what was measured, and nothing where nothing was."""

import csv

import pytest
import sklearn

from benchmarks import figure, timing

HEAD = ["network", "type", "a batch", "scikit-learn", "PyTorch"]
ROWS = [
    ["10x2, (3,), batch 5", "float32", "20 us", "2.50x", "3.00x"],
    ["10x2, (3,), batch 5, dropout", "float32", "30 us", "", "0.80x"],
    ["10x2, (3,), batch 5", "float64", "40 us", "2.00x", "2.00x"],
]


@pytest.fixture(autouse=True)
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(timing, "RESULTS", tmp_path / "results")


def test_rows_come_back_as_they_were_kept():
    timing.save_rows("mlp", HEAD, ROWS)
    machine, rows = timing.load_rows("mlp")
    assert "Python" in machine
    assert [list(row.values()) for row in rows] == ROWS


def test_a_side_that_was_not_measured_has_no_bar():
    assert figure.times_ours(dict(zip(HEAD, ROWS[1], strict=True))) == {"skdeep": 1, "PyTorch": 0.8}


def test_the_figure_and_its_table_are_made_from_the_rows_that_were_kept(tmp_path):
    timing.save_rows("mlp", HEAD, ROWS)
    figure.main(tmp_path)
    assert (tmp_path / "_static" / "speed.png").read_bytes().startswith(b"\x89PNG")
    with (tmp_path / "speed.csv").open() as file:
        assert list(csv.reader(file)) == [HEAD, *ROWS]
    assert f"scikit-learn {sklearn.__version__}" in (tmp_path / "speed.txt").read_text()


def test_without_results_the_error_says_what_to_run(tmp_path):
    with pytest.raises(SystemExit, match="python -m benchmarks mlp"):
        figure.main(tmp_path)


def test_layers_for_pictures_have_a_figure_and_a_table_of_their_own(tmp_path):
    head = ["row", "ours, ms", "PyTorch, ms", "ours / PyTorch"]
    rows = [["3x3", "2.0", "4.0", "0.50"], ["pool", "3.0", "2.0", "1.50"]]
    timing.save_rows("conv_1", head, rows)
    figure.layers(tmp_path)
    assert (tmp_path / "_static" / "conv.png").read_bytes().startswith(b"\x89PNG")
    with (tmp_path / "conv.csv").open() as file:
        assert list(csv.reader(file)) == [head, *rows]
