"""Losses: their values by formula, their stability, their weights."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, log_softmax, softmax
from sklearn.metrics import (
    log_loss,
    mean_absolute_error,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
)

from skdeep.nn import (
    AbsoluteError,
    Huber,
    LogisticCrossEntropy,
    Poisson,
    Quantile,
    SoftmaxCrossEntropy,
    SquaredError,
)
from tests.nn.parts import LOSSES, name, target_of, wide


def settled(loss, dtype=np.float64):
    loss.settle(np, dtype)
    return loss


def outputs(shape, scale=1.0, seed=0):
    return np.random.RandomState(seed).normal(scale=scale, size=shape)


def one_hot(target, k):
    return np.eye(k)[target]


# Rows that a careless softmax or logistic function gets wrong.
EXTREME = {
    "huge": np.array([[1e4, 0.0, -1e4], [1e4, 1e4, 1e4], [9999.0, 1e4, 9998.0]]),
    "tiny": np.array([[-1e4, -1e4 + 1, -1e4], [-1e4, -1e4, -1e4 - 3], [0.0, -1e4, -1e4]]),
    "one huge row": np.array([[1e4, -1e4, 0.0], [1e-3, 2e-3, 0.0], [-3.0, 5.0, 1.0]]),
    "rows far from each other": np.array([[1e4, 1e4 - 2, 1e4], [-1e4, -1e4 + 2, -1e4], [0, 1, 2]]),
    "spread just below 50": np.array([[0.0, -49.9, -20.0], [-49.9, -49.0, -48.0], [-40, -45, -49]]),
    "spread just above 50": np.array([[0.0, -50.1, -20.0], [-50.1, -49.0, -48.0], [-40, -45, -50]]),
    "all equal": np.zeros((3, 3)),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows", EXTREME.values(), ids=EXTREME)
def test_softmax_is_stable_for_any_logits(rows, dtype):
    z = rows.astype(dtype)
    rtol = 1e-4 if dtype == np.float32 else 1e-12
    loss = settled(SoftmaxCrossEntropy(), dtype)
    exact = log_softmax(z.astype(np.float64), axis=1)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for target in ([0, 1, 2], [2, 0, 1], [1, 1, 1]):
            value, gradient = loss.value_and_gradient(z.copy(), np.array(target), None)
            assert value == pytest.approx(-exact[range(3), target].mean(), rel=rtol, abs=rtol)
            expected = (np.exp(exact) - one_hot(target, 3)) / 3
            np.testing.assert_allclose(gradient, expected, rtol=rtol, atol=rtol / 10)
        probabilities = loss.predict(z.copy())
    np.testing.assert_allclose(probabilities, np.exp(exact), rtol=rtol, atol=1e-30)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=rtol)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows", EXTREME.values(), ids=EXTREME)
def test_logistic_is_stable_for_any_logits(rows, dtype):
    z = rows.astype(dtype)
    rtol = 1e-5 if dtype == np.float32 else 1e-12
    exact = z.astype(np.float64)
    loss = settled(LogisticCrossEntropy(), dtype)
    target = one_hot([0, 1, 1], 3).astype(dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, gradient = loss.value_and_gradient(z.copy(), target, None)
        probabilities = loss.predict(z.copy())
    expected = np.logaddexp(0, exact) - target * exact
    assert value == pytest.approx(expected.sum(axis=1).mean(), rel=rtol)
    np.testing.assert_allclose(gradient, (expit(exact) - target) / 3, rtol=rtol, atol=rtol / 10)
    np.testing.assert_allclose(probabilities, expit(exact), rtol=rtol, atol=1e-37)


@given(
    st.integers(1, 6),
    st.integers(1, 6),
    st.sampled_from([1e-3, 1.0, 12.0, 60.0, 1e4]),
    st.floats(-1e4, 1e4),
    st.integers(0, 1000),
)
def test_softmax_agrees_with_scipy_on_any_batch(n, k, scale, offset, seed):
    z = outputs((n, k), scale, seed) + offset
    target = np.random.RandomState(seed).randint(k, size=n)
    loss = settled(SoftmaxCrossEntropy())
    value = loss.value(z.copy(), target)
    exact = -log_softmax(z, axis=1)[range(n), target].mean()
    assert value == pytest.approx(exact, rel=1e-11, abs=1e-11)
    np.testing.assert_allclose(loss.predict(z.copy()), softmax(z, axis=1), rtol=1e-10, atol=1e-300)


@given(st.integers(1, 6), st.integers(1, 6), st.floats(0, 0.99), st.integers(0, 1000))
def test_smoothed_labels_are_a_mixture_with_the_uniform_distribution(n, k, smoothing, seed):
    z = outputs((n, k), 3.0, seed)
    target = np.random.RandomState(seed).randint(k, size=n)
    distribution = (1 - smoothing) * one_hot(target, k) + smoothing / k
    value, gradient = settled(SoftmaxCrossEntropy(smoothing)).value_and_gradient(z.copy(), target)
    exact = -(distribution * log_softmax(z, axis=1)).sum(axis=1).mean()
    assert value == pytest.approx(exact, rel=1e-10, abs=1e-12)
    np.testing.assert_allclose(
        gradient, (softmax(z, axis=1) - distribution) / n, rtol=1e-9, atol=1e-14
    )


def test_smoothed_yes_or_no_labels_move_towards_one_half():
    z, target = outputs((5, 2), 3.0), one_hot([0, 1, 1, 0, 0], 2)
    smoothed = settled(LogisticCrossEntropy(0.2)).value_and_gradient(z.copy(), target)
    moved = settled(LogisticCrossEntropy()).value_and_gradient(z.copy(), 0.8 * target + 0.1)
    assert smoothed[0] == pytest.approx(moved[0])
    np.testing.assert_allclose(smoothed[1], moved[1])


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_target_is_not_written_to(smoothing):
    for loss in (*LOSSES, LogisticCrossEntropy(smoothing)):
        target = target_of(loss, (5, 3))
        before = target.copy()
        settled(loss).value_and_gradient(outputs(wide(loss, (5, 3))), target, np.full(5, 0.2))
        np.testing.assert_array_equal(target, before)


def test_cross_entropies_are_scikit_learns_log_loss():
    z, target = outputs((20, 4)), np.arange(20) % 4
    value = settled(SoftmaxCrossEntropy()).value(z.copy(), target)
    assert value == pytest.approx(log_loss(target, softmax(z, axis=1)))
    one, yes = outputs((20, 1)), np.arange(20) % 2
    value = settled(LogisticCrossEntropy()).value(one.copy(), yes[:, None].astype(float))
    assert value == pytest.approx(log_loss(yes, expit(one[:, 0])))


def test_several_yes_or_no_answers_add_up():
    z, target = outputs((20, 3)), (outputs((20, 3), seed=1) > 0).astype(float)
    value = settled(LogisticCrossEntropy()).value(z.copy(), target)
    each = [log_loss(target[:, j], expit(z[:, j])) for j in range(3)]
    assert value == pytest.approx(sum(each))


@pytest.mark.parametrize("weighted", [False, True])
def test_regression_losses_are_scikit_learns_metrics(weighted):
    z, target = outputs((20, 1)), outputs((20, 1), seed=1)
    weight = np.random.RandomState(2).uniform(size=20) if weighted else None
    share = weight / weight.sum() if weighted else None

    def of(loss, y=target):
        return settled(loss).value(z.copy(), y, share)

    common = {"sample_weight": weight}
    assert of(SquaredError()) == pytest.approx(mean_squared_error(target, z, **common) / 2)
    assert of(AbsoluteError()) == pytest.approx(mean_absolute_error(target, z, **common))
    for q in (0.1, 0.5, 0.9):
        metric = mean_pinball_loss(target, z, alpha=q, **common)
        assert of(Quantile(q)) == pytest.approx(metric)
    counts = np.random.RandomState(3).poisson(1.0, size=(20, 1)).astype(float)
    assert (counts == 0).any()
    deviance = mean_poisson_deviance(counts[:, 0], np.exp(z[:, 0]), **common)
    assert of(Poisson(), counts) == pytest.approx(deviance / 2)


@pytest.mark.parametrize("delta", [0.3, 1.0, 5.0])
def test_huber_is_squared_near_zero_and_linear_beyond(delta):
    z = np.linspace(-6, 6, 49)[:, None]
    r = np.abs(z)
    expected = np.where(r <= delta, r**2 / 2, delta * (r - delta / 2))
    value, gradient = settled(Huber(delta)).value_and_gradient(z.copy(), np.zeros_like(z))
    assert value == pytest.approx(expected.mean())
    np.testing.assert_allclose(gradient * 49, np.clip(z, -delta, delta), atol=1e-12)


@pytest.mark.parametrize(
    "loss", [AbsoluteError(), Quantile(0.3), Huber(), SquaredError()], ids=name
)
def test_a_perfect_prediction_costs_nothing_and_pulls_nowhere(loss):
    z = outputs((4, 2))
    value, gradient = settled(loss).value_and_gradient(z.copy(), z.copy())
    assert value == 0
    np.testing.assert_array_equal(gradient, 0)


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.8])
def test_the_quantile_loss_is_least_at_the_quantile(quantile):
    target = np.random.RandomState(0).normal(size=(999, 1))
    loss = settled(Quantile(quantile))
    grid = np.linspace(-2, 2, 401)
    values = [loss.value(np.full((999, 1), c), target) for c in grid]
    assert grid[np.argmin(values)] == pytest.approx(np.quantile(target, quantile), abs=0.02)


def test_counts_of_zero_are_no_trouble_to_poisson():
    z = np.array([[0.5], [-3.0]])
    with np.errstate(all="raise"):
        value, gradient = settled(Poisson()).value_and_gradient(z.copy(), np.zeros((2, 1)))
    assert value == pytest.approx(np.exp(z).mean())
    np.testing.assert_allclose(gradient, np.exp(z) / 2)
    np.testing.assert_allclose(settled(Poisson()).predict(z.copy()), np.exp(z))


@pytest.mark.parametrize("loss", LOSSES, ids=name)
def test_a_weight_means_repetition(loss):
    z, target = outputs(wide(loss, (5, 3))), target_of(loss, (5, 3))
    counts = np.array([1, 3, 0, 2, 1])
    weighted, gradient = settled(loss).value_and_gradient(z.copy(), target, counts / counts.sum())
    repeated, each = loss.value_and_gradient(z.repeat(counts, 0), target.repeat(counts, 0))
    assert weighted == pytest.approx(repeated)
    summed = np.zeros_like(z)
    np.add.at(summed, np.arange(5).repeat(counts), each)
    np.testing.assert_allclose(gradient, summed, atol=1e-15)


@pytest.mark.parametrize("loss", LOSSES, ids=name)
def test_a_loss_is_the_weighted_sum_of_what_it_tells_of_each_row(loss):
    z, target = outputs(wide(loss, (7, 3))), target_of(loss, (7, 3))
    weight = np.arange(7) / 21
    loss = settled(loss)
    value = loss.value(z.copy(), target, weight)
    assert weight @ loss.per_row == pytest.approx(value, rel=1e-12)
    told = loss.per_row.copy()
    alone = [loss.value(z[i : i + 1].copy(), target[i : i + 1]) for i in range(7)]
    np.testing.assert_allclose(told, alone, rtol=1e-12)


@pytest.mark.parametrize("loss", LOSSES, ids=name)
def test_no_weight_and_equal_weights_are_the_same(loss):
    z, target = outputs(wide(loss, (5, 3))), target_of(loss, (5, 3))
    without = settled(loss).value_and_gradient(z.copy(), target)
    without = without[0], without[1].copy()
    equal = loss.value_and_gradient(z.copy(), target, np.full(5, 0.2))
    assert without[0] == pytest.approx(equal[0])
    np.testing.assert_allclose(without[1], equal[1], atol=1e-16)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", LOSSES, ids=name)
def test_the_type_is_kept_and_the_value_is_the_same_alone(loss, dtype):
    z, target = outputs(wide(loss, (5, 3))).astype(dtype), target_of(loss, (5, 3))
    if target.dtype.kind == "f":
        target = target.astype(dtype)
    settled(loss, dtype)
    value, gradient = loss.value_and_gradient(z.copy(), target)
    assert gradient.dtype == dtype
    assert isinstance(value, float)
    assert loss.value(z.copy(), target) == value
    assert loss.predict(z.copy()).dtype == dtype


@pytest.mark.parametrize("loss", LOSSES, ids=name)
def test_batches_of_changing_size_do_not_disturb_each_other(loss):
    settled(loss)
    first = {}
    for n in (7, 2, 7, 1, 2, 7):
        target = target_of(loss, (n, 3))
        value, gradient = loss.value_and_gradient(outputs(wide(loss, (n, 3)), seed=n), target)
        expected = first.setdefault(n, (value, gradient.copy()))
        assert value == expected[0]
        np.testing.assert_array_equal(gradient, expected[1])


@pytest.mark.parametrize("loss", [SoftmaxCrossEntropy(0.1), LogisticCrossEntropy()], ids=name)
def test_outputs_may_lie_in_memory_in_any_order(loss):
    z, target = outputs((6, 4)), target_of(loss, (6, 4))
    settled(loss)
    by_rows = loss.value_and_gradient(z.copy(), target)
    by_columns = loss.value_and_gradient(np.asfortranarray(z), target)
    assert by_rows[0] == pytest.approx(by_columns[0])
    np.testing.assert_allclose(by_rows[1], by_columns[1], rtol=1e-12)


@pytest.mark.parametrize("loss", LOSSES, ids=name)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_loss_of_broken_outputs_is_not_finite(loss, bad):
    z = outputs(wide(loss, (3, 2)))
    z[1] = bad
    with np.errstate(all="ignore"):
        value = settled(loss).value(z, target_of(loss, (3, 2)))
    assert not np.isfinite(value)


def test_a_replica_that_is_settled_forgets_its_buffers_and_leaves_them_out_of_pickles():
    replica = SoftmaxCrossEntropy().replica()
    for _ in range(2):
        replica.settle(np, np.float64)
        assert not replica._flat
        replica.value_and_gradient(outputs((60, 40)), np.zeros(60, np.intp))
    assert len(pickle.dumps(replica)) < 1000


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("make", [SoftmaxCrossEntropy, LogisticCrossEntropy])
def test_gradients_of_single_precision_are_none_or_large_enough_for_products(make, dtype):
    z = np.array([[40.0, -10.0, 0.0], [-40.0, 30.0, 0.0], [0.0, 1.0, 2.0]], dtype=dtype)
    target = np.array([0, 0, 2]) if make is SoftmaxCrossEntropy else np.eye(3, dtype=dtype)
    gradient = settled(make(), dtype).value_and_gradient(z, target, None)[1]
    below = np.abs(gradient) < 1e-14
    assert below.any()
    assert (gradient[below] == 0).all() == (dtype == np.float32)
