"""Attention: who looks at whom, positions, blocks."""

import copy
import re

import numpy as np
import pytest
from scipy.special import softmax

from skdeep.nn import (
    AdditiveAttention,
    LearnedPositions,
    Mode,
    MultiHeadAttention,
    Network,
    Sequence,
    SinusoidalPositions,
    TransformerBlock,
)

LENGTHS = np.array([5, 1, 3])


def sequences(n=3, n_steps=5, d=4, seed=0):
    return np.random.default_rng(seed).normal(size=(n, n_steps, d))


def network_of(layer, shape=(5, 4)):
    network = Network(layer, shape, random_state=0)
    network.params += np.random.RandomState(1).normal(0, 0.3, network.n_parameters)
    return network


def test_a_head_is_a_softmax_of_scaled_products():
    layer, x = MultiHeadAttention(1), sequences()
    y = network_of(layer).forward(x)
    q, k, v = np.split(x @ layer.weight + layer.bias, 3, axis=-1)
    weights = softmax(q @ k.swapaxes(1, 2) / 2, axis=-1)
    np.testing.assert_allclose(layer.weights[:, 0], weights, rtol=1e-12)
    np.testing.assert_allclose(
        y, weights @ v @ layer.output_weight + layer.output_bias, rtol=1e-11, atol=1e-13
    )


def test_scores_far_apart_overflow_nowhere():
    layer, x = MultiHeadAttention(2, causal=True), 1e4 * sequences()
    with np.errstate(over="raise", invalid="raise"):
        network_of(layer).forward(x, Mode(lengths=LENGTHS))
    np.testing.assert_allclose(layer.weights.sum(axis=-1), 1, rtol=1e-12)


LAYERS = [
    MultiHeadAttention(2),
    MultiHeadAttention(2, causal=True, rotary=True),
    TransformerBlock(4, 2),
    TransformerBlock(4, 2, 8, norm_first=False, activation="gelu"),
]


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_a_sequence_does_not_feel_the_length_of_its_neighbours(layer):
    network, x = network_of(copy.deepcopy(layer)), sequences()
    y = network.forward(x, Mode(lengths=LENGTHS)).copy()
    for i, length in enumerate(LENGTHS):
        alone = network.forward(x[i : i + 1, :length])
        np.testing.assert_allclose(alone[0], y[i, :length], rtol=1e-11, atol=1e-13)


def test_causal_attention_sees_no_later_step():
    network, x = network_of(TransformerBlock(4, 2, causal=True)), sequences()
    before = network.forward(x).copy()
    x[:, 3:] += 1.0
    after = network.forward(x)
    np.testing.assert_array_equal(after[:, :3], before[:, :3])
    assert not np.isclose(after[:, 3:], before[:, 3:]).any()


def test_attention_to_a_memory_sees_its_valid_steps_alone():
    memory = sequences(n_steps=6, d=3, seed=1)
    for layer in (MultiHeadAttention(2), AdditiveAttention(7)):
        network = network_of(layer, ((5, 4), (6, 3)))
        layer.memory_lengths = np.array([2, 6, 4])
        before = network.forward((sequences(), memory)).copy()
        changed = memory.copy()
        changed[0, 2:] += 1.0
        np.testing.assert_array_equal(network.forward((sequences(), changed)), before)


def test_additive_attention_is_its_formulas():
    layer, x, memory = AdditiveAttention(7), sequences(), sequences(n_steps=6, d=3, seed=1)
    y = network_of(layer, ((5, 4), (6, 3))).forward((x, memory))
    hidden = (x @ layer.query_weight)[:, :, None] + (memory @ layer.key_weight)[:, None]
    weights = softmax(np.tanh(hidden + layer.bias) @ layer.score_weight, axis=-1)
    np.testing.assert_allclose(layer.weights, weights, rtol=1e-12)
    np.testing.assert_allclose(y, weights @ memory, rtol=1e-12)


def test_without_positions_attention_sees_a_set_and_with_them_an_order():
    x, order = sequences(), [3, 1, 4, 0, 2]
    plain = network_of(MultiHeadAttention(2))
    turned = plain.forward(x[:, order]).copy()
    np.testing.assert_allclose(turned, plain.forward(x)[:, order], rtol=1e-11, atol=1e-13)
    for layer in (
        MultiHeadAttention(2, rotary=True),
        Sequence(SinusoidalPositions(), MultiHeadAttention(2)),
        Sequence(LearnedPositions(), MultiHeadAttention(2)),
    ):
        network = network_of(layer)
        turned = network.forward(x[:, order]).copy()
        assert not np.allclose(turned, network.forward(x)[:, order])


def test_rotary_scores_depend_on_the_distance_between_steps():
    layer = MultiHeadAttention(1, rotary=True)
    network = network_of(layer)
    x = np.broadcast_to(sequences(1, 1), (1, 5, 4)).copy()  # the same vector at each step
    network.forward(x)
    scores = (layer.Q @ layer.K.swapaxes(2, 3))[0, 0]
    for distance in range(-4, 5):
        diagonal = np.diagonal(scores, distance)
        np.testing.assert_allclose(diagonal, diagonal[0], rtol=1e-12)
    assert len(np.unique(scores.round(9))) == 9


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MultiHeadAttention(0), "MultiHeadAttention takes heads of 1 or more, got 0."),
        (
            lambda: Network(MultiHeadAttention(3), (5, 4)),
            "divides its features among heads and needs features for 3 heads; got 4 features.",
        ),
        (
            lambda: Network(MultiHeadAttention(4, rotary=True), (5, 4)),
            "needs an even number of features for each of 4 heads; got 4 features.",
        ),
        (
            lambda: Network(AdditiveAttention(4), (5, 4)),
            "AdditiveAttention takes two sequences",
        ),
        (lambda: TransformerBlock(4, 2, activation="x"), "TransformerBlock takes as activation"),
        (
            lambda: Network(LearnedPositions(), (3, 4), random_state=0).forward(sequences()),
            "LearnedPositions knows 3 steps, got a sequence of 5.",
        ),
    ],
)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()
