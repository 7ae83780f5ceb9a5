"""Equality with PyTorch on the same weights: forward, gradients, statistics, twenty steps."""

import copy

import numpy as np
import pytest

from skdeep.nn import (
    ELU,
    GELU,
    SELU,
    SGD,
    AbsoluteError,
    AdaGrad,
    Adam,
    AdamW,
    AlphaDropout,
    AMSGrad,
    Batch,
    BatchNorm,
    Dense,
    Dropout,
    Elementwise,
    ExponentialAverage,
    Gamma,
    Gaussian,
    HardTanh,
    Hinge,
    Huber,
    Identity,
    LayerNorm,
    LeakyReLU,
    Logistic,
    LogisticCrossEntropy,
    LogisticFocal,
    Maxout,
    Mish,
    Mode,
    Momentum,
    MulticlassHinge,
    Muon,
    NAdam,
    Nesterov,
    Network,
    Poisson,
    PReLU,
    Quantiles,
    ReLU,
    RMSProp,
    Sequence,
    ShiftedReLU,
    SiLU,
    SoftmaxCrossEntropy,
    SoftmaxFocal,
    Softplus,
    SquaredError,
    StochasticAverage,
    Tanh,
    Trainer,
    TransposedDense,
    Tweedie,
    settle_statistics,
)
from tests.data import batch
from tests.nn.parts import name, wide

torch = pytest.importorskip("torch")
torch.set_num_threads(1)
pytestmark = pytest.mark.peers
F = torch.nn.functional

ACTIVATIONS = [
    (Identity(), torch.nn.Identity()),
    (Logistic(), torch.nn.Sigmoid()),
    (Tanh(), torch.nn.Tanh()),
    (ReLU(), torch.nn.ReLU()),
    (LeakyReLU(0.2), torch.nn.LeakyReLU(0.2)),
    (ELU(), torch.nn.ELU()),
    (ELU(0.5), torch.nn.ELU(0.5)),
    (Softplus(), torch.nn.Softplus(threshold=1e9)),
    (GELU(), torch.nn.GELU()),
    (SiLU(), torch.nn.SiLU()),
    (SELU(), torch.nn.SELU()),
    (Mish(), torch.nn.Mish()),
    (HardTanh(), torch.nn.Hardtanh()),
    (ShiftedReLU(), torch.nn.Hardtanh(-1.0, 1e300)),
    (Elementwise(np.tanh), torch.nn.Tanh()),
]


class LargestOf(torch.nn.Module):
    """Maxout by PyTorch's maximum over an axis of pieces."""

    def __init__(self, pieces):
        super().__init__()
        self.pieces = pieces

    def forward(self, x):
        return x.unflatten(-1, (self.pieces, -1)).amax(dim=-2)


def theirs_of(layer, d):
    """Return PyTorch's module for one of our layers, and the shape behind it."""
    for ours, module in ACTIVATIONS:
        if type(ours) is type(layer) and ours.config() == layer.config():
            return copy.deepcopy(module), d
    if isinstance(layer, PReLU):
        return torch.nn.PReLU(d), d
    if isinstance(layer, Maxout):
        return LargestOf(layer.pieces), d // layer.pieces
    if isinstance(layer, Dense):
        return torch.nn.Linear(d, layer.units, bias=layer.use_bias), layer.units
    if isinstance(layer, BatchNorm):  # None is the plain average over all batches
        return torch.nn.BatchNorm1d(d, eps=layer.eps, momentum=None), d
    if isinstance(layer, LayerNorm):
        return torch.nn.LayerNorm(d, eps=layer.eps), d
    raise AssertionError(layer)


def pair(*layers, d=5, seed=0):
    """Return our network and PyTorch's, with the same random parameters in all places."""
    layers = [copy.deepcopy(layer) for layer in layers]
    network = Network(Sequence(*layers), (d,), random_state=seed)
    network.params += np.random.RandomState(seed).normal(0, 0.3, network.n_parameters)
    modules = []
    for layer in layers:
        module, d = theirs_of(layer, d)
        modules.append(module.double())
    model = torch.nn.Sequential(*modules)
    for (ours, _), parameter in zip(parameters(network, model), model.parameters(), strict=True):
        parameter.data = torch.tensor(ours.copy())
    return network, model


