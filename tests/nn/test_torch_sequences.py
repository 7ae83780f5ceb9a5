"""Equality with PyTorch's recurrent and attention layers on the same weights, states and masks."""

import copy

import numpy as np
import pytest

from skdeep.nn import (
    GRU,
    LSTM,
    Bidirectional,
    Mode,
    MultiHeadAttention,
    Network,
    Sequence,
    SimpleRNN,
    TransformerBlock,
)

torch = pytest.importorskip("torch")
torch.set_num_threads(1)
pytestmark = pytest.mark.peers

N, STEPS, D, UNITS = 5, 7, 4, 3
LENGTHS = np.array([7, 1, 4, 6, 2])
EXACT = {"rtol": 1e-9, "atol": 1e-12}
CELLS = [
    (SimpleRNN(UNITS), lambda **more: torch.nn.RNN(**more)),
    (SimpleRNN(UNITS, activation="relu"), lambda **more: torch.nn.RNN(nonlinearity="relu", **more)),
    (LSTM(UNITS), lambda **more: torch.nn.LSTM(**more)),
    (GRU(UNITS), lambda **more: torch.nn.GRU(**more)),
]


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def tensor(x):
    return torch.tensor(np.ascontiguousarray(x), requires_grad=True)


def network_of(layer, shape):
    network = Network(layer, shape, random_state=0)
    network.params += np.random.RandomState(1).normal(0, 0.3, network.n_parameters)
    return network


def permuted(array, order):
    """Return blocks of the last axis in another order."""
    blocks = np.split(array, len(order), axis=-1)
    return np.concatenate([blocks[i] for i in order], axis=-1)


def theirs_of(cell, get):
    """Return (W_ih, W_hh, b_ih, b_hh) as PyTorch has them, of parameters or gradients."""
    W, U, b = get("weight"), get("recurrent_weight"), get("bias")
    if isinstance(cell, LSTM):  # theirs: input, forget, candidate, output
        order = [0, 1, 3, 2]
        return permuted(W, order).T, permuted(U, order).T, permuted(b, order), None
    if isinstance(cell, GRU):
        recurrent = np.concatenate([np.zeros(2 * UNITS), get("recurrent_bias")])
        return W.T, permuted(U, [1, 2, 0]).T, b, recurrent
    return W.T, U.T, b, None


def fill(module, layers):
    """Give a module the parameters of our layers, in the order of its own."""
    parameters = list(module.parameters())
    for i, cell in enumerate(layers):
        values = theirs_of(cell, lambda name, cell=cell: getattr(cell, name))
        for parameter, value in zip(parameters[4 * i : 4 * i + 4], values, strict=True):
            parameter.data = torch.zeros_like(parameter)
            if value is not None:
                parameter.data = torch.tensor(value.copy())


def assert_same_gradients(module, layers):
    parameters = list(module.parameters())
    for i, cell in enumerate(layers):
        values = theirs_of(cell, lambda name, cell=cell: getattr(cell, "grad_" + name))
        for parameter, value in zip(parameters[4 * i : 4 * i + 4], values, strict=True):
            if value is None:
                continue
            theirs = parameter.grad.numpy()
            if isinstance(cell, GRU) and value.shape == (3 * UNITS,) and not value[0]:
                theirs = np.concatenate([np.zeros(2 * UNITS), theirs[2 * UNITS :]])
            np.testing.assert_allclose(value, theirs, **EXACT)


@pytest.mark.parametrize("with_state", [False, True], ids=["zero", "given"])
@pytest.mark.parametrize("with_ends", [False, True], ids=["whole", "with ends"])
@pytest.mark.parametrize(
    ("cell", "make"), CELLS, ids=lambda entry: getattr(entry, "units", "") and repr(entry)
)
def test_states_and_gradients_are_pytorchs(cell, make, with_ends, with_state):
    cell = copy.deepcopy(cell)
    cell.return_sequences = True
    network, x = network_of(cell, (STEPS, D)), random(N, STEPS, D)
    module = make(input_size=D, hidden_size=UNITS, batch_first=True).double()
    fill(module, [cell])
    state = None
    if with_state:
        cell.initial_state = random(N, cell.state_size, seed=5)
        parts = [tensor(part[None]) for part in np.split(cell.initial_state, cell.n_states, axis=1)]
        state = tuple(parts) if len(parts) > 1 else parts[0]
    y = network.forward(x, Mode(lengths=LENGTHS if with_ends else None)).copy()
    leaf = tensor(x)
    given = leaf
    if with_ends:
        given = torch.nn.utils.rnn.pack_padded_sequence(
            leaf, torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False
        )
    theirs, last = module(given, state)
    if with_ends:
        theirs, _ = torch.nn.utils.rnn.pad_packed_sequence(theirs, batch_first=True)
    np.testing.assert_allclose(y, theirs.detach().numpy(), **EXACT)
    last = torch.cat(last, dim=-1) if isinstance(last, tuple) else last
    np.testing.assert_allclose(cell.final_state(), last[0].detach().numpy(), **EXACT)
    grad_y, grad_last = random(*y.shape, seed=3), random(N, cell.state_size, seed=4)
    cell.grad_final_state = grad_last.copy()
    grad_x = network.backward(grad_y.copy(), wants_input=True)
    torch.autograd.backward([theirs, last[0]], [torch.tensor(grad_y), torch.tensor(grad_last)])
    np.testing.assert_allclose(grad_x, leaf.grad.numpy(), **EXACT)
    if with_state:
        expected = np.hstack([part.grad.numpy()[0] for part in parts])
        np.testing.assert_allclose(cell.grad_initial_state, expected, **EXACT)
    assert_same_gradients(module, [cell])


