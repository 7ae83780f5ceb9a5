"""What architectures are built of beside convolutions: what each computes."""

import copy

import numpy as np
import pytest

from skdeep.nn import (
    AuxiliaryHeads,
    AuxiliaryLoss,
    Average,
    BatchNorm,
    Dense,
    Identity,
    LocalResponseNorm,
    Mode,
    Network,
    ReLU,
    Residual,
    Sequence,
    SoftmaxCrossEntropy,
    SpatialDropout,
    SqueezeExcitation,
    StochasticDepth,
    Tanh,
    fractal,
)
from tests.data import batch, samples_of
from tests.nn.pictures import conv


def name(what):
    return repr(what)[:80]


@pytest.mark.peers
@pytest.mark.parametrize("size", [1, 3, 5])
def test_local_response_normalization_is_pytorchs_with_alpha_for_the_sum(size):
    torch = pytest.importorskip("torch")
    layer = LocalResponseNorm(size, alpha=0.2, beta=0.6, k=1.5)
    network = Network(layer, (3, 4, 7))
    x = samples_of((3, 4, 7))
    pictures = torch.tensor(x.transpose(0, 3, 1, 2).copy(), requires_grad=True)
    theirs = torch.nn.LocalResponseNorm(size, alpha=0.2 * size, beta=0.6, k=1.5)(pictures)
    theirs.backward(torch.cos(theirs.detach()))
    ours = network.forward(x) * 1
    np.testing.assert_allclose(ours, theirs.detach().numpy().transpose(0, 2, 3, 1))
    grad_x = network.backward(np.cos(ours), wants_input=True)
    np.testing.assert_allclose(grad_x, pictures.grad.numpy().transpose(0, 2, 3, 1), atol=1e-14)


def drawn(layer, shape, n=400):
    network = Network(layer, shape)
    return network.forward(np.ones((n, *shape)), Mode(True, np.random.default_rng(0)))


def test_spatial_dropout_drops_channels_of_single_samples():
    y = drawn(SpatialDropout(0.25), (3, 4, 5))
    assert (y == y[:, :1, :1]).all()
    assert set(np.unique(y[:, 0, 0])) == {0.0, 4 / 3}
    assert y.mean() == pytest.approx(1.0, abs=0.05)


def test_stochastic_depth_takes_a_block_out_for_single_samples():
    y = drawn(Residual(Sequence(Identity(), StochasticDepth(0.25))), (3, 4, 5))
    assert (y == y[:, :1, :1, :1]).all()
    assert set(np.unique(y)) == {1.0, 1 + 4 / 3}
    assert y.mean() == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("layer", [SpatialDropout(0.5), StochasticDepth(0.5)], ids=name)
def test_in_prediction_nothing_is_dropped(layer):
    x = samples_of((2, 2, 3))
    np.testing.assert_array_equal(Network(layer, (2, 2, 3)).forward(x), x)
    with pytest.raises(ValueError, match=f"{type(layer).__name__} draws in training"):
        layer.forward(x, Mode(training=True))


def test_squeeze_and_excitation_multiplies_channels():
    layer = SqueezeExcitation(2)
    network = Network(layer, (3, 4, 6), random_state=0)
    x = samples_of((3, 4, 6))
    one, other = layer.gate.layers[1], layer.gate.layers[3]
    means = x.mean(axis=(1, 2))
    hidden = np.maximum(means @ one.weight + one.bias, 0)
    gate = 1 / (1 + np.exp(-(hidden @ other.weight + other.bias)))
    np.testing.assert_allclose(network.forward(x), x * gate[:, None, None])


def test_drop_path_leaves_out_branches_but_never_all():
    class Constant(Identity):
        def __init__(self, value):
            self.value = value

        def forward(self, x, mode=None):
            return np.full_like(x, self.value)

    layer = Average(Constant(0.0), Constant(1.0), drop=0.6)
    network = Network(layer, (1,))
    rng = np.random.default_rng(0)
    found = [network.forward(np.ones((2, 1)), Mode(True, rng))[0, 0] for _ in range(300)]
    assert set(found) == {0.0, 0.5, 1.0}
    assert np.mean(found) == pytest.approx(0.5, abs=0.1)
    assert network.forward(np.ones((2, 1)))[0, 0] == 0.5


def test_what_a_batch_left_out_learns_nothing_of_it():
    layer = Average(Dense(3), Sequence(Dense(3), ReLU()), drop=0.9)
    network = Network(layer, (3,), random_state=0)
    network.grad[...] = np.nan
    network.forward(samples_of((3,)), Mode(True, np.random.default_rng(0)))
    assert len(layer.there) == 1
    network.backward(np.ones((5, 3)))
    assert np.isfinite(network.grad).all()
    gone = layer.layers[1 - layer.there[0]]
    gone = gone.layers[0] if isinstance(gone, Sequence) else gone
    assert not gone.grad_weight.any()


