"""Penalties and bounds beside PyTorch's on the same weights, and what they do in training."""

import numpy as np
import pytest
from scipy import optimize

from skdeep.nn import (
    L1,
    L2,
    SGD,
    ActivityL1,
    Adam,
    AMSGrad,
    Batches,
    Constant,
    Conv2D,
    Cosine,
    Dense,
    ElasticNet,
    Flatten,
    Identity,
    L2Toward,
    MaxNorm,
    MemberDense,
    Mode,
    Momentum,
    NAdam,
    Nesterov,
    Network,
    Orthogonality,
    PenaltySum,
    ReLU,
    Run,
    Sequence,
    SquaredError,
    Tanh,
    Trainer,
)
from tests.data import normal


def network(*units, seed=0, dtype=np.float64):
    hidden = [layer for n in units for layer in (Dense(n), Tanh())]
    return Network(Sequence(*hidden, Dense(1)), (6,), random_state=seed, dtype=dtype)


def trained(net, penalty=None, *, bound=None, optimizer=None, weight=None, n_epochs=5):
    x, y = normal((40, 6)), normal((40, 1), 1)
    batches = Batches(x, y, weight, 10, net.dtype)
    run = Run(
        net,
        SquaredError(),
        SGD() if optimizer is None else optimizer,
        Constant(0.05),
        penalty=penalty,
        bound=bound,
        shuffle=False,
    )
    with run.working(batches):
        for _ in range(n_epochs):
            run.epoch()
    return net


# Orthogonality


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (1, 6), (6, 1)])
def test_orthogonality_is_that_of_pytorch_by_autograd(shape):
    torch = pytest.importorskip("torch")
    w = normal(shape)
    penalty = Orthogonality(0.7, [(slice(0, w.size), (1, *shape))])
    theirs = torch.tensor(w, requires_grad=True)
    gram = theirs.T @ theirs if shape[0] >= shape[1] else theirs @ theirs.T
    value = 0.7 * ((gram - torch.eye(len(gram))) ** 2).sum()
    value.backward()
    assert penalty.value(w.ravel()) == pytest.approx(value.item())
    grad = np.zeros(w.size)
    penalty.add_gradient(w.ravel(), grad)
    np.testing.assert_allclose(grad.reshape(shape), theirs.grad.numpy(), atol=1e-12)


def test_orthonormal_weights_cost_nothing():
    q = np.linalg.qr(normal((6, 4)))[0]
    for w in (q, q.T):
        penalty = Orthogonality(1.0, [(slice(0, 24), (1, *w.shape))])
        assert penalty.value(w.ravel()) == pytest.approx(0, abs=1e-24)


def test_orthogonality_finds_the_hidden_layers_and_makes_them_orthonormal():
    net = network(4, 5)
    penalty = Orthogonality(20.0)
    penalty.settle(net)
    assert [shape for _, shape in penalty.matrices] == [(1, 6, 4), (1, 4, 5)]
    trained(net, penalty, n_epochs=100, optimizer=Adam())
    first, second, _ = (layer.weight for layer in net.layers() if isinstance(layer, Dense))
    np.testing.assert_allclose(first.T @ first, np.eye(4), atol=0.15)
    np.testing.assert_allclose(second @ second.T, np.eye(4), atol=0.15)


def test_kernels_of_convolutions_are_columns():
    layers = Sequence(Conv2D(3, 2), ReLU(), Flatten(), Dense(2))
    net = Network(layers, (4, 4, 2), random_state=0)
    penalty, bound = Orthogonality(1.0), MaxNorm(0.1)
    penalty.settle(net)
    assert [shape for _, shape in penalty.matrices] == [(1, 8, 3)]
    bound.prepare(net)
    bound.apply(net)
    kernel = net.layers()[0].weight
    np.testing.assert_allclose(np.sqrt((kernel**2).sum(axis=(0, 1, 2))), 0.1)


