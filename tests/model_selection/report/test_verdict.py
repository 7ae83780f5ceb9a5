"""The sentence that says what a comparison comes to."""

import numpy as np
import pytest
from sklearn.exceptions import FitFailedWarning

from skdeep.model_selection.report.verdict import verdict
from tests.model_selection.scored import fixed

HIGH = [0.90, 0.91, 0.90, 0.92]
LOW = [0.10, 0.12, 0.10, 0.11]
NEAR = [0.90, 0.80, 0.90, 0.95]


def test_what_is_more_than_chance_is_told_from_what_may_be_chance():
    assert verdict(fixed({"a": HIGH, "b": LOW, "c": NEAR})) == (
        "a has the highest mean score. b scores lower than a, by more than chance (at the 5% level)"
        "; the difference may be chance for c."
    )


def test_others_may_be_better_than_a_baseline_that_was_named():
    middle = {"b": LOW, "m": [0.5, 0.51, 0.5, 0.52], "a": HIGH}
    assert "a scores higher and b scores lower than m, by more" in verdict(
        fixed(middle, baseline="m")
    )


def test_nothing_is_claimed_where_chance_could_do_it():
    alike = {"a": [0.9, 0.8, 0.7, 0.6], "b": [0.6, 0.9, 0.8, 0.6]}
    assert verdict(fixed(alike)) == (
        "a has the highest mean score, but chance alone could make such differences (at the 5% "
        "level)."
    )
    assert "chance alone could make the differences from b" in verdict(fixed(alike, baseline="b"))
    assert "One fold alone cannot tell" in verdict(fixed({"a": [0.5], "b": [0.4]}))


def test_a_tie_is_called_a_tie():
    assert verdict(fixed({"a": HIGH, "b": HIGH[::-1]})) == "a and b tie for the highest mean score."
    three = verdict(fixed({"c": LOW, "a": HIGH, "b": HIGH}))
    assert three.startswith("a and b tie for the highest mean score. c scores lower than a, by")


def test_one_estimator_is_not_called_the_only_one_that_could_be_scored():
    assert verdict(fixed({"a": [0.5, 0.7]})).startswith("a has a mean score of 0.600 (95% interval")
    with pytest.warns(FitFailedWarning):
        assert verdict(fixed({"a": [0.5, 0.7], "b": ["no", "no"]})) == "Only a could be scored."
    assert np.isnan(fixed({"a": [0.5]}).interval("a")[0])
    assert "interval" not in verdict(fixed({"a": [0.5]}))
