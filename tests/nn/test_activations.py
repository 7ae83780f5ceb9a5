"""What activations do that one formula does not tell: functions of one's own, SELU, maxout."""

import pickle

import numpy as np
import pytest
from scipy import sparse
from scipy.special import expit

from skdeep.nn import (
    GELU,
    SELU,
    AlphaDropout,
    Dense,
    Elementwise,
    LeakyReLU,
    Maxout,
    Mode,
    Network,
    Sequence,
    make_activation,
)
from skdeep.nn.layers.activations.elementwise import _DERIVATIVES

POINTS = np.linspace(-5, 5, 201)[:, None] + 0.003


def slopes(layer, x=POINTS):
    network = Network(layer, x.shape[1:], dtype=x.dtype)
    network.forward(x)
    return network.backward(np.ones_like(x), wants_input=True)


def test_the_derivative_of_a_function_without_one_is_that_of_differences():
    found = slopes(Elementwise(lambda x: np.sin(3 * x) * np.exp(-x / 4)))
    x = POINTS
    right = (3 * np.cos(3 * x) - np.sin(3 * x) / 4) * np.exp(-x / 4)
    np.testing.assert_allclose(found, right, rtol=0, atol=2e-8)
    near = np.abs(x) < 1
    np.testing.assert_allclose(found[near], right[near], rtol=0, atol=4e-10)


def test_it_is_computed_in_float64_for_a_float32_network():
    x = POINTS.astype(np.float32)
    found = slopes(Elementwise(lambda x: np.sin(3 * x)), x)
    assert found.dtype == np.float32
    right = 3 * np.cos(3 * x.astype(np.float64))
    np.testing.assert_allclose(found, right, rtol=1e-6, atol=1e-7)


def test_a_kink_moves_no_slope_beside_it():
    found = slopes(Elementwise(lambda x: np.where(x > 0, x, 0.1 * x)))
    np.testing.assert_allclose(found, np.where(POINTS > 0, 1, 0.1), rtol=1e-9)


@pytest.mark.parametrize("function", _DERIVATIVES, ids=lambda f: f.__name__)
def test_known_derivatives_are_the_limits_of_differences(function):
    found = slopes(Elementwise(function))
    differences = slopes(Elementwise(lambda x: function(x)))
    np.testing.assert_allclose(found, differences, rtol=1e-8, atol=1e-8)


def test_a_derivative_that_is_given_is_taken_as_it_is():
    found = slopes(Elementwise(np.tanh, lambda x: 1.00001 * (1 - np.tanh(x) ** 2)))
    np.testing.assert_allclose(found, 1.00001 * (1 - np.tanh(POINTS) ** 2), rtol=1e-12)


def test_a_wrong_derivative_is_refused():
    with pytest.raises(ValueError, match=r"cos is not that of tanh: at x = .* differences say"):
        Elementwise(np.tanh, np.cos)


def test_kinks_and_ends_of_a_domain_are_no_wrong_derivatives():
    Elementwise(np.rint, np.zeros_like)
    Elementwise(lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0)
    Elementwise(np.log, lambda x: 1 / x)


@pytest.mark.parametrize("function", [np.sum, lambda x: x[:, :2], lambda x: 1.0])
def test_a_function_that_does_not_keep_the_shape_is_refused(function):
    with pytest.raises(ValueError, match="to an array of its shape"):
        Elementwise(function)


@pytest.mark.parametrize("function", [lambda x: np.cumsum(x, axis=0), lambda x: x - x[:1]])
def test_a_function_of_several_rows_is_refused(function):
    with pytest.raises(ValueError, match="depends on other rows"):
        Elementwise(function)


def test_only_callables_are_functions():
    with pytest.raises(TypeError, match="callable as function, got 3"):
        Elementwise(3)
    with pytest.raises(TypeError, match="callable as derivative, got 'x'"):
        Elementwise(np.tanh, "x")


def test_functions_are_told_from_makers_of_layers():
    def scaled(x, scale=2.0):
        return scale * x

    for function in (np.sin, expit, scaled, lambda x: x + 1, np.sinc):
        assert isinstance(make_activation(function), Elementwise)
    for maker in (GELU, lambda: LeakyReLU(0.3), lambda slope=0.2: LeakyReLU(slope)):
        assert not isinstance(make_activation(maker), Elementwise)
    assert make_activation(lambda: LeakyReLU(0.3)).slope == 0.3


def test_a_layer_is_copied():
    given = Maxout(3)
    made = make_activation(given)
    assert repr(made) == repr(given)
    assert made is not given


def test_what_makes_no_layer_says_what_it_made():
    with pytest.raises(TypeError, match=r"must make a skdeep.nn.Layer .* it made 3"):
        make_activation(lambda: 3)


def test_functions_with_a_name_pickle():
    layer = pickle.loads(pickle.dumps(Elementwise(np.sin, np.cos)))
    np.testing.assert_array_equal(slopes(layer), np.cos(POINTS))
    assert repr(layer) == "Elementwise(sin, cos)"


def test_selu_keeps_mean_and_variance_through_many_layers():
    x = np.random.default_rng(0).normal(size=(500, 100))
    layers = [
        layer
        for _ in range(20)
        for layer in (Dense(100, weight_init="lecun_normal"), SELU(), AlphaDropout(0.05))
    ]
    network = Network(Sequence(*layers), (100,), random_state=0)
    for mode in (Mode(), Mode(training=True, rng=np.random.default_rng(0))):
        y = network.forward(x, mode)
        assert abs(y.mean()) < 0.1
        assert 0.7 < y.var() < 1.3


def test_alpha_dropout_drops_to_the_limit_of_selu():
    rate = 0.25
    network = Network(AlphaDropout(rate), (400,))
    y = network.forward(np.zeros((50, 400)), Mode(training=True, rng=np.random.default_rng(0)))
    c, q = -1.0507009873554805 * 1.6732632423543772, 1 - rate
    a = (q + c**2 * q * (1 - q)) ** -0.5
    np.testing.assert_allclose(np.unique(y.round(9)), [a * q * c, -a * rate * c])
    assert abs((y < 0).mean() - rate) < 0.02
    np.testing.assert_array_equal(network.forward(np.ones((2, 400))), 1)


def test_alpha_dropout_takes_no_sparse_matrix():
    with pytest.raises(ValueError, match="no sparse matrix"):
        AlphaDropout(0.5).forward(sparse.eye(3), Mode(training=True, rng=np.random.default_rng(0)))


def test_maxout_gives_the_gradient_to_the_first_of_equals():
    network = Network(Maxout(3), (6,))
    y = network.forward(np.array([[1.0, 4.0, 1.0, 2.0, 0.0, 4.0]]))
    np.testing.assert_array_equal(y, [[1, 4]])
    grad = network.backward(np.array([[5.0, 7.0]]), wants_input=True)
    np.testing.assert_array_equal(grad, [[5, 7, 0, 0, 0, 0]])


def test_maxout_needs_a_multiple_of_its_pieces():
    with pytest.raises(ValueError, match=r"multiple of 3, got samples of shape \(4,\)"):
        Network(Maxout(3), (4,))
    with pytest.raises(ValueError, match="2 pieces or more, got 1"):
        Maxout(1)
