"""The Hessian against central differences of the proven gradient, of every layer and loss."""

import copy

import numpy as np
import pytest
from scipy import sparse

from skdeep.nn import (
    GELU,
    L1,
    L2,
    BatchNorm,
    Dense,
    ElasticNet,
    Layer,
    LogisticCrossEntropy,
    Mode,
    Network,
    Objective,
    ReLU,
    Sequence,
    SoftmaxCrossEntropy,
    SquaredError,
    Tanh,
    hessian,
)
from tests.data import normal
from tests.nn.parts import LOSSES, ends, inputs, name, target_of, trials, weights, wide

N_ENTRIES = 40  # of the parameters of a network that differences are taken of


def differences(objective, entries, step=1e-5):
    """Return rows of the Hessian by central differences of the gradient."""
    start, rows = objective.network.params.copy(), []
    for entry in entries:
        ahead = np.zeros_like(start)
        ahead[entry] = step
        high = objective(start + ahead)[1].copy()
        rows.append((high - objective(start - ahead)[1]) / (2 * step))
    objective.network.params[...] = start
    return np.array(rows)


def assert_hessian_is_right(objective):
    size = objective.network.n_parameters
    found = hessian(objective)
    entries = np.random.RandomState(0).permutation(size)[:N_ENTRIES]
    expected = differences(objective, entries)
    atol = 2e-7 * max(1.0, abs(expected).max())
    np.testing.assert_allclose(found[entries], expected, atol=atol)
    np.testing.assert_array_equal(found, found.T)


@pytest.mark.parametrize(("layer", "samples", "with_ends"), list(trials()))
def test_the_hessian_of_a_layer_is_the_limit_of_differences_of_its_gradient(
    layer, samples, with_ends
):
    n, (_, shape) = 4, samples[-1]
    network = Network(copy.deepcopy(layer), shape, random_state=0)
    if network.draws or not network.n_parameters:
        return
    network.params += normal(network.n_parameters, seed=1) / 2
    x, lengths = inputs(layer, shape, n), ends(shape, n) if with_ends else None
    y = network.forward(x, Mode(training=True, lengths=lengths))
    target, weight = normal(y.shape, seed=3), weights(n)
    assert_hessian_is_right(
        Objective(network, SquaredError(), x, target, weight / weight.sum(), lengths=lengths)
    )


@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("loss", LOSSES, ids=name)
def test_the_hessian_of_a_loss_is_the_limit_of_differences_of_its_gradient(loss, weighted):
    root = Sequence(Dense(4), Tanh(), Dense(*wide(loss, (3,))))
    network = Network(root, (5,), random_state=0)
    weight = weights(7) / weights(7).sum() if weighted else None
    target = target_of(loss, (7, 3))
    assert_hessian_is_right(
        Objective(network, copy.deepcopy(loss), normal((7, 5)), target, weight, L2(0.3))
    )


@pytest.mark.parametrize("penalty", [L2(0.3), L1(0.3), ElasticNet(0.7, 0.2)], ids=name)
def test_a_penalty_adds_to_the_diagonal_of_weights_what_of_it_is_smooth(penalty):
    network = Network(Dense(2), (3,), random_state=0)
    x, y = normal((4, 3)), normal((4, 2))
    bare, whole = (
        hessian(Objective(network, SquaredError(), x, y, None, p)) for p in (None, penalty)
    )
    smooth = penalty.split()[0].alpha if penalty.split()[0] else 0.0
    np.testing.assert_allclose(whole - bare, np.diag([smooth] * 6 + [0.0] * 2), atol=1e-15)


def test_the_hessian_of_logistic_regression_is_the_textbooks():
    """X' diag(p (1 - p)) X / n, at p = 1/2 too, where the computation of p has its seam."""
    x = normal((20, 3))
    network = Network(Dense(1, use_bias=False), (3,), random_state=0)
    for factor in (1.0, 0.0):
        network.params *= factor
        p = 1 / (1 + np.exp(-x @ network.params))
        found = hessian(Objective(network, LogisticCrossEntropy(), x, np.ones((20, 1))))
        np.testing.assert_allclose(found, x.T * (p * (1 - p)) @ x / 20, rtol=1e-12)


