"""Several losses of outputs side by side: their sum, and the gradient of each head."""

import copy

import numpy as np
import pytest

from skdeep import gradient_check
from skdeep.nn import (
    Dense,
    LogisticCrossEntropy,
    Network,
    Objective,
    Sequence,
    SoftmaxCrossEntropy,
    SoftmaxFocal,
    SquaredError,
    Tanh,
    TaskLosses,
)
from tests.data import normal
from tests.nn.parts import weights

LOSSES = {
    "classes": [SoftmaxCrossEntropy(), SoftmaxCrossEntropy(0.1), SoftmaxFocal()],
    "kinds": [LogisticCrossEntropy(), SoftmaxCrossEntropy(), SquaredError()],
}
SIZES = (2, 4, 3)


def data(n=9):
    random = np.random.RandomState(0)
    target = np.hstack([np.eye(size)[random.randint(size, size=n)] for size in SIZES])
    return normal((n, sum(SIZES))), target


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_the_loss_is_the_weighted_sum_and_its_gradient_the_limit_of_differences(name, weighted):
    z, target = data()
    weight = weights(len(z)) / weights(len(z)).sum() if weighted else None
    loss = TaskLosses(LOSSES[name], SIZES, [1.0, 0.3, 2.0])
    loss.settle(np, np.float64)
    value = loss.value(z.copy(), target, weight)
    np.testing.assert_allclose(np.average(loss.per_row, weights=weight), value, rtol=1e-13)
    parts = np.split(np.arange(9), [2, 6])
    expected = 0.0
    for factor, single, columns in zip((1.0, 0.3, 2.0), LOSSES[name], parts, strict=True):
        single = copy.deepcopy(single)
        single.settle(np, np.float64)
        expected += factor * single.value(z[:, columns].copy(), target[:, columns], weight)
    np.testing.assert_allclose(value, expected, rtol=1e-13)
    report = gradient_check(loss, z, target, weight=weight, max_entries=None)
    assert report.ok, f"\n{report}"


def test_a_network_with_several_heads_has_the_right_gradient():
    x, (_, target) = normal((9, 5)), data()
    loss = TaskLosses(LOSSES["classes"], SIZES, [1.0, 0.5, 0.0])
    network = Network(Sequence(Dense(6), Tanh(), Dense(9)), (5,), random_state=0)
    report = gradient_check(Objective(network, loss, x, target), max_entries=None)
    assert report.ok, f"\n{report}"


def test_predictions_are_those_of_each_loss():
    z, _ = data()
    loss = TaskLosses(LOSSES["kinds"], SIZES)
    loss.settle(np, np.float64)
    said = loss.replica().predict(z.copy())
    np.testing.assert_allclose(said[:, :2], 1 / (1 + np.exp(-z[:, :2])), rtol=1e-12)
    np.testing.assert_allclose(said[:, 2:6].sum(axis=1), 1.0, rtol=1e-12)
    np.testing.assert_array_equal(said[:, 6:], z[:, 6:])
    assert loss.link == "logistic"


def test_a_size_and_a_weight_for_each_are_asked_for():
    with pytest.raises(ValueError, match="got 1 losses, 2 sizes and 2 weights"):
        TaskLosses([SquaredError()], [1, 2])