@pytest.mark.parametrize(
    ("cell", "make"), CELLS, ids=lambda entry: getattr(entry, "units", "") and repr(entry)
)
def test_two_layers_that_read_both_ways_are_pytorchs(cell, make):
    first, second = copy.deepcopy(cell), copy.deepcopy(cell)
    first.return_sequences = second.return_sequences = True
    stack = Sequence(Bidirectional(first), Bidirectional(second))
    network, x = network_of(stack, (STEPS, D)), random(N, STEPS, D)
    module = make(
        input_size=D, hidden_size=UNITS, batch_first=True, num_layers=2, bidirectional=True
    ).double()
    layers = [one for both in stack.layers for one in both.layers]
    fill(module, layers)
    y = network.forward(x, Mode(lengths=LENGTHS)).copy()
    leaf = tensor(x)
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        leaf, torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False
    )
    theirs, _ = torch.nn.utils.rnn.pad_packed_sequence(module(packed)[0], batch_first=True)
    np.testing.assert_allclose(y, theirs.detach().numpy(), **EXACT)
    grad_y = random(*y.shape, seed=3)
    grad_x = network.backward(grad_y.copy(), wants_input=True)
    theirs.backward(torch.tensor(grad_y))
    np.testing.assert_allclose(grad_x, leaf.grad.numpy(), **EXACT)
    assert_same_gradients(module, layers)


@pytest.mark.parametrize("cell", [LSTM(UNITS, truncate=3)], ids=repr)
def test_truncation_is_detaching_the_state_between_pieces(cell):
    cell = copy.deepcopy(cell)
    network, x = network_of(cell, (STEPS, D)), random(N, STEPS, D)
    module = torch.nn.LSTM(D, UNITS, batch_first=True).double()
    fill(module, [cell])
    leaf, state = tensor(x), None
    for start in range(0, STEPS, 3):
        _, state = module(leaf[:, start : start + 3], state)
        if start + 3 < STEPS:
            state = tuple(part.detach() for part in state)
    network.forward(x)
    grad_y = random(N, UNITS, seed=3)
    grad_x = network.backward(grad_y.copy(), wants_input=True)
    state[0].backward(torch.tensor(grad_y)[None])
    np.testing.assert_allclose(grad_x, leaf.grad.numpy(), **EXACT)


HEADS, WIDTH = 2, 8


def fill_attention(module, layer):
    weight, bias = layer.weight, layer.bias
    if not layer.own:
        weight = np.hstack([layer.query_weight, weight])
        bias = np.concatenate([layer.query_bias, bias])
    module.in_proj_weight.data = torch.tensor(weight.T.copy())
    module.in_proj_bias.data = torch.tensor(bias.copy())
    module.out_proj.weight.data = torch.tensor(layer.output_weight.T.copy())
    module.out_proj.bias.data = torch.tensor(layer.output_bias.copy())


def padding(lengths, n_steps):
    return torch.tensor(np.arange(n_steps) >= lengths[:, None])


def future(n_steps):
    return torch.triu(torch.ones(n_steps, n_steps, dtype=torch.bool), diagonal=1)


@pytest.mark.parametrize("causal", [False, True], ids=["all", "causal"])
@pytest.mark.parametrize("with_ends", [False, True], ids=["whole", "with ends"])
def test_attention_to_itself_is_pytorchs(with_ends, causal):
    layer, x = MultiHeadAttention(HEADS, causal=causal), random(N, STEPS, WIDTH)
    network = network_of(layer, (STEPS, WIDTH))
    y = network.forward(x, Mode(lengths=LENGTHS if with_ends else None)).copy()
    module = torch.nn.MultiheadAttention(WIDTH, HEADS, batch_first=True).double()
    fill_attention(module, layer)
    leaf = tensor(x)
    theirs, weights = module(
        leaf,
        leaf,
        leaf,
        key_padding_mask=padding(LENGTHS, STEPS) if with_ends else None,
        attn_mask=future(STEPS) if causal else None,
        average_attn_weights=False,
    )
    np.testing.assert_allclose(y, theirs.detach().numpy(), **EXACT)
    np.testing.assert_allclose(layer.weights, weights.detach().numpy(), **EXACT)
    grad_y = random(*y.shape, seed=3)
    grad_x = network.backward(grad_y.copy(), wants_input=True)
    theirs.backward(torch.tensor(grad_y))
    np.testing.assert_allclose(grad_x, leaf.grad.numpy(), **EXACT)
    np.testing.assert_allclose(layer.grad_weight.T, module.in_proj_weight.grad.numpy(), **EXACT)
    np.testing.assert_allclose(layer.grad_bias, module.in_proj_bias.grad.numpy(), **EXACT)


