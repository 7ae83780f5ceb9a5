"""Training: batches, steps and epochs, and the objective on the same network function."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from skdeep.nn import (
    GELU,
    L2,
    SGD,
    Adam,
    Batch,
    Batches,
    BatchNorm,
    ChunkedBatches,
    Dense,
    DivergedError,
    Dropout,
    LayerNorm,
    MemberDense,
    Network,
    Objective,
    Poisson,
    ReLU,
    Sequence,
    SoftmaxCrossEntropy,
    SquaredError,
    Tanh,
    Trainer,
)
from skdeep.nn.training.changed import changed_batches
from tests.data import batch, normal
from tests.nn.parts import OPTIMIZERS


def data(n=30, d=5, k=3, seed=0):
    random = np.random.RandomState(seed)
    return random.normal(size=(n, d)), random.randint(k, size=n)


def trainer(*layers, d=5, loss=None, optimizer=None, dtype=np.float64, seed=0, rng=None, **kwargs):
    layers = layers or (Dense(8), Tanh(), Dense(3))
    network = Network(Sequence(*layers), (d,), dtype=dtype, random_state=seed)
    optimizer = SGD() if optimizer is None else optimizer
    optimizer.settle(np, dtype, network.n_parameters)
    loss = SoftmaxCrossEntropy() if loss is None else loss
    return Trainer(network, loss, optimizer, rng=rng, **kwargs)


def settled(loss):
    loss.settle(np, np.float64)
    return loss


def test_a_step_is_forward_loss_backward_and_move():
    x, y = data()
    t = trainer(alpha=0.3)
    twin = t.network.copy()
    value = t.step(x, y, None, 0.1)
    loss, grad_z = settled(SoftmaxCrossEntropy()).value_and_gradient(twin.forward(x), y)
    twin.backward(grad_z)
    weights = twin.params[: twin.n_penalized]
    penalty = 0.3 / len(x) * 0.5 * weights @ weights
    assert value == pytest.approx(loss + penalty)
    twin.grad[: twin.n_penalized] += 0.3 / len(x) * weights
    np.testing.assert_allclose(t.network.params, twin.params - 0.1 * twin.grad)


def test_a_penalty_may_be_divided_by_the_same_number_for_batches_of_any_size():
    x, y = data()
    t, twin = trainer(alpha=0.3, penalty_divisor=7.0), trainer(alpha=0.3 * 20 / 7)
    same = t.step(x[:20], y[:20], None, 0.1), twin.step(x[:20], y[:20], None, 0.1)
    assert same[0] == pytest.approx(same[1], rel=1e-14)
    np.testing.assert_allclose(t.network.params, twin.network.params, rtol=1e-13)


def test_the_gradient_norm_is_that_of_the_loss_before_penalty_and_clipping():
    x, y = data()
    t = trainer(alpha=5.0, optimizer=SGD(clip_norm=0.01))
    twin = t.network.copy()
    assert np.isnan(t.gradient_norm)
    t.step(x, y, None, 0.1, measure=True)
    twin.backward(settled(SoftmaxCrossEntropy()).value_and_gradient(twin.forward(x), y)[1])
    assert t.gradient_norm == pytest.approx(np.linalg.norm(twin.grad))
    moved = t.network.params - twin.params
    assert np.linalg.norm(moved) == pytest.approx(0.1 * 0.01)


@pytest.mark.parametrize("normalized", [False, True], ids=["plain", "batch norm"])
@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_weight_means_repetition_to_training(kind, normalized):
    """Weights of any sum, the penalty shared by their total, batch statistics included."""
    x, y = data()
    counts = np.random.RandomState(1).randint(0, 4, size=len(x))

    def fresh():
        layers = (Dense(8, use_bias=False), BatchNorm(), ReLU(), Dense(3)) if normalized else ()
        return trainer(*layers, optimizer=kind(), alpha=0.7)

    weighted, repeated = fresh(), fresh()
    for _ in range(10):
        one = weighted.step(x, y, counts.astype(float), 0.05)
        other = repeated.step(x.repeat(counts, axis=0), y.repeat(counts), None, 0.05)
        assert one == pytest.approx(other)
    np.testing.assert_allclose(
        weighted.network.params, repeated.network.params, rtol=1e-6, atol=1e-9
    )


def test_a_batch_that_counts_for_nothing_moves_nothing():
    x, y = data()
    t = trainer(Dense(3), BatchNorm(), optimizer=Adam())
    before = t.network.snapshot()
    assert t.step(x, y, np.zeros(len(x)), 0.1, measure=True) == 0.0
    assert t.gradient_norm == 0.0
    for old, new in zip(before, t.network.snapshot(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert t.optimizer.t == 0


@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_pickled_training_goes_on_identically(kind):
    """Network, optimizer and generator come back as they were: the next five steps are the same."""
    x, y = data()
    layers = (Dense(8), BatchNorm(), GELU(), Dropout(0.3), Dense(8), LayerNorm(), Tanh(), Dense(3))
    t = trainer(*layers, optimizer=kind(clip_norm=3.0), alpha=0.1, rng=np.random.default_rng(0))
    for _ in range(4):
        t.step(x, y, None, 0.05)
    parts = pickle.loads(pickle.dumps((t.network, t.loss, t.optimizer, t.rng)))
    network, loss, optimizer, rng = parts
    again = Trainer(network, loss, optimizer, alpha=0.1, rng=rng)
    for _ in range(5):
        assert t.step(x, y, None, 0.05) == again.step(x, y, None, 0.05)
    np.testing.assert_array_equal(network.params, t.network.params)
    np.testing.assert_array_equal(network.statistics, t.network.statistics)
    assert optimizer.t == t.optimizer.t == 9


@pytest.mark.parametrize("pickled", [False, True], ids=["new", "pickled"])
@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_an_optimizer_without_a_state_gets_one_that_fits_the_network(kind, pickled):
    x, y = data()
    network = Network(Dense(3), (5,), dtype=np.float32, random_state=0)
    optimizer = pickle.loads(pickle.dumps(kind())) if pickled else kind()
    Trainer(network, SoftmaxCrossEntropy(), optimizer).step(x, y, None, 0.1)
    assert all(getattr(optimizer, slot).dtype == np.float32 for slot in optimizer.slots)
    settled_before = trainer(Dense(3), optimizer=kind(), dtype=np.float32)
    settled_before.step(x, y, None, 0.1)
    np.testing.assert_array_equal(network.params, settled_before.network.params)


@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_training_lowers_the_loss(kind, dtype):
    x, y = data(100)
    y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)
    rng = np.random.default_rng(0)
    layers = (Dense(16), BatchNorm(), ReLU(), Dropout(0.1), Dense(3))
    t = trainer(*layers, optimizer=kind(), dtype=dtype, rng=rng)
    batches = Batches(x, y, None, 20, dtype)
    losses = [t.epoch(batches, rng.permutation(100), 0.02) for _ in range(40)]
    assert losses[-1] < 0.75 * losses[0]
    assert t.network.params.dtype == dtype


def test_an_epochs_loss_is_the_mean_over_samples_and_its_norm_the_last_batchs():
    x, y = data(25)
    t, twin = trainer(), trainer()
    value = t.epoch(Batches(x, y, None, 10, np.float64), None, 0.1)
    parts = [
        twin.step(x[a:b], y[a:b], None, 0.1, measure=True) for a, b in ((0, 10), (10, 20), (20, 25))
    ]
    assert value == pytest.approx((10 * parts[0] + 10 * parts[1] + 5 * parts[2]) / 25)
    np.testing.assert_array_equal(t.network.params, twin.network.params)
    assert t.gradient_norm == twin.gradient_norm


@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_loss_that_is_not_finite_raises_and_leaves_the_parameters(kind):
    x, _ = data()
    t = trainer(Dense(1), loss=Poisson(), optimizer=kind())
    t.step(x, np.ones((30, 1)), None, 0.01)
    before = t.network.params.copy()
    with np.errstate(all="ignore"), pytest.raises(DivergedError, match="became inf") as raised:
        t.step(1e6 * x, np.ones((30, 1)), None, 0.01)
    assert raised.value.value == np.inf
    np.testing.assert_array_equal(t.network.params, before)
    assert t.optimizer.t == 1


@given(
    st.integers(1, 40),
    st.integers(1, 50),
    st.sampled_from([np.float32, np.float64]),
    st.sampled_from([np.int64, np.float32, np.float64]),
    st.booleans(),
    st.booleans(),
)
def test_batches_are_the_rows_in_order_each_once(n, batch_size, dtype, x_type, shuffled, two_axes):
    random = np.random.RandomState(0)
    x = random.randint(0, 99, size=(n, 3)).astype(x_type)
    target = random.randint(0, 9, size=(n, 2) if two_axes else n)
    weight = random.uniform(size=n)
    order = random.permutation(n) if shuffled else None
    parts = [
        tuple(np.array(part) for part in batch[:3])
        for batch in Batches(x, target, weight, batch_size, dtype).epoch(order)
    ]
    assert [len(part[0]) for part in parts] == [
        min(batch_size, n - start) for start in range(0, n, batch_size)
    ]
    rows = np.arange(n) if order is None else order
    for found, whole in zip(zip(*parts, strict=True), (x, target, weight), strict=True):
        np.testing.assert_array_equal(np.concatenate(found), whole[rows])
    assert parts[0][0].dtype == dtype
    assert parts[0][1].dtype == target.dtype  # classes, of samples or of their positions


def test_batches_of_an_order_that_leaves_rows_out_hold_the_others_only():
    x, y = data(20)
    order = np.array([3, 1, 18, 7, 9])
    parts = [(a.copy(), b.copy()) for a, b, *_ in Batches(x, y, None, 2, np.float64).epoch(order)]
    np.testing.assert_array_equal(np.concatenate([a for a, _ in parts]), x[order])
    np.testing.assert_array_equal(np.concatenate([b for _, b in parts]), y[order])


def test_batches_that_are_gathered_several_at_once_are_the_rows_in_order(monkeypatch):
    n = 50
    x = normal((n, 3)), np.arange(n)[:, None]
    y, weight, lengths = np.arange(n) % 4, np.random.RandomState(1).uniform(size=n), np.arange(n)
    order = np.random.RandomState(0).permutation(n)
    for numbers in (1, 4 * 7 * 3, 10**4):  # a batch at once, three of them, all
        monkeypatch.setattr("skdeep.nn.batches._AT_ONCE", numbers)
        kinds = None, "intp"
        batches = Batches(x, y, weight, 7, np.float32, lengths=lengths, input_dtype=kinds)
        start = 0
        for found in batches.epoch(order):
            rows = order[start : start + 7]
            start += len(rows)
            np.testing.assert_array_equal(found.x[0], x[0][rows].astype(np.float32))
            np.testing.assert_array_equal(found.x[1], x[1][rows])
            np.testing.assert_array_equal(found.target, y[rows])
            np.testing.assert_array_equal(found.weight, weight[rows])
            np.testing.assert_array_equal(found.lengths, lengths[rows])
        assert start == n


@pytest.mark.parametrize("order", [[0, -1], [20, 3]])
def test_batches_of_rows_that_are_not_there_are_refused(order):
    x, y = data(20)
    with pytest.raises(IndexError, match="rows from 0 to 19, got some from"):
        next(Batches(x, y, None, 2, np.float64).epoch(np.array(order)))


@pytest.mark.parametrize("shuffled", [False, True])
def test_sparse_batches_train_as_dense_ones(shuffled):
    x, y = data()
    x = x * (x > 0)
    order = np.random.RandomState(0).permutation(30) if shuffled else None
    dense, thin = trainer(), trainer()
    one = dense.epoch(Batches(x, y, None, 7, np.float64), order, 0.1)
    other = thin.epoch(Batches(sparse.csr_matrix(x), y, None, 7, np.float64), order, 0.1)
    assert one == pytest.approx(other)
    np.testing.assert_allclose(dense.network.params, thin.network.params)


def test_training_does_not_write_to_the_data():
    x, _ = data()
    target = np.random.RandomState(1).normal(size=(30, 3))
    weight = np.random.RandomState(2).uniform(size=30)
    for array in (x, target, weight):
        array.setflags(write=False)
    for first in (Dropout(0.2), BatchNorm(), LayerNorm(), Tanh()):
        t = trainer(first, Tanh(), Dense(3), loss=SquaredError(), rng=np.random.default_rng(0))
        for order in (None, np.random.RandomState(0).permutation(30)):
            t.epoch(Batches(x, target, weight, 8, np.float64), order, 0.01)


def test_the_objective_is_the_loss_and_the_penalty_and_their_gradient():
    x, y = data()
    network = Network(Sequence(Dense(4), Tanh(), Dense(3)), (5,), random_state=0)
    weight = np.random.RandomState(1).uniform(size=30)
    weight /= weight.sum()
    objective = Objective(network, SoftmaxCrossEntropy(), x, y, weight, L2(0.2))
    vector = network.params + 0.1
    value, gradient = objective(vector)
    loss = settled(SoftmaxCrossEntropy()).value(network.forward(x).copy(), y, weight)
    w = vector[: network.n_penalized]
    assert value == pytest.approx(loss + 0.1 * w @ w)
    np.testing.assert_array_equal(network.params, vector)
    assert gradient.shape == vector.shape


def test_a_network_without_penalized_weights_takes_a_penalty():
    x, target = data()[0], np.zeros((30, 5))
    for kind in OPTIMIZERS.values():
        t = trainer(BatchNorm(), loss=SquaredError(), optimizer=kind(clip_norm=1.0), alpha=0.5)
        assert t.network.n_penalized == 0
        first = t.step(x, target, None, 0.1)
        assert t.step(x, target, None, 0.1) < first
    objective = Objective(t.network, SquaredError(), x, target, None, L2(0.5))
    assert np.isfinite(objective(t.network.params)[0])


def test_a_batch_may_have_rows_of_its_own_for_each_member():
    x, y, weight = np.arange(8.0).reshape(4, 2), np.arange(4), np.array([1.0, 2.0, 3.0, 4.0])
    order = np.array([[0, 3], [1, 1], [2, 0]])
    first, last = (
        (batch.x.copy(), batch.target.copy(), batch.weight.copy())
        for batch in Batches(x, y, weight, 2, np.float64).epoch(order)
    )
    np.testing.assert_array_equal(first[0], x[[[0, 3], [1, 1]]])
    np.testing.assert_array_equal(first[1], [[0, 3], [1, 1]])
    np.testing.assert_array_equal(last[2], [[3.0, 1.0]])


def test_members_side_by_side_learn_what_each_learns_alone():
    random = np.random.RandomState(0)
    x, y = random.normal(size=(20, 3)), random.randint(0, 2, 20)
    weight = random.uniform(0.5, 2.0, 20)
    rows = np.column_stack([random.permutation(20)[:10] for _ in range(2)])
    loss = SoftmaxCrossEntropy()
    loss.settle(np, np.float64)
    both = Network(MemberDense(2), (2, 3), random_state=0)
    z = both.forward(x[rows])
    shares = weight[rows] / weight[rows].sum()
    value, grad_z = loss.value_and_gradient(z.copy(), y[rows], shares)
    both.backward(grad_z)
    values = []
    for i in range(2):
        one = Network(MemberDense(2), (1, 3), random_state=0)
        one.root.weight[...], one.root.bias[...] = both.root.weight[i], both.root.bias[i]
        z = one.forward(x[rows[:, i]][:, None])
        part = shares[:, i]
        found, grad_z = loss.value_and_gradient(z.copy(), y[rows[:, i]][:, None], part)
        one.backward(grad_z)
        values.append(found)
        np.testing.assert_allclose(one.root.grad_weight[0], both.root.grad_weight[i], atol=1e-15)
    assert value == pytest.approx(sum(values))


def test_a_penalty_may_have_a_divisor_of_its_own():
    """A batch of 5 rows is penalized as one of 50 would be, whatever its size."""
    x, y = batch(5, 3), batch(5, 2)
    values = []
    for options in ({"alpha": 0.3}, {"penalty": L2(0.3), "penalty_divisor": 50.0}):
        network = Network(Dense(2), (3,), random_state=0)
        weights = network.params[: network.n_penalized].copy()
        values.append(Trainer(network, SquaredError(), SGD(), **options).step(x, y, None, 0.1))
    assert values[0] - values[1] == pytest.approx(0.3 / 2 * weights @ weights * (1 / 5 - 1 / 50))


class Recorder:
    """A transform that keeps what it is given, and doubles the samples."""

    def __init__(self, at_once):
        self.at_once, self.sizes = at_once, []

    def __call__(self, batch, rng):
        self.sizes.append(len(batch.x))
        return batch._replace(x=2 * batch.x)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("at_once", "sizes"), [(0, [4, 4, 4, 1]), (11, [4, 4, 4, 1]), (23, [8, 5]), (99, [13])]
)
def test_a_transform_gets_as_many_batches_in_one_as_it_asks_for(at_once, sizes, weighted):
    x, weight = normal((13, 2)), np.arange(13.0) if weighted else None
    order = np.random.RandomState(0).permutation(13)
    transform = Recorder(at_once)
    whole = Batches(x, x, weight, 4, np.float64)
    expected = [(2 * b.x, b.target.copy(), b.weight is None) for b in whole.epoch(order)]
    for rows, (own_x, target, unweighted) in zip(
        changed_batches(whole, order, transform, None), expected, strict=True
    ):
        np.testing.assert_array_equal(rows.x, own_x)
        np.testing.assert_array_equal(rows.target, target)
        assert (rows.weight is None) == unweighted
    assert transform.sizes == sizes


@pytest.mark.parametrize("at_once", [0, 16, 99])
def test_chunks_are_changed_as_all_rows_are(at_once):
    x = normal((13, 2))
    chunks = [Batch(x[:3], x[:3]), Batch(x[3:], x[3:])]
    in_chunks = ChunkedBatches(lambda order: chunks, 13, 4, np.float64)
    seen = []
    for batches in (Batches(x, x, None, 4, np.float64), in_chunks):
        transform = Recorder(at_once)
        parts = [batch.x.copy() for batch in changed_batches(batches, None, transform, None)]
        seen.append((transform.sizes, np.concatenate(parts)))
    assert seen[0][0] == seen[1][0]
    np.testing.assert_array_equal(seen[0][1], seen[1][1])
