"""Attributions are drawn as bars, as images or over time, as the samples are."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdeep import ConvNetClassifier, MLPClassifier, RecurrentClassifier, TabularNetClassifier
from skdeep.inspection import AttributionDisplay, attribute
from tests.data import digits, normal

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_features_of_a_table_are_sorted_bars_with_their_names():
    X, y = load_iris(return_X_y=True, as_frame=True)
    pipeline = make_pipeline(StandardScaler(), MLPClassifier((5,), max_iter=20, random_state=0))
    pipeline.fit(X, y)
    display = AttributionDisplay.from_estimator(pipeline, X)
    sizes = np.abs(attribute(pipeline, X).values).mean(axis=0)
    order = np.argsort(-sizes)
    labels = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert labels == list(X.columns[order])
    np.testing.assert_allclose([bar.get_width() for bar in display.ax_.patches], sizes[order])
    one = AttributionDisplay.from_estimator(pipeline, X[:1], max_features=2)
    assert len(one.ax_.patches) == 2
    assert f"for {pipeline.predict(X[:1])[0]}" in one.ax_.get_title(loc="left")
    named = AttributionDisplay.from_estimator(pipeline[-1], X.to_numpy())
    assert "feature" in named.ax_.get_yticklabels()[0].get_text()


def test_columns_of_a_raw_table_have_their_own_names():
    X, y = load_iris(return_X_y=True, as_frame=True)
    net = TabularNetClassifier("fast", max_iter=3, random_state=0).fit(X, y)
    display = AttributionDisplay.from_estimator(net, X)
    assert {label.get_text() for label in display.ax_.get_yticklabels()} == set(X.columns)


@pytest.mark.parametrize("channels_first", [False, True])
def test_pictures_stand_above_what_their_pixels_contribute(channels_first):
    X, y = digits(60)
    X = X.reshape(-1, 8, 8)
    net = ConvNetClassifier("4 | 8", channels_first=channels_first, max_iter=2, random_state=0)
    net.fit(X, y)
    display = AttributionDisplay.from_estimator(net, X, method="gradient_input")
    assert len(display.axes_) == 12  # six of them
    np.testing.assert_allclose(
        display.axes_[6].get_images()[0].get_array(), attribute(net, X, "gradient_input").values[0]
    )
    assert display.axes_[0].get_title() == str(net.predict(X[:1])[0])


def test_the_steps_of_sequences_are_bars_under_their_tokens():
    words, y = ["ab", "bba", "a"] * 6, [0, 1, 2] * 6
    net = RecurrentClassifier((4,), max_iter=2, random_state=0).fit(words, y)
    display = AttributionDisplay.from_estimator(net, words[:3])
    ticks = [[label.get_text() for label in ax.get_xticklabels()] for ax in display.axes_]
    assert ticks == [["a", "b"], ["b", "b", "a"], ["a"]]
    X = normal((12, 10))
    rows = RecurrentClassifier((4,), sequence_shape=(5, 2), max_iter=2).fit(X, np.arange(12) % 2)
    display = AttributionDisplay.from_estimator(rows, X[:2])
    assert [len(ax.patches) for ax in display.axes_] == [5, 5]


def test_the_tokens_of_a_table_are_those_of_its_rows():
    table = pd.DataFrame([[3, 1], [1, 3], [3, 3]], columns=["first", "second"])
    net = RecurrentClassifier((3,), tokens=True, max_iter=2, random_state=0).fit(table, [0, 1, 0])
    assert AttributionDisplay.from_estimator(net, table).samples == [[3, 1], [1, 3], [3, 3]]
