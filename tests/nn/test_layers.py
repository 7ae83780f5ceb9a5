"""What each layer computes, in training and in prediction."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.special import erf, expit

from skdeep.nn import (
    ACTIVATIONS,
    ELU,
    BatchNorm,
    Dense,
    Dropout,
    Embedding,
    Huber,
    LayerNorm,
    LeakyReLU,
    MemberDense,
    Mode,
    Network,
    OneHot,
    PeriodicEmbedding,
    PiecewiseLinear,
    PReLU,
    Quantile,
    Scale,
    Sequence,
    make_activation,
)
from tests.nn.parts import PLACES, inputs

POINTS = np.r_[np.linspace(-6, 6, 41), -300.0, 300.0, 1e-8, -1e-8, 0.0]


def elu(x, scale=1.0):
    return np.where(x > 0, x, scale * np.expm1(np.minimum(x, 0)))


FORMULAS = {
    "identity": lambda x: x,
    "logistic": expit,
    "tanh": np.tanh,
    "relu": lambda x: np.where(x > 0, x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "elu": elu,
    "softplus": lambda x: np.logaddexp(0, x),
    "gelu": lambda x: x * (1 + erf(x / np.sqrt(2))) / 2,
    "silu": lambda x: x * expit(x),
    "selu": lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772),
    "mish": lambda x: x * np.tanh(np.logaddexp(0, x)),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "shifted_relu": lambda x: np.maximum(x, -1),
    "prelu": lambda x: np.where(x > 0, x, 0.25 * x),
}


def mapped(layer, x, dtype=np.float64, **mode):
    network = Network(layer, x.shape[1:], dtype=dtype, random_state=0)
    return network.forward(x.astype(dtype), Mode(**mode)), network


def normal(n=50, d=4, seed=0):
    return np.random.RandomState(seed).normal(3.0, 2.0, size=(n, d))


@pytest.mark.parametrize(
    ("n", "d", "units"), [(200, 64, 100), (199, 83, 61), (200, 100, 101), (7, 1, 5), (7, 5, 1)]
)
def test_a_dense_layer_is_its_formulas_at_every_size(n, d, units):
    x, grad_y = normal(n, d), normal(n, units, seed=1)
    layer = Dense(units)
    y, network = mapped(layer, x)
    np.testing.assert_allclose(y, x @ layer.weight + layer.bias, rtol=1e-12, atol=1e-11)
    grad_x = network.backward(grad_y.copy(), wants_input=True)
    np.testing.assert_allclose(layer.grad_weight, x.T @ grad_y, rtol=1e-12)
    np.testing.assert_allclose(layer.grad_bias, grad_y.sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(grad_x, grad_y @ layer.weight.T, rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_activations_are_their_formulas_and_overflow_nowhere(activation, dtype):
    x = POINTS[:, None].astype(dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y, network = mapped(ACTIVATIONS[activation](), x, dtype)
        network.backward(np.ones_like(y), wants_input=True)
    eps = np.finfo(dtype).eps
    expected = FORMULAS[activation](x.astype(np.float64))
    np.testing.assert_allclose(y, expected, rtol=20 * eps, atol=10 * eps)


def test_every_activation_has_its_formula_here():
    assert FORMULAS.keys() == ACTIVATIONS.keys()


def test_the_slope_and_the_scale_are_those_given():
    x = POINTS[:, None]
    np.testing.assert_allclose(mapped(LeakyReLU(0.3), x)[0], np.where(x > 0, x, 0.3 * x))
    np.testing.assert_allclose(mapped(ELU(0.5), x)[0], elu(x, 0.5))


def test_a_rectifier_passes_no_gradient_at_the_kink():
    _, network = mapped(ACTIVATIONS["relu"](), np.zeros((1, 3)))
    np.testing.assert_array_equal(network.backward(np.ones((1, 3)), wants_input=True), 0.0)


def test_dense_without_bias_is_a_product():
    y, network = mapped(Dense(3, use_bias=False), normal())
    np.testing.assert_allclose(y, normal() @ network.root.weight)
    assert network.n_parameters == network.n_penalized == 12


def test_dense_takes_an_initializer_of_ones_own():
    def twos(shape, fans, random_state):
        assert fans == (4, 3)
        return np.full(shape, 2.0)

    y, _ = mapped(Dense(3, weight_init=twos, bias_init="ones"), normal())
    np.testing.assert_allclose(y, 2 * normal().sum(axis=1, keepdims=True) + np.ones(3))


def test_batch_norm_gives_mean_zero_and_variance_one_in_training():
    y, _ = mapped(BatchNorm(eps=1e-12), normal(), training=True)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=0), 1, rtol=1e-9)


def test_batch_norm_adds_eps_to_the_biased_variance_inside_the_root():
    x = normal()
    y, _ = mapped(BatchNorm(eps=0.5), x, training=True)
    np.testing.assert_allclose(y, (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 0.5))


def test_batch_norm_scales_and_shifts():
    network = Network(BatchNorm(), (4,))
    network.params[...] = np.arange(8.0)
    plain = mapped(BatchNorm(), normal(), training=True)[0]
    y = network.forward(normal(), Mode(training=True))
    np.testing.assert_allclose(y, plain * [0, 1, 2, 3] + [4, 5, 6, 7])


def test_a_batch_of_one_sample_or_of_equal_samples_normalizes_to_the_shift():
    for x in (normal(1), np.full((5, 4), 3.3)):
        with np.errstate(all="raise"):
            y, network = mapped(BatchNorm(), x, training=True)
        np.testing.assert_allclose(y, 0, atol=1e-10)
        assert np.isfinite(network.statistics).all()


def test_a_weight_means_repetition_to_batch_norm():
    counts = np.array([1, 3, 2, 0, 1])
    x = normal(5)
    weighted, one = mapped(BatchNorm(), x, training=True, weight=counts / counts.sum())
    repeated, other = mapped(BatchNorm(), x.repeat(counts, axis=0), training=True)
    np.testing.assert_allclose(weighted.repeat(counts, axis=0), repeated)
    np.testing.assert_allclose(one.root.running_mean, other.root.running_mean)


def test_samples_of_weight_zero_do_not_count_for_batch_norm():
    x = normal(6)
    weight = np.array([0.25, 0.25, 0.25, 0.25, 0.0, 0.0])
    _, weighted = mapped(BatchNorm(), x, training=True, weight=weight)
    _, without = mapped(BatchNorm(), x[:4], training=True)
    np.testing.assert_allclose(weighted.statistics, without.statistics)


@pytest.mark.parametrize("momentum", [0.1, 0.25, 1.0])
def test_running_statistics_are_plain_averages_first_and_exponential_ones_after(momentum):
    network = Network(BatchNorm(momentum=momentum), (4,))
    batches = [normal(10, seed=seed) for seed in range(15)]
    mean = variance = 0.0
    for t, x in enumerate(batches, start=1):
        network.forward(x, Mode(training=True))
        newest = max(momentum, 1 / t)
        mean = (1 - newest) * mean + newest * x.mean(axis=0)
        variance = (1 - newest) * variance + newest * x.var(axis=0, ddof=1)
        np.testing.assert_allclose(network.root.running_mean, mean)
        np.testing.assert_allclose(network.root.running_variance, variance)
        if t <= 1 / momentum:
            so_far = np.mean([b.mean(axis=0) for b in batches[:t]], axis=0)
            np.testing.assert_allclose(network.root.running_mean, so_far)


def test_a_batch_of_one_sample_says_nothing_about_the_variance():
    _, network = mapped(BatchNorm(), normal(), training=True)
    before = network.statistics.copy()
    network.forward(normal(n=1), Mode(training=True))
    np.testing.assert_array_equal(network.statistics, before)
    twice = Mode(training=True, weight=np.ones(1), count=2.0)  # one row that stands for two
    network.forward(normal(n=1), twice)
    assert (network.root.running_variance < before[4:8]).all()


def test_prediction_uses_the_running_statistics():
    network = Network(BatchNorm(eps=0.1), (4,))
    network.params[...] = np.arange(8.0)
    network.forward(normal(seed=1), Mode(training=True))
    layer, x = network.root, normal()
    u = (x - layer.running_mean) / np.sqrt(layer.running_variance + 0.1)
    np.testing.assert_allclose(network.forward(x), u * layer.scale + layer.shift)


def test_an_untrained_batch_norm_hands_its_input_on():
    np.testing.assert_allclose(mapped(BatchNorm(eps=0.0), normal())[0], normal())


def test_batch_norm_makes_the_network_blind_to_the_scale_of_the_weights_before_it():
    root = Sequence(Dense(6, use_bias=False), BatchNorm(eps=1e-14))
    network = Network(root, (4,), random_state=0)
    y = network.forward(normal(), Mode(training=True)).copy()
    root.layers[0].weight *= 7.0
    np.testing.assert_allclose(network.forward(normal(), Mode(training=True)), y, rtol=1e-9)


@given(st.integers(1, 8), st.integers(1, 8), st.sampled_from([1e-5, 0.3]))
def test_layer_norm_normalizes_each_sample_in_any_mode(n, d, eps):
    x = normal(n, d)
    network = Network(LayerNorm(eps=eps), (d,))
    network.params[...] = np.random.RandomState(1).normal(size=2 * d)
    u = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + eps)
    for training in (False, True):
        y = network.forward(x, Mode(training))
        np.testing.assert_allclose(y, u * network.params[:d] + network.params[d:], atol=1e-12)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.SFC64, np.random.MT19937])
def test_dropout_drops_at_its_rate_and_keeps_the_mean(rate, bits):
    rng = np.random.Generator(bits(0))
    y, _ = mapped(Dropout(rate), np.ones((400, 500)), training=True, rng=rng)
    n = y.size
    assert (y == 0).mean() == pytest.approx(rate, abs=5 * np.sqrt(rate * (1 - rate) / n))
    np.testing.assert_allclose(y[y != 0], 1 / (1 - rate), rtol=2e-4)
    assert y.mean() == pytest.approx(1.0, abs=5 * np.sqrt(rate / (1 - rate) / n))
    rows, columns = (y == 0).mean(axis=1), (y == 0).mean(axis=0)
    assert rows.std() == pytest.approx(np.sqrt(rate * (1 - rate) / 500), rel=0.2)
    assert columns.std() == pytest.approx(np.sqrt(rate * (1 - rate) / 400), rel=0.2)


def test_dropout_of_sparse_rows_drops_what_is_stored_and_keeps_its_mean():
    x = sparse.random_array((400, 500), density=0.3, format="csr", rng=0)
    x.data[:] = 1.0
    layer = Dropout(0.25)
    Network(Sequence(layer, Dense(1)), (500,))
    y = layer.forward(x, Mode(training=True, rng=np.random.default_rng(0)))
    assert set(np.unique(y.data).round(6)) == {0.0, round(4 / 3, 6)}
    np.testing.assert_allclose(y.data.mean(), 1.0, atol=0.01)
    np.testing.assert_array_equal(x.data, 1.0)


def test_dropout_draws_anew_each_time_and_the_same_from_the_same_seed():
    network = Network(Dropout(0.5), (50,))
    x = np.ones((20, 50))

    def draw(rng):
        return network.forward(x, Mode(True, rng)).copy()

    rng = np.random.default_rng(0)
    first, second = draw(rng), draw(rng)
    assert (first != second).any()
    np.testing.assert_array_equal(draw(np.random.default_rng(0)), first)


def test_dropout_is_nothing_in_prediction_or_at_rate_zero():
    x = normal()
    np.testing.assert_array_equal(mapped(Dropout(0.5), x)[0], x)
    np.testing.assert_array_equal(mapped(Dropout(0.0), x, training=True)[0], x)


def test_dropout_passes_back_after_prediction_what_it_passed_on():
    """The mask of the training batch before must not act on a batch in prediction."""
    y, network = mapped(Dropout(0.5), normal(), training=True, rng=np.random.default_rng(0))
    network.forward(normal())
    grad = network.backward(np.ones_like(y), wants_input=True)
    np.testing.assert_array_equal(grad, 1.0)


def test_dropout_without_a_generator_says_what_is_missing():
    with pytest.raises(ValueError, match="give the mode a generator"):
        mapped(Dropout(0.5), normal(), training=True)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Dense(0), "Dense takes units of 1 or more, got 0"),
        (lambda: Dense(3, weight_init="he"), "weight_init one of .*'he_normal'.* got 'he'"),
        (lambda: Dense(3, bias_init="zero"), "bias_init one of .*'zeros'.* got 'zero'"),
        (lambda: LeakyReLU(-0.5), r"LeakyReLU takes a slope in \(0, 1\), got -0.5"),
        (lambda: LeakyReLU(2.0), r"LeakyReLU takes a slope in \(0, 1\), got 2.0"),
        (lambda: ELU(-1.0), "ELU takes a scale above 0, got -1.0"),
        (lambda: Huber(0.0), "Huber takes a delta above 0, got 0.0"),
        (lambda: Quantile(1.0), r"Quantile takes a quantile in \(0, 1\), got 1.0"),
    ],
)
def test_what_would_be_computed_wrongly_is_refused_at_once(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5, float("nan")])
def test_dropout_refuses_an_impossible_rate(rate):
    with pytest.raises(ValueError, match=r"rate in \[0, 1\)"):
        Dropout(rate)


def test_layers_show_what_they_were_made_with():
    root = Sequence(Dense(3, use_bias=False), BatchNorm(momentum=0.2), Dropout(0.5), LeakyReLU())
    assert repr(root) == (
        "Sequence(Dense(units=3, use_bias=False), BatchNorm(momentum=0.2, eps=1e-05), "
        "Dropout(rate=0.5), LeakyReLU(slope=0.01))"
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MemberDense(0), "units of 1 or more"),
        (lambda: MemberDense(2, bias_rate=0), "bias_rate above 0"),
        (lambda: Network(MemberDense(2, weight_init="odd"), (2, 3)), "weight_init one of"),
        (lambda: Network(MemberDense(2), (3,)), r"\(n_members, n_features\)"),
        (lambda: Scale(0), "n_axes"),
        (lambda: Scale(rate=-1), "rate above 0"),
        (lambda: PReLU(n_axes=0), "n_axes"),
        (lambda: PReLU(rate=0), "rate above 0"),
        (lambda: PeriodicEmbedding(0), "units"),
        (lambda: PeriodicEmbedding(sigma=0), "sigma above 0"),
        (lambda: PiecewiseLinear([[1, 0]]), "edges that ascend"),
        (lambda: Network(PiecewiseLinear([[0, 1]]), (2,)), "edges for 1 numbers"),
        (lambda: Embedding(0, 3), "n_indices"),
        (lambda: OneHot([1]), "sizes of 2 or more"),
        (lambda: Network(OneHot([3]), (2,)), "sizes for 1 features"),
    ],
)
def test_layers_of_tables_refuse_what_they_cannot_map(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_piecewise_columns_know_the_number_they_come_from():
    layer = PiecewiseLinear([[0, 1, 2], [5], [0, 1], [0, 3, 4]])
    y = Network(layer, (4,)).forward(np.array([[1.5, 9.0, 0.25, 3.0]]))
    np.testing.assert_allclose(y, [[0.25, 1, 0.5, 1, 0]])
    np.testing.assert_array_equal(layer.sources(), [2, 0, 0, 3, 3])


def test_a_rate_changes_how_fast_parameters_learn_and_nothing_else():
    x = np.random.RandomState(0).normal(size=(5, 2, 3))
    slow, fast = (
        Network(
            MemberDense(2, scales=True, bias_init="normal", bias_rate=r, scale_rate=r),
            (2, 3),
            random_state=0,
        )
        for r in (1.0, 4.0)
    )
    np.testing.assert_allclose(slow.forward(x), fast.forward(x))
    for network in (slow, fast):
        network.backward(np.ones((5, 2, 2)))
    np.testing.assert_allclose(4 * slow.root.grad_bias, fast.root.grad_bias)
    np.testing.assert_allclose(4 * slow.root.grad_scale, fast.root.grad_scale)
    np.testing.assert_allclose(slow.root.grad_weight, fast.root.grad_weight)


@pytest.mark.parametrize(("layer", "shape"), PLACES)
def test_a_layer_says_truly_whether_it_is_linear_and_whether_it_normalizes(layer, shape):
    layer = copy.deepcopy(layer)
    network = Network(layer, shape, random_state=0)
    x = inputs(layer, shape, 6)
    if layer.linear and getattr(layer, "activation", None) is None:
        at_zero = network.forward(x * 0).copy()
        np.testing.assert_allclose(
            network.forward(2 * x) - at_zero, 2 * (network.forward(x).copy() - at_zero), atol=1e-9
        )
    if layer.normalizes:
        training = Mode(training=True)
        once = network.forward(1e3 * x, training).copy()
        np.testing.assert_allclose(network.forward(1e6 * x, training), once, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_name_the_weights_that_keep_their_inputs_as_large(name):
    """Through five layers, the size of what comes out stays within a factor of four of one."""
    function = make_activation(name)
    layers = [
        part
        for _ in range(5)
        for part in (Dense(300, weight_init=function.weights_before), make_activation(name))
    ]
    y, _ = mapped(Sequence(*layers), (normal(200, 300) - 3) / 2)
    assert 0.25 < np.sqrt((y**2).mean()) < 4
    if function.self_normalizing:
        assert abs(y.mean()) < 0.1
        assert abs(y.std() - 1) < 0.1
