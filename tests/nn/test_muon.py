"""Muon on matrices, against the singular values that its polynomial makes."""

import numpy as np
import pytest

from skdeep.nn import (
    Adam,
    Batches,
    BatchNorm,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    Muon,
    Network,
    Sequence,
    SoftmaxCrossEntropy,
    Trainer,
)
from skdeep.nn.optimizers.muon import orthogonalize


def matrix(shape, seed=0):
    return np.random.RandomState(seed).normal(size=shape)


def exact(g, n_steps=5):
    """Return U p(S) V' by the singular value decomposition of g over its length."""
    u, s, v = np.linalg.svd(g, full_matrices=False)
    s = s / np.linalg.norm(g)
    for _ in range(n_steps):
        s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
    return (u * s) @ v


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (4, 9), (9, 4), (30, 30)])
def test_an_orthogonal_matrix_has_the_singular_values_of_the_polynomial(shape):
    g = matrix(shape)
    np.testing.assert_allclose(orthogonalize(np, g), exact(g), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("unit", [1e-30, 1.0, 1e30])
def test_an_orthogonal_matrix_has_no_unit_and_that_of_zeros_is_zero(unit):
    g = matrix((4, 6)).astype(np.float32)
    found = orthogonalize(np, np.float32(unit) * g)
    np.testing.assert_allclose(found, exact(g.astype(float)), atol=1e-5)
    assert found.dtype == np.float32
    assert not orthogonalize(np, 0 * g).any()


@pytest.mark.parametrize("nesterov", [True, False])
def test_matrices_move_orthogonally_and_all_else_as_adam_moves_it(nesterov):
    """A dense layer, a kernel of a convolution, biases and scales, by hand for ten steps."""
    layers = (Conv2D(3, 2), BatchNorm(), Flatten(), Dense(4))
    network = Network(Sequence(*layers), (3, 3, 2), random_state=0)
    shapes = [shape for _, shape in network.matrices()]
    assert shapes == [(1, 8, 3), (1, 12, 4)]
    optimizer, plain = Muon(0.8, nesterov, weight_decay=0.3), Adam(weight_decay=0.3)
    optimizer.settle(np, np.float64, network.n_parameters, network.matrices())
    plain.settle(np, np.float64, network.n_parameters)
    w, expected = network.params.copy(), network.params.copy()
    velocities = [np.zeros(shape[1:]) for shape in shapes]
    for t in range(10):
        g = matrix(network.n_parameters, seed=t)
        optimizer.step(w, g.copy(), 0.02, n_penalized=network.n_penalized)
        before = expected.copy()
        plain.step(expected, g.copy(), 0.02, n_penalized=network.n_penalized)
        for (part, shape), v in zip(network.matrices(), velocities, strict=True):
            own = g[part].reshape(shape[1:])
            v *= 0.8
            v += own
            step = 0.2 * np.sqrt(max(shape)) * exact(own + 0.8 * v if nesterov else v)
            expected[part] = before[part] * (1 - 0.02 * 0.3) - 0.02 * step.reshape(-1)
        np.testing.assert_allclose(w, expected, rtol=1e-9, atol=1e-12)


def test_embeddings_are_no_matrices():
    network = Network(Sequence(Embedding(5, 3), Flatten(), Dense(2)), (4,), random_state=0)
    assert [shape for _, shape in network.matrices()] == [(1, 12, 2)]


def test_the_trainer_says_where_matrices_lie():
    x = matrix((40, 5))
    y = (x[:, 0] > 0).astype(int)
    network = Network(Sequence(Dense(8), Dense(2)), (5,), random_state=0)
    before = network.copy()
    trainer = Trainer(network, SoftmaxCrossEntropy(), Muon())
    trainer.epoch(Batches(x, y, None, 40, np.float64), None, 0.1)
    for (_, now, _), (_, old, _) in zip(network.parameters(), before.parameters(), strict=True):
        if now.ndim == 2:
            s = np.linalg.svd(now - old, compute_uv=False)[: min(now.shape)]
            assert 0.65 < s[0] / (0.1 * 0.2 * np.sqrt(max(now.shape))) < 1.25
