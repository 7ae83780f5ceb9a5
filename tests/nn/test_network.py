"""A network is a function of one vector: what it shares, copies, keeps and refuses."""

import copy
import pickle
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from skdeep.nn import (
    GELU,
    PREDICT,
    BatchNorm,
    Dense,
    Dropout,
    Identity,
    Layer,
    LayerNorm,
    Mode,
    Network,
    ReLU,
    Sequence,
    SiLU,
    SquaredError,
    Tanh,
)
from skdeep.nn.memory import Memory
from tests.data import batch, normal
from tests.nn.parts import PLACES, inputs, name


def each(function, x):
    """Return the function's values on an array, or on each of a tuple."""
    return tuple(map(function, x)) if isinstance(x, tuple) else function(x)


def deep(**kwargs):
    root = Sequence(
        Dense(8),
        BatchNorm(),
        ReLU(),
        Dropout(0.3),
        Sequence(Dense(6), LayerNorm(), GELU()),
        Dense(3),
    )
    return Network(root, (5,), random_state=0, **kwargs)


def trained(**kwargs):
    """Return a network whose statistics and buffers have seen batches of several sizes."""
    network = deep(**kwargs)
    rng = np.random.default_rng(0)
    for n in (9, 4, 9):
        x = batch(n).astype(network.dtype)
        y = network.forward(x, Mode(training=True, rng=rng))
        network.backward(np.ones_like(y))
    return network


def test_all_parameters_are_views_into_one_vector_and_weights_come_first():
    network = deep()
    total = penalized = 0
    for layer in network.layers():
        for key, spec in layer.parameters((1,)).items():
            view, grad = getattr(layer, key), getattr(layer, "grad_" + key)
            assert np.shares_memory(view, network.params)
            assert np.shares_memory(grad, network.grad)
            assert view.flags.c_contiguous
            total += view.size
            penalized += view.size * spec.penalized
            inside = np.shares_memory(view, network.params[: network.n_penalized])
            assert inside == (key == "weight")
    assert total == network.n_parameters == len(network.params) == len(network.grad)
    assert penalized == network.n_penalized


def test_what_is_written_into_the_vector_is_what_the_network_computes():
    network = Network(Dense(2), (3,), random_state=0)
    network.params[...] = np.arange(8.0)
    expected = batch(4, 3) @ np.arange(6.0).reshape(3, 2) + [6.0, 7.0]
    np.testing.assert_allclose(network.forward(batch(4, 3)), expected)


@pytest.mark.parametrize("mode", ["training", "prediction"])
@pytest.mark.parametrize(("layer", "shape"), PLACES)
def test_no_layer_writes_to_the_networks_input_even_when_its_output_is_written_over(
    layer, shape, mode
):
    network = Network(copy.deepcopy(layer), shape, random_state=0)
    x = inputs(layer, shape, 7)
    each(lambda part: part.setflags(write=False), x)
    y = network.forward(x, Mode(mode == "training", np.random.default_rng(0)))
    y[...] = 7.0
    network.backward(np.ones_like(y), wants_input=True)
    parts, before = (v if isinstance(v, tuple) else (v,) for v in (x, inputs(layer, shape, 7)))
    for found, expected in zip(parts, before, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("layer", "shape"), PLACES)
def test_predicting_twice_gives_the_same(layer, shape):
    network = Network(copy.deepcopy(layer), shape, random_state=0)
    x = inputs(layer, shape, 7)
    network.forward(x, Mode(True, np.random.default_rng(0)))
    first = network.forward(x).copy()
    statistics = network.statistics.copy()
    np.testing.assert_array_equal(network.forward(x), first)
    np.testing.assert_array_equal(network.statistics, statistics)