def test_lengths_are_those_that_the_layer_multiplies_by():
    layers = [MemberDense(3, ntk=True, weight_init="normal"), MemberDense(1)]
    net = Network(Sequence(*layers), (2, 4), random_state=0)
    penalty, bound = Orthogonality(0.7), MaxNorm(0.001)
    penalty.settle(net)
    weights, grad = net.params[: net.n_penalized], np.zeros(net.n_penalized)
    effective = layers[0].weight / 2  # the root of four inputs
    excess = effective.swapaxes(1, 2) @ effective - np.eye(3)
    assert penalty.value(weights) == pytest.approx(0.7 * (excess**2).sum())
    penalty.add_gradient(weights, grad)
    numeric = optimize.approx_fprime(weights, penalty.value, 1e-7)
    np.testing.assert_allclose(grad, numeric, atol=1e-5)
    bound.prepare(net)
    bound.apply(net)
    np.testing.assert_allclose(np.sqrt((layers[0].weight ** 2).sum(axis=1)) / 2, 0.001)


# Weight by weight


CENTER = normal(20, 1)


@pytest.mark.parametrize(
    ("penalty", "formula"),
    [
        (L1(0.3), lambda w, c: 0.3 * abs(w).sum()),
        (L2(0.3), lambda w, c: 0.3 * (w**2).sum() / 2),
        (ElasticNet(0.3, 0.2), lambda w, c: 0.3 * (0.2 * abs(w) + 0.8 * w**2 / 2).sum()),
        (L2Toward(0.3, CENTER), lambda w, c: 0.3 * ((w - c) ** 2).sum() / 2),
    ],
    ids=["l1", "l2", "elastic net", "toward"],
)
def test_sums_over_weights_are_those_of_pytorch_by_autograd(penalty, formula):
    torch = pytest.importorskip("torch")
    w, grad = normal(20), np.zeros(20)
    theirs = torch.tensor(w, requires_grad=True)
    value = formula(theirs, torch.tensor(CENTER))
    value.backward()
    penalty.add_gradient(w, grad)
    assert penalty.value(w) == pytest.approx(value.item())
    np.testing.assert_allclose(grad, theirs.grad.numpy())


def test_a_strong_pull_leads_there_and_one_towards_zero_is_that_of_l2():
    net = network(4)
    center = normal(net.n_penalized)
    trained(net, L2Toward(100.0, center), n_epochs=50)
    np.testing.assert_allclose(net.params[: net.n_penalized], center, atol=0.15)
    one, other = (trained(network(4), p) for p in (L2(0.5), L2Toward(0.5, 0.0)))
    np.testing.assert_allclose(one.params, other.params, atol=1e-12)


# Sums


@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_a_sum_does_what_its_parts_do(optimizer):
    whole = trained(network(4), ElasticNet(0.4, 0.5), optimizer=optimizer())
    parts = PenaltySum(L2(0.2), L2Toward(0.0, 0.0), alpha=1.0)
    assert parts.in_two()[1] == []
    doubled = PenaltySum(ElasticNet(0.2, 0.5), alpha=2.0)
    np.testing.assert_allclose(
        trained(network(4), doubled, optimizer=optimizer()).params, whole.params, atol=1e-12
    )
    two = PenaltySum(L2(0.1), L2(0.3))
    np.testing.assert_allclose(
        trained(network(4), two, optimizer=optimizer()).params,
        trained(network(4), L2(0.4), optimizer=optimizer()).params,
        atol=1e-12,
    )


def test_exact_zeros_come_with_a_pull_beside():
    net = trained(network(8), PenaltySum(L1(3.0), L2Toward(0.5, 0.1)), n_epochs=60)
    assert (net.params[: net.n_penalized] == 0).any()


