"""The public gradient check: what it says, what it leaves alone, what it refuses."""

import copy

import numpy as np
import pytest

import skdeep
from skdeep import MLPClassifier
from skdeep.inspection import GradientReport, gradient_check
from skdeep.nn import (
    L2,
    BatchNorm,
    Dense,
    Dropout,
    Layer,
    Mode,
    Network,
    Objective,
    ReLU,
    Sequence,
    SoftmaxCrossEntropy,
    SquaredError,
    Tanh,
)

X = np.random.RandomState(0).normal(size=(6, 4))


def network(**kwargs):
    root = Sequence(Dense(5), BatchNorm(), ReLU(), Dropout(0.3), Dense(3))
    return Network(root, (4,), random_state=0, **kwargs)


def test_it_is_public_at_the_top():
    assert skdeep.gradient_check is gradient_check


def test_the_report_names_every_array_where_it_is_worst_and_both_derivatives():
    report = gradient_check(network(), X)
    assert isinstance(report, GradientReport)
    assert list(report.errors) == [
        "0.Dense.weight",
        "0.Dense.bias",
        "1.BatchNorm.scale",
        "1.BatchNorm.shift",
        "4.Dense.weight",
        "4.Dense.bias",
        "input",
    ]
    assert report.ok
    assert report.largest_error == max(report.errors.values()) <= report.tolerance
    assert len(report.where["0.Dense.weight"]) == 2
    assert report.analytic["4.Dense.weight"] == pytest.approx(report.numeric["4.Dense.weight"])


def test_the_printed_report_says_what_is_wrong():
    class Slip(Dense):
        def backward(self, grad_y, wants_input=True):
            grad_x = super().backward(grad_y, wants_input)
            self.grad_bias *= 2
            return grad_x

    report = gradient_check(Slip(2), X)
    text = repr(report)
    assert text.startswith("WRONG: largest relative error 5.0e-01")
    wrong = [line.split()[0] for line in text.splitlines() if line.endswith("<- wrong")]
    assert wrong == ["bias"]
    assert report.analytic["bias"] == pytest.approx(2 * report.numeric["bias"])
    assert repr(gradient_check(Dense(2), X)).startswith("ok: ")


