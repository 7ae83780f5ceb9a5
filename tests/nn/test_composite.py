"""Layers inside layers: every node is bound, tied parameters are one, clashes are told."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest

from skdeep.nn import (
    PREDICT,
    Batches,
    BatchNorm,
    Branches,
    Columns,
    Dense,
    Dropout,
    Identity,
    Layer,
    MemberDense,
    Momentum,
    Network,
    Parameter,
    ReLU,
    Residual,
    Sequence,
    SquaredError,
    Tanh,
    Trainer,
)
from skdeep.nn.initializers import ones
from skdeep.nn.sharing import WorkShare
from tests.data import batch, normal


class Scaled(Layer):
    """A body and a scale of its own: y = scale f(x)."""

    def __init__(self, body):
        self.body = body

    def children(self, input_shape):
        yield "body", self.body, input_shape

    def output_shape(self, input_shape):
        return self.body.output_shape(input_shape)

    def parameters(self, input_shape):
        return {"scale": Parameter((1,), ones)}

    def forward(self, x, mode=PREDICT):
        self.inside = self.body.forward(x, mode)
        return self.scale * self.inside

    def backward(self, grad_y, wants_input=True):
        self.grad_scale[...] = (grad_y * self.inside).sum()
        return self.body.backward(self.scale * grad_y, wants_input)


class Decoder(Dense):
    """A dense layer with the transposed weights of another: y = x W' + b."""

    def __init__(self, units, same_as):
        super().__init__(units)
        self.same_as = same_as

    def parameters(self, input_shape):
        declared = super().parameters(input_shape)
        shape = (self.units, input_shape[-1])
        tied = replace(declared["weight"], shape=shape, same_as=self.same_as)
        return declared | {"weight": tied}

    def forward(self, x, mode=PREDICT):
        self.x = x
        return x @ self.weight.T + self.bias

    def backward(self, grad_y, wants_input=True):
        self.grad_weight[...] = grad_y.T @ self.x
        self.grad_bias[...] = grad_y.sum(axis=0)
        return grad_y @ self.weight


def autoencoder(**kwargs):
    root = Sequence(Dense(2), Tanh(), Decoder(4, "0.weight"))
    return Network(root, (4,), random_state=0, **kwargs)


def test_a_parameter_of_a_composite_is_a_view_like_any_other():
    root = Scaled(Sequence(Scaled(Dense(3)), ReLU()))
    network = Network(root, (4,), random_state=0)
    assert np.shares_memory(root.scale, network.params)
    assert np.shares_memory(root.body.layers[0].grad_scale, network.grad)
    assert [path for path, _, _ in network.parameters()] == [
        "scale",
        "body.0.scale",
        "body.0.body.weight",
        "body.0.body.bias",
    ]
    assert root.learns
    assert root.body.learns
    assert not root.body.layers[1].learns


def test_tied_parameters_are_one_array_and_their_gradients_are_added():
    network = autoencoder()
    encoder, _, decoder = network.root.layers
    assert network.n_parameters == 8 + 2 + 4
    assert np.shares_memory(encoder.weight, decoder.weight)
    network.forward(batch(6, 4))
    network.backward(batch(6, 4, seed=1))
    both = encoder.grad_weight.copy()
    free = Network(Sequence(Dense(2), Tanh(), Dense(4)), (4,))
    first, _, last = free.root.layers
    first.weight[...], last.weight[...] = encoder.weight, encoder.weight.T
    free.forward(batch(6, 4))
    free.backward(batch(6, 4, seed=1))
    np.testing.assert_allclose(both, first.grad_weight + last.grad_weight.T)


@pytest.mark.parametrize("make", [pickle.dumps, None], ids=["pickled", "copied"])
def test_ties_hold_in_copies(make):
    network = autoencoder()
    twin = network.copy() if make is None else pickle.loads(make(network))
    twin.params += 1.0
    encoder, _, decoder = twin.root.layers
    np.testing.assert_array_equal(encoder.weight, decoder.weight)
    twin.forward(batch(6, 4))
    twin.backward(batch(6, 4, seed=1))
    assert np.abs(twin.grad[: twin.n_penalized]).min() > 0


@pytest.mark.parametrize("shared", [False, True])
def test_tied_weights_train_as_one(shared):
    network = autoencoder()
    optimizer = Momentum()
    share = WorkShare(2) if shared else None
    trainer = Trainer(network, SquaredError(), optimizer, share=share)
    network.share_work(share)
    losses = [
        trainer.epoch(Batches(batch(50, 4), batch(50, 4), None, 10, np.float64), None, 0.01)
        for _ in range(30)
    ]
    if share is not None:
        share.__exit__()
    assert losses[-1] < 0.8 * losses[0]
    np.testing.assert_array_equal(network.root.layers[0].weight, network.root.layers[2].weight)


def test_a_tie_is_looked_up_from_the_inside_out():
    inner = Sequence(Dense(3), Sequence(Decoder(4, "0.weight")))
    network = Network(Sequence(Dense(4), inner), (2,), random_state=0)
    decoder = inner.layers[1].layers[0]
    assert np.shares_memory(decoder.weight, inner.layers[0].weight)
    assert network.n_parameters == 2 * 4 + 4 + 4 * 3 + 3 + 4


@pytest.mark.parametrize(
    ("root", "message"),
    [
        (Sequence(Dense(2), Decoder(4, "nobody.weight")), "'nobody.weight', which is no parameter"),
        (Sequence(Dense(3), Dense(2), Decoder(4, "0.weight")), r"of shape \(4, 2\).*0.weight"),
        (Sequence(Dense(2), Decoder(2, "2.weight"), Decoder(2, "0.bias")), "2.weight"),
    ],
)
def test_a_tie_that_cannot_be_is_an_error(root, message):
    with pytest.raises(ValueError, match=message):
        Network(root, (4,))