@pytest.mark.parametrize("training", [False, True], ids=["prediction", "training"])
@pytest.mark.parametrize(("layer", "shape"), PLACES)
def test_batches_of_changing_size_do_not_disturb_each_other(layer, shape, training):
    def run(network, n):
        network.statistics[...] = start
        mode = Mode(training, np.random.default_rng(1))
        y = network.forward(inputs(layer, shape, n), mode).copy()
        grad_x = network.backward(np.cos(y), wants_input=True)
        grad_x = grad_x if isinstance(grad_x, tuple) else (grad_x,)
        return y, *(part.copy() for part in grad_x), network.grad.copy()

    used = Network(copy.deepcopy(layer), shape, random_state=0)
    start = used.statistics.copy()
    for n in (11, 3, 11, 1, 3, 11):
        fresh = Network(copy.deepcopy(layer), shape, random_state=0)
        for found, expected in zip(run(used, n), run(fresh, n), strict=True):
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("layer", "shape"), PLACES)
def test_a_sample_is_predicted_alone_as_among_others(layer, shape):
    network = Network(copy.deepcopy(layer), shape, random_state=0)
    network.forward(inputs(layer, shape, 20), Mode(True, np.random.default_rng(0)))
    x = inputs(layer, shape, 7)
    together = network.forward(x).copy()
    for i in range(7):
        alone = network.forward(each(lambda part, i=i: part[i : i + 1], x))
        np.testing.assert_allclose(alone[0], together[i], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("layer", "shape"), PLACES)