@pytest.mark.parametrize("behind", [lambda: Dense(2), lambda: Sequence(BatchNorm(), ReLU())])
def test_a_mean_of_branches_learns_as_the_first_layer(behind):
    network = Network(Sequence(Average(Dense(3), Dense(3)), behind()), (2,), random_state=0)
    y = network.forward(batch(5, 2), Mode(training=True))
    grad_y = batch(*y.shape)
    network.backward(grad_y.copy(), wants_input=True)
    every = network.grad.copy()
    network.backward(grad_y.copy())
    np.testing.assert_array_equal(network.grad, every)
    assert every[: network.n_penalized].any()


def test_heads_count_in_training_and_vanish_at_prediction():
    def stages():
        return [Sequence(Dense(4), Tanh()), Sequence(Dense(4), Tanh()), Dense(3)]

    plain = Network(Sequence(*stages()), (5,), random_state=0)
    root = AuxiliaryHeads(*stages(), heads=[None, Dense(3)])
    network = Network(root, (5,), random_state=0)
    for mine, theirs in zip(root.stages, plain.root.layers, strict=True):
        for one, other in zip(_dense(mine), _dense(theirs), strict=True):
            one.weight[...], one.bias[...] = other.weight, other.bias
    x, y = samples_of((5,)), np.arange(5) % 3
    np.testing.assert_array_equal(network.forward(x), plain.forward(x))
    assert network.cost == plain.cost
    assert network.outputs(x).shape == (5, 3)

    loss, inner = AuxiliaryLoss(SoftmaxCrossEntropy(), 3), SoftmaxCrossEntropy()
    for one in (loss, inner):
        one.settle(np, np.float64)
    z = network.forward(x, Mode(training=True)) * 1
    value, grad_z = loss.value_and_gradient(z * 1, y)
    main, head = inner.value(z[:, :3] * 1, y), inner.value(z[:, 3:] * 1, y)
    assert value == pytest.approx(main + 0.3 * head)
    network.backward(grad_z)
    assert root.heads[1].grad_weight.any()
    assert loss.value(z[:, :3] * 1, y) == pytest.approx(main)
    np.testing.assert_allclose(loss.predict(z[:, :3] * 1).sum(axis=1), 1.0)


def _dense(layer):
    return [part for part in [layer, *layer.inside()] if isinstance(part, Dense)]


def test_a_fractal_block_has_as_many_units_as_its_drawing():
    for columns in (1, 2, 3, 4):
        made = []

        def unit(made=made):
            made.append(Dense(3))
            return made[-1]

        block = fractal(columns, unit)
        assert len(made) == 2**columns - 1
        assert Network(block, (3,)).n_parameters == 12 * len(made)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LocalResponseNorm(0), "size of 1 or more, got 0"),
        (lambda: SqueezeExcitation(0), "ratio of 1 or more, got 0"),
        (lambda: Average(drop=0.1), "Average takes at least one layer"),
        (lambda: Average(Identity(), drop=1.0), r"a drop in \[0, 1\), got 1.0"),
        (lambda: fractal(0, Identity), "columns of 1 or more, got 0"),
        (lambda: SpatialDropout(1.0), r"SpatialDropout takes a rate in \[0, 1\), got 1.0"),
        (lambda: Network(SqueezeExcitation(), (3,)), "takes pictures"),
        (lambda: AuxiliaryHeads(Dense(2), Dense(2), heads=[]), "1 for 2 stages, got 0"),
        (
            lambda: Network(AuxiliaryHeads(Dense(2), Dense(2), heads=[Dense(3)]), (3,)),
            r"heads of the output shape of the last stage, \(2,\); head 0 has \(3,\)",
        ),
        (
            lambda: Network(Average(Dense(2), Dense(3)), (3,)),
            r"Average takes layers of one output shape, got \(2,\), \(3,\)",
        ),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_copies_of_blocks_are_of_their_own():
    layer = Sequence(conv(4), SqueezeExcitation(2), fractal(2, lambda: conv(4)))
    network = Network(layer, (3, 3, 2), random_state=0)
    x = samples_of((3, 3, 2))
    y = network.forward(x) * 1
    twin = network.copy()
    network.params[...] = 0
    np.testing.assert_array_equal(twin.forward(x), y)
    assert not network.forward(x).any()
    assert copy.deepcopy(layer).config() == layer.config()