def test_the_value_is_in_the_loss_of_a_step():
    net = network(4)
    x, y = normal((10, 6)), normal((10, 1), 1)
    plain = Trainer(net.copy(), SquaredError(), SGD()).step(x, y, None, 0.0)
    penalty = PenaltySum(L2(0.5), Orthogonality(0.3))
    step = Trainer(net.copy(), SquaredError(), SGD(), penalty=penalty).step(x, y, None, 0.0)
    weights = net.params[: net.n_penalized]
    orthogonality = Orthogonality(0.3)
    orthogonality.settle(net)
    expected = (L2(0.5).value(weights) + orthogonality.value(weights)) / 10
    assert step - plain == pytest.approx(expected)


# What units say


def test_the_penalty_on_activations_is_that_of_pytorch():
    torch = pytest.importorskip("torch")
    net = Network(Sequence(Dense(5), Tanh(), ActivityL1(0.3), Dense(1)), (6,), random_state=0)
    x, y = normal((8, 6)), normal((8, 1), 1)
    weight = np.arange(1.0, 9.0) / 36
    z = net.forward(x, Mode(training=True, weight=weight))
    loss = SquaredError()
    loss.settle(np, np.float64)
    value, grad = loss.value_and_gradient(z, y, weight)
    net.backward(grad)
    parameters = [torch.tensor(view, requires_grad=True) for _, view, _ in net.parameters()]
    by_path = {path: p for (path, _, _), p in zip(net.parameters(), parameters, strict=True)}
    hidden = torch.tanh(torch.tensor(x) @ by_path["0.weight"] + by_path["0.bias"])
    out = hidden @ by_path["3.weight"] + by_path["3.bias"]
    w = torch.tensor(weight)
    theirs = (w[:, None] * (out - torch.tensor(y)) ** 2).sum() / 2
    theirs = theirs + 0.3 * (w @ hidden.abs().sum(dim=1))
    theirs.backward()
    assert value + net.penalty() == pytest.approx(theirs.item())
    for path, _, gradient in net.parameters():
        np.testing.assert_allclose(gradient, by_path[path].grad.numpy(), atol=1e-12)


def test_steps_behind_the_end_of_a_sequence_have_no_penalty():
    x, lengths = np.random.default_rng(0).normal(size=(3, 5, 2)), np.array([5, 2, 1])
    gradients = []
    for layer in (Identity(), ActivityL1(0.3)):
        net = Network(Sequence(Dense(4), Tanh(), layer, Dense(1)), (5, 2), random_state=0)
        y = net.forward(x, Mode(training=True, lengths=lengths))
        net.backward(0.0 * y)
        gradients.append(net.grad.copy())
    hidden = np.tanh(x @ net.root.layers[0].weight)
    valid = np.arange(5)[None, :, None] < lengths[:, None, None]
    assert net.penalty() == pytest.approx(0.3 * (abs(hidden) * valid).sum() / 3)
    slope = 0.3 / 3 * np.sign(hidden) * (1 - hidden**2) * valid
    expected = np.einsum("nti,ntj->ij", x, slope)
    np.testing.assert_allclose(net.root.layers[0].grad_weight, expected, atol=1e-12)
    assert not gradients[0].any()


@pytest.mark.parametrize("weighted", [False, True])
def test_the_mean_is_over_members_too(weighted):
    x, weight = normal((5, 3, 4)), np.arange(15.0).reshape(5, 3) / 105
    together, alone = ActivityL1(0.3, members=True), ActivityL1(0.3)
    nets = [Network(together, (3, 4)), Network(alone, (4,))]
    given = [weight, weight.reshape(-1)] if weighted else [None, None]
    grads = []
    for net, own, w in zip(nets, (x, x.reshape(15, 4)), given, strict=True):
        net.forward(own, Mode(training=True, weight=w))
        grads.append(net.backward(np.zeros_like(own), wants_input=True).reshape(-1))
    assert nets[0].penalty() == pytest.approx(nets[1].penalty())
    np.testing.assert_array_equal(*grads)


