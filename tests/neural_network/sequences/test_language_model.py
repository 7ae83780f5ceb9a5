"""Language models of characters."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdeep import CharacterLanguageModel

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

MODELS = [
    CharacterLanguageModel((16,), cell=cell, max_iter=100, learning_rate_init=0.02, random_state=0)
    for cell in ("lstm", "gru", "rnn")
] + [
    CharacterLanguageModel(
        (16, 16), cell="transformer", n_heads=2, max_iter=100, learning_rate_init=0.01
    ).set_params(random_state=0)
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.cell)
def test_after_one_l_comes_another_and_then_an_o(model):
    model = clone(model).fit(["hello"] * 8)
    assert model.predict(["", "h", "he", "hel", "hell", "hello"]).tolist() == [*"hello", ""]
    assert model.sample("", random_state=0) == "hello"
    assert model.sample("he", length=2, temperature=0) == "hell"
    assert model.perplexity(["hello"]) < 1.1
    assert model.score(["hello"]) == pytest.approx(-np.log(model.perplexity(["hello"])))
    assert model.classes_.tolist() == ["e", "h", "l", "o", ""]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.cell)
def test_a_stream_keeps_its_state_between_pieces(model):
    model = clone(model).set_params(max_iter=2, dtype="float64").fit(["abcabc", "cab"])
    stream = model.stream()
    for piece, text in (("ab", "ab"), ("", "ab"), ("c", "abc"), ("abc", "abcabc")):
        np.testing.assert_allclose(
            stream.feed(piece), model.predict_proba([text])[0], rtol=1e-9, atol=1e-12
        )
    probabilities = model.predict_proba(["", "ab"])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_a_transformer_looks_through_its_whole_window_however_a_text_comes():
    model = CharacterLanguageModel((4,), cell="transformer", n_heads=1, window=6, max_iter=1)
    model = model.set_params(dtype="float64", random_state=0).fit(["abcabc", "cab"])
    text = "abcabbacbcab"
    whole = model.predict_proba([text])[0]
    for size in (1, 2, 5):
        stream = model.stream()
        for start in range(0, len(text), size):
            found = stream.feed(text[start : start + size])
        np.testing.assert_allclose(found, whole, rtol=1e-12)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.cell)
def test_the_score_is_the_sum_of_the_streams_log_probabilities(model):
    model = clone(model).set_params(max_iter=2, dtype="float64").fit(["abcabc", "cab"])
    total, stream = 0.0, model.stream()
    probabilities = stream.feed("")
    for k in (2, 0, 1, 3):  # c, a, b, the end
        total += np.log(probabilities[k])
        if k < 3:
            probabilities = stream.feed("abc"[k])
    assert model.score(["cab"]) == pytest.approx(total / 4)


def test_temperature_sharpens_and_flattens():
    model = CharacterLanguageModel((8,), max_iter=40, learning_rate_init=0.02, random_state=0)
    model.fit(["aaab"] * 10 + ["b"] * 3)

    def share(temperature):
        first = [model.sample("", 1, temperature=temperature, random_state=k) for k in range(200)]
        return np.mean([text == "a" for text in first])

    assert share(0) == 1.0
    assert share(0.5) > share(1.0) > share(5.0)
    assert share(1.0) == pytest.approx(10 / 13, abs=0.12)
    assert model.sample("", random_state=3) == model.sample("", random_state=3)


def test_long_texts_are_cut_into_windows_of_which_every_character_counts():
    text = "the quick brown fox jumps over the lazy dog. " * 20
    model = CharacterLanguageModel((16,), window=30, max_iter=2, random_state=0).fit(text)
    assert model.network_.input_shape == (30,)
    assert model.t_ == 2 * -(-(len(text) + 1) // 30)
    assert model.sample(length=30, random_state=0) != ""


def test_it_trains_further_and_stops_early():
    texts = ["abab", "abba", "aabb"] * 10
    model = CharacterLanguageModel((8,), max_iter=5, early_stopping=True, random_state=0).fit(texts)
    assert len(model.validation_scores_) == 5
    model.set_params(early_stopping=False).partial_fit(texts)
    assert model.predict(["ab"]).shape == (1,)


class Epochs:
    """Counts the epochs of a fit."""

    def __init__(self, seen):
        self.seen = seen

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch":
            self.seen.append(context.task_id)

    def teardown(self, estimator, context):
        pass


def test_it_is_searched_in_pipelines_under_callbacks():
    texts, epochs = ["AbAb", "aBBa", "AABB"] * 4, []
    lower = FunctionTransformer(lambda X: [text.lower() for text in X])
    model = CharacterLanguageModel((8,), max_iter=2, random_state=0)
    grid = {"characterlanguagemodel__cell": ["gru", "transformer"]}
    search = GridSearchCV(make_pipeline(lower, model), grid, cv=2).fit(texts)
    assert -2 < search.best_score_ < 0
    assert search.best_estimator_[-1].characters == ["a", "b"]
    model.set_callbacks(Epochs(epochs)).fit(texts)
    assert epochs == [0, 1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda model: model.fit([]), "There must be at least one text."),
        (lambda model: model.fit(["ab", 3]), "Text 1 must be a string, got int."),
        (lambda model: model.fit(pd.DataFrame({"b": ["ab"]})), "a DataFrame: give the column that"),
        (
            lambda model: model.predict(["ab", "abx"]),
            "Text 1, of length 3, has the character 'x' at place 2, which fit has not seen.",
        ),
        (lambda model: model.sample("q"), "Text 0, of length 1, has the character 'q'"),
        (lambda model: model.sample(temperature=-1), "temperature must not be negative, got -1."),
        (
            lambda model: model.set_params(early_stopping=True, scoring="accuracy").fit("ab"),
            "The 'scoring' parameter of CharacterLanguageModel must be None, or 'loss'.",
        ),
        (
            lambda model: model.set_params(cell="transformer", hidden_layer_sizes=(6, 8)).fit("ab"),
            "With cell='transformer', hidden_layer_sizes must be one size for all blocks",
        ),
    ],
)
def test_errors_say_what_is_wrong(call, message):
    model = CharacterLanguageModel((4,), max_iter=1).fit(["abab"])
    with pytest.raises(ValueError, match=re.escape(message)):
        call(model)
