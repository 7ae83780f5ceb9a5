"""Recurrent layers: states step by step, lengths, directions, memory."""

import copy
import re

import numpy as np
import pytest
from scipy.special import expit

from skdeep.nn import (
    GRU,
    LSTM,
    BatchNorm,
    Bidirectional,
    Dense,
    Dropout,
    Mode,
    MultiHeadAttention,
    Network,
    Sequence,
    SimpleRNN,
    TransformerBlock,
)
from skdeep.nn.sharing import WorkShare

CELLS = [SimpleRNN(3), SimpleRNN(3, activation="relu"), LSTM(3), GRU(3)]


def copied(cell, **changed):
    cell = copy.deepcopy(cell)
    vars(cell).update(changed)
    return cell


def sequences(n=6, n_steps=5, d=4, seed=0):
    return np.random.default_rng(seed).normal(size=(n, n_steps, d))


def network_of(layer, shape=(5, 4), **more):
    network = Network(layer, shape, random_state=0, **more)
    network.params += np.random.RandomState(1).normal(0, 0.3, network.n_parameters)
    return network


def simple(layer, x, h):
    z = x @ layer.weight + h @ layer.recurrent_weight + layer.bias
    return (np.tanh(z) if layer.activation == "tanh" else np.maximum(z, 0)), None


def lstm(layer, x, h, c):
    z = x @ layer.weight + h @ layer.recurrent_weight + layer.bias
    i, f, o, g = np.split(z, 4, axis=1)
    c = expit(f) * c + expit(i) * np.tanh(g)
    return expit(o) * np.tanh(c), c


def gru(layer, x, h):
    r, z, a = np.split(x @ layer.weight + layer.bias, 3, axis=1)
    e, p, q = np.split(h @ layer.recurrent_weight, 3, axis=1)
    r, z = expit(r + p), expit(z + q)
    n = np.tanh(a + r * (e + layer.recurrent_bias))
    return (1 - z) * n + z * h, None