def parameters(network, model):
    """Yield our parameters and their gradients in PyTorch's order and shapes."""
    for layer in network.layers():
        for key in layer.parameters((1,)):
            view, grad = getattr(layer, key), getattr(layer, "grad_" + key)
            yield (view.T, grad.T) if key == "weight" else (view, grad)


def assert_equal(network, model, rtol=1e-9, atol=1e-11):
    for (ours, _), theirs in zip(parameters(network, model), model.parameters(), strict=True):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=rtol, atol=atol)


STACKS = [
    *[(Dense(4), activation, Dense(3)) for activation, _ in ACTIVATIONS],
    (Dense(4), PReLU(), Dense(3)),
    (Dense(8), Maxout(), Dense(6), Maxout(3)),
    (Dense(3, use_bias=False),),
    (BatchNorm(),),
    (BatchNorm(eps=0.1),),
    (LayerNorm(),),
    (LayerNorm(eps=0.1), Dense(2)),
    (Dense(6, use_bias=False), BatchNorm(), ReLU(), Dense(6), LayerNorm(), GELU(), Dense(3)),
    (BatchNorm(), Dense(4), BatchNorm(), SiLU(), BatchNorm(), Tanh()),
]


def stack_name(stack):
    return "-".join(map(repr, stack))


@pytest.mark.parametrize("stack", STACKS, ids=stack_name)
def test_forward_and_all_gradients_are_those_of_pytorch(stack):
    network, model = pair(*stack)
    for training in (True, False):
        model.train(training)
        model.zero_grad()
        x = torch.tensor(batch(), requires_grad=True)
        theirs = model(x)
        theirs.backward(torch.cos(theirs.detach()))
        ours = network.forward(batch(), Mode(training))
        np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-10, atol=1e-12)
        grad_x = network.backward(np.cos(ours), wants_input=True)
        np.testing.assert_allclose(grad_x, x.grad.numpy(), rtol=1e-8, atol=1e-11)
        for (_, grad), parameter in zip(
            parameters(network, model), model.parameters(), strict=True
        ):
            np.testing.assert_allclose(grad, parameter.grad.numpy(), rtol=1e-8, atol=1e-11)


def test_running_statistics_are_pytorchs_plain_average_at_first():
    network, model = pair(BatchNorm(momentum=0.1))
    for seed in range(10):
        x = batch(8, seed=seed)
        network.forward(x, Mode(training=True))
        model(torch.tensor(x))
    np.testing.assert_allclose(network.root.layers[0].running_mean, model[0].running_mean)
    np.testing.assert_allclose(network.root.layers[0].running_variance, model[0].running_var)
    model.eval()
    np.testing.assert_allclose(
        network.forward(batch()), model(torch.tensor(batch())).detach(), rtol=1e-10
    )


def test_running_statistics_go_on_as_pytorchs_exponential_average():
    network, model = pair(BatchNorm(momentum=0.1))
    norm = model[0]
    for seed in range(25):
        if seed == 10:  # from here on the newest batch counts a tenth
            norm.momentum = 0.1
        network.forward(batch(8, seed=seed), Mode(training=True))
        model(torch.tensor(batch(8, seed=seed)))
    np.testing.assert_allclose(network.root.layers[0].running_mean, norm.running_mean)
    np.testing.assert_allclose(network.root.layers[0].running_variance, norm.running_var)


def summed(loss):
    """Return a loss of PyTorch as ours: summed over outputs, averaged over samples."""
    return lambda z, y: loss(z, y, reduction="none").sum(dim=1)


def poisson(z, y):
    """Add to PyTorch's loss the terms of the target alone that make it the half deviance."""
    exact = F.poisson_nll_loss(z, y, log_input=True, reduction="none")
    return (exact + torch.special.xlogy(y, y) - y).sum(dim=1)


