"""The figure: a row for each estimator, a line for each fold."""

import matplotlib.pyplot as plt
import numpy as np

from skdeep.model_selection.report.columns import to_scale
from tests.model_selection.scored import SCORES, fixed


def test_the_figure_has_a_row_for_each_estimator_and_a_line_for_each_fold():
    comparison = fixed()
    scores, differences, times = comparison.plot()
    assert [label.get_text() for label in scores.get_yticklabels()] == comparison.ranking
    joined = [line for line in scores.lines if len(line.get_xdata()) == len(SCORES)]
    np.testing.assert_allclose(
        sorted(line.get_xdata().tolist() for line in joined if line.get_linestyle() == "-")[0],
        [comparison.scores[name].min() for name in comparison.ranking],
        atol=0.11,
    )
    assert differences.get_xlabel() == "score minus that of\ngood"
    assert times.get_xscale() == "log"
    plt.close("all")


def test_the_scores_can_be_drawn_into_axes_of_ones_own(failing):
    _, ax = plt.subplots()
    assert failing.plot(ax) is ax
    assert any(text.get_text() == "failed" for text in ax.texts)
    plt.close("all")


def test_an_estimator_far_off_does_not_set_the_scale():
    close = {"a": [0.95, 0.97, 0.96], "b": [0.94, 0.96, 0.96], "c": [0.95, 0.95, 0.93]}
    assert to_scale(fixed(close)) == ["a", "b", "c"]
    far = close | {"dummy": [0.4, 0.4, 0.41]}
    assert to_scale(fixed(far)) == ["a", "b", "c"]
    # The baseline is what all others are drawn from.
    assert "dummy" in to_scale(fixed(far, baseline="dummy"))

    scores, differences, _ = fixed(far).plot()
    assert scores.get_xlim()[0] > 0.8
    assert [text.get_text() for text in scores.texts] == ["◂ 0.403"]
    assert any("◂ -0.557" in text.get_text() for text in differences.texts)
    plt.close("all")
