"""Layers for pictures: what they compute, and equality with PyTorch's on the same weights."""

import copy

import numpy as np
import pytest

from skdeep.nn import (
    Adam,
    AvgPool2D,
    Conv1D,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    Mode,
    Network,
    ReLU,
    Sequence,
    SoftmaxCrossEntropy,
    Trainer,
)
from skdeep.nn.sharing import WorkShare
from tests.data import samples_of
from tests.nn.pictures import WINDOWS


def network_of(layer, shape, dtype=np.float64):
    network = Network(copy.deepcopy(layer), shape, dtype=dtype, random_state=0)
    network.params += np.random.RandomState(1).normal(0, 0.3, network.n_parameters)
    return network


def name(what):
    return repr(what) if not isinstance(what, tuple) else str(what)


@pytest.mark.parametrize(("layer", "shape"), WINDOWS, ids=name)
def test_single_precision_is_the_same_to_rounding(layer, shape):
    found = []
    for dtype in (np.float64, np.float32):
        network = network_of(layer, shape, dtype)
        y = network.forward(samples_of(shape, dtype=dtype), Mode(training=True)) * 1
        assert y.dtype == dtype
        grad_y = np.cos(np.arange(y.size)).reshape(y.shape).astype(dtype)
        found.append((y, network.backward(grad_y, wants_input=True), network.grad))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        *WINDOWS,
        (Conv2D(16, 3, padding=1, activation="relu"), (8, 9, 16)),
        (Conv2D(16, 3, padding="same", stride=2), (8, 9, 16)),
        (Conv2D(16, 5, padding=2), (8, 9, 3)),
        (Conv2D(16, 1), (8, 9, 16)),
        (Conv2D(16, 3, groups=16, padding=1), (8, 9, 16)),
    ],
    ids=name,
)
def test_threads_that_share_the_batch_change_nothing_but_rounding(layer, shape, dtype, monkeypatch):
    monkeypatch.setattr("skdeep.nn.layers.convolution.SMALLEST_SHARED", 0)
    monkeypatch.setattr("skdeep.nn.layers.pooling._SMALLEST_SHARED", 0)
    alone, shared = network_of(layer, shape, dtype), network_of(layer, shape, dtype)
    with WorkShare(3) as share:
        shared.share_work(share)
        for n in (7, 2, 1, 7):
            x = samples_of(shape, n, dtype=dtype)
            found = []
            for network in (alone, shared):
                y = network.forward(x, Mode(training=True)) * 1
                grad_y = np.cos(np.arange(y.size)).reshape(y.shape).astype(dtype)
                grad_x = network.backward(grad_y, wants_input=True)
                share.finish()
                found.append((y, grad_x, network.grad))
            tolerance = 1e-4 if dtype is np.float32 else 1e-12
            for one, other in zip(*found, strict=True):
                np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


def test_batches_of_other_sizes_and_pictures_follow_each_other():
    layer = Sequence(Conv2D(4, 3, padding=1, activation="relu"), MaxPool2D(), Conv2D(5, 3))
    network = network_of(layer, (8, 8, 2), np.float32)
    for n in (3, 8, 1, 3):
        x = samples_of((8, 8, 2), n, seed=n, dtype=np.float32)
        fresh = network_of(layer, (8, 8, 2), np.float32)
        np.testing.assert_array_equal(network.forward(x), fresh.forward(x))
    for size in (10, 8, 12):  # convolutions take pictures of any size
        x = samples_of((size, size, 2), dtype=np.float32)
        assert network.forward(x).shape[1] == size // 2 - 2


def test_a_convolution_does_not_flip_its_window():
    """The lectures' example, with w, x, y, z = 1, 10, 100, 1000."""
    network = Network(Conv2D(1, 2), (3, 3, 1))
    network.root.weight[...] = np.array([1.0, 10, 100, 1000]).reshape(2, 2, 1, 1)
    y = network.forward(np.arange(1.0, 10).reshape(1, 3, 3, 1))
    assert y.ravel().tolist() == [5421.0, 6532.0, 8754.0, 9865.0]