def classes(seed=0):
    return np.random.RandomState(seed).randint(3, size=7)


def yes_or_no():
    return (batch(7, 3, seed=1) > 0).astype(float)


def binary_hinge(z, y):
    return F.relu(1 - (2 * y - 1) * z)


def focal(z, y, gamma=2.0, smoothing=0.0):
    """Write the focal loss as the paper does, and leave its gradient to PyTorch."""
    log_p, k = F.log_softmax(z, dim=1), z.shape[1]
    share = (1 - smoothing) * F.one_hot(y, k).to(z.dtype) + smoothing / k
    return (-share * (1 - log_p.exp()) ** gamma * log_p).sum(dim=1)


def focal_of_yes_or_no(z, y):
    right = torch.sigmoid((2 * y - 1) * z)
    return (-((1 - right) ** 2) * right.log()).sum(dim=1)


def gamma(z, y):
    """Write half the gamma deviance by PyTorch's distribution: the shape 1 has its gradient."""
    mean = z.exp()
    of = torch.distributions.Gamma(torch.ones_like(mean), 1 / mean)
    saturated = torch.distributions.Gamma(torch.ones_like(y), 1 / y)
    return (saturated.log_prob(y) - of.log_prob(y)).sum(dim=1)


def gaussian(z, y):
    """Write the likelihood by PyTorch's loss, of mean and variance."""
    mean, variance = z[:, :3], F.softplus(z[:, 3:]) + 1e-6
    return F.gaussian_nll_loss(mean, y, variance, full=True, reduction="none").sum(dim=1)


def quantiles(z, y):
    """Sum the pinball losses of three quantiles, each above the one before."""
    low, *steps = z.split(3, dim=1)
    each = torch.stack([low, *map(F.softplus, steps)]).cumsum(dim=0)
    share = torch.tensor([0.1, 0.5, 0.9], dtype=z.dtype)[:, None, None]
    return torch.maximum(share * (y - each), (share - 1) * (y - each)).sum(dim=(0, 2))


CASES = [
    (SoftmaxCrossEntropy(), lambda z, y: F.cross_entropy(z, y, reduction="none"), classes()),
    (
        SoftmaxCrossEntropy(0.2),
        lambda z, y: F.cross_entropy(z, y, reduction="none", label_smoothing=0.2),
        classes(),
    ),
    (LogisticCrossEntropy(), summed(F.binary_cross_entropy_with_logits), yes_or_no()),
    (SquaredError(), lambda z, y: summed(F.mse_loss)(z, y) / 2, batch(7, 3, seed=1)),
    (AbsoluteError(), summed(F.l1_loss), batch(7, 3, seed=1)),
    (Huber(), summed(F.huber_loss), batch(7, 3, seed=1)),
    (
        Huber(0.5),
        lambda z, y: F.huber_loss(z, y, delta=0.5, reduction="none").sum(dim=1),
        batch(7, 3, seed=1),
    ),
    (Hinge(), lambda z, y: binary_hinge(z, y).sum(dim=1), yes_or_no()),
    (Hinge(2), lambda z, y: (binary_hinge(z, y) ** 2).sum(dim=1), yes_or_no()),
    # PyTorch divides by the number of classes.
    (
        MulticlassHinge(),
        lambda z, y: 3 * F.multi_margin_loss(z, y, reduction="none"),
        classes(),
    ),
    (
        MulticlassHinge(2),
        lambda z, y: 3 * F.multi_margin_loss(z, y, p=2, reduction="none"),
        classes(),
    ),
    (Gamma(), gamma, np.random.RandomState(0).gamma(2.0, size=(7, 3))),
    (Tweedie(2), gamma, np.random.RandomState(0).gamma(2.0, size=(7, 3))),
    (Tweedie(1), poisson, np.random.RandomState(0).poisson(1.0, (7, 3)).astype(float)),
    (Gaussian(), gaussian, batch(7, 3, seed=1)),
    (Quantiles(), quantiles, batch(7, 3, seed=1)),
    (SoftmaxFocal(), focal, classes()),
    (SoftmaxFocal(3.5, 0.1), lambda z, y: focal(z, y, 3.5, 0.1), classes()),
    (LogisticFocal(), focal_of_yes_or_no, yes_or_no()),
    (Poisson(), poisson, np.random.RandomState(0).poisson(1.0, (7, 3)).astype(float)),
]


