"""What a comparison says: tables, figures, and a page that loads nothing."""

import pickle

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import FitFailedWarning

from skdeep.model_selection import Comparison, holm
from skdeep.model_selection.report.table import show_p, show_time
from tests.model_selection.scored import SCORES, fixed


def test_rows_go_from_best_to_worst():
    columns = fixed().to_dict()
    assert columns["estimator"] == ["good", "close", "other", "poor"]
    np.testing.assert_allclose(columns["mean_score"], [0.85, 0.825, 0.675, 0.425])
    np.testing.assert_allclose(columns["difference"], [np.nan, -0.025, -0.175, -0.425])


def test_differences_are_tested_against_the_baseline():
    comparison = fixed(baseline="other")
    columns = comparison.to_dict()
    good = columns["estimator"].index("good")
    test = comparison.test("good", "other")
    assert (columns["difference"][good], columns["p_value"][good]) == (
        test.difference,
        test.p_value,
    )
    assert (columns["difference_low"][good], columns["difference_high"][good]) == (
        test.low,
        test.high,
    )


def test_with_a_baseline_of_before_p_is_adjusted_for_the_others_alone():
    columns = fixed(baseline="good").to_dict()
    np.testing.assert_allclose(columns["p_holm"], holm(columns["p_value"]))


def test_with_the_best_as_baseline_p_is_adjusted_for_all_pairs():
    comparison = fixed()
    pairs = comparison.pairwise()
    assert len(pairs["p_value"]) == 6
    np.testing.assert_allclose(pairs["p_holm"], holm(pairs["p_value"]))
    columns = comparison.to_dict()
    named_before = fixed(baseline="good").to_dict()
    assert columns["p_value"][1:] == named_before["p_value"][1:]
    assert columns["p_holm"][1:] == pairs["p_holm"][:3]  # "good" is the first of the first three
    assert all(np.greater(columns["p_holm"][2:], named_before["p_holm"][2:]))


def test_a_frame_has_a_row_for_each_estimator_or_fold():
    comparison = fixed()
    pd.testing.assert_frame_equal(comparison.to_frame(), pd.DataFrame(comparison.to_dict()))
    folds = comparison.to_frame(by="fold")
    assert len(folds) == 16
    means = folds.groupby("estimator")["score"].mean()
    for name, scores in SCORES.items():
        assert means[name] == pytest.approx(np.mean(scores))
    with pytest.raises(ValueError, match=r"'by'.*'estimator', 'fold'. Got 'row'"):
        comparison.to_frame(by="row")


@pytest.mark.parametrize(
    ("missing", "method"), [("pandas", "to_frame"), ("matplotlib.pyplot", "plot")]
)
def test_an_extra_that_is_absent_is_named(missing, method, without):
    comparison = fixed()
    without(missing)
    with pytest.raises(ImportError, match=f"{method} needs {missing.split('.')[0]}"):
        getattr(comparison, method)()


def test_the_table_says_what_was_found():
    text = str(fixed())
    assert text.splitlines()[0].startswith("score, 4 folds, 30 rows to fit and 10 to score")
    assert "0.850 ± 0.050" in text
    assert "good has the highest mean score." in text
    assert text.index("\ngood ") < text.index("\nclose ") < text.index("\npoor ")
    assert repr(fixed())[:20] == text[:20]


def test_a_single_estimator_is_a_comparison_too():
    comparison = fixed({"alone": [0.1, 0.2]})
    assert "alone has a mean score of 0.150 (95% interval " in str(comparison)
    assert len(comparison.plot()) == 3
    plt.close("all")
    assert "alone" in comparison.to_html()


def test_a_baseline_that_fails_is_said():
    with pytest.warns(FitFailedWarning):
        comparison = fixed({"a": [0.1, 0.2], "b": ["no", "no"], "c": [0, 0.1]}, baseline="b")
    assert "The baseline b failed, so nothing was compared with it." in str(comparison)
    assert np.isnan(comparison.to_dict()["p_value"]).all()
    comparison.plot()
    plt.close("all")
    assert "b failed" in comparison.to_html()


@pytest.mark.parametrize("scale", [1e-24, 1e-6, 1.0, 1e5, 1e24])
def test_three_digits_of_the_scores_are_shown_whatever_their_unit(scale):
    comparison = fixed({name: [s * scale for s in scores] for name, scores in SCORES.items()})
    wanted = {1e-6: "0.000000850", 1.0: "0.850", 1e5: "85000"}
    page, _ = comparison.to_html().split("What was run")
    for text in (str(comparison), page):
        assert wanted.get(scale, f"{0.85 * scale:.2e}") in text
        assert "0000000000" not in text


def test_small_numbers_are_shown_as_people_write_them():
    assert [show_p(p) for p in (0.00099, 0.0499, 1.0, np.nan)] == ["<0.001", "0.050", "1.000", ""]
    times = [show_time(t) for t in (2.5e-7, 0.00125, 0.0456, 12.34, 345.6, np.nan)]
    assert times == ["0.25 µs", "1.25 ms", "45.6 ms", "12.3 s", "346 s", ""]


def test_a_notebook_shows_a_table_with_names_escaped(failing):
    html = failing._repr_html_()
    assert "&lt;b&gt;&amp;amp;" in html
    assert "<script>" not in html


def test_a_comparison_can_be_pickled():
    comparison = fixed()
    copy = pickle.loads(pickle.dumps(comparison))
    assert isinstance(copy, Comparison)
    assert str(copy) == str(comparison)
