"""Threads that take parts of a batch through several layers: the same step, to rounding."""

import threading

import numpy as np
import pytest

from skdeep.nn import (
    AvgPool2D,
    BatchNorm,
    Branches,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    Mode,
    Momentum,
    Network,
    ReLU,
    Residual,
    Sequence,
    SoftmaxCrossEntropy,
    Tanh,
    Trainer,
)
from skdeep.nn.layers.stretch import Plan, Stretch
from skdeep.nn.sharing import WorkShare
from tests.data import samples_of


def unit(filters, stride=1):
    return Sequence(Conv2D(filters, 3, stride=stride, padding="same", use_bias=False), BatchNorm())


def small():
    return Sequence(
        Sequence(unit(4), ReLU(), MaxPool2D()),
        Residual(Sequence(unit(4), ReLU(), unit(4))),
        Residual(unit(6, stride=2), unit(6, stride=2)),
        Branches(Conv2D(3, 1, activation="relu"), Sequence(Conv2D(2, 3, padding=1), Tanh())),
        Flatten(),
        Dense(3),
    )


def in_two_stretches():
    return Sequence(
        Conv2D(4, 3, padding=1), ReLU(), Dropout(0.5), unit(5), AvgPool2D(), GlobalAvgPool2D()
    )


SHAPE = (8, 8, 2)


def step(make, n, share, steps=2, dtype=np.float64, wants_input=True):
    """Return outputs, gradients and statistics after some steps forth and back."""
    network = Network(make(), SHAPE, dtype=dtype, random_state=0)
    network.share_work(share)
    rng = np.random.default_rng(0)
    for i in range(steps):
        x = samples_of(SHAPE, n + i, seed=i, dtype=dtype)
        y = network.forward(x, Mode(training=True, rng=rng)) * 1
        grad_y = np.cos(np.arange(y.size)).reshape(y.shape).astype(dtype)
        grad_x = network.backward(grad_y, wants_input=wants_input)
        if share is not None:
            share.finish()
    found = [y, network.grad, network.statistics, network.forward(x)]
    return found + ([grad_x] if wants_input else [])


@pytest.mark.parametrize("wants_input", [False, True])
@pytest.mark.parametrize("n", [1, 2, 7])
@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("make", [small, in_two_stretches])
def test_parts_of_a_batch_make_the_same_step(make, threads, n, wants_input):
    alone = step(make, n, None, wants_input=wants_input)
    with WorkShare(threads) as share:
        together = step(make, n, share, wants_input=wants_input)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)


def test_the_same_threads_give_the_same_bits():
    with WorkShare(2) as share:
        found = [step(small, 6, share, dtype=np.float32) for _ in range(3)]
    for other in found[1:]:
        for one, two in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(one, two)


def test_layers_that_draw_or_share_by_themselves_part_the_stretches():
    root = in_two_stretches()
    Network(root, SHAPE)
    with WorkShare(2) as share:
        stages = Plan(root.layers, share).stages
        assert [type(stage) for stage in stages] == [Stretch, Dropout, Stretch]
        root = small()
        Network(root, SHAPE)
        stages = Plan(root.layers, share).stages
        assert [type(stage) for stage in stages] == [Stretch, Dense]
        root = Sequence(Dense(4), ReLU(), BatchNorm(), Dense(2))
        Network(root, (3,))
        assert Plan(root.layers, share).stages == root.layers


@pytest.mark.parametrize("weighted", [False, True])
def test_training_in_parts_is_training(weighted):
    x, y = samples_of(SHAPE, 12, dtype=np.float64), np.arange(12) % 3
    weight = np.linspace(0.5, 1.5, 12) if weighted else None
    found = []
    for threads in (1, 2):
        network = Network(small(), SHAPE, random_state=0)
        share = WorkShare(threads) if threads > 1 else None
        network.share_work(share)
        trainer = Trainer(network, SoftmaxCrossEntropy(), Momentum(0.9), share=share)
        losses = [trainer.step(x, y, weight, 0.05) for _ in range(8)]
        if share is not None:
            share.__exit__()
        network.share_work(None)
        network.forget_batch()
        found.append((losses, network.params, network.outputs(x)))
    assert found[0][0][-1] < 0.5 * found[0][0][0]
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-8)


def test_predictions_beside_training_go_through_layers_of_their_own():
    x = samples_of(SHAPE, 20, dtype=np.float64)
    network = Network(small(), SHAPE, random_state=0)
    network.block_size = 3
    with WorkShare(2) as share:
        network.share_work(share)
        y = network.forward(x, Mode(training=True))
        network.backward(y * 1)
        network.share_work(None)
        expected = network.outputs(x)
        network.share_work(share)
        replica = network.replica()
        layers = {id(node.layer) for node in network.nodes()}
        for mode in (Mode(), Mode(training=True)):
            replica.forward(x, mode)
            ours = [replica.root._stages()]
            while ours:
                for stage in ours.pop():
                    assert id(stage) not in layers
                    ours += getattr(stage, "ways", [])[:1]
        np.testing.assert_allclose(network.outputs(x, n_threads=2), expected, atol=1e-12)


def test_an_interrupt_before_a_part_begins_leaves_nobody_waiting(monkeypatch):
    def interrupted(share, left):
        raise KeyboardInterrupt

    network = Network(small(), SHAPE)
    share = WorkShare(2)
    network.share_work(share)
    monkeypatch.setattr(WorkShare, "_help", interrupted)
    with pytest.raises(KeyboardInterrupt):
        network.forward(samples_of(SHAPE, 4), Mode(training=True))
    end = threading.Thread(target=share.__exit__, daemon=True)
    end.start()
    end.join(30)
    assert not end.is_alive()


class Fails(ReLU):
    """What fails for one of the parts, while the other waits for its sums."""

    def forward(self, x, mode=None):
        if self.seat is not None and self.seat.number == 1:
            raise RuntimeError("of a part")
        return super().forward(x)


def test_an_error_in_one_part_comes_out_and_nobody_waits_for_ever():
    network = Network(Sequence(Conv2D(2, 3), Fails(), BatchNorm()), SHAPE)
    with WorkShare(2) as share:
        network.share_work(share)
        with pytest.raises(RuntimeError, match="of a part"):
            network.forward(samples_of(SHAPE, 4), Mode(training=True))


@pytest.mark.parametrize("first", [lambda: Dense(4), Flatten])
@pytest.mark.parametrize("shape", [(3,), (5, 3)])  # positions have a plan
def test_a_rectified_layer_behind_the_first_learns(first, shape):
    x = np.random.RandomState(0).normal(size=(20, *shape))
    gradients = []
    for wants_input in (True, False):
        network = Network(Sequence(first(), BatchNorm(), ReLU(), Dense(2)), shape, random_state=0)
        y = network.forward(x, Mode(training=True))
        network.backward(np.cos(y), wants_input=wants_input)
        gradients.append(network.grad.copy())
    np.testing.assert_allclose(*gradients, rtol=1e-9, atol=1e-12)