@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize(("loss", "theirs", "target"), CASES, ids=[name(c[0]) for c in CASES])
def test_losses_and_their_gradients_are_those_of_pytorch(loss, theirs, target, weighted):
    weight = np.arange(1, 8) / 28.0 if weighted else np.full(7, 1 / 7)
    outputs = 2 * batch(*wide(loss, (7, 3)))
    z = torch.tensor(outputs, requires_grad=True)
    expected = theirs(z, torch.tensor(target)) @ torch.tensor(weight)
    expected.backward()
    loss.settle(np, np.float64)
    value, gradient = loss.value_and_gradient(outputs.copy(), target, weight if weighted else None)
    assert value == pytest.approx(expected.item(), rel=1e-10)
    np.testing.assert_allclose(gradient, z.grad.numpy(), rtol=1e-9, atol=1e-13)


RATE = 0.03
# PyTorch adds epsilon after the correction of the bias, we before, as the paper's faster form
# and scikit-learn do: a tiny one makes no difference.
OPTIMIZERS = {
    "sgd": (SGD, lambda p: torch.optim.SGD(p, RATE)),
    "momentum": (lambda: Momentum(0.9), lambda p: torch.optim.SGD(p, RATE, momentum=0.9)),
    "nesterov": (
        lambda: Nesterov(0.9),
        lambda p: torch.optim.SGD(p, RATE, momentum=0.9, nesterov=True),
    ),
    "adam": (
        lambda: Adam(epsilon=1e-30),
        lambda p: torch.optim.Adam(p, RATE, eps=1e-30),
    ),
    "adam of other moments": (
        lambda: Adam(0.7, 0.9, epsilon=1e-30),
        lambda p: torch.optim.Adam(p, RATE, betas=(0.7, 0.9), eps=1e-30),
    ),
    "adamw": (
        lambda: AdamW(0.3, epsilon=1e-30),
        lambda p: torch.optim.AdamW(p, RATE, weight_decay=0.3, eps=1e-30),
    ),
    "amsgrad": (
        lambda: AMSGrad(epsilon=1e-30),
        lambda p: torch.optim.Adam(p, RATE, eps=1e-30, amsgrad=True),
    ),
    "nadam": (
        lambda: NAdam(epsilon=1e-30),
        lambda p: torch.optim.NAdam(p, RATE, eps=1e-30),
    ),
    "adagrad": (
        lambda: AdaGrad(1e-6),
        lambda p: torch.optim.Adagrad(p, RATE, eps=1e-6),
    ),
    "rmsprop": (
        lambda: RMSProp(epsilon=1e-6),
        lambda p: torch.optim.RMSprop(p, RATE, eps=1e-6),
    ),
    "rmsprop with momentum": (
        lambda: RMSProp(0.9, 0.8, 1e-6),
        lambda p: torch.optim.RMSprop(p, RATE, alpha=0.9, momentum=0.8, eps=1e-6),
    ),
}


def clip(model, bound):
    """Clip as torch.nn.utils.clip_grad_norm_ does, without the millionth it adds to the norm."""
    norm = torch.cat([p.grad.reshape(-1) for p in model.parameters()]).norm()
    for parameter in model.parameters():
        parameter.grad *= min(1.0, bound / norm)


