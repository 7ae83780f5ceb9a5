"""Displays for networks of sequences draw what the functions return."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from skdeep import (
    CharacterLanguageModel,
    RecurrentClassifier,
    Seq2SeqTranslator,
    TransformerClassifier,
)
from skdeep.inspection import AttentionDisplay, GateDisplay, attention_weights
from tests.data import normal

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

WORDS, LABELS = ["aab", "bba", "ab", "b"] * 5, [0, 1, 1, 0] * 5


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def ticks(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_gates_have_a_panel_each_and_the_tokens_below():
    net = RecurrentClassifier((4,), cell="gru", max_iter=2, random_state=0).fit(WORDS, LABELS)
    display = GateDisplay.from_estimator(net, "bba")
    assert [ax.get_title(loc="left") for ax in display.axes_] == [
        "reset gate",
        "update gate",
        "state",
    ]
    image = display.axes_[1].get_images()[0].get_array()
    np.testing.assert_allclose(
        np.sort(image, axis=0), np.sort(display.activations["update gate"].T, axis=0)
    )
    assert ticks(display.axes_[-1].xaxis) == ["b", "b", "a"]
    model = CharacterLanguageModel((4,), max_iter=1).fit(["hello"])
    assert GateDisplay.from_estimator(model, "he").names == ["^", "h", "e"]
    numbers = RecurrentClassifier((4,), max_iter=1).fit(normal((9, 5, 2)), np.arange(9) % 3)
    assert GateDisplay.from_estimator(numbers, normal((5, 2))).names is None


def test_attention_has_an_image_for_each_head():
    net = TransformerClassifier(8, n_heads=2, n_layers=1, max_iter=2, random_state=0)
    net.fit(WORDS, LABELS)
    display = AttentionDisplay.from_estimator(net, "aab")
    assert len(display.axes_) == 2
    np.testing.assert_array_equal(
        display.axes_[1].get_images()[0].get_array(), attention_weights(net, "aab")[0][1]
    )
    assert ticks(display.axes_[0].xaxis) == ["a", "a", "b"]


def test_a_translator_has_what_it_writes_on_the_left():
    model = Seq2SeqTranslator((6,), max_iter=3, random_state=0).fit(WORDS, WORDS)
    display = AttentionDisplay.from_estimator(model, "bba")
    assert ticks(display.axes_[0].xaxis) == ["b", "b", "a"]
    assert display.looking == [*model.predict(["bba"])[0], "end"]
    assert display.axes_[0].get_ylabel() == "written"
