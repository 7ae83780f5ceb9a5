"""Weights scaled by data: each layer begins with outputs of variance one, at any depth."""

import numpy as np
import pytest

from skdeep.inspection.trace import trace
from skdeep.nn import (
    GRU,
    Conv2D,
    Dense,
    Flatten,
    Frozen,
    GlobalAvgPool2D,
    MaxPool2D,
    Network,
    ReLU,
    Residual,
    Sequence,
    Tanh,
    unit_variance,
)
from tests.data import normal


def variances(network, x):
    """Return the variance of what each layer with weights says."""
    return [part.output.var() for part in trace(network, x)[1] if part.layer.linear]


def deep(activation, n_layers, init):
    layers = [part for _ in range(n_layers) for part in (Dense(40, weight_init=init), activation())]
    return Network(Sequence(*layers, Dense(3)), (10,), random_state=0)


@pytest.mark.parametrize("init", ["orthogonal", "normal", "he_uniform"])
@pytest.mark.parametrize("activation", [ReLU, Tanh])
def test_every_layer_says_something_of_variance_one(activation, init):
    network, x = deep(activation, 20, init), 3 + normal((300, 10))
    assert max(abs(np.array(variances(network, x)) - 1)) > 0.1
    unit_variance(network, x)
    np.testing.assert_allclose(variances(network, x), 1, atol=0.01)
    assert len(variances(network, x)) == 21


def test_the_weights_are_those_of_the_papers_algorithm():
    network, drawn = (deep(ReLU, 5, "orthogonal") for _ in range(2))
    x = normal((300, 10))
    unit_variance(network, x)
    for ours, before in zip(network.layers()[::2], drawn.layers()[::2], strict=True):
        weight = before.weight / np.sqrt((x @ before.weight).var())
        np.testing.assert_allclose(ours.weight, weight, rtol=1e-12)
        x = np.maximum(x @ weight, 0)


def test_weights_are_scaled_and_nothing_else():
    network, other = (deep(ReLU, 3, "orthogonal") for _ in range(2))
    unit_variance(network, normal((300, 10)))
    for (name, mine, _), (_, theirs, _) in zip(
        network.parameters(), other.parameters(), strict=True
    ):
        if name.endswith("bias"):
            np.testing.assert_array_equal(mine, theirs)
        else:
            ratio = mine / theirs
            np.testing.assert_allclose(ratio, ratio.flat[0], rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_convolutions_and_blocks_are_scaled(dtype):
    inside = Sequence(Conv2D(4, 3, padding="same"), ReLU(), Conv2D(4, 3, padding="same"))
    front = [Conv2D(4, 3, weight_init="normal"), ReLU(), MaxPool2D(2)]
    root = Sequence(*front, Residual(inside), Flatten(), Dense(5, weight_init="normal"))
    network = Network(root, (10, 10, 2), dtype=dtype, random_state=0)
    x = normal((60, 10, 10, 2))
    unit_variance(network, x)
    np.testing.assert_allclose(variances(network, x), 1, atol=0.01)


def test_biases_that_are_not_zero_take_some_more_steps():
    layers = [Dense(20, bias_init="he_normal"), Tanh(), Dense(4)]
    network, x = Network(Sequence(*layers), (5,), random_state=0), normal((100, 5))
    unit_variance(network, x)
    np.testing.assert_allclose(variances(network, x), 1, atol=0.01)


def test_tied_weights_are_scaled_once_and_recurrent_ones_stay():
    tied = Sequence(Dense(5), Tanh(), Dense(5, same_as="0.weight"))
    network, x = Network(tied, (5,), random_state=0), normal((100, 5))
    unit_variance(network, x)
    assert variances(network, x)[0] == pytest.approx(1, abs=0.01)
    network = Network(Sequence(GRU(4), Dense(3)), (6, 2), random_state=0)
    before = network.root.layers[0].weight.copy()
    unit_variance(network, normal((50, 6, 2)), lengths=np.arange(50) % 6 + 1)
    np.testing.assert_array_equal(network.root.layers[0].weight, before)


@pytest.mark.parametrize("x", [np.zeros((30, 4)), np.full((30, 4), np.inf)], ids=["same", "inf"])
def test_a_layer_with_nothing_to_go_by_stays(x):
    network = Network(Dense(3), (4,), random_state=0)
    before = network.params.copy()
    with np.errstate(invalid="ignore"):
        unit_variance(network, x)
    np.testing.assert_array_equal(network.params, before)
    assert "forward" not in vars(network.root)


def test_what_is_frozen_stays():
    network = Network(Sequence(Frozen(Sequence(Dense(3), ReLU())), Dense(2)), (4,), random_state=0)
    before = network.frozen.copy()
    x = np.random.RandomState(0).normal(size=(50, 4))
    unit_variance(network, x)
    np.testing.assert_array_equal(network.frozen, before)
    assert network.forward(x).var() == pytest.approx(1, abs=0.01)


def test_units_of_any_size_are_brought_to_one():
    for unit in (1e-200, 1e-9, 1e9, 1e200):
        network, x = (
            Network(Sequence(Dense(9), ReLU(), Dense(3)), (4,), random_state=0),
            normal((200, 4)),
        )
        unit_variance(network, unit * x)
        np.testing.assert_allclose(variances(network, unit * x), 1, atol=0.01)


def test_a_picture_of_averages_keeps_its_scale():
    root = Sequence(Conv2D(6, 3), ReLU(), GlobalAvgPool2D(), Dense(4))
    network, x = Network(root, (8, 8, 1), random_state=0), normal((200, 8, 8, 1))
    unit_variance(network, x)
    np.testing.assert_allclose(variances(network, x), 1, atol=0.01)
