"""Layers that do not learn: nothing moves them, and they do in training what they predict."""

import copy
import pickle

import numpy as np
import pytest

from skdeep.nn import (
    L2,
    Adam,
    AdamW,
    Batches,
    BatchNorm,
    Constant,
    Dense,
    Dropout,
    ExponentialAverage,
    Frozen,
    MaxNorm,
    Mode,
    Network,
    ReLU,
    Residual,
    Run,
    Sequence,
    SoftmaxCrossEntropy,
    settle_statistics,
)
from skdeep.nn.shapes.links import freeze, links, take_over, with_weights
from tests.data import normal


def body():
    return Sequence(Dense(6), BatchNorm(), ReLU(), Dropout(0.5))


def network(frozen=True, seed=0):
    first = body()
    return Network(Sequence(Frozen(first) if frozen else first, Dense(3)), (4,), random_state=seed)


def test_what_is_frozen_lies_apart_and_does_in_training_what_it_predicts():
    net = network()
    assert net.n_parameters == net.grad.shape[0] == 6 * 3 + 3
    assert net.n_penalized == 18
    assert net.statistics.shape == (0,)
    assert net.frozen.shape == (4 * 6 + 6 + 4 * 6 + 1,)  # and what statistics are of
    assert [path for path, *_ in net.parameters()] == ["1.weight", "1.bias"]
    x = normal((5, 4))
    predicted = net.forward(x).copy()
    mode = Mode(training=True, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(net.forward(x, mode), predicted)
    np.testing.assert_array_equal(net.forward(x, Mode(settles=True)), predicted)


@pytest.mark.parametrize(
    "optimizer", [Adam(), AdamW(0.5), Adam(clip_norm=0.1)], ids=["adam", "decay", "clipped"]
)
def test_no_step_penalty_bound_average_or_statistic_moves_it(optimizer):
    net = network()
    before, params = net.frozen.copy(), net.params.copy()
    rng = np.random.default_rng(0)
    batches = Batches(normal((40, 4)), rng.integers(0, 3, 40), None, 8, np.float64)
    run = Run(
        net,
        SoftmaxCrossEntropy(),
        optimizer,
        Constant(0.1),
        penalty=L2(10.0),
        bound=MaxNorm(0.1),
        rng=rng,
        average=ExponentialAverage(0.9),
    )
    with run.working(batches):
        for _ in range(5):
            run.epoch()
        run.show_average()
        run.settle()
    settle_statistics(net, batches.epoch(None))
    net.initialize(1)
    np.testing.assert_array_equal(net.frozen, before)
    assert not np.array_equal(net.params, params)


def test_copies_and_pickles_have_their_own():
    net = network()
    x = normal((5, 4))
    for other in (net.copy(), pickle.loads(pickle.dumps(net)), copy.deepcopy(net)):
        np.testing.assert_array_equal(other.forward(x), net.forward(x))
        other.frozen[...] = 0
        assert net.frozen.any()


def test_gradients_pass_through_it_to_the_input():
    frozen, free = network(), network(frozen=False)
    x, grad = normal((5, 4)), normal((5, 3))
    for net in (frozen, free):
        net.forward(x)
    np.testing.assert_array_equal(
        frozen.backward(grad.copy(), wants_input=True), free.backward(grad.copy(), wants_input=True)
    )
    np.testing.assert_array_equal(frozen.grad, free.grad[[*range(24, 42), *range(-3, 0)]])


def test_layers_with_weights_are_counted_through_sequences():
    root = Sequence(Dropout(0.1), Sequence(Dense(4), ReLU()), Residual(Dense(4)), ReLU(), Dense(2))
    chain = links(root, (4,))
    assert [type(link.layer).__name__ for link in chain] == [
        *("Dropout", "Dense", "ReLU", "Residual", "ReLU", "Dense")
    ]
    assert with_weights(chain) == [1, 3, 5]
    freeze(root, (4,), 2, Frozen)
    assert [layer.freezes for layer in root.layers] == [True, False, True, True, False]
    assert all(layer.freezes for layer in root.layers[1].layers)
    assert Network(root, (4,)).n_parameters == 10
    with pytest.raises(ValueError, match="3 layers with weights can have 2 of them frozen"):
        freeze(root, (4,), 3, Frozen)


def test_weights_are_taken_over_in_the_order_of_layers_whatever_stands_between():
    plain = Network(Sequence(Dense(6), ReLU(), Dense(5), Dense(3)), (4,), random_state=0)
    other = Network(
        Sequence(Frozen(Dense(6)), Dropout(0.5), Dense(5), ReLU(), Dense(2)), (4,), random_state=1
    )
    head = other.layers()[-1].weight.copy()
    take_over(other, plain, output=False)
    np.testing.assert_array_equal(other.layers()[0].weight, plain.layers()[0].weight)
    np.testing.assert_array_equal(other.layers()[2].bias, plain.layers()[2].bias)
    np.testing.assert_array_equal(other.layers()[-1].weight, head)
    with pytest.raises(ValueError, match=r"4.weight is of shape \(5, 2\).*shape \(5, 3\)"):
        take_over(other, plain, output=True)
    deep = Network(Sequence(Dense(6), Dense(5), Dense(3), Dense(3), Dense(1)), (4,))
    with pytest.raises(ValueError, match=r"3.weight is of shape \(3, 3\).*has none there"):
        take_over(deep, plain, output=False)
