"""The demo runs through, on fewer folds than it shows."""

import runpy
from pathlib import Path

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


def test_the_demo_prints_a_table_and_saves_its_figure(demo, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    demo["main"](n_splits=2)
    printed = capsys.readouterr().out
    assert "score" in printed
    assert "predict, ms" in printed
    assert str(tmp_path / "demo.png") in printed
    assert (tmp_path / "demo.png").read_bytes().startswith(b"\x89PNG")
