"""Summaries of estimators, before and after fit, in text and in a notebook."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import is_classifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdeep import (
    CharacterLanguageModel,
    ConvNetClassifier,
    MLPClassifier,
    MLPRegressor,
    RecurrentClassifier,
    Seq2SeqTranslator,
)
from skdeep.inspection import summarize
from skdeep.nn import LSTM, Branches, Dense, MultiHeadAttention, Network, Sequence
from tests.cheap import cheap_estimators
from tests.data import data_for, digits, iris

WITH_LAYERS = [one for one in cheap_estimators() if hasattr(one, "_outline")]


@pytest.mark.parametrize("estimator", WITH_LAYERS, ids=lambda one: type(one).__name__)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_summary_of_data_is_that_of_the_fit_that_follows(estimator):
    X, y = data_for(estimator)
    before = summarize(estimator, X=X, y=y, batch_size=32)
    assert not any(name.endswith("_") for name in vars(estimator))
    estimator.set_params(max_iter=1).fit(X, y)
    assert repr(estimator.summary(batch_size=32)) == repr(before)
    network = getattr(estimator, "network_", None)
    if network is not None:
        assert before.parameters == network.n_parameters
        assert before.multiply_adds == network.cost


def test_a_shape_is_enough_before_fit():
    assert MLPClassifier((16,)).summary((4,), 3).parameters == 4 * 16 + 16 + 16 * 3 + 3
    assert MLPRegressor(hidden_layer_sizes=(16,)).summary((4,)).lines[-1].output_shape == (1,)
    assert RecurrentClassifier((8,)).summary((20, 5), 2).lines[0].output_shape == (8,)
    assert ConvNetClassifier(image_shape=(8, 8)).summary().input_shape == (8, 8, 1)


def test_without_a_shape_it_says_what_is_missing():
    with pytest.raises(ValueError, match="pass input_shape or X and y"):
        MLPClassifier().summary()
    with pytest.raises(ValueError, match="depend on the characters; pass X"):
        CharacterLanguageModel().summary((10,))
    with pytest.raises(ValueError, match="depend on the tokens; pass X and y"):
        Seq2SeqTranslator().summary((10,))
    with pytest.raises(ValueError, match="'input_shape' parameter of summarize"):
        summarize(MLPClassifier(), input_shape=[None])
    with pytest.raises(ValueError, match="needs the input_shape"):
        summarize(Dense(3))
    with pytest.raises(ValueError, match="has its shape already"):
        summarize(Network(Dense(3), (2,)), (2,))
    with pytest.raises(TypeError, match="got LogisticRegression"):
        summarize(LogisticRegression())


def test_a_fitted_network_of_steps_is_summarized_for_other_lengths():
    X = np.random.default_rng(0).normal(size=(30, 6, 2))
    fitted = RecurrentClassifier((4,), max_iter=1, tol=0).fit(X, np.arange(30) % 3)
    short, long = fitted.summary(), fitted.summary((12, 2))
    assert short.parameters == long.parameters
    assert long.lines[0].multiply_adds == 2 * short.lines[0].multiply_adds
    assert long.lines[0].connections == 2 * short.lines[0].connections


def test_connections_count_each_weight_as_often_as_it_is_used():
    n_steps, d = 7, 4
    lstm = summarize(LSTM(3), (n_steps, d)).lines[0]
    assert lstm.connections == n_steps * lstm.parameters
    attention = summarize(MultiHeadAttention(2), (n_steps, d)).lines[0]
    assert attention.connections == n_steps * attention.parameters


def test_memory_is_that_of_the_outputs_of_a_batch():
    layers = Sequence(Dense(8), Dense(2))
    assert summarize(layers, (4,), batch_size=50).activation_memory == 50 * (4 + 8 + 2) * 4
    network = Network(layers, (4,), dtype=np.float64)
    assert network.summary(batch_size=50).activation_memory == 50 * (4 + 8 + 2) * 8
    assert "memory of 50" in repr(network.summary(batch_size=50))


def test_branches_show_what_they_join():
    lines = summarize(Sequence(Branches(Dense(3), Dense(5)), Dense(2)), (4,)).lines
    assert [(line.path, line.output_shape) for line in lines[2:]] == [("0", (8,)), ("1", (2,))]
    assert (lines[2].layer, lines[2].parameters, lines[2].multiply_adds) == ("Branches", 0, 0)


def test_the_network_of_a_pipeline_is_found():
    X, y = iris()
    pipeline = make_pipeline(StandardScaler(), MLPClassifier((5,), max_iter=200, random_state=0))
    assert summarize(pipeline, X=X, y=y).parameters == 5 * 5 + 6 * 3
    assert summarize(pipeline.fit(X, y)).parameters == 5 * 5 + 6 * 3


def test_only_pictures_have_receptive_fields():
    assert "sees" not in repr(MLPClassifier().summary((4,)))
    assert "sees" in repr(ConvNetClassifier().summary((8, 8, 1)))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_fitted_network_shows_its_layers_in_a_notebook():
    X, y = digits(100)
    clf = MLPClassifier((16,), max_iter=1)
    plain = clf._repr_mimebundle_()["text/html"]
    clf.fit(X, y)
    for html in (clf._repr_mimebundle_()["text/html"], clf._repr_html_()):
        assert "3 layers, 1,210 parameters" in html
        assert "Dense(units=16)" in html
        assert html.count("<details") == html.count("</details>")
    assert "Dense(units=16)" not in plain
    with config_context(display="text"):
        assert "text/html" not in clf._repr_mimebundle_()
        assert not hasattr(clf, "_repr_html_")


def test_there_is_an_estimator_of_each_kind():
    assert len(WITH_LAYERS) >= 12
    assert any(map(is_classifier, WITH_LAYERS))
