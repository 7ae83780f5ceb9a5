"""The comparison of two versions tells who is slower, and whether both say the same."""

from pathlib import Path

import pytest

from benchmarks.against import ratios, workers

HERE = Path(__file__).parents[2]


class Fake:
    """A worker whose calls take as long as it is told."""

    def __init__(self, seconds, result):
        self.seconds, self.result, self.asked = seconds, result, []

    def run(self, row, calls):
        self.asked.append(calls)
        return {"seconds": calls * self.seconds, "digest": self.result}


def test_ratio_is_that_of_new_by_old():
    old, new = Fake(0.01, "same"), Fake(0.02, "same")
    found, seconds, same = ratios(old, new, "a row", rounds=3, seconds=0.05)
    assert found == pytest.approx([2.0, 2.0, 2.0])
    assert seconds == pytest.approx(0.01)
    assert same
    assert set(old.asked[2:]) == {5}, "five calls make up 0.05 seconds"


def test_other_results_are_told():
    found, _, same = ratios(Fake(1.0, "a"), Fake(1.0, "b"), "a row", rounds=1, seconds=0.1)
    assert found == [1.0]
    assert not same


def test_a_checkout_agrees_with_itself():
    with workers(HERE, HERE) as (old, new):
        for row in ("Softmax iris, sgd", "Softmax predict_proba, 1"):
            found, _, same = ratios(old, new, row, rounds=2, seconds=0.0)
            assert len(found) == 2
            assert same, row


def test_a_folder_without_skdeep_is_told(tmp_path):
    with pytest.raises(SystemExit, match="has no skdeep"), workers(tmp_path, HERE):
        pass