@pytest.mark.parametrize(
    ("layer", "channels", "n", "shared"),
    [
        (Conv2D(16, 3, padding=1, groups=16), 16, 64, True),  # little to multiply, much to move
        (Conv2D(16, 3, padding=1, groups=16), 16, 4, False),
        (Conv2D(16, 3, padding=1), 16, 64, True),
        (Conv2D(2, 3, padding=1), 2, 64, False),
    ],
    ids=name,
)
def test_threads_share_what_takes_longer_than_handing_it_out(layer, channels, n, shared):
    network = network_of(layer, (20, 20, channels), np.float32)
    with WorkShare(2) as share:
        handed, run = [], share.run
        share.run = lambda task, size: handed.append(size) or run(task, size)
        network.share_work(share)
        network.forward(samples_of((20, 20, channels), n, dtype=np.float32))
    assert handed == [n] * shared


def test_a_convolution_is_a_dense_layer_with_shared_weights():
    network = Network(Conv2D(2, 3, padding=1), (4, 4, 1), random_state=0)
    matrix = network.forward(np.eye(16).reshape(16, 4, 4, 1)).reshape(16, -1) * 1
    x = samples_of((4, 4, 1))
    np.testing.assert_allclose(network.forward(x).reshape(5, -1), x.reshape(5, -1) @ matrix)


def test_a_causal_output_sees_no_later_step():
    layer = Conv1D(3, 3, padding="causal", dilation=2)
    network = network_of(layer, (9, 2))
    x = samples_of((9, 2))
    y = network.forward(x) * 1
    assert y.shape == (5, 9, 3)
    later = x.copy()
    later[:, 5:] += 1.0
    changed = network.forward(later) != y
    assert not changed[:, :5].any()
    assert changed[:, 5:].all(axis=(0, 2)).any()


@pytest.mark.parametrize(
    ("layer", "shape", "parameters", "cost"),
    [
        (Conv2D(6, 5), (32, 32, 1), 156, 28 * 28 * 150),
        (Conv2D(96, 11, stride=4), (227, 227, 3), 34944, 55 * 55 * 96 * 363),
        (Conv2D(64, 3, padding=1), (112, 112, 128), 64 * 9 * 128 + 64, 924844032),
        (Conv2D(192, 3, padding=1, groups=2), (8, 8, 64), 192 * 9 * 32 + 192, 64 * 192 * 9 * 32),
        (ConvTranspose2D(3, 4, stride=2, padding=1), (7, 7, 8), 3 * 16 * 8 + 3, 49 * 3 * 16 * 8),
        (Conv1D(8, 3, padding="same"), (10, 4), 104, 10 * 8 * 12),
    ],
    ids=name,
)
def test_parameters_and_costs_are_those_of_the_lectures(layer, shape, parameters, cost):
    assert sum(np.prod(p.shape) for p in layer.parameters(shape).values()) == parameters
    assert layer.cost(shape) == cost


def test_of_several_largest_pixels_one_has_the_gradient():
    network = Network(MaxPool2D(), (2, 2, 1))
    network.forward(np.zeros((1, 2, 2, 1)))
    grad_x = network.backward(np.ones((1, 1, 1, 1)), wants_input=True)
    assert grad_x.ravel().tolist() == [1.0, 0.0, 0.0, 0.0]