@pytest.fixture
def doubles():
    """Have PyTorch's scalars in float64, too: NAdam keeps the product of its momenta in one."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.usefixtures("doubles")
@pytest.mark.parametrize("clip_norm", [None, 0.5])
@pytest.mark.parametrize(("kind", "peer"), OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_twenty_steps_are_those_of_pytorch(kind, peer, clip_norm):
    network, model = pair(Dense(6), Tanh(), Dense(5), SiLU(), Dense(3))
    # Decoupled decay acts on the weights alone; PyTorch needs groups for that.
    weights = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": weights}, {"params": others, "weight_decay": 0.0}]
    optimizer, theirs = kind(), peer(groups)
    optimizer.clip_norm = clip_norm
    optimizer.settle(np, np.float64, network.n_parameters)
    trainer = Trainer(network, SoftmaxCrossEntropy(), optimizer)
    for step in range(20):
        x, y = batch(12, seed=step), np.random.RandomState(step).randint(3, size=12)
        value = trainer.step(x, y, None, RATE)
        theirs.zero_grad()
        loss = F.cross_entropy(model(torch.tensor(x)), torch.tensor(y))
        loss.backward()
        if clip_norm is not None:
            clip(model, clip_norm)
        theirs.step()
        assert value == pytest.approx(loss.item(), rel=1e-8)
    assert_equal(network, model, rtol=1e-8, atol=1e-10)


def test_clipped_entries_are_those_of_pytorch():
    network, model = pair(Dense(6), Tanh(), Dense(3))
    optimizer, theirs = (
        Nesterov(clip_value=0.03),
        torch.optim.SGD(model.parameters(), RATE, momentum=0.9, nesterov=True),
    )
    trainer = Trainer(network, SoftmaxCrossEntropy(), optimizer)
    for step in range(20):
        x, y = batch(12, seed=step), np.random.RandomState(step).randint(3, size=12)
        trainer.step(x, y, None, RATE)
        theirs.zero_grad()
        F.cross_entropy(model(torch.tensor(x)), torch.tensor(y)).backward()
        torch.nn.utils.clip_grad_value_(model.parameters(), 0.03)
        theirs.step()
    assert_equal(network, model, rtol=1e-8, atol=1e-10)


def test_muon_is_pytorchs_to_the_digits_of_the_products_there():
    """Which are of bfloat16, with eight bits."""
    w = batch(8, 5)
    theirs_w = torch.nn.Parameter(torch.tensor(w.copy()))
    theirs = torch.optim.Muon(
        [theirs_w], RATE, weight_decay=0.1, momentum=0.9, adjust_lr_fn="match_rms_adamw"
    )
    optimizer = Muon(0.9, weight_decay=0.1)
    optimizer.settle(np, np.float64, w.size, [(slice(0, w.size), (1, *w.shape))])
    start, flat = w.copy(), w.reshape(-1)
    for step in range(20):
        g = batch(8, 5, seed=step)
        theirs_w.grad = torch.tensor(g.copy())
        theirs.step()
        optimizer.step(flat, g.reshape(-1).copy(), RATE, n_penalized=w.size)
    moved = np.linalg.norm(w - start)
    assert np.linalg.norm(w - theirs_w.detach().numpy()) < 0.03 * moved


@pytest.mark.parametrize("norm", [BatchNorm(), LayerNorm()], ids=name)
@pytest.mark.parametrize("kind", ["sgd", "adam"])
def test_a_normalized_network_trains_as_pytorchs(kind, norm):
    network, model = pair(Dense(6, use_bias=False), norm, ReLU(), Dense(3))
    optimizer, theirs = OPTIMIZERS[kind][0](), OPTIMIZERS[kind][1](model.parameters())
    optimizer.settle(np, np.float64, network.n_parameters)
    trainer = Trainer(network, SquaredError(), optimizer)
    for step in range(20):
        x, y = batch(12, seed=step), batch(12, 3, seed=100 + step)
        value = trainer.step(x, y, None, RATE)
        theirs.zero_grad()
        loss = F.mse_loss(model(torch.tensor(x)), torch.tensor(y)) * 3 / 2
        loss.backward()
        theirs.step()
        assert value == pytest.approx(loss.item(), rel=1e-8)
    assert_equal(network, model, rtol=1e-7, atol=1e-9)


def test_tied_weights_train_as_a_weight_that_pytorch_uses_twice():
    layers = (
        Dense(4),
        Tanh(),
        Dense(4),
        Dense(4, same_as="2.weight"),
        TransposedDense(5, "0.weight"),
    )
    network = Network(Sequence(*layers), (5,), random_state=0)
    theirs = [torch.tensor(view.copy(), requires_grad=True) for _, view, _ in network.parameters()]
    first, b, inner, *c = theirs
    trainer = Trainer(network, SquaredError(), Momentum(0.9))
    descent = torch.optim.SGD(theirs, RATE, momentum=0.9)
    for step in range(20):
        x = batch(12, seed=step)
        trainer.step(x, x, None, RATE)
        descent.zero_grad()
        hidden = torch.tanh(torch.tensor(x) @ first + b) @ inner + c[0]
        out = (hidden @ inner + c[1]) @ first.T + c[2]
        (F.mse_loss(out, torch.tensor(x)) * 5 / 2).backward()
        descent.step()
    for (_, ours, _), peer in zip(network.parameters(), theirs, strict=True):
        np.testing.assert_allclose(ours, peer.detach().numpy(), rtol=1e-9)


@pytest.mark.parametrize(
    ("layer", "function"),
    [(Dropout(0.25), F.dropout), (AlphaDropout(0.25), F.alpha_dropout)],
    ids=["dropout", "alpha"],
)
def test_what_is_kept_and_what_is_dropped_become_what_pytorch_makes_of_them(layer, function):
    x = np.full((40, 50), 1.3)
    network = Network(layer, (50,))
    ours = network.forward(x, Mode(training=True, rng=np.random.default_rng(0)))
    theirs = function(torch.tensor(x), 0.25, training=True).numpy()
    np.testing.assert_allclose(np.unique(ours.round(12)), np.unique(theirs.round(12)), rtol=1e-9)
    assert abs((ours == ours.max()).mean() - 0.75) < 0.04


def test_the_l2_penalty_of_plain_descent_is_pytorchs_weight_decay():
    network, model = pair(Dense(6), Tanh(), Dense(3))
    weights = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": weights, "weight_decay": 0.4}, {"params": others}]
    theirs = torch.optim.SGD(groups, RATE)
    optimizer = SGD()
    optimizer.settle(np, np.float64, network.n_parameters)
    trainer = Trainer(network, SoftmaxCrossEntropy(), optimizer, alpha=0.4 * 12)
    for step in range(20):
        x, y = batch(12, seed=step), np.random.RandomState(step).randint(3, size=12)
        trainer.step(x, y, None, RATE)  # shares alpha by the 12 samples of the batch
        theirs.zero_grad()
        F.cross_entropy(model(torch.tensor(x)), torch.tensor(y)).backward()
        theirs.step()
    assert_equal(network, model)


def test_averages_of_weights_are_pytorchs():
    averaging = torch.optim.swa_utils
    ours = [ExponentialAverage(0.8), StochasticAverage()]
    model = torch.nn.Linear(3, 2, dtype=torch.float64)
    theirs = [
        averaging.AveragedModel(model, multi_avg_fn=averaging.get_ema_multi_avg_fn(0.8)),
        averaging.AveragedModel(model),
    ]
    for epoch in range(1, 8):
        weights = batch(2, 3, seed=epoch)
        with torch.no_grad():
            model.weight[...] = torch.tensor(weights)
        for mine, peer in zip(ours, theirs, strict=True):
            mine.update(weights.reshape(-1), epoch)
            peer.update_parameters(model)
            expected = peer.module.weight.detach().numpy().reshape(-1)
            np.testing.assert_allclose(mine.mean, expected, rtol=1e-12)


def test_statistics_of_an_average_are_those_that_pytorch_updates():
    network, model = pair(Dense(6), BatchNorm(), ReLU(), Dense(4), BatchNorm(eps=0.1))
    x = batch(30)
    network.forward(batch(8, seed=1), Mode(training=True))  # as training left them behind
    settle_statistics(network, [Batch(x, None)])
    torch.optim.swa_utils.update_bn([torch.tensor(x)], model)
    model.eval()
    np.testing.assert_allclose(network.forward(x), model(torch.tensor(x)).detach(), rtol=1e-9)
