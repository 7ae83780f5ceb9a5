"""Every gradient is proven: layers, networks, losses and penalties against central differences."""

import copy

import numpy as np
import pytest
from scipy import sparse

import skdeep.nn
from skdeep import gradient_check
from skdeep.nn import (
    GELU,
    L2,
    AuxiliaryLoss,
    BatchNorm,
    Dense,
    Dropout,
    Identity,
    Layer,
    LayerNorm,
    Loss,
    Network,
    Objective,
    Penalty,
    ReLU,
    Sequence,
    SoftmaxCrossEntropy,
    Softplus,
    SquaredError,
    Tanh,
    TaskLosses,
)
from tests.data import normal
from tests.nn.parts import (
    LAYERS,
    LOSSES,
    PENALTIES,
    SHAPES,
    ends,
    inputs,
    name,
    target_of,
    trials,
    weights,
    wide,
)
from tests.nn.pictures import PICTURES

# Of several outputs side by side: see tests/nn/test_picture_blocks.py.
AUXILIARY = AuxiliaryLoss(SquaredError(), n_outputs=1)
# Likewise, see tests/nn/losses/test_tasks.py.
TASKS = TaskLosses([SquaredError()], [1])


# Each two of them in all their combinations.
@pytest.mark.parametrize(
    ("training", "weighted", "may_overwrite"),
    [(False, False, False), (False, True, True), (True, False, True), (True, True, False)],
    ids=["prediction", "prediction, weighted, overwriting", "overwriting", "weighted"],
)
@pytest.mark.parametrize(("layer", "samples", "with_ends"), list(trials()))
def test_the_gradient_of_a_layer_is_the_limit_of_differences(
    layer, samples, with_ends, training, weighted, may_overwrite
):
    for n, shape in samples:
        report = gradient_check(
            layer,
            inputs(layer, shape, n),
            weight=weights(n) if weighted else None,
            lengths=ends(shape, n) if with_ends else None,
            training=training,
            may_overwrite=may_overwrite,
            max_entries=12,
        )
        assert report.ok, f"{n} samples of shape {shape}\n{report}"
        if layer.input_dtype is None:
            assert any(array.startswith("input") for array in report.errors)


@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("loss", LOSSES, ids=name)
def test_the_gradient_of_a_loss_is_the_limit_of_differences(loss, weighted):
    for shape in SHAPES:
        report = gradient_check(
            loss,
            normal(wide(loss, shape)),
            target_of(loss, shape),
            weight=weights(shape[0]) if weighted else None,
            max_entries=None,
        )
        assert report.ok, f"shape {shape}\n{report}"
        assert list(report.errors) == ["z"]


@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
def test_the_gradient_of_a_loss_with_heads_is_the_limit_of_differences(weighted):
    loss = AuxiliaryLoss(SoftmaxCrossEntropy(), n_outputs=3, share=0.4)
    target = target_of(SoftmaxCrossEntropy(), (6, 3))
    weight = weights(6) if weighted else None
    report = gradient_check(loss, normal((6, 9)), target, weight=weight, max_entries=None)
    assert report.ok, f"\n{report}"


@pytest.mark.parametrize("with_ends", [False, True], ids=["whole", "with ends"])
@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("loss", LOSSES, ids=name)
def test_the_gradient_of_a_loss_over_positions_is_the_limit_of_differences(
    loss, weighted, with_ends
):
    n, steps, k = 5, 4, 3
    target = target_of(loss, (n * steps, k))
    report = gradient_check(
        loss,
        normal(wide(loss, (n, steps, k))),
        target.reshape((n, steps, *target.shape[1:])),
        weight=weights(n) if weighted else None,
        lengths=ends((steps, k), n) if with_ends else None,
        max_entries=None,
    )
    assert report.ok, f"\n{report}"


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_gradient_of_softmax_with_distributions_is_the_limit_of_differences(smoothing):
    target = np.random.RandomState(3).dirichlet(np.ones(4), size=6)
    loss = SoftmaxCrossEntropy(smoothing)
    assert gradient_check(loss, normal((6, 4)), target, weight=weights(6), max_entries=None).ok


@pytest.mark.parametrize("penalty", PENALTIES, ids=name)
def test_the_gradient_of_a_penalty_is_the_limit_of_differences(penalty):
    for size in (1, 2, 13):
        assert gradient_check(penalty, normal(size)).ok


@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("loss", LOSSES, ids=name)
@pytest.mark.parametrize(
    "last", [Identity(), Tanh(), Softplus(), Dropout(0.3), LayerNorm(), Sequence()], ids=name
)
def test_the_gradient_of_a_whole_objective_is_the_limit_of_differences(last, loss, weighted):
    """The loss writes over the network's outputs, whatever its last layer still needs of them."""
    width = wide(loss, (3,))[0]
    root = Sequence(Dense(4), BatchNorm(), ReLU(), Dropout(0.2), Dense(width), copy.deepcopy(last))
    network = Network(root, (5,), random_state=0)
    x = normal((7, 5))
    weight = weights(7) / weights(7).sum() if weighted else None
    objective = Objective(network, loss, x, target_of(loss, (7, 3)), weight, L2(0.3))
    report = gradient_check(objective, max_entries=30)
    assert report.ok, f"\n{report}"
    assert "0.Dense.weight" in report.errors


