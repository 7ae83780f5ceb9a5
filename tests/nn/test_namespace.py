"""The same code on other arrays: PyTorch's tensors give NumPy's numbers, to rounding.

This is equality with ourselves in another namespace; tests/nn/test_torch.py compares with
PyTorch's own layers.
"""

import copy

import numpy as np
import pytest

from skdeep.nn import (
    ELU,
    GELU,
    L2,
    Adam,
    BatchNorm,
    Dense,
    Dropout,
    LayerNorm,
    LeakyReLU,
    Mode,
    Network,
    Objective,
    ReLU,
    Sequence,
    SiLU,
    SoftmaxCrossEntropy,
    Softplus,
    SquaredError,
    Tanh,
    Trainer,
)
from tests.data import batch, normal
from tests.nn.parts import LOSSES, OPTIMIZERS, PLACES, inputs, name, target_of, wide

torch = pytest.importorskip("torch")
torch.set_num_threads(1)
pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("error::UserWarning")]

SPACES = {"numpy": (np, np.float64), "torch": (torch, torch.float64)}
EXACT = {"rtol": 1e-11, "atol": 1e-12}


def assert_same(results, **tolerance):
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), **(tolerance or EXACT))


@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("training", [False, True], ids=["prediction", "training"])
@pytest.mark.parametrize(("layer", "shape"), PLACES)
def test_layers_map_tensors_as_they_map_arrays(layer, shape, training, weighted):
    results = []
    for xp, dtype in SPACES.values():
        network = Network(copy.deepcopy(layer), shape, xp=xp, dtype=dtype, random_state=0)

        def batch_of(n, xp=xp):
            x = inputs(layer, shape, n)
            return tuple(map(xp.asarray, x)) if isinstance(x, tuple) else xp.asarray(x)

        weight = xp.asarray(np.arange(1, 8) / 28.0) if weighted else None
        found = []
        for n in (7, 3, 7):
            part = None if weight is None else weight[:n] / weight[:n].sum()
            mode = Mode(training, np.random.default_rng(0), part)
            y = network.forward(batch_of(n), mode)
            assert type(y) is type(xp.zeros(1))
            assert y.dtype == dtype
            found.append(y * 1)
            grad_x = network.backward(xp.cos(y), wants_input=True)
            found.extend(part * 1 for part in (grad_x if isinstance(grad_x, tuple) else [grad_x]))
            found.append(network.grad * 1)
        results.append([*found, network.statistics, network.forward(batch_of(7))])
    assert_same(results)


@pytest.mark.parametrize("spread", [1.0, 100.0])
@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("loss", LOSSES, ids=name)
def test_losses_take_tensors_as_they_take_arrays(loss, weighted, spread):
    results = []
    for xp, dtype in SPACES.values():
        mine = copy.deepcopy(loss)
        mine.settle(xp, dtype)
        z = normal(wide(loss, (7, 3))) * (1.0 if loss.link == "exp" else spread)  # not exp(100)
        target = xp.asarray(target_of(loss, (7, 3)))
        weight = xp.asarray(np.arange(1, 8) / 28.0) if weighted else None
        value, gradient = mine.value_and_gradient(xp.asarray(z.copy()), target, weight)
        results.append([value, gradient, mine.predict(xp.asarray(z.copy()))])
    assert_same(results)


@pytest.mark.parametrize("clip_norm", [None, 0.5])
@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_network_with_batch_normalization_trains_on_tensors_to_the_same_weights(kind, clip_norm):
    x = batch(60)
    y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)
    weight = np.random.RandomState(2).uniform(size=60)
    results = []
    for xp, dtype in SPACES.values():
        root = Sequence(
            Dense(16, use_bias=False),
            BatchNorm(),
            ReLU(),
            Dense(8, use_bias=False),
            BatchNorm(),
            Tanh(),
            Dense(3),
        )
        network = Network(root, (5,), xp=xp, dtype=dtype, random_state=0)
        optimizer = kind(clip_norm=clip_norm)
        optimizer.settle(xp, dtype, network.n_parameters)
        trainer = Trainer(network, SoftmaxCrossEntropy(0.1), optimizer, alpha=0.01)
        losses = [
            trainer.step(*(xp.asarray(a[rows]) for a in (x, y, weight)), 0.05, measure=True)
            for _ in range(6)
            for rows in (slice(0, 20), slice(20, 40), slice(40, 60))
        ]
        assert losses[-1] < losses[0]
        outputs = network.outputs(xp.asarray(x))
        results.append([losses, trainer.gradient_norm, network.params, network.statistics, outputs])
    assert_same(results, rtol=1e-8, atol=1e-9)


def test_every_activation_and_dropout_train_on_tensors_to_the_same_weights():
    x, y = batch(40), batch(40, 2, seed=1)
    results = []
    for xp, dtype in SPACES.values():
        activations = (LeakyReLU(), ELU(0.5), Softplus(), GELU(), SiLU())
        parts = [part for a in activations for part in (Dense(6), LayerNorm(), a, Dropout(0.1))]
        network = Network(Sequence(*parts, Dense(2)), (5,), xp=xp, dtype=dtype, random_state=0)
        optimizer = Adam()
        optimizer.settle(xp, dtype, network.n_parameters)
        rng = np.random.default_rng(0)
        trainer = Trainer(network, SquaredError(), optimizer, rng=rng)
        losses = [trainer.step(xp.asarray(x), xp.asarray(y), None, 0.01) for _ in range(10)]
        results.append([losses, network.params])
    assert_same(results, rtol=1e-8, atol=1e-9)


def test_the_objective_and_copies_work_on_tensors():
    results = []
    for xp, dtype in SPACES.values():
        root = Sequence(Dense(4), BatchNorm(), Tanh(), Dense(2))
        network = Network(root, (5,), xp=xp, dtype=dtype, random_state=0)
        objective = Objective(
            network, SquaredError(), xp.asarray(batch()), xp.asarray(batch(7, 2)), None, L2(0.1)
        )
        value, gradient = objective(network.params * 0.5)
        kept = network.snapshot()
        twin, replica = network.copy(), network.replica()
        network.params *= 0.0
        network.restore(kept)
        found = [net.forward(xp.asarray(batch())) * 1 for net in (network, twin, replica)]
        results.append([value, gradient, *found])
    assert_same(results)


def test_the_package_itself_does_not_import_torch():
    import subprocess
    import sys

    code = "import sys, skdeep, skdeep.nn; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
