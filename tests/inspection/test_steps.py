"""Gates, attention and texts are those of the network, step by step."""

import numpy as np
import pytest

from skdeep import (
    CharacterLanguageModel,
    MLPClassifier,
    RecurrentClassifier,
    Seq2SeqTranslator,
    TransformerClassifier,
)
from skdeep.inspection import TextMonitor, attention_weights, gate_activations
from tests.data import iris, normal

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

WORDS, LABELS = ["aab", "bba", "ab", "b"] * 5, [0, 1, 1, 0] * 5


def logistic(z):
    return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_the_last_state_is_what_the_output_layer_sees(cell):
    net = RecurrentClassifier((5,), cell=cell, max_iter=2, random_state=0).fit(WORDS, LABELS)
    for word in ("bba", "a"):
        found = gate_activations(net, word)
        assert {values.shape for values in found.values()} == {(len(word), 5)}
        np.testing.assert_allclose(found["state"][-1], net.transform([word])[0])
        for name, values in found.items():
            if name.endswith("gate"):
                assert ((values > 0) & (values < 1)).all()


def test_the_gates_of_an_lstm_are_its_equations():
    X = normal((12, 6, 3))
    net = RecurrentClassifier((4,), cell="lstm", max_iter=2, random_state=0)
    net.fit(X, np.arange(12) % 2)
    found = gate_activations(net, X[3])
    layer = net.network_.layers()[0]
    h, c = np.zeros(4), np.zeros(4)
    for t, x in enumerate(X[3]):
        i, f, o, g = np.split(x @ layer.weight + layer.bias + h @ layer.recurrent_weight, 4)
        i, f, o = logistic(i), logistic(f), logistic(o)
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        for name, wanted in (
            ("input gate", i),
            ("forget gate", f),
            ("output gate", o),
            ("cell", c),
            ("state", h),
        ):
            np.testing.assert_allclose(found[name][t], wanted, err_msg=name)


def test_a_layer_that_reads_from_the_end_is_shown_in_the_order_of_the_sequence():
    net = RecurrentClassifier((3,), bidirectional=True, max_iter=2, random_state=0)
    net.fit(WORDS, LABELS)
    there, back = (gate_activations(net, "bba", layer)["state"] for layer in (0, 1))
    encoding = net.transform(["bba"])[0]
    np.testing.assert_allclose(np.concatenate([there[-1], back[0]]), encoding)
    with pytest.raises(ValueError, match=r"'layer' parameter .* \[-2, 1\]"):
        gate_activations(net, "bba", 2)


def test_weights_of_attention_sum_to_one_and_a_language_model_does_not_look_ahead():
    net = TransformerClassifier(8, n_heads=2, n_layers=2, max_iter=2, random_state=0)
    found = attention_weights(net.fit(WORDS, LABELS), "bba")
    assert [weights.shape for weights in found] == [(2, 3, 3)] * 2
    np.testing.assert_allclose([weights.sum(axis=2) for weights in found], 1, atol=1e-6)
    model = CharacterLanguageModel((8,), cell="transformer", n_heads=2, max_iter=2)
    (causal,) = attention_weights(model.fit(["hello", "help"]), "hel")
    assert causal.shape == (2, 4, 4)  # the start is read, too
    assert not np.triu(causal, 1).any()


def test_a_translator_looks_from_what_it_writes():
    model = Seq2SeqTranslator((6,), max_iter=2, random_state=0).fit(WORDS, WORDS)
    (found,) = attention_weights(model, "aab")
    assert found.shape == (1, len(model.predict(["aab"])[0]) + 1, 3)
    np.testing.assert_allclose(found.sum(axis=2), 1, atol=1e-6)


def test_what_has_no_steps_is_refused():
    X, y = iris()
    with pytest.raises(TypeError, match="takes a network of sequences, got MLPClassifier"):
        gate_activations(MLPClassifier(max_iter=1).fit(X, y), X[0])
    net = RecurrentClassifier((3,), max_iter=1).fit(WORDS, LABELS)
    with pytest.raises(TypeError, match="with attention, and there is none"):
        attention_weights(net, "aab")
    transformer = TransformerClassifier(8, n_heads=2, n_layers=1, max_iter=1)
    with pytest.raises(TypeError, match="with recurrent layers, and there is none"):
        gate_activations(transformer.fit(WORDS, LABELS), "aab")
    short = CharacterLanguageModel((4,), window=3, max_iter=1).fit(["hello"])
    with pytest.raises(ValueError, match="no longer than the network's window"):
        gate_activations(short, "hello")


def test_a_model_writes_while_it_learns_and_learns_the_same():
    texts = ["hello", "help"] * 4
    monitor = TextMonitor("he", 5, every=2)
    model = CharacterLanguageModel((6,), max_iter=5, tol=0, random_state=0)
    alone = CharacterLanguageModel((6,), max_iter=5, tol=0, random_state=0).fit(texts)
    assert "no text yet" in repr(monitor)
    model.set_callbacks(monitor).fit(texts)
    assert monitor.epochs == [1, 3, 5]
    assert monitor.losses == model.loss_curve_[::2]
    assert all(text.startswith("he") for text in monitor.texts)
    np.testing.assert_array_equal(model.network_.params, alone.network_.params)
    assert monitor.texts[-1] == model.sample("he", 5, temperature=0.7, random_state=0)
    assert len(repr(monitor).splitlines()) == 4
    assert monitor._repr_html_().count("<tr") == 4
    with pytest.raises(TypeError, match="got MLPClassifier"):
        MLPClassifier(max_iter=1).set_callbacks(monitor).fit(*iris())
    for wrong in ({"every": 0}, {"every": "a"}, {"length": 0}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))}.*must be an integer in"):
            TextMonitor(**wrong)