def test_backward_without_the_inputs_gradient_fills_the_same_gradients(layer, shape):
    network = Network(copy.deepcopy(layer), shape, random_state=0)

    def gradients(wants_input):
        y = network.forward(inputs(layer, shape, 7), Mode(True, np.random.default_rng(0)))
        grad_x = network.backward(np.cos(y), wants_input)
        assert wants_input == (grad_x is not None) or not network.n_parameters
        return network.grad.copy()

    # Convolutions sum in another order then.
    np.testing.assert_allclose(gradients(False), gradients(True), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(("layer", "shape"), PLACES)
def test_float32_stays_float32(layer, shape):
    network = Network(copy.deepcopy(layer), shape, dtype=np.float32, random_state=0)
    x = each(
        lambda part: part.astype(np.float32) if part.dtype.kind == "f" else part,
        inputs(layer, shape, 7),
    )
    for training in (True, False):
        y = network.forward(x, Mode(training, np.random.default_rng(0)))
        assert y.dtype == np.float32
        grad_x = network.backward(np.ones_like(y), wants_input=True)
        assert network.grad.dtype == np.float32
        for part in grad_x if isinstance(grad_x, tuple) else (grad_x,):
            assert part is None or part.dtype == np.float32


@pytest.mark.parametrize(("layer", "shape"), PLACES)
def test_what_children_declare_is_what_forward_makes(layer, shape):
    network = Network(copy.deepcopy(layer), shape, random_state=0)
    assert network.forward(inputs(layer, shape, 3)).shape == (3, *network.output_shape)
    assert network.replica().forward(inputs(layer, shape, 3)).shape == (3, *network.output_shape)
    paths = [".".join(node.path) for node in network.nodes()]
    assert len(set(paths)) == len(paths)
    bound = [node.layer for node in network.nodes()]
    replicas = [node.layer for node in network.replica().nodes()]
    assert not set(map(id, bound)) & set(map(id, replicas))


def test_a_replica_shares_parameters_but_no_buffers():
    network = trained()
    twin = network.replica()
    mine = network.forward(batch())
    kept = mine.copy()
    theirs = twin.forward(-batch())
    np.testing.assert_array_equal(mine, kept)
    np.testing.assert_array_equal(network.forward(-batch()), theirs)
    network.params += 0.1
    np.testing.assert_array_equal(network.forward(batch()), twin.forward(batch()))


@pytest.mark.parametrize("last", [Dense(2), Tanh(), Identity()], ids=name)
def test_replicas_predict_at_the_same_time_in_threads(last):
    root = Sequence(
        Dense(64), BatchNorm(), GELU(), Dropout(0.2), Dense(64), SiLU(), copy.deepcopy(last)
    )
    network = Network(root, (5,), random_state=0)
    parts = [batch(300, seed=seed) for seed in range(40)]
    expected = [network.forward(part).copy() for part in parts]

    def work(mine):
        twin = network.replica()
        for _ in range(5):
            results = [(i, twin.forward(parts[i]).copy()) for i in mine]
        return results

    with ThreadPoolExecutor(2) as pool:
        done = [r for part in pool.map(work, [range(0, 40, 2), range(1, 40, 2)]) for r in part]
    assert len(done) == 40
    for i, found in done:
        np.testing.assert_array_equal(found, expected[i])


@pytest.mark.parametrize(
    "twin_of",
    [lambda n: n.copy(), copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_a_copy_is_the_same_network_and_goes_its_own_way(twin_of):
    network = trained()
    twin = twin_of(network)
    np.testing.assert_array_equal(twin.forward(batch()), network.forward(batch()))
    np.testing.assert_array_equal(twin.statistics, network.statistics)
    before = network.forward(batch()).copy()
    params, statistics = network.snapshot()
    y = twin.forward(batch(), Mode(True, np.random.default_rng(0)))
    twin.backward(np.ones_like(y))
    twin.params -= twin.grad
    np.testing.assert_array_equal(network.params, params)
    np.testing.assert_array_equal(network.statistics, statistics)
    np.testing.assert_array_equal(network.forward(batch()), before)
    assert not np.array_equal(twin.forward(batch()), before)


def test_a_copy_of_a_network_whose_gradient_overflowed_has_none_yet():
    network = trained()
    network.grad[...] = np.inf
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(network.copy().grad, 0.0)


def test_a_pickle_holds_parameters_and_statistics_and_no_buffers():
    root = Sequence(Dense(30), BatchNorm(), Tanh(), GELU(), Dropout(0.1), LayerNorm(), Dense(1))
    network = Network(root, (20,), random_state=0)
    x = batch(5000, 20)
    y = network.forward(x, Mode(True, np.random.default_rng(0), np.full(5000, 1 / 5000)))
    network.backward(np.ones_like(y))
    size = network.params.nbytes + network.statistics.nbytes
    assert len(pickle.dumps(network)) < size + 5000
    assert len(pickle.dumps(network.copy())) < size + 5000


def forgetful(network):
    network.forget_batch()
    return network


@pytest.mark.parametrize("made", [forgetful, Network.copy], ids=["forgets", "copy"])
def test_nothing_of_a_batch_is_left_where_it_is_forgotten_or_in_a_copy(made):
    network = trained()
    expected = network.forward(batch()).copy()
    x = batch(2000)
    kept = weakref.ref(x)
    network.forward(x)
    network = made(network)
    del x
    assert kept() is None
    assert not any(node.layer._flat for node in network.nodes())
    np.testing.assert_array_equal(network.forward(batch()), expected)
    network.backward(np.ones((7, 3)))
    assert network.grad.all()


def test_a_snapshot_brings_back_parameters_and_running_statistics():
    network = trained()
    kept = network.snapshot()
    before = network.forward(batch()).copy()
    network.forward(10 + batch(), Mode(True, np.random.default_rng(0)))
    after_statistics = network.forward(batch()).copy()
    assert not np.array_equal(after_statistics, before)
    network.params *= 2
    network.restore(kept)
    np.testing.assert_array_equal(network.forward(batch()), before)
    network.params[...] = 0.0
    network.restore(kept)
    np.testing.assert_array_equal(network.forward(batch()), before)


def test_read_only_parameters_predict():
    """joblib hands large arrays to its workers as read-only memory maps."""
    network = trained()
    before = network.forward(batch()).copy()
    for vector in (network.params, network.statistics):
        vector.setflags(write=False)
    np.testing.assert_array_equal(network.forward(batch()), before)
    np.testing.assert_array_equal(network.replica().forward(batch()), before)

    params, statistics = (v.copy() for v in (network.params, network.statistics))
    state = pickle.loads(pickle.dumps(network)).__getstate__()
    for vector in (params, statistics):
        vector.setflags(write=False)
    reader = object.__new__(Network)
    reader.__setstate__(state | {"params": params, "statistics": statistics})
    np.testing.assert_array_equal(reader.forward(batch()), before)


@pytest.mark.parametrize("layout", [sparse.csr_matrix, sparse.csr_array])
def test_sparse_input_gives_what_dense_input_gives(layout):
    network = Network(Sequence(Dense(4), Tanh(), Dense(2)), (5,), random_state=0)
    x = batch() * (batch(seed=1) > 0)
    dense = network.forward(x).copy()
    network.backward(np.ones((7, 2)))
    grad = network.grad.copy()
    np.testing.assert_allclose(network.forward(layout(x)), dense)
    network.backward(np.ones((7, 2)))
    np.testing.assert_allclose(network.grad, grad)


def test_a_loss_may_write_over_the_outputs_of_any_last_layer():
    for last in (Tanh(), Identity(), Dropout(0.0), Sequence(ReLU(), Identity())):
        network = Network(Sequence(Dense(3), last), (5,), random_state=0)
        y = network.forward(batch(), PREDICT)
        grad = np.cos(y)
        network.backward(grad.copy())
        expected = network.grad.copy()
        y = network.forward(batch(), PREDICT)
        loss = SquaredError()
        loss.settle(np, np.float64)
        loss.value(y, np.zeros_like(y))
        y[...] = np.nan
        network.backward(grad)
        np.testing.assert_array_equal(network.grad, expected)


def test_a_layer_stands_in_one_place_only():
    layer = Dense(3)
    taken = r"Dense\(units=3\) has its place in a network already"
    with pytest.raises(ValueError, match=taken):
        Network(Sequence(layer, Tanh(), Sequence(layer)), (3,))
    network = Network(Sequence(layer, Tanh()), (3,), random_state=0)
    with pytest.raises(ValueError, match=taken):
        Network(layer, (3,))
    other = Network(copy.deepcopy(layer), (3,), random_state=1)
    assert np.shares_memory(layer.weight, network.params)
    assert np.shares_memory(other.root.weight, other.params)


def test_the_shapes_are_worked_out_layer_by_layer():
    network = deep()
    assert network.output_shape == (3,)
    assert [type(layer).__name__ for layer in network.layers()] == [
        *("Dense", "BatchNorm", "ReLU", "Dropout", "Dense", "LayerNorm", "GELU", "Dense")
    ]
    assert network.n_parameters == (5 * 8 + 8) + 16 + (8 * 6 + 6) + 12 + (6 * 3 + 3)
    assert network.n_penalized == 5 * 8 + 8 * 6 + 6 * 3


@given(
    st.sampled_from([Dense(3), BatchNorm(), LayerNorm()]),
    st.sampled_from([(), ((3,),), ((3,), (4, 5))]),
)
def test_layers_of_features_refuse_samples_without_an_axis_and_several_inputs(layer, shape):
    with pytest.raises(ValueError, match="the last axis of its input") as raised:
        Network(copy.deepcopy(layer), shape)
    assert str(shape) in str(raised.value)


@given(st.lists(st.integers(1, 5), max_size=4), st.integers(1, 4))
def test_activations_and_dropout_take_samples_of_any_shape(shape, n):
    for layer in (Layer(), Identity(), ReLU(), Tanh(), GELU(), SiLU(), Dropout(0.5)):
        network = Network(layer, tuple(shape))
        x = np.random.RandomState(0).normal(size=(n, *shape))
        y = network.forward(x, Mode(True, np.random.default_rng(0)))
        assert y.shape == x.shape
        assert network.output_shape == tuple(shape)
        assert network.backward(np.ones_like(y), wants_input=True).shape == x.shape


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.integers(1, 9),
    st.integers(1, 9),
)
def test_any_widths_make_a_network_with_as_many_parameters_as_they_say(widths, d, n):
    layers = [part for width in widths for part in (Dense(width), BatchNorm(), ReLU())]
    network = Network(Sequence(*layers), (d,), random_state=0)
    fans = zip([d, *widths], widths, strict=False)
    assert network.n_parameters == sum(i * o + o + 2 * o for i, o in fans)
    y = network.forward(batch(n, d), Mode(training=True))
    assert y.shape == (n, widths[-1])
    network.backward(np.ones_like(y))
    assert np.isfinite(network.grad).all()


def test_a_network_is_printed_as_a_table_of_its_layers():
    network = Network(Sequence(Dense(8), ReLU(), Dense(2)), (4,), random_state=0)
    lines = str(network).splitlines()
    assert lines[0].split()[:4] == ["layer", "output", "parameters", "connections"]
    assert [line.split()[:4] for line in lines[2:5]] == [
        ["0", "Dense(units=8)", "8", "40"],
        ["1", "ReLU()", "8", "0"],
        ["2", "Dense(units=2)", "2", "18"],
    ]
    assert lines[-1].split() == ["all", "58", "58", "48", "176", "B"]
    assert network._repr_html_().count("<tr") == len(lines)


def test_a_forgotten_batch_leaves_the_layers_as_they_were_bound():
    network = Network(Sequence(Dense(4), BatchNorm(), ReLU(), Dense(2)), (3,), random_state=0)
    before = [set(vars(node.layer)) for node in network.nodes()]
    network.backward(network.forward(batch(5, 3), Mode(training=True)))
    weight = network.root.layers[0].weight
    network.forget_batch()
    assert [set(vars(node.layer)) for node in network.nodes()] == before
    assert not any(node.layer._flat for node in network.nodes())
    assert network.root.layers[0].weight is weight


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.ones((5, 4)), r"x must be of shape \(n_samples, 3\), got \(5, 4\)"),
        ([[1.0, 2.0, 3.0]], "x must be an array, got an instance of list"),
    ],
)
def test_what_does_not_fit_is_named_with_both_shapes(x, message):
    network = Network(Sequence(Dense(2)), input_shape=(3,), random_state=0)
    with pytest.raises(RuntimeError, match="call forward first"):
        network.backward(np.ones((5, 2)))
    with pytest.raises(AttributeError, match=r"Parameters and buffers come with a Network"):
        Dense(2).forward(np.ones((5, 3)))
    with pytest.raises((TypeError, ValueError), match=message):
        network.forward(x)
    network.forward(np.ones((5, 3)), Mode(training=True))
    with pytest.raises(ValueError, match=r"grad_y must be of shape \(n_samples, 2\), got \(5, 3\)"):
        network.backward(np.ones((5, 3)))


def test_means_over_two_sizes_of_batches_are_made_once_and_over_others_in_the_same_memory():
    memory = Memory()
    memory.settle(np, np.float64)
    for n in (200, 42, 200, 42):
        assert (memory.average(n) == 1 / n).all()
    whole, rest = memory.average(200), memory.average(42)
    assert memory.average(200) is whole
    assert memory.average(42) is rest
    for n in range(1, 40):
        assert (memory.average(n) == 1 / n).all()
    assert sum(flat.size for flat in memory._flat.values()) == 242


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [3, 200])  # products that are small, and that are not
def test_arrays_of_another_type_than_the_network_s_are_converted_on_their_way(dtype, size):
    network = Network(Sequence(Dense(size), Dense(2)), (size,), dtype=dtype, random_state=0)
    x = np.round(normal((size, size)))  # each type holds these
    results = []
    for kind in (dtype, np.float32, np.float64, np.int64):
        y = network.forward(x.astype(kind)).copy()
        network.backward(np.ones((size, 2), kind))
        results.append((y, network.grad.copy()))
    for y, grad in results[1:]:
        np.testing.assert_allclose(y, results[0][0], rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(grad, results[0][1], rtol=1e-4, atol=1e-3)
