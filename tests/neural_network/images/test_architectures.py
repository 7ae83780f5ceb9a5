"""The architectures of the course: their published shapes, parameters and operations."""

import numpy as np
import pytest

from skdeep.neural_network.images.architectures import ARCHITECTURES
from skdeep.neural_network.images.architectures.googlenet import inception
from skdeep.neural_network.images.architectures.resnet import resnet
from skdeep.nn import (
    Branches,
    Conv2D,
    MaxPool2D,
    Mode,
    Network,
    Sequence,
    SoftmaxCrossEntropy,
    summarize,
)
from skdeep.nn.layers.blocks import AuxiliaryLoss


def summary_of(name, shape, n_outputs):
    return summarize(ARCHITECTURES[name](shape, n_outputs), shape)


def test_lenet_is_that_of_the_lectures():
    lines = summary_of("lenet5", (32, 32, 1), 10).lines
    sizes = [line.output_shape[0] for line in lines if len(line.output_shape) == 3]
    assert [sizes[i] for i in (0, 2, 3, 5)] == [28, 14, 10, 5]
    assert (lines[0].parameters, lines[0].connections) == (156, 122304)
    assert lines[3].parameters == 2416


def test_the_first_layer_of_alexnet_is_that_of_the_lectures():
    found = summary_of("alexnet", (227, 227, 3), 1000)
    assert found.lines[0].output_shape == (55, 55, 96)
    assert found.lines[0].parameters == 34944
    assert found.parameters == 60965224


@pytest.mark.parametrize(
    ("name", "size", "n_outputs", "parameters"),
    [
        ("vgg11", 224, 1000, 132863336),
        ("vgg16", 224, 1000, 138357544),
        ("resnet18", 224, 1000, 11689512),
        ("resnet34", 224, 1000, 21797672),
        ("resnet50", 224, 1000, 25557032),
        ("resnet20", 32, 10, 269722),
        ("resnet110", 32, 10, 1727962),
    ],
)
def test_parameters_are_those_published(name, size, n_outputs, parameters):
    assert summary_of(name, (size, size, 3), n_outputs).parameters == parameters


def test_vgg_takes_the_memory_and_the_operations_of_the_lectures():
    found = summary_of("vgg16", (224, 224, 3), 1000)
    assert found.activations / 1e6 == pytest.approx(15.2, abs=0.1)
    costs = [line.multiply_adds for line in found.lines if line.layer.startswith("Conv2D")]
    assert costs[2] == costs[4] == 924844032


def test_googlenet_without_its_heads_has_seven_million_parameters():
    found = summary_of("googlenet", (224, 224, 3), 1000)
    main = sum(line.parameters for line in found.lines if not line.path.startswith("head"))
    assert main / 1e6 == pytest.approx(7.0, abs=0.01)


def test_an_inception_module_costs_what_the_lectures_work_out():
    """On 28 x 28 x 256, the naive module and the one with bottlenecks."""
    naive = Branches(
        Conv2D(128, 1),
        Conv2D(192, 3, padding=1),
        Conv2D(96, 5, padding=2),
        MaxPool2D(3, stride=1, padding=1),
    )
    found = summarize(naive, (28, 28, 256))
    assert naive.output_shape((28, 28, 256)) == (28, 28, 672)
    assert found.multiply_adds == 854196224
    module = inception(128, 64, 192, 64, 96, 64)
    assert summarize(module, (28, 28, 256)).multiply_adds == 271351808


def test_three_small_windows_see_what_a_large_one_does_for_fewer_parameters():
    def convs(n, size):
        return Sequence(*(Conv2D(8, size, padding="same", use_bias=False) for _ in range(n)))

    three, one = summarize(convs(3, 3), (32, 32, 8)), summarize(convs(1, 7), (32, 32, 8))
    assert [line.receptive_field for line in three.lines] == [3, 5, 7]
    assert one.lines[-1].receptive_field == 7
    assert (three.parameters, one.parameters) == (27 * 8**2, 49 * 8**2)


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 1), (1, 30, 1), (28, 28, 1), (65, 67, 3)])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_takes_pictures_of_any_size(name, shape):
    assert ARCHITECTURES[name](shape, 3).output_shape(shape) == (3,)


@pytest.mark.parametrize("name", ["lenet5", "googlenet", "resnet8", "plain8", "fractalnet"])
def test_architectures_learn(name):
    x = np.random.RandomState(0).normal(size=(8, 8, 8, 1)).astype(np.float32)
    y = np.arange(8) % 2
    network = Network(
        ARCHITECTURES[name]((8, 8, 1), 2), (8, 8, 1), dtype=np.float32, random_state=0
    )
    loss = AuxiliaryLoss(SoftmaxCrossEntropy(), 2)
    loss.settle(np, np.float32)
    mode = Mode(training=True, rng=np.random.default_rng(0))
    losses = []
    for _ in range(6):
        value, grad = loss.value_and_gradient(network.forward(x, mode), y)
        network.backward(grad)
        network.params -= 0.02 * network.grad
        losses.append(value)
    assert min(losses[-3:]) < losses[0]


def test_a_depth_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"has 6 n \+ 2 layers, not 21"):
        resnet(21)
