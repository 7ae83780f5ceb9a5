"""The demo runs through, on fewer folds and for fewer epochs than it shows."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import Pipeline

import skdeep

DEMO = Path(__file__).parents[2] / "examples" / "demo.py"


@pytest.fixture
def demo():
    return runpy.run_path(str(DEMO))


def test_every_row_is_an_estimator_that_is_there(demo):
    estimators = [row.ours for row in demo["pairs"]({})]
    steps = [list(one) if isinstance(one, Pipeline) else [one] for one in estimators]
    names = [{type(step).__name__ for step in row} & set(skdeep.__all__) for row in steps]
    assert {"MLPClassifier", "MLPRegressor"} <= set().union(*names)
    assert all(names)


@pytest.mark.parametrize(("wide", "columns"), [(False, 80), (True, 117)])
def test_the_table_fits_the_terminal(demo, wide, columns):
    result = demo["Result"](np.full(5, 0.9684), 0.9461, 0.0803)
    slow = demo["Result"](np.full(5, -0.4384), 12.3456, 0.0103)
    lines = demo["heading"](wide).splitlines()
    rows = [demo["table_row"](row, result, slow, wide) for row in demo["pairs"]({})]
    assert max(map(len, lines + rows)) == len(lines[-1]) <= columns
    assert {len(row) for row in rows} == {len(lines[-1])}
    assert all("0.968 ± 0.000" in row and " 13.0x" in row for row in rows)


def test_the_demo_prints_a_table_and_saves_its_figure(demo, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    for params in (demo["EPOCHS"], demo["BY_ROW"], demo["CODES"]):
        params["max_iter"] = 3
    demo["main"](n_splits=2)
    printed = capsys.readouterr().out
    assert "score" in printed
    assert "predict, ms" in printed
    assert str(tmp_path / "demo.png") in printed
    assert (tmp_path / "demo.png").read_bytes().startswith(b"\x89PNG")