def test_prediction_has_no_penalty_on_activations():
    net = Network(Sequence(Dense(5), ActivityL1(0.3)), (6,), random_state=0)
    net.forward(normal((3, 6)), Mode(training=True))
    assert net.penalty() > 0
    net.forward(normal((3, 6)))
    assert net.penalty() == 0
    assert network(3).penalty() == 0


# The bound


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_bound_is_renorm_of_pytorch(dtype):
    torch = pytest.importorskip("torch")
    w = normal((7, 5)).astype(dtype)
    expected = torch.renorm(torch.tensor(w), p=2, dim=1, maxnorm=2.0).numpy()
    bound = MaxNorm(2.0)
    bound.settle(np, dtype)
    bound.project(w)
    np.testing.assert_allclose(w, expected, rtol=1e-5)


def test_no_hidden_unit_leaves_the_bound_after_any_step():
    net = network(4, 3)
    bound, x, y = MaxNorm(0.3), normal((10, 6)), normal((10, 1), 1)
    trainer = Trainer(net, SquaredError(), SGD(), bound=bound)
    dense = [layer for layer in net.layers() if isinstance(layer, Dense)]
    dense[-1].weight[...] = 5.0
    for _ in range(5):
        trainer.step(x, y, None, 0.1)
        for layer in dense[:-1]:
            assert np.sqrt((layer.weight**2).sum(axis=0)).max() <= 0.3 * (1 + 1e-12)
    assert np.abs(dense[-1].weight).max() > 0.3  # outputs are free


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MaxNorm(0), "MaxNorm takes a bound above 0, got 0"),
        (lambda: ActivityL1(-1), "ActivityL1 takes an alpha of 0 or more, got -1"),
        (lambda: Orthogonality(-0.1), "Orthogonality takes an alpha of 0 or more"),
        (lambda: L2Toward(np.nan, 0.0), "L2Toward takes an alpha of 0 or more"),
    ],
)
def test_what_makes_no_sense_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# Exact zeros


@pytest.mark.parametrize("optimizer", [SGD, Momentum, Nesterov, Adam, AMSGrad, NAdam])
def test_a_lasso_ends_at_its_solution_with_exact_zeros(optimizer):
    """Least squares with orthonormal columns: each coefficient is shrunk by alpha, or zero."""
    q = np.linalg.qr(normal((20, 8)))[0]
    true = np.array([3.0, -2.0, 1.0, 0.4, -0.3, 0.2, 0.0, 0.0])
    y = (q @ true)[:, None]
    net = Network(Dense(1, use_bias=False), (8,), random_state=0)
    # The mean of squared errors over 20 samples; the penalty of a batch is over their number too.
    trainer = Trainer(net, SquaredError(), optimizer(), penalty=L1(0.5))
    for step in range(3000):
        trainer.step(q, y, None, 0.5 * max(0.998**step, 0.05))
    expected = np.sign(true) * np.maximum(np.abs(true) - 0.5, 0)
    np.testing.assert_allclose(net.params, expected, atol=2e-3)
    assert (net.params[3:] == 0).all()


@pytest.mark.parametrize("optimizer", [Momentum, Nesterov])
def test_a_lasso_ends_at_its_solution_where_the_rate_falls_to_nothing(optimizer):
    """The velocity is of larger rates than the last one, and the proximal step is as long as it."""
    x, y = normal((20, 4)), normal((20, 1))
    found = {}
    for schedule in (Constant(0.05), Cosine(0.05, n_epochs=1500)):
        net = Network(Dense(1, use_bias=False), (4,), random_state=0)
        trainer = Trainer(net, SquaredError(), optimizer(), penalty=L1(4.0))
        for epoch in range(1500):
            trainer.step(x, y, None, schedule.rate(epoch, 0))
        found[type(schedule)] = net.params.copy()
    np.testing.assert_allclose(found[Cosine], found[Constant], atol=1e-6)
    assert 0 < (found[Cosine] == 0).sum() < 4