def test_a_shift_by_one_pixel_leaves_much_of_a_pool_as_it_was():
    x = samples_of((1, 33, 1), n=100)
    network = Network(MaxPool2D((1, 3), stride=1), (1, 32, 1))
    one, other = network.forward(x[:, :, :-1]) * 1, network.forward(x[:, :, 1:]) * 1
    # The largest of the four pixels under both windows is one of the middle two half of the time.
    assert 0.45 < (one == other).mean() < 0.55


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Conv2D(0, 3), "Conv2D takes filters of 1 or more, got 0"),
        (lambda: Conv2D(4, 0), "Conv2D takes as kernel_size a whole number of 1 or more"),
        (lambda: Conv2D(4, 3, stride=(1, 2, 3)), "Conv2D takes as stride .* got \\(1, 2, 3\\)"),
        (lambda: Conv2D(4, 3, groups=3), "Conv2D takes filters in 3 equal groups, got 4"),
        (lambda: Conv2D(4, 3, padding="full"), "Conv2D takes as padding 'valid' .* got 'full'"),
        (lambda: Conv2D(4, 3, activation="tanh"), "activation None or 'relu', got 'tanh'"),
        (lambda: Conv2D(4, 3, weight_init="none"), "Conv2D takes as weight_init one of"),
        (lambda: Conv1D(4, (3, 3)), "Conv1D takes as kernel_size a whole number, got \\(3, 3\\)"),
        (lambda: MaxPool2D(0), "MaxPool2D takes as pool_size a whole number of 1 or more"),
        (lambda: AvgPool2D(2, stride=0), "AvgPool2D takes as stride a whole number"),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (Conv2D(4, 3, stride=3), (7, 7, 3), r"\(7 - 3 \+ 0\) / 3 \+ 1 = 2.33333 is not a whole"),
        (Conv2D(4, 3), (7, 7), r"Conv2D takes pictures, .* got samples of shape \(7, 7\)"),
        (Conv2D(4, 3, groups=2), (7, 7, 3), "Conv2D takes channels in 2 equal groups"),
        (Conv1D(4, 3), (7, 7, 3), r"Conv1D takes sequences, .* got samples of shape \(7, 7, 3\)"),
        (Conv1D(4, 8), (7, 3), r"\(7 - 8 \+ 0\) / 1 \+ 1 = 0 leaves it no place"),
        (ConvTranspose2D(4, 2, padding=3), (2, 2, 1), r"1 \* \(2 - 1\) \+ 2 - 6 = -3 leaves"),
        (MaxPool2D(2), (7, 8, 1), r"does not fit a height of 7: .* = 3.5 is not a whole number"),
        (MaxPool2D(2, padding=2), (8, 8, 1), "a padding of 2 leaves a window of 2 places"),
        (GlobalAvgPool2D(), (7,), "GlobalAvgPool2D takes pictures"),
    ],
    ids=name,
)
def test_pictures_that_do_not_fit_are_refused(layer, shape, message):
    with pytest.raises(ValueError, match=message):
        Network(layer, shape)


def theirs_of(torch, layer, shape):
    """Return PyTorch's layer for one of ours on pictures padded beforehand, and that border."""
    geometry = layer.geometry(shape)
    (above, below), (left, right) = geometry.padding
    border = (left, right, above, below)
    if isinstance(layer, (MaxPool2D, AvgPool2D)):
        kind = torch.nn.MaxPool2d if isinstance(layer, MaxPool2D) else torch.nn.AvgPool2d
        return kind(geometry.kernel, geometry.stride), border
    kind = torch.nn.ConvTranspose2d if isinstance(layer, ConvTranspose2D) else torch.nn.Conv2d
    channels = shape[-1]
    module = kind(
        channels,
        layer.filters,
        geometry.kernel,
        geometry.stride,
        dilation=geometry.dilation,
        groups=layer.groups,
        bias=layer.use_bias,
    )
    return module.double(), border


