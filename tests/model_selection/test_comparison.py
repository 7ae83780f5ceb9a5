"""What a comparison says: tables, figures, and a page that loads nothing."""

import base64
import builtins
import pickle
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import KFold

from skdeep.model_selection import Comparison, compare, holm
from skdeep.model_selection.columns import to_scale
from skdeep.model_selection.table import show_p, show_time

SCORES = {
    "good": [0.9, 0.8, 0.9, 0.8],
    "close": [0.9, 0.8, 0.8, 0.8],
    "poor": [0.5, 0.4, 0.5, 0.3],
    "other": [0.7, 0.6, 0.8, 0.6],
}


class Fixed(BaseEstimator):
    """Has the score that it is told for each fold of `KFold`, or the error."""

    def __init__(self, scores):
        self.scores = scores

    def fit(self, X, y=None):
        return self

    def predict(self, X):
        return X[:, 0]

    def score(self, X, y=None):
        score = self.scores[int(X[0, 0]) * len(self.scores) // 40]
        if isinstance(score, str):
            raise RuntimeError(score)
        return score


def fixed(scores=SCORES, **options):
    """Return the comparison of these scores on folds of equal size."""
    X = np.arange(40.0)[:, None]
    estimators = {name: Fixed(values) for name, values in scores.items()}
    n_folds = len(next(iter(scores.values())))
    cv = KFold(n_folds) if n_folds > 1 else [(np.arange(20, 40), np.arange(20))]
    return compare(estimators, X, cv=cv, **options)


@pytest.fixture
def without(monkeypatch):
    """Return a function that takes a module away."""
    imported = builtins.__import__

    def take(missing):
        def absent(name, *rest, **named):
            if name == missing:
                raise ImportError(name)
            return imported(name, *rest, **named)

        monkeypatch.setattr(builtins, "__import__", absent)

    return take


@pytest.fixture
def failing():
    """Return a comparison of which one row failed, with names that are HTML."""
    scores = {"<b>&amp;": [0.9, 0.8], "fails": ["<script>alert(1)</script>", 0.5], "x": [0.1, 0.3]}
    with pytest.warns(FitFailedWarning):
        return fixed(scores)


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


def test_the_verdict_does_not_claim_more_than_the_tests():
    clear = {"a": [0.90, 0.91, 0.90, 0.92], "b": [0.1, 0.12, 0.1, 0.11], "c": [0.9, 0.8, 0.9, 0.95]}
    assert "b can be told from a; c cannot." in str(fixed(clear))
    alike = {"a": [0.9, 0.8, 0.7, 0.6], "b": [0.6, 0.9, 0.8, 0.6]}
    assert "no other can be told from a." in str(fixed(alike))
    assert "One fold alone cannot tell" in str(fixed({"a": [0.5], "b": [0.4]}))


def test_a_single_estimator_is_a_comparison_too():
    comparison = fixed({"alone": [0.1, 0.2]})
    assert "Only alone could be scored." in str(comparison)
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


class Page(HTMLParser):
    """Notes what a page has open, loads and says."""

    VOID = {"meta", "br", "link", "img"}

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.words = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_the_page_is_whole_and_loads_nothing(failing):
    text = failing.to_html("Title <i>", details={"command": "python <x>"})
    page = Page(text)
    assert not page.open
    assert not {"script", "link", "iframe", "i>"} & set(page.tags)
    assert not {"href", "srcset"} & {name for name, _ in page.attributes}
    assert all(value.startswith("data:") for name, value in page.attributes if name == "src")
    assert "http" not in text
    assert "url(" not in text
    assert "@import" not in text
    words = " ".join(page.words)
    for said in ("Title <i>", "<b>&amp;", "<script>alert(1)</script>", "python <x>", "Nadeau"):
        assert said in words


def svgs(text):
    """Return the pictures of a page."""
    sources = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', text)
    return [base64.b64decode(source).decode() for source in sources]


def test_the_page_has_pictures_that_follow_its_ground_and_load_nothing(failing):
    drawn = svgs(failing.to_html())
    assert len(drawn) == 3
    for picture in drawn:
        root = ElementTree.fromstring(picture)
        words = " ".join(root.itertext())
        assert "<b>&amp;" in words
        assert "prefers-color-scheme: dark" in words
        loaded = {key: value for node in root.iter() for key, value in node.items()}
        links = [value for key, value in loaded.items() if key.endswith("href")]
        assert all(link.startswith("#") for link in links)
    scores, differences, times = drawn
    assert "failed" in scores
    assert "p adjusted by Holm" in differences
    assert "median time" in times
    assert svgs(fixed().to_html())[0] == svgs(fixed().to_html())[0]


def test_without_matplotlib_the_page_has_a_table_instead(without):
    comparison = fixed()
    without("matplotlib.figure")
    text = comparison.to_html()
    assert "<img" not in text
    words = " ".join(Page(text).words)
    assert "lowest fold" in words
    low, high = comparison.interval("close")
    assert f"{low:.3f} to {high:.3f}" in words


def test_the_page_shows_every_pair_and_number(failing):
    text = fixed().to_html()
    assert "Every pair" in text
    assert "<i>J</i> = 4" in text
    assert "nan" not in text
    assert "nan" not in failing.to_html()
    assert "chosen by these same scores" in text
    assert "was named before" in fixed(baseline="good").to_html()


def test_a_comparison_can_be_pickled():
    comparison = fixed()
    copy = pickle.loads(pickle.dumps(comparison))
    assert isinstance(copy, Comparison)
    assert str(copy) == str(comparison)