def test_shapes_that_cannot_be_joined_are_told_with_their_numbers():
    with pytest.raises(ValueError, match=r"shape \(3,\).*shape \(4,\)"):
        Network(Residual(Dense(3)), (4,))
    with pytest.raises(ValueError, match=r"2 layers.*\(\(4,\),\)"):
        Network(Columns(Dense(1), Dense(2)), ((4,),))
    with pytest.raises(ValueError, match="at least one layer"):
        Branches()


def test_a_layer_hidden_from_its_owner_is_an_error():
    class Hides(Scaled):
        def children(self, input_shape):
            return ()

    with pytest.raises(ValueError, match=r"children\(\)"):
        Network(Hides(Dense(2)), (3,))


def test_no_branch_sees_what_another_does_to_the_input():
    root = Sequence(Dense(4), Branches(Sequence(Tanh()), Sequence(ReLU()), Residual(Tanh())))
    network = Network(root, (4,), random_state=0)
    x = network.root.layers[0]
    y = network.forward(batch(6, 4))
    linear = batch(6, 4) @ x.weight + x.bias
    expected = [np.tanh(linear), np.maximum(linear, 0), linear + np.tanh(linear)]
    np.testing.assert_allclose(y, np.concatenate(expected, axis=1))


def test_the_cost_and_the_draws_of_a_tree_are_those_of_its_nodes():
    root = Sequence(Dense(8), Residual(Sequence(Dense(5), Dropout(0.1), Dense(8))), Dense(1))
    network = Network(root, (10, 4), random_state=0)
    assert network.cost == 10 * (4 * 8 + 8 * 5 + 5 * 8 + 8)
    assert network.largest_cost == 10 * 40
    assert network.draws
    assert not Network(Sequence(Dense(2), BatchNorm()), (3,)).draws


def test_several_inputs_are_predicted_in_blocks():
    network = Network(Columns(Dense(3), Identity()), ((4,), (2,)), random_state=0)
    network.block_size = 3
    x = batch(8, 4), batch(8, 2).astype(np.float32)
    np.testing.assert_allclose(network.outputs(x), copy.deepcopy(network).forward(x))


def test_a_batch_of_pictures_is_predicted_in_small_blocks():
    picture = Network(Sequence(Dense(64), ReLU()), (224, 224, 3))
    assert picture.block_size == 1
    assert Network(Dense(10), (28, 28, 1)).block_size == 256
    assert Network(Dense(10), (64,)).block_size == 4096


def held_after(hidden, sizes):
    """Train a network on batches of those sizes; return the bytes of all its buffers."""
    root = Sequence(Dense(20), *hidden, Dense(3))
    trainer = Trainer(Network(root, (4,), random_state=0), SquaredError(), Momentum())
    for n in sizes:
        trainer.step(batch(n, 4), batch(n, 3), None, 0.01)
    holders = [*(node.layer for node in trainer.network.nodes()), trainer.loss]
    return sum(flat.nbytes for holder in holders for flat in holder._flat.values())


@pytest.mark.parametrize(
    ("hidden", "megabytes"),
    [([ReLU], 0.12), ([BatchNorm, Tanh], 0.22)],
    ids=["relu", "batch norm, tanh"],
)
def test_batches_of_many_sizes_need_the_memory_of_the_largest(hidden, megabytes):
    held = held_after([kind() for kind in hidden], range(1, 201))
    assert held == held_after([kind() for kind in hidden], [200])
    assert held < 1e6 * megabytes


def test_a_branch_alone_is_not_copied_and_nobody_writes_over_an_input():
    x = batch(5, 3)
    before = x.copy()
    network = Network(Sequence(Branches(Identity()), ReLU(), Dense(1)), (3,), random_state=0)
    network.forward(x)
    assert network.root.layers[0].forward(x) is x
    np.testing.assert_array_equal(x, before)
    network.backward(np.ones((5, 1)))
    np.testing.assert_array_equal(x, before)


def test_gradients_that_no_layer_below_reads_are_not_computed():
    class Counted(Identity):
        def backward_of(self, wanted, grad_y):
            found.append(wanted)
            return super().backward_of(wanted, grad_y)

    found = []
    columns = Columns(Branches(Identity(), Tanh(), Dense(3)), Identity())
    network = Network(Sequence(columns, Counted(), Dense(2)), ((4,), (5,)), random_state=0)
    grad_y = np.ones((6, 2))
    network.forward((np.ones((6, 4)), np.ones((6, 5))))
    network.backward(grad_y.copy())
    alone = network.grad.copy()
    network.backward(grad_y.copy(), wants_input=True)
    np.testing.assert_array_equal(alone, network.grad)
    assert found == [slice(8, 11)]


def test_of_members_the_gradients_of_some_inputs_are_those_among_all():
    network = Network(MemberDense(3, ntk=True, scales=True), (4, 7), random_state=0)
    network.forward(normal((5, 4, 7)))
    grad_y = normal((5, 4, 3))
    every = network.root.backward(grad_y.copy()).copy()
    gradients = network.grad.copy()
    some = network.root.backward_of(slice(2, 5), grad_y.copy())
    np.testing.assert_allclose(some[..., 2:5], every[..., 2:5], rtol=1e-12)
    np.testing.assert_array_equal(network.grad, gradients)