def test_the_place_of_a_single_wrong_entry_is_found():
    class Slip(Dense):
        def backward(self, grad_y, wants_input=True):
            grad_x = super().backward(grad_y, wants_input)
            self.grad_weight[2, 1] += 1.0
            return grad_x

    report = gradient_check(Slip(3), X, max_entries=None)
    assert report.where["weight"] == (2, 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("training", [False, True])
def test_a_network_is_left_as_it_was(training, dtype):
    checked = network(dtype=dtype)
    checked.forward(X.astype(dtype), Mode(True, np.random.default_rng(0)))
    checked.backward(np.ones((6, 3), dtype))
    before = [v.copy() for v in (checked.params, checked.grad, checked.statistics)]
    x = X.copy()
    outputs = checked.forward(X.astype(dtype)).copy()
    assert gradient_check(checked, x, weight=np.arange(6.0), training=training).ok
    after = (checked.params, checked.grad, checked.statistics)
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(checked.forward(X.astype(dtype)), outputs)


def test_a_layer_that_belongs_to_a_network_still_belongs_to_it():
    owner = network()
    gradient_check(owner.root, X)
    assert np.shares_memory(owner.root.layers[0].weight, owner.params)


def test_loss_penalty_and_objective_are_left_as_they_were():
    loss, penalty, target = SoftmaxCrossEntropy(), L2(0.1), np.array([0, 1, 2, 0, 1, 2])
    objective = Objective(network(), loss, X, target, np.full(6, 1 / 6), penalty)
    before = objective.network.snapshot()
    assert gradient_check(objective).ok
    for old, new in zip(before, objective.network.snapshot(), strict=True):
        np.testing.assert_array_equal(old, new)
    z, goal = X[:, :3].copy(), target.copy()
    assert gradient_check(loss, z, goal, weight=np.arange(6)).ok
    np.testing.assert_array_equal(z, X[:, :3])
    np.testing.assert_array_equal(goal, target)


def test_a_network_without_x_is_checked_on_random_inputs():
    assert gradient_check(network()).errors.keys() == gradient_check(network(), X).errors.keys()


def test_the_same_seed_gives_the_same_report_and_another_seed_another():
    first, second, other = (gradient_check(Dense(3), X, random_state=s) for s in (1, 1, 2))
    assert first == second
    assert first != other


def test_max_entries_limits_the_work():
    class Counted(Tanh):
        calls = 0

        def forward(self, x, mode):
            type(self).calls += 1
            return super().forward(x, mode)

    gradient_check(Counted(), np.ones((20, 30)), max_entries=7)
    assert 2 * 7 <= Counted.calls <= 2 * 7 + 4


def test_a_kink_within_the_step_is_no_error_but_a_kink_at_the_point_is():
    x = np.array([[3e-6, 1.0, -1.0]])
    assert gradient_check(ReLU(), x).ok
    assert not gradient_check(ReLU(), np.array([[0.0, 1.0, -1.0]])).ok


class SquareRoot(Layer):
    factor = 1.0

    def forward(self, x, mode):
        with np.errstate(invalid="ignore"):
            self.y = np.sqrt(x)
        return self.y

    def backward(self, grad_y, wants_input=True):
        return self.factor * grad_y * 0.5 / self.y


class WrongSquareRoot(SquareRoot):
    factor = 7.0


def test_an_edge_within_the_step_hides_nothing():
    near = np.array([[5e-6, 1.0, 4.0]])  # the square root ends between t - h and t
    for x in (near, near[:, :1]):
        assert not gradient_check(WrongSquareRoot(), x).ok
    report = gradient_check(SquareRoot(), near * [[0.1, 1.0, 1.0]])
    assert report.where["input"] == (0, 0)
    assert np.isnan(report.numeric["input"])
    assert gradient_check(SquareRoot(), near, step=1e-9).ok


def test_a_jump_to_infinity_hides_no_other_error():
    class Leap(WrongSquareRoot):
        def forward(self, x, mode):
            return np.where(x > 9.0, np.inf, super().forward(x, mode))

    report = gradient_check(Leap(), np.array([[9.0, 1.0, 4.0]]))
    assert not report


def test_vanishing_gradients_are_still_compared():
    class Slip(Dense):
        def backward(self, grad_y, wants_input=True):
            return super().backward(grad_y, wants_input) * 1.01

    def tiny(kind):
        net = Network(Sequence(Dense(3), kind(2)), (4,), random_state=0)
        net.params *= 1e-6
        return net

    assert gradient_check(tiny(Dense), X).ok
    assert not gradient_check(tiny(Slip), X).ok


class WritesToItsInput(Tanh):
    def forward(self, x, mode):
        x *= 0.5
        return super().forward(x, mode)


class AddsUp(Dense):
    def backward(self, grad_y, wants_input=True):
        self.grad_bias += grad_y.sum(axis=0)
        self.grad_weight[...] = self.x.T @ grad_y
        return grad_y @ self.weight.T


class ReturnsNothing(Layer):
    def backward(self, grad_y, wants_input=True):
        return None


class Restless(Layer):
    calls = 0

    def forward(self, x, mode):
        self.calls += 1
        return x + self.calls


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (WritesToItsInput(), "wrote to its input"),
        (AddsUp(3), "left the gradient by bias unfilled"),
        (ReturnsNothing(), r"gradient by its input of shape None.*\(6, 4\)"),
        (Restless(), "not the same at the same point"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_layer_that_breaks_the_contract_is_told_how(layer, message):
    with pytest.raises(ValueError, match=message):
        gradient_check(copy.deepcopy(layer), X)


TARGET = np.zeros((6, 4))


@pytest.mark.parametrize(
    ("what", "args", "kwargs", "error", "message"),
    [
        (Dense, (X,), {}, TypeError, "got the class Dense"),
        (len, (X,), {}, TypeError, "an instance of Layer, Network, Loss, Penalty or Objective"),
        (Dense(3), (), {}, ValueError, "needs a batch x"),
        (Dense(3), (X[0],), {}, ValueError, "Dense maps the last axis"),
        (Dense(3), (X * np.nan,), {}, ValueError, "x contains NaN or infinity"),
        (Dense(3), (X[:0],), {}, ValueError, r"at least one sample.*\(0, 4\)"),
        (Dense(3), (X, TARGET), {}, ValueError, "target is for a loss, not for Dense"),
        (Dense(3), (X,), {"weight": [1, 2]}, ValueError, r"weight must be of shape \(6,\)"),
        (Dense(3), (X,), {"weight": -np.ones(6)}, ValueError, "weight must not be negative"),
        (Dense(3), (X,), {"weight": np.zeros(6)}, ValueError, "zero for all samples"),
        (Dense(3), (X,), {"step": 0.0}, ValueError, "step must be positive"),
        (Dense(3), (X,), {"max_entries": 0}, ValueError, "max_entries must be at least 1"),
        (network(), (X[:, :3],), {}, ValueError, r"samples of shape \(3,\).*takes \(4,\)"),
        (network(), (X,), {"may_overwrite": True}, ValueError, "for a layer alone"),
        (SquaredError(), (X,), {}, ValueError, "raw outputs x and a target.*given no target"),
        (MLPClassifier(), (X, TARGET), {}, TypeError, "an instance of Layer.*got MLPClassifier"),
        (SquaredError(), (X, TARGET[:5]), {}, ValueError, "x has 6 samples, target has 5"),
        (SquaredError(), (X, TARGET[:, :3]), {}, ValueError, r"\(6, 4\), target of shape \(6, 3\)"),
        (L2(1.0), (), {}, ValueError, "needs the weights"),
        (L2(1.0), (X,), {"weight": np.ones(6)}, ValueError, "no weight of samples"),
        (
            Objective(network(), SquaredError(), X, TARGET[:, :3]),
            (X,),
            {},
            ValueError,
            "its own x, target and weight",
        ),
    ],
)
def test_bad_calls_are_refused_in_one_clear_sentence(what, args, kwargs, error, message):
    with pytest.raises(error, match=message):
        gradient_check(what, *args, **kwargs)