@pytest.mark.peers
@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        case
        for case in WINDOWS
        if not isinstance(case[0], (Flatten, GlobalAvgPool2D))
        and not (isinstance(case[0], AvgPool2D) and case[0].padding == "same")
    ],
    ids=name,
)
def test_outputs_and_all_gradients_are_those_of_pytorch(layer, shape):
    torch = pytest.importorskip("torch")
    network = network_of(layer, shape)
    layer = network.root
    module, border = theirs_of(torch, layer, shape)
    x = samples_of(shape)
    pictures = x[:, None] if isinstance(layer, Conv1D) else x
    theirs = torch.tensor(pictures.transpose(0, 3, 1, 2).copy(), requires_grad=True)
    if network.n_parameters:
        weight = layer.weight[None] if isinstance(layer, Conv1D) else layer.weight
        module.weight.data = torch.tensor(weight.transpose(3, 2, 0, 1).copy())
        if layer.use_bias:
            module.bias.data = torch.tensor(layer.bias.copy())
    if isinstance(layer, ConvTranspose2D):
        (above, _), (left, _) = layer.geometry(shape).padding
        rows, columns = layer.geometry(shape).input_shape[:2]
        whole = module(theirs)
        y = torch.zeros(len(x), layer.filters, above + rows, left + columns).double()
        if layer.use_bias:  # what no window reaches is the bias
            y = y + module.bias[None, :, None, None]
        y[:, :, : whole.shape[2], : whole.shape[3]] = whole[:, :, : y.shape[2], : y.shape[3]]
        y = y[:, :, above:, left:]
    else:
        fill = -np.inf if isinstance(layer, MaxPool2D) else 0.0
        y = module(torch.nn.functional.pad(theirs, border, value=fill))
    if getattr(layer, "activation", None) == "relu":
        y = torch.relu(y)
    y.backward(torch.cos(y.detach()))
    ours = network.forward(x, Mode(training=True)) * 1
    images = ours[:, None] if isinstance(layer, Conv1D) else ours
    np.testing.assert_allclose(images, y.detach().numpy().transpose(0, 2, 3, 1), atol=1e-12)
    grad_x = network.backward(np.cos(ours), wants_input=True).reshape(pictures.shape)
    np.testing.assert_allclose(grad_x, theirs.grad.numpy().transpose(0, 2, 3, 1), atol=1e-11)
    if network.n_parameters:
        expected = module.weight.grad.numpy().transpose(2, 3, 1, 0)
        np.testing.assert_allclose(
            layer.grad_weight.reshape(expected.shape), expected, rtol=1e-9, atol=1e-11
        )
        if layer.use_bias:
            np.testing.assert_allclose(layer.grad_bias, module.bias.grad.numpy(), atol=1e-11)


@pytest.mark.parametrize("pool", [MaxPool2D, AvgPool2D])
@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (3, 1), (2, 3), (1, 3), (5, 2)])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_pools_leave_nothing_of_the_batch_before(pool, size, stride, padding):
    """Also to pixels that no window meets, or only windows at the edge."""
    layer = pool(size, stride=stride, padding=padding)
    shape = (9, 10, 2)
    if padding == "valid":
        shape = (size + 2 * stride, size + 3 * stride, 2)
    network = Network(layer, shape)
    x = samples_of(shape)
    y = network.forward(x, Mode(training=True))
    network.backward(np.full_like(y, np.nan), wants_input=True)
    y = network.forward(x, Mode(training=True))
    grad_x = network.backward(np.ones_like(y), wants_input=True)
    np.testing.assert_allclose(grad_x.sum(), y.size)
    assert (grad_x >= 0).all()


def test_a_small_network_of_all_of_them_learns():
    random = np.random.RandomState(0)
    x = random.normal(size=(60, 8, 8, 1))
    y = (x[:, :4].mean(axis=(1, 2, 3)) > x[:, 4:].mean(axis=(1, 2, 3))).astype(int)
    root = Sequence(
        Conv2D(8, 3, padding=1, activation="relu"),
        MaxPool2D(),
        Conv2D(8, 3, padding=1),
        ReLU(),
        AvgPool2D(),
        Flatten(),
        Dense(2),
    )
    network = Network(root, (8, 8, 1), random_state=0)
    trainer = Trainer(network, SoftmaxCrossEntropy(), Adam())
    losses = [trainer.step(x, y, None, 0.01) for _ in range(40)]
    assert losses[-1] < 0.5 * losses[0]