@pytest.mark.peers
def test_the_hessian_is_pytorchs():
    torch = pytest.importorskip("torch")
    x, y = normal((9, 4)), np.arange(9) % 3
    network = Network(Sequence(Dense(5), Tanh(), Dense(4), GELU(), Dense(3)), (4,), random_state=0)
    network.params[...] = normal(network.n_parameters, seed=1) / 2
    layers = [layer for layer in network.layers() if isinstance(layer, Dense)]
    activations = (torch.tanh, torch.nn.functional.gelu, lambda z: z)

    def part(vector, layer, parameter):
        like = getattr(layer, parameter)
        start = layer.starts[parameter]
        return vector[start : start + like.size].reshape(like.shape)

    def loss(vector):
        z = torch.from_numpy(x)
        for layer, activation in zip(layers, activations, strict=True):
            z = activation(z @ part(vector, layer, "weight") + part(vector, layer, "bias"))
        return torch.nn.functional.cross_entropy(z, torch.from_numpy(y))

    expected = torch.autograd.functional.hessian(loss, torch.from_numpy(network.params.copy()))
    found = hessian(Objective(network, SoftmaxCrossEntropy(), x, y))
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-10, atol=1e-13)


def test_directions_go_in_blocks_that_bound_memory(monkeypatch):
    network = Network(Sequence(Dense(4), Tanh(), Dense(2)), (3,), random_state=0)
    objective = Objective(network, SquaredError(), normal((6, 3)), normal((6, 2)))
    whole = hessian(objective)
    monkeypatch.setitem(hessian.__globals__, "_LARGEST_TANGENTS", 5 * network.n_parameters)
    np.testing.assert_allclose(hessian(objective), whole, rtol=1e-13, atol=1e-16)
    monkeypatch.setitem(hessian.__globals__, "_LARGEST_TANGENTS", 1)
    np.testing.assert_allclose(hessian(objective), whole, rtol=1e-13, atol=1e-16)


def test_the_network_stays_as_it_was():
    network = Network(Sequence(Dense(4), BatchNorm(), ReLU(), Dense(2)), (3,), random_state=0)
    objective = Objective(network, SquaredError(), normal((6, 3)), normal((6, 2)))
    objective(network.params * 1.0)
    before = network.params.copy(), network.grad.copy(), network.statistics.copy()
    hessian(objective)
    for array, old in zip((network.params, network.grad, network.statistics), before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_sparse_rows_and_float32_have_the_hessian_of_dense_rows_in_float64():
    x, y = normal((6, 3)) * (normal((6, 3), seed=1) > 0), normal((6, 2))
    found = []
    for rows, dtype in ((x, np.float64), (sparse.csr_array(x), np.float64), (x, np.float32)):
        network = Network(Sequence(Dense(4), Tanh(), Dense(2)), (3,), dtype=dtype, random_state=0)
        rows, target = rows.astype(dtype), y.astype(dtype)
        found.append(hessian(Objective(network, SquaredError(), rows, target)))
    np.testing.assert_allclose(found[1], found[0], rtol=1e-13, atol=1e-16)
    np.testing.assert_allclose(found[2], found[0], rtol=1e-4, atol=1e-6)
    assert found[2].dtype == np.float64


def test_a_layer_that_leaves_the_namespace_is_named():
    class Foreign(Tanh):
        def apply(self, x, y):
            y[...] = np.tanh(x)

    class Unknown(Layer):
        def forward(self, x, mode=None):
            return self.xp.einsum("ij->ij", x)

    x, y = normal((6, 3)), normal((6, 3))
    for layer, clue in ((Foreign(), "Dual"), (Unknown(), "numpy.einsum")):
        network = Network(Sequence(Dense(3), layer), (3,), random_state=0)
        with pytest.raises(NotImplementedError, match=f"second derivatives of .*{clue}"):
            hessian(Objective(network, SquaredError(), x, y))
