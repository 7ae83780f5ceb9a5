"""The figure of accuracies shows what was saved last of each network."""

import pytest

from benchmarks import curves

pytest.importorskip("matplotlib")


def test_curves_of_several_networks_are_kept_side_by_side(tmp_path, monkeypatch):
    (tmp_path / "_static").mkdir()
    monkeypatch.setattr(curves, "DOCS", tmp_path)
    monkeypatch.setattr(curves, "TABLE", tmp_path / "accuracy.csv")
    curves.save("one", [0.1, 0.2])
    curves.save("other", [0.5])
    curves.save("one", [0.3, 0.4, 0.5])
    assert curves.saved() == {"one": [0.3, 0.4, 0.5], "other": [0.5]}
    assert (tmp_path / "_static" / "accuracy.png").stat().st_size > 1000
