"""The game of two networks: whose gradient is whose, and the penalty on slopes, exactly."""

import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skdeep.nn import Adam, Dense, Mode, Network, Sequence, Trainer, make_activation
from skdeep.nn.adversarial import AdversarialGame, AdversarialLoss, SlopePenalty
from skdeep.nn.sharing import WorkShare
from tests.data import normal


def game(activation="tanh", alpha=0.7, dtype=np.float64, width=6):
    def hidden(*sizes):
        return [layer for size in sizes for layer in (Dense(size), make_activation(activation))]

    return Network(
        AdversarialGame(
            Sequence(*hidden(8), Dense(2)), Sequence(*hidden(width, 5), Dense(1)), 3, alpha
        ),
        (2,),
        random_state=0,
        dtype=dtype,
    )


def training(seed=3):
    return Mode(training=True, rng=np.random.default_rng(seed))


def losses(network, x):
    """Return what the discriminator loses with the penalty, and what the generator loses."""
    real, made, taken = network.forward(x, training()).T
    discriminator = np.logaddexp(0, -real).mean() + np.logaddexp(0, made).mean()
    return discriminator + network.penalty(), np.logaddexp(0, -taken).mean()


def gradient(network, x):
    loss = AdversarialLoss()
    loss.settle(np, network.dtype)
    target = np.tile(np.array([1, 0, 1], network.dtype), (len(x), 1))
    value, grad = loss.value_and_gradient(network.forward(x, training()), target)
    network.backward(grad)
    return value, network.grad.copy()


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh", "softplus", "silu", "gelu"])
def test_each_side_has_the_gradient_of_its_own_loss(activation):
    network, x, h = game(activation), normal((5, 2)), 1e-6
    value, _ = gradient(network, x)
    gradients = [found.copy() for _, _, found in network.parameters()]
    assert network.penalty() > 0
    assert_allclose(value + network.penalty(), sum(losses(network, x)), rtol=1e-12)
    for (path, parameter, _), found in zip(network.parameters(), gradients, strict=True):
        side, numeric = path.startswith("generator"), np.empty(parameter.shape)
        for place in np.ndindex(parameter.shape):
            before = parameter[place]
            parameter[place] = before + h
            above = losses(network, x)[side]
            parameter[place] = before - h
            numeric[place] = (above - losses(network, x)[side]) / (2 * h)
            parameter[place] = before
        assert_allclose(found, numeric, atol=2e-8, err_msg=path)


def test_the_penalty_has_the_gradient_of_double_backward_in_pytorch():
    torch = pytest.importorskip("torch")
    body = Sequence(Dense(7), make_activation("silu"), Dense(4), make_activation("tanh"), Dense(1))
    network, x = Network(body, (3,), random_state=0), normal((6, 3))
    weights = {
        path: torch.tensor(value, requires_grad=True) for path, value, _ in network.parameters()
    }
    points = torch.tensor(x, requires_grad=True)
    a = torch.nn.functional.silu(points @ weights["0.weight"] + weights["0.bias"])
    b = torch.tanh(a @ weights["2.weight"] + weights["2.bias"])
    y = b @ weights["4.weight"] + weights["4.bias"]
    (slopes,) = torch.autograd.grad(y.sum(), points, create_graph=True)
    theirs = 0.3 / 2 * slopes.square().sum(axis=1).mean()
    theirs.backward()

    network.forward(x)
    mine = network.backward(np.ones((6, 1)), wants_input=True)
    assert_allclose(mine, slopes.detach().numpy(), rtol=1e-12)
    penalty = SlopePenalty(body, 0.3)
    assert_allclose(penalty.value(mine), theirs.item(), rtol=1e-12)
    network.grad[...] = 0
    penalty.add_gradient(x, mine.copy())
    for path, _, found in network.parameters():
        expected = weights[path].grad
        expected = np.zeros(found.shape) if expected is None else expected.numpy()
        assert_allclose(found, expected, rtol=1e-11, atol=1e-14, err_msg=path)


def test_in_prediction_it_is_the_discriminator():
    network, x = game(), normal((4, 2))
    expected = network.root.discriminator.forward(x).copy()
    y = network.forward(x).copy()
    assert_array_equal(y, expected)
    assert network.penalty() == 0
    slopes = network.backward(np.ones((4, 1)), wants_input=True)
    moved = x + 1e-6 * slopes
    gain = (network.forward(moved) - y).ravel() / 1e-6
    assert_allclose(gain, np.square(slopes).sum(axis=1), rtol=1e-4)


def test_threads_wait_for_the_gradients_of_the_discriminator():
    x, target = normal((200, 2)), np.tile([1.0, 0.0, 1.0], (200, 1))
    ends = []
    for threads in (1, 2):
        network = game(width=300)
        with WorkShare(threads) as share:
            network.share_work(share if threads > 1 else None)
            trainer = Trainer(
                network, AdversarialLoss(), Adam(), rng=np.random.default_rng(0),
                share=share if threads > 1 else None,
            )  # fmt: skip
            for _ in range(3):
                trainer.step(x, target, None, 0.01)
            network.share_work(None)
        ends.append(network.params.copy())
    assert_allclose(ends[0], ends[1], rtol=1e-10, atol=1e-13)


def test_float32_is_kept_all_the_way():
    network = game(dtype=np.float32)
    _, grad = gradient(network, normal((5, 2), dtype=np.float32))
    assert grad.dtype == np.float32
    assert_allclose(grad, gradient(game(), normal((5, 2)))[1], rtol=1e-3, atol=1e-5)


def test_copies_and_pickles_have_gradients_of_their_own():
    network, x = game(), normal((5, 2))
    _, expected = gradient(network, x)
    for twin in (network.copy(), pickle.loads(pickle.dumps(network))):
        network.grad[...] = 0
        assert_array_equal(gradient(twin, x)[1], expected)
        assert not network.grad.any()
    network.forget_batch()
    assert_array_equal(gradient(network, x)[1], expected)


def test_the_loss_tells_what_each_side_lost_since_it_was_asked():
    loss = AdversarialLoss()
    loss.settle(np, np.float64)
    assert loss.parts() == {}
    z = normal((8, 3))
    z[:, 2] = z[:, 1]
    target = np.tile([1.0, 0.0, 1.0], (8, 1))
    values = [loss.value(z[rows].copy(), target[rows]) for rows in (slice(0, 6), slice(6, 8))]
    parts = loss.parts()
    assert_allclose(sum(parts.values()), np.average(values, weights=[6, 2]))
    assert_allclose(parts["generator_loss"], np.logaddexp(0, -z[:, 2]).mean())
    assert loss.parts() == {}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alpha": -1}, "alpha of 0 or more"),
        ({"generator": Dense(3)}, r"makes samples of shape \(3,\)"),
        ({"discriminator": Dense(2)}, r"makes one number, got an output of shape \(2,\)"),
    ],
    ids=["alpha", "generator", "discriminator"],
)
def test_what_does_not_fit_is_refused(change, message):
    parts = {"generator": Dense(2), "discriminator": Dense(1), "n_noise": 3, "alpha": 0.1}
    with pytest.raises(ValueError, match=message):
        Network(AdversarialGame(**parts | copy.deepcopy(change)), (2,))


def test_training_needs_a_generator_of_noise():
    with pytest.raises(ValueError, match="give the mode a generator as rng"):
        game().forward(normal((4, 2)), Mode(training=True))