def test_attention_to_a_memory_is_pytorchs():
    layer, x, memory = MultiHeadAttention(HEADS), random(N, 3, WIDTH), random(N, STEPS, WIDTH)
    network = network_of(layer, ((3, WIDTH), (STEPS, WIDTH)))
    layer.memory_lengths = LENGTHS
    y = network.forward((x, memory)).copy()
    module = torch.nn.MultiheadAttention(WIDTH, HEADS, batch_first=True).double()
    fill_attention(module, layer)
    leaves = tensor(x), tensor(memory)
    theirs, _ = module(leaves[0], leaves[1], leaves[1], key_padding_mask=padding(LENGTHS, STEPS))
    np.testing.assert_allclose(y, theirs.detach().numpy(), **EXACT)
    grad_y = random(*y.shape, seed=3)
    grads = network.backward(grad_y.copy(), wants_input=True)
    theirs.backward(torch.tensor(grad_y))
    for grad, leaf in zip(grads, leaves, strict=True):
        np.testing.assert_allclose(grad, leaf.grad.numpy(), **EXACT)


def fill_block(module, block):
    """Give PyTorch's encoder or decoder layer the parameters of a block."""
    if block.norm_first:
        norm1, attention, _ = block.attention.body.layers
        norm3, dense, _ = block.dense.body.layers
    else:
        (residual, norm1), (dense_residual, norm3) = block.attention.layers, block.dense.layers
        attention, dense = residual.body.layers[0], dense_residual.body.layers[0]
    fill_attention(module.self_attn, attention)
    norms = [norm1, norm3]
    if block.cross:
        fill_attention(module.multihead_attn, block.cross_attention)
        norms.insert(1, block.cross_norm)
    for i, norm in enumerate(norms, 1):
        theirs = getattr(module, f"norm{i}")
        theirs.weight.data = torch.tensor(norm.scale.copy())
        theirs.bias.data = torch.tensor(norm.shift.copy())
    for theirs, ours in ((module.linear1, dense.layers[0]), (module.linear2, dense.layers[3])):
        theirs.weight.data = torch.tensor(ours.weight.T.copy())
        theirs.bias.data = torch.tensor(ours.bias.copy())


@pytest.mark.parametrize("norm_first", [False, True], ids=["norm last", "norm first"])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_a_block_of_an_encoder_is_pytorchs(activation, norm_first):
    block = TransformerBlock(WIDTH, HEADS, 12, activation=activation, norm_first=norm_first)
    network, x = network_of(block, (STEPS, WIDTH)), random(N, STEPS, WIDTH)
    y = network.forward(x, Mode(training=True, lengths=LENGTHS)).copy()
    module = torch.nn.TransformerEncoderLayer(
        WIDTH, HEADS, 12, 0.0, activation, batch_first=True, norm_first=norm_first
    ).double()
    fill_block(module, block)
    leaf = tensor(x)
    theirs = module(leaf, src_key_padding_mask=padding(LENGTHS, STEPS))
    valid = np.arange(STEPS) < LENGTHS[:, None]
    np.testing.assert_allclose(y[valid], theirs.detach().numpy()[valid], **EXACT)
    grad_y = random(*y.shape, seed=3) * valid[:, :, None]
    grad_x = network.backward(grad_y.copy(), wants_input=True)
    theirs.backward(torch.tensor(grad_y))
    np.testing.assert_allclose(grad_x, leaf.grad.numpy(), **EXACT)


@pytest.mark.parametrize("norm_first", [False, True], ids=["norm last", "norm first"])
def test_a_block_of_a_decoder_is_pytorchs(norm_first):
    block = TransformerBlock(WIDTH, HEADS, 12, causal=True, cross=True, norm_first=norm_first)
    network = network_of(block, ((3, WIDTH), (STEPS, WIDTH)))
    block.memory_lengths = LENGTHS
    x, memory = random(N, 3, WIDTH), random(N, STEPS, WIDTH)
    y = network.forward((x, memory), Mode(training=True)).copy()
    module = torch.nn.TransformerDecoderLayer(
        WIDTH, HEADS, 12, 0.0, batch_first=True, norm_first=norm_first
    ).double()
    fill_block(module, block)
    leaves = tensor(x), tensor(memory)
    theirs = module(*leaves, tgt_mask=future(3), memory_key_padding_mask=padding(LENGTHS, STEPS))
    np.testing.assert_allclose(y, theirs.detach().numpy(), **EXACT)
    grad_y = random(*y.shape, seed=3)
    grads = network.backward(grad_y.copy(), wants_input=True)
    theirs.backward(torch.tensor(grad_y))
    for grad, leaf in zip(grads, leaves, strict=True):
        np.testing.assert_allclose(grad, leaf.grad.numpy(), **EXACT)
