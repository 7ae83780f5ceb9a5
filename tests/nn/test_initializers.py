"""Initial weights: their variances by formula, and what becomes of a signal in a deep network."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skdeep.nn import INITIALIZERS, Dense, Network, ReLU, Sequence, Tanh
from skdeep.nn.initializers import (
    by_columns,
    normal,
    ones,
    orthogonal,
    uniform_by_fans,
    zeros,
)

FANS = (300, 500)
VARIANCES = {
    "normal": 0.01**2,
    "glorot_uniform": 2 / 800,
    "glorot_normal": 2 / 800,
    "xavier_uniform": 2 / 800,
    "xavier_normal": 2 / 800,
    "he_uniform": 2 / 300,
    "he_normal": 2 / 300,
    "lecun_uniform": 1 / 300,
    "lecun_normal": 1 / 300,
    "zeros": 0.0,
}


@pytest.mark.parametrize(("scheme", "variance"), VARIANCES.items())
def test_the_variance_is_that_of_the_formula(scheme, variance):
    w = INITIALIZERS[scheme](FANS, FANS, np.random.RandomState(0))
    assert w.shape == FANS
    assert w.var() == pytest.approx(variance, rel=0.02)
    assert w.mean() == pytest.approx(0, abs=5 * np.sqrt(variance / w.size) + 1e-300)


@pytest.mark.parametrize("scheme", sorted(INITIALIZERS))
def test_uniform_schemes_are_bounded_and_normal_ones_are_not(scheme):
    w = INITIALIZERS[scheme](FANS, FANS, np.random.RandomState(0))
    if scheme.endswith("uniform"):
        assert np.abs(w).max() <= np.sqrt(3 * VARIANCES[scheme])
    elif scheme.endswith("normal"):
        assert np.abs(w).max() > 4 * np.sqrt(VARIANCES[scheme])
    elif scheme != "orthogonal":
        np.testing.assert_array_equal(w, 1.0 if scheme == "ones" else 0.0)


@pytest.mark.parametrize("shape", [(7, 4), (4, 7), (5, 5), (3, 2, 4)])
def test_an_orthogonal_matrix_has_orthonormal_rows_or_columns(shape):
    w = orthogonal(shape, FANS, np.random.RandomState(0)).reshape(-1, shape[-1])
    gram = w @ w.T if len(w) < shape[-1] else w.T @ w
    np.testing.assert_allclose(gram, np.eye(len(gram)), atol=1e-14)


def test_an_orthogonal_matrix_is_gram_schmidt_of_the_normal_matrix_that_is_drawn():
    a = np.random.RandomState(0).normal(size=(7, 4))
    q = np.linalg.solve(np.linalg.cholesky(a.T @ a), a.T).T  # A = Q R with R' R = A' A
    np.testing.assert_allclose(orthogonal((7, 4), FANS, np.random.RandomState(0)), q, atol=1e-13)
    np.testing.assert_allclose(orthogonal((4, 7), FANS, np.random.RandomState(0)), q.T, atol=1e-13)


def test_gates_are_drawn_one_by_one():
    w = by_columns(zeros, ones, orthogonal)((3, 9), (3, 3), np.random.RandomState(0))
    assert not w[:, :3].any()
    assert (w[:, 3:6] == 1.0).all()
    np.testing.assert_allclose(w[:, 6:].T @ w[:, 6:], np.eye(3), atol=1e-14)


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0.5, 10))
def test_uniform_by_fans_keeps_its_bound(fan_in, fan_out, factor):
    fans = (fan_in, fan_out)
    w = uniform_by_fans(factor)(fans, fans, np.random.RandomState(0))
    assert w.shape == fans
    assert np.abs(w).max() <= np.sqrt(factor / (fan_in + fan_out))


def test_biases_start_at_zero_and_weights_do_not():
    network = Network(Sequence(Dense(7), Tanh(), Dense(3)), (5,), random_state=0)
    np.testing.assert_array_equal(network.params[network.n_penalized :], 0.0)
    assert (network.params[: network.n_penalized] != 0).all()


def test_the_same_random_state_draws_the_same_network_and_another_one_another():
    def draw(random_state):
        return Network(Sequence(Dense(7), Tanh(), Dense(3)), (5,), random_state=random_state).params

    np.testing.assert_array_equal(draw(3), draw(3))
    np.testing.assert_array_equal(draw(3), draw(np.random.RandomState(3)))
    assert (draw(3) != draw(4)).any()


def test_initialize_draws_anew_and_forgets_statistics():
    network = Network(Sequence(Dense(7), Tanh(), Dense(3)), (5,), random_state=3)
    before = network.params.copy()
    network.params[...] = 9.0
    network.initialize(3)
    np.testing.assert_array_equal(network.params, before)


def test_the_data_type_of_the_network_does_not_change_what_is_drawn():
    kinds = [Network(Dense(50), (50,), dtype=d, random_state=0) for d in (np.float32, np.float64)]
    np.testing.assert_array_equal(kinds[0].params, kinds[1].params.astype(np.float32))


def scales(weight_init, width=512, depth=10):
    """Return the standard deviation of the activations at each layer of a deep ReLU network."""
    found = []
    for n_layers in (1, depth):
        layers = [
            layer
            for _ in range(n_layers)
            for layer in (Dense(width, weight_init=weight_init), ReLU())
        ]
        network = Network(Sequence(*layers), (width,), random_state=0)
        x = np.random.RandomState(1).normal(size=(1000, width))
        found.append(float(network.forward(x).std()))
    return found


def unit_normal(shape, fans, random_state):
    return normal(shape, fans, random_state, std=1.0)


def test_small_normal_weights_let_the_signal_vanish():
    first, tenth = scales("normal")
    assert 0.1 < first < 0.2
    assert tenth < 1e-7


def test_unit_normal_weights_let_it_explode():
    first, tenth = scales(unit_normal)
    assert first > 10
    assert tenth > 1e10


@pytest.mark.parametrize("scheme", ["he_normal", "he_uniform"])
def test_he_keeps_the_scale(scheme):
    """sqrt(1 - 1/pi) = 0.83 is the deviation of max(N(0, 2), 0), at every layer."""
    first, tenth = scales(scheme)
    assert first == pytest.approx(0.83, abs=0.03)
    assert tenth == pytest.approx(0.8, abs=0.15)


@pytest.mark.parametrize("scheme", ["xavier_normal", "glorot_uniform"])
def test_xavier_loses_half_the_variance_at_each_rectifier(scheme):
    """By 2**(9 / 2), some twenty times, from the first layer to the tenth; draws differ."""
    first, tenth = scales(scheme)
    assert first == pytest.approx(0.58, abs=0.03)
    assert 14 < first / tenth < 35