@pytest.mark.parametrize("cell", CELLS, ids=repr)
def test_the_states_are_the_formulas_step_by_step(cell):
    cell, x = copied(cell, return_sequences=True), sequences()
    y = network_of(cell).forward(x)
    state = [np.zeros((6, 3))] * cell.n_states
    for t in range(5):
        step = {SimpleRNN: simple, LSTM: lstm, GRU: gru}[type(cell)]
        state = [part for part in step(cell, x[:, t], *state) if part is not None]
        np.testing.assert_allclose(y[:, t], state[0], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(cell.final_state(), np.hstack(state), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("wrap", [lambda cell: cell, Bidirectional], ids=["one way", "both ways"])
@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("every", [False, True], ids=["last", "every"])
@pytest.mark.parametrize("cell", CELLS, ids=repr)
def test_a_sequence_does_not_feel_the_length_of_its_neighbours(cell, every, reverse, wrap):
    network = network_of(wrap(copied(cell, return_sequences=every, reverse=reverse)))
    x, lengths = sequences(), np.array([5, 1, 3, 4, 2, 5])
    y = network.forward(x, Mode(lengths=lengths)).copy()
    grad_y = np.random.default_rng(2).normal(size=y.shape)
    grad_x = network.backward(grad_y.copy(), wants_input=True).copy()
    grad = network.grad.copy()
    summed = np.zeros_like(grad)
    for i, length in enumerate(lengths):
        alone = network.forward(x[i : i + 1, :length])
        expected = y[i : i + 1, :length] if every else y[i : i + 1]
        np.testing.assert_allclose(alone, expected, rtol=1e-12, atol=1e-14)
        back = grad_y[i : i + 1, :length] if every else grad_y[i : i + 1]
        grad_alone = network.backward(back.copy(), wants_input=True)
        np.testing.assert_allclose(grad_alone[0], grad_x[i, :length], rtol=1e-11, atol=1e-13)
        assert not grad_x[i, length:].any()
        assert not every or not y[i, length:].any()
        summed += network.grad
    np.testing.assert_allclose(grad, summed, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS, ids=repr)
def test_reading_in_reverse_is_reading_what_is_turned_around(cell):
    x = sequences()
    forward = network_of(copied(cell, return_sequences=True))
    reverse = network_of(copied(cell, return_sequences=True, reverse=True))
    np.testing.assert_array_equal(reverse.forward(x)[:, ::-1], forward.forward(x[:, ::-1].copy()))


@pytest.mark.parametrize("cell", CELLS, ids=repr)
def test_a_sequence_goes_on_where_its_state_is_handed_on(cell):
    cell, x = copied(cell, return_sequences=True), sequences()
    network = network_of(cell)
    whole = network.forward(x).copy()
    first = network.forward(x[:, :2]).copy()
    cell.initial_state = cell.final_state().copy()
    second = network.forward(x[:, 2:])
    np.testing.assert_allclose(np.hstack([first, second]), whole, rtol=1e-12)


@pytest.mark.parametrize("ends", [None, np.array([3, 1, 2])], ids=["whole", "with ends"])
@pytest.mark.parametrize("cell", CELLS, ids=repr)
def test_gradients_go_through_the_states_that_are_handed_on(cell, ends):
    """Differences of what leaves a layer by state, by what enters it there."""
    cell, x = copied(cell), sequences(3, 3)
    network = network_of(cell, (3, 4))
    random = np.random.default_rng(3)
    start = random.normal(size=(3, cell.state_size))
    along = random.normal(size=start.shape)
    factors = random.normal(size=start.shape)

    def final(state):
        cell.initial_state = state
        network.forward(x, Mode(lengths=ends))
        return float((factors * cell.final_state()).sum())

    h = 1e-6
    numeric = (final(start + h * along) - final(start - h * along)) / (2 * h)
    final(start)
    cell.grad_final_state = factors.copy()
    network.backward(np.zeros((3, 3)))
    assert numeric == pytest.approx(float((cell.grad_initial_state * along).sum()), rel=1e-7)
    assert cell.grad_final_state is None


@pytest.mark.parametrize("cell", CELLS, ids=repr)
def test_truncation_lets_no_gradient_into_the_piece_before(cell):
    x = sequences()
    network = network_of(copied(cell, truncate=2))
    y = network.forward(x)
    grad_x = network.backward(np.ones_like(y), wants_input=True)
    assert grad_x[:, 4].any()
    assert not grad_x[:, :4].any()  # pieces are steps 0 and 1, 2 and 3, 4
    np.testing.assert_array_equal(y, network_of(copied(cell)).forward(x))


@pytest.mark.parametrize("cell", CELLS, ids=repr)
def test_recurrent_weights_start_orthogonal_and_the_forget_gate_open(cell):
    cell = copied(cell)
    Network(cell, (5, 4), random_state=0)
    for block in np.split(cell.recurrent_weight, cell.n_gates, axis=1):
        np.testing.assert_allclose(block.T @ block, np.eye(3), atol=1e-14)
    expected = np.zeros((cell.n_gates, 3))
    if isinstance(cell, LSTM):
        expected[1] = 1.0
    np.testing.assert_array_equal(cell.bias.reshape(-1, 3), expected)


@pytest.mark.parametrize("cell", CELLS, ids=repr)
def test_batches_of_other_lengths_and_sizes_make_no_new_buffers(cell):
    network = network_of(Sequence(copied(cell, return_sequences=True), Dropout(0.2), Dense(2)))
    mode = Mode(training=True, rng=np.random.default_rng(0))

    def step(n, n_steps):
        y = network.forward(sequences(n, n_steps), mode)
        network.backward(np.ones_like(y))

    step(6, 5)
    layer = network.root.layers[0]
    before = {name: id(flat) for name, flat in layer._flat.items()}
    for n, n_steps in [(6, 3), (2, 5), (1, 1), (5, 4)]:
        step(n, n_steps)
    assert {name: id(flat) for name, flat in layer._flat.items()} == before


@pytest.mark.parametrize("cell", [SimpleRNN, LSTM, GRU])
def test_threads_that_share_the_samples_get_the_same(cell):
    x = np.random.default_rng(0).normal(size=(64, 3, 20)).astype(np.float32)
    results = []
    for threads in (None, 3):
        layer = cell(192, return_sequences=True)
        network = network_of(layer, (3, 20), dtype=np.float32)
        if threads is None:
            y = network.forward(x).copy()
            network.backward(np.ones_like(y))
        else:
            with WorkShare(threads) as share:
                network.share_work(share)
                y = network.forward(x).copy()
                network.backward(np.ones_like(y))
                share.finish()
        results.append((y, network.grad.copy()))
    np.testing.assert_allclose(results[1][0], results[0][0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(results[1][1], results[0][1], rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("cell", CELLS, ids=repr)
@pytest.mark.parametrize("n", [3, 100, 300])
def test_gradients_of_steps_are_summed_beside_each_other(cell, n):
    """Few samples of several steps at once, many step by step: the same as sample by sample."""
    network = network_of(copied(cell, return_sequences=True))
    x = sequences(n)
    network.forward(x)
    network.backward(np.ones((n, 5, 3)))
    summed, grad = np.zeros_like(network.grad), network.grad.copy()
    for some in np.array_split(x, max(1, n // 50)):
        network.forward(some)
        network.backward(np.ones((len(some), 5, 3)))
        summed += network.grad
    np.testing.assert_allclose(grad, summed, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("cell", CELLS, ids=repr)
def test_a_cell_shows_what_its_gates_did(cell):
    cell, x = copied(cell, return_sequences=True), sequences()
    y = network_of(cell).forward(x)
    shown = cell.activations(2)
    np.testing.assert_array_equal(shown["state"], y[2])
    assert all(values.shape == (5, 3) for values in shown.values())
    gates = [values for name, values in shown.items() if name.endswith("gate")]
    assert len(gates) == {SimpleRNN: 0, LSTM: 3, GRU: 2}[type(cell)]
    assert all(((values > 0) & (values < 1)).all() for values in gates)


@pytest.mark.parametrize("cell", CELLS, ids=repr)
def test_memory_is_what_the_way_back_needs(cell):
    """A step more costs its states, gates and inputs, however sequences end."""
    n, d, m, lengths = 2, 4, 3, np.array([2, 5])

    def numbers(n_steps, ends):
        layer = copied(cell)
        network = network_of(layer, (n_steps, d))
        x = sequences(n, n_steps)
        y = network.forward(x, Mode(lengths=lengths if ends else None))
        network.backward(np.ones_like(y), wants_input=False)
        held = (name for name in layer._flat if str(name).startswith("held"))
        return sum(flat.size for flat in layer._flat.values()) - sum(
            layer._flat[name].size for name in held
        )

    kept = {SimpleRNN: m, LSTM: 4 * m + 2 * m, GRU: 4 * m}[type(cell)]
    for ends in (False, True):
        assert numbers(11, ends) - numbers(10, ends) == n * (m + 1 + d + kept)


def test_bidirectional_twins_have_weights_of_their_own():
    layer = Bidirectional(GRU(3))
    network = Network(layer, (5, 4), random_state=0)
    assert network.output_shape == (6,)
    there, back = layer.layers
    assert back.reverse
    assert not np.allclose(there.weight, back.weight)
    x = sequences()
    y = network.forward(x)
    np.testing.assert_array_equal(y, np.hstack([there.forward(x), back.forward(x)]))


def test_the_work_is_that_of_the_products():
    assert Network(LSTM(8), (10, 3)).cost == 10 * (3 + 8) * 4 * 8
    assert Network(GRU(8), (10, 3)).cost == 10 * (3 + 8) * 3 * 8


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LSTM(0), "LSTM takes units of 1 or more, got 0."),
        (lambda: GRU(3, truncate=0), "GRU takes truncate of 1 or more steps, or None, got 0."),
        (
            lambda: SimpleRNN(3, activation="gelu"),
            "SimpleRNN takes activation 'tanh' or 'relu', got 'gelu'.",
        ),
        (
            lambda: Network(LSTM(3), (4,)),
            "LSTM reads sequences, (n_steps, n_features); got samples of shape (4,).",
        ),
    ],
)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


def test_layers_show_what_they_were_made_with():
    layer = Sequence(Bidirectional(LSTM(4, return_sequences=True)), GRU(3, truncate=10))
    assert repr(layer) == (
        "Sequence(Bidirectional(LSTM(units=4, return_sequences=True)), GRU(units=3, truncate=10))"
    )


@pytest.mark.parametrize(
    "layer",
    [
        lambda: Sequence(LSTM(4, return_sequences=True), BatchNorm(), GRU(3)),
        lambda: Sequence(
            Bidirectional(GRU(2, return_sequences=True)), BatchNorm(), MultiHeadAttention(2)
        ),
        lambda: Sequence(Dense(4), BatchNorm(), TransformerBlock(4, 2), SimpleRNN(3)),
    ],
    ids=["LSTM, GRU", "both ways, attention", "transformer, simple"],
)
@pytest.mark.parametrize("training", [False, True], ids=["predicting", "training"])
def test_nothing_behind_the_end_of_a_sequence_is_seen(layer, training):
    """Neither by states and attention, nor by the means of a batch."""
    x, lengths = sequences(), np.array([5, 1, 3, 4, 2, 5])
    behind = np.arange(5) >= lengths[:, None]
    other = np.where(behind[:, :, None], 7.0, x)
    results = []
    for one in (x, other):
        network = network_of(layer())
        y = network.forward(one, Mode(training=training, lengths=lengths)).copy()
        grad_y = np.random.default_rng(2).normal(size=y.shape)
        if y.ndim == 3:
            y[behind] = grad_y[behind] = 0
        network.backward(grad_y)
        results.append((y, network.grad.copy()))
    np.testing.assert_allclose(results[1][0], results[0][0], rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(results[1][1], results[0][1], rtol=1e-9, atol=1e-11)