@pytest.mark.parametrize("layout", [sparse.csr_matrix, sparse.csr_array, sparse.csc_array])
def test_the_gradient_of_a_network_on_sparse_input_is_the_limit_of_differences(layout):
    network = Network(Sequence(Dense(3), Tanh(), Dense(2)), (6,), random_state=0)
    x = normal((5, 6)) * (normal((5, 6), seed=1) > 0)
    report = gradient_check(network, layout(x))
    assert report.ok, f"\n{report}"
    assert "input" not in report.errors
    dense = gradient_check(network, x)
    assert dense.analytic["0.Dense.weight"] != 0


@pytest.mark.parametrize(
    ("kind", "listed"),
    [(Layer, LAYERS + PICTURES), (Loss, [*LOSSES, AUXILIARY, TASKS]), (Penalty, PENALTIES)],
    ids=["layers", "losses", "penalties"],
)
def test_no_public_layer_loss_or_penalty_is_missing_here(kind, listed):
    public = {
        value
        for value in map(skdeep.nn.__dict__.get, skdeep.nn.__all__)
        if isinstance(value, type) and issubclass(value, kind) and value is not kind
    }
    found = [entry[0] if isinstance(entry, tuple) else entry for entry in listed]
    for what in found:  # and what is inside, since a layer may need another one beside it
        found.extend(what.inside() if isinstance(what, Layer) else ())
    assert public <= set(map(type, found))


class Broken:
    """Layers and losses with one slip each; a check that lets one pass is worth nothing."""

    class TanhSlope(Tanh):
        def chain(self, y, grad):
            grad *= 1 - y

    class ForgetsTheBias(Dense):
        def backward(self, grad_y, wants_input=True):
            grad_x = super().backward(grad_y, wants_input)
            self.grad_bias *= 0
            return grad_x

    class WeightsAreTransposed(Dense):
        def backward(self, grad_y, wants_input=True):
            super().backward(grad_y, False)
            return grad_y @ self.weight

    class BatchNormOfConstants(BatchNorm):
        """Forgets that each sample moves the mean and the variance."""

        def backward(self, grad_y, wants_input=True):
            direct = grad_y * self.scale * self.inverse
            super().backward(grad_y, wants_input)
            return direct

    class BatchNormUnbiased(BatchNorm):
        def backward(self, grad_y, wants_input=True):
            return super().backward(grad_y, wants_input) * 1.001

    class LayerNormScale(LayerNorm):
        def backward(self, grad_y, wants_input=True):
            grad_x = super().backward(grad_y, wants_input)
            self.grad_scale *= 1 + 1e-5
            return grad_x

    class DropoutOfOtherUnits(Dropout):
        def backward(self, grad_y, wants_input=True):
            return grad_y * self.mask[:, ::-1]

    class OneEntry(GELU):
        def backward(self, grad_y, wants_input=True):
            grad_x = super().backward(grad_y, wants_input)
            grad_x[-1, -1] += 1e-4
            return grad_x

    class Overwrites(Tanh):
        """Right on its own, wrong behind another layer: it forgets its output there."""

        def backward(self, grad_y, wants_input=True):
            if self.may_overwrite:
                self.y *= 0.5
            return super().backward(grad_y, wants_input)


BROKEN = [
    Broken.TanhSlope(),
    Broken.ForgetsTheBias(5),
    Broken.WeightsAreTransposed(5),
    Broken.BatchNormOfConstants(),
    Broken.BatchNormUnbiased(),
    Broken.LayerNormScale(),
    Broken.DropoutOfOtherUnits(0.5),
    Broken.OneEntry(),
]


@pytest.mark.parametrize("layer", BROKEN, ids=name)
def test_a_wrong_gradient_is_caught_alone_and_inside_a_network(layer):
    alone = gradient_check(layer, normal((7, 5)), max_entries=None)
    assert not alone.ok, f"\n{alone}"
    inside = Sequence(Dense(5), layer, Softplus(), Dense(2))
    assert not gradient_check(inside, normal((7, 5)), max_entries=None).ok


def test_an_error_in_overwriting_is_caught():
    layer = Broken.Overwrites()
    assert gradient_check(layer, normal((7, 5))).ok
    assert not gradient_check(layer, normal((7, 5)), may_overwrite=True).ok


@pytest.mark.parametrize("factor", [1.001, -1.0, 0.0])
def test_a_wrong_gradient_of_a_loss_or_penalty_is_caught(factor):
    class Slip(SquaredError):
        def of_rows(self, z, target, weight):
            value, gradient = super().of_rows(z, target, weight)
            return value, gradient * factor

    class PenaltySlip(L2):
        def add_gradient(self, weights, grad):
            grad += factor * self.alpha * weights

    z = normal((4, 3))
    assert not gradient_check(Slip(), z, np.zeros((4, 3))).ok
    assert not gradient_check(PenaltySlip(0.3), z).ok
    network = Network(Dense(3), (3,), random_state=0)
    assert not gradient_check(Objective(network, Slip(), z, np.zeros((4, 3)))).ok
    assert not gradient_check(
        Objective(network, SquaredError(), z, np.zeros((4, 3)), penalty=PenaltySlip(0.3))
    ).ok
