"""Batch normalization of many rows in blocks: the same numbers as by the plain formulas."""

import numpy as np
import pytest

from skdeep.nn import BatchNorm, Mode, Network, ReLU, Sequence
from skdeep.nn.layers.normalization.row_blocks import RowBlocks
from skdeep.nn.sharing import WorkShare
from tests.data import samples_of


def passes(shape, dtype, x, grad_y, share=None):
    """Return what one step makes of a batch normalization: outputs, gradients, statistics."""
    network = Network(BatchNorm(), shape, dtype=dtype, random_state=0)
    network.params += np.linspace(-0.5, 0.5, network.n_parameters, dtype=dtype)
    network.share_work(share)
    y = network.forward(x, Mode(training=True)) * 1
    grad_x = network.backward(grad_y * 1, wants_input=True)
    return y, grad_x, network.grad, network.statistics


@pytest.mark.parametrize(
    ("shape", "n"), [((5, 6, 7), 4), ((7, 3), 5), ((13,), 31), ((1500,), 12), ((9, 1), 3)], ids=str
)
@pytest.mark.parametrize("offset", [0.0, 100.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_blocks_compute_what_the_formulas_say(shape, n, offset, dtype, monkeypatch):
    x = samples_of(shape, n, dtype=dtype) + dtype(offset)
    grad_y = np.cos(np.arange(x.size)).reshape(x.shape).astype(dtype)
    plain = passes(shape, dtype, x, grad_y)
    monkeypatch.setattr("skdeep.nn.layers.normalization.batch.SMALLEST", 0)
    monkeypatch.setattr("skdeep.nn.layers.normalization.row_blocks._BLOCK", 256)
    before = x * 1
    in_blocks = passes(shape, dtype, x, grad_y)
    np.testing.assert_array_equal(x, before)
    tolerance = (1e-5 if dtype is np.float32 else 1e-13) * (1 + offset)
    for one, other in zip(plain, in_blocks, strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


def test_any_number_of_threads_gives_the_same_bits(monkeypatch):
    monkeypatch.setattr("skdeep.nn.layers.normalization.batch.SMALLEST", 0)
    monkeypatch.setattr("skdeep.nn.layers.normalization.row_blocks.SMALLEST", 0)
    monkeypatch.setattr("skdeep.nn.layers.normalization.row_blocks._BLOCK", 1024)
    x = samples_of((6, 6, 5), 20, dtype=np.float32)
    found = [passes((6, 6, 5), np.float32, x, x)]
    for threads in (2, 3):
        with WorkShare(threads) as share:
            found.append(passes((6, 6, 5), np.float32, x, x, share))
    for other in found[1:]:
        for one, two in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(one, two)


def test_variance_survives_a_large_mean():
    """Where the sum of squares would cancel to nothing."""
    x = (samples_of((4,), 30000) + 1e4).astype(np.float32)
    mean, variance = RowBlocks(*x.shape, x.dtype, None).moments(x)
    exact = x.astype(np.float64)
    np.testing.assert_allclose(mean, exact.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(variance, exact.var(axis=0), rtol=1e-4)


@pytest.mark.parametrize(
    ("offset", "far"), [(0.0, False), (3.0, False), (4.0, True), (-50.0, True)]
)
def test_sums_are_taken_around_zero_only_where_that_costs_no_digits(offset, far):
    x = samples_of((8, 8, 4), 400, dtype=np.float32).reshape(-1, 4)
    x[:, 2] += np.float32(offset)
    grad = np.cos(np.arange(x.size, dtype=np.float32)).reshape(x.shape)
    rows = RowBlocks(*x.shape, x.dtype, None)
    mean, variance = rows.moments(x)
    total, product = rows.products(x, mean, grad)
    assert rows.far == far
    exact, by = x.astype(np.float64), grad.astype(np.float64)
    np.testing.assert_allclose(mean, exact.mean(axis=0), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(variance, exact.var(axis=0), rtol=5e-7)
    size = np.sqrt(len(x))  # of a sum of numbers of size one and any sign
    np.testing.assert_allclose(total, by.sum(axis=0), atol=2e-6 * size)
    centred = exact - exact.mean(axis=0)
    np.testing.assert_allclose(product, (centred * by).sum(axis=0), atol=4e-6 * size)


def test_large_batches_of_pictures_equal_torch():
    torch = pytest.importorskip("torch")
    x = samples_of((16, 16, 64), 40, dtype=np.float32) * 3 + 2
    grad_y = np.cos(np.arange(x.size)).reshape(x.shape).astype(np.float32)
    y, grad_x, grad, _ = passes((16, 16, 64), np.float32, x, grad_y)
    theirs = torch.nn.BatchNorm2d(64)
    with torch.no_grad():
        steps = torch.linspace(-0.5, 0.5, 128)
        theirs.weight += steps[:64]
        theirs.bias += steps[64:]
    pictures = torch.from_numpy(x.transpose(0, 3, 1, 2)).requires_grad_()
    out = theirs(pictures)
    out.backward(torch.from_numpy(grad_y.transpose(0, 3, 1, 2)))
    by_pixel = (0, 2, 3, 1)
    np.testing.assert_allclose(y, out.detach().numpy().transpose(by_pixel), atol=1e-4)
    np.testing.assert_allclose(grad_x, pictures.grad.numpy().transpose(by_pixel), atol=1e-4)
    both = np.concatenate([theirs.weight.grad.numpy(), theirs.bias.grad.numpy()])
    np.testing.assert_allclose(grad, both, rtol=1e-3, atol=2e-2)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("smallest", [0, 10**9])
def test_a_rectifier_behind_goes_in_the_same_pass(smallest, weighted, monkeypatch):
    monkeypatch.setattr("skdeep.nn.layers.normalization.batch.SMALLEST", smallest)
    x = samples_of((6, 6, 5), 9, dtype=np.float64)
    grad_y = np.cos(np.arange(x.size)).reshape(x.shape)
    mode = Mode(training=True, weight=np.linspace(0, 2, 9) / 9 if weighted else None)
    norm, relu = (Network(layer, (6, 6, 5)) for layer in (BatchNorm(), ReLU()))
    both = Network(Sequence(BatchNorm(), ReLU()), (6, 6, 5))
    for network in (norm, both):
        network.params += np.linspace(-0.5, 0.5, network.n_parameters)
    y = relu.forward(norm.forward(x, mode), mode) * 1
    grad_x = norm.backward(relu.backward(grad_y * 1, wants_input=True), wants_input=True)
    np.testing.assert_allclose(both.forward(x, mode), y, atol=1e-14)
    assert both.root.layers[0].rectified == (smallest == 0 and not weighted)
    np.testing.assert_allclose(both.backward(grad_y * 1, wants_input=True), grad_x, atol=1e-13)
    np.testing.assert_allclose(both.grad, norm.grad, atol=1e-12)
    expected = relu.forward(norm.forward(x, Mode()), Mode())
    np.testing.assert_allclose(both.forward(x), expected, atol=1e-14)
