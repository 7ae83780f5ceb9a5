"""Networks side by side: what each layer is for members, and runs that share their steps."""

import numpy as np
import pytest

from skdeep.nn import (
    SGD,
    Adam,
    Batches,
    Constant,
    Dense,
    Network,
    ReLU,
    Run,
    Sequence,
    SideBySide,
    SquaredError,
    Tanh,
)
from skdeep.nn.side_by_side import ApartError, why_apart
from tests.data import normal
from tests.nn.parts import LAYERS

FOR_MEMBERS = [
    layer
    for layer in (entry for entry in LAYERS if not isinstance(entry, tuple))
    if layer.for_members() is not None
]


@pytest.mark.parametrize("layer", FOR_MEMBERS, ids=repr)
def test_a_layer_for_members_is_that_layer_for_each(layer):
    k, n, d = 3, 4, 5
    alone = [Network(layer.for_members(), (1, d), random_state=i) for i in range(k)]
    together = Network(layer.for_members(), (k, d))
    arrays = [network.parameters() for network in alone]
    for (_, stacked, _), *each in zip(together.parameters(), *arrays, strict=True):
        stacked[...] = np.concatenate([array for _, array, _ in each])
    x, grad = normal((n, k, d)), normal((n, k, together.output_shape[1]), seed=1)
    y = together.forward(x).copy()
    back = together.backward(grad.copy(), wants_input=True)
    for i, network in enumerate(alone):
        np.testing.assert_allclose(network.forward(x[:, i : i + 1].copy())[:, 0], y[:, i])
        own = network.backward(grad[:, i : i + 1].copy(), wants_input=True)
        np.testing.assert_allclose(own[:, 0], back[:, i])
    assert together.n_parameters == k * alone[0].n_parameters


def test_most_layers_that_learn_nothing_and_dense_ones_are_for_members():
    assert len(FOR_MEMBERS) > 20
    assert Dense(3, use_bias=False).for_members() is None


def runs(k=3, optimizer=Adam, n=50, **more):
    x = normal((n, 4))
    batches = Batches(x, np.sin(x[:, :2]), None, 16, np.float64)
    made = [
        Run(
            Network(Sequence(Dense(6), Tanh(), Dense(2)), (4,), random_state=i),
            SquaredError(),
            optimizer(),
            Constant(0.02),
            random_state=np.random.RandomState(i),
            **more,
        )
        for i in range(k)
    ]
    return made, batches


def test_runs_that_drop_out_and_come_back_stay_what_they_are_alone():
    for optimizer in (Adam, SGD):
        alone, batches = runs(optimizer=optimizer)
        shared, _ = runs(optimizer=optimizer)
        together = SideBySide(shared, [batches] * 3, [None] * 3)
        with together.working():
            # All that go at a time have as many epochs behind them.
            for going in ([0, 1, 2], [0, 2], [1], [2, 1], [0]):
                some = [shared[i] for i in going]
                for run, epoch in zip(some, together.epoch(some), strict=True):
                    run.end_epoch(None, **vars(epoch))
        for one, other in zip(alone, shared, strict=True):
            with one.working(batches):
                for _ in range(3):
                    one.epoch()
            np.testing.assert_allclose(other.network.params, one.network.params, atol=1e-13)
            for column in ("loss", "gradient_norm", "learning_rate"):
                np.testing.assert_allclose(other.record.history[column], one.record.history[column])
            for slot in one.optimizer.slots:
                mine, its = getattr(other.optimizer, slot), getattr(one.optimizer, slot)
                np.testing.assert_allclose(mine, its, atol=1e-13)
            assert other.optimizer.t == one.optimizer.t


def test_a_loss_that_is_not_finite_ends_it():
    shared, batches = runs(optimizer=SGD)
    shared[1].network.params[...] = 1e200
    together = SideBySide(shared, [batches] * 3, [None] * 3)
    with pytest.raises(ApartError, match="inf"), together.working():
        together.epoch(shared)


def test_what_cannot_be_shared_is_named():
    for more, reason in (({}, None), ({"transform": lambda batch, rng: batch}, "changed in")):
        (run, *_), batches = runs(**more)
        said = why_apart(run, batches)
        assert said is None if reason is None else reason in said
    image = Network(Sequence(Dense(2), ReLU()), (3, 4))
    run = Run(image, SquaredError(), Adam(), Constant(0.1))
    assert "layers" in why_apart(run, batches)
