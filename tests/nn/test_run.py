"""A training run: its orders, rates, patience, best network and record, and going on with it."""

import copy
import pickle

import numpy as np
import pytest

from skdeep.nn import (
    Adam,
    Adaptive,
    Batch,
    Batches,
    BatchNorm,
    Constant,
    Cosine,
    Dense,
    Dropout,
    Mode,
    Momentum,
    Muon,
    Network,
    Record,
    ReLU,
    Residual,
    Run,
    Schedule,
    Sequence,
    SquaredError,
    Tanh,
    settle_statistics,
)


def data(n=60, d=3):
    random = np.random.RandomState(0)
    x = random.normal(size=(n, d))
    return x, x @ random.normal(size=(d, 1)) + 0.1 * random.normal(size=(n, 1))


def batches(batch_size=10, **kwargs):
    return Batches(*data(), None, batch_size, np.float64, **kwargs)


def make(optimizer=Adam, schedule=None, **options):
    layers = Sequence(Dense(6), BatchNorm(), ReLU(), Dropout(0.2), Dense(1))
    return Run(
        Network(layers, (3,), random_state=0),
        SquaredError(),
        optimizer(),
        Constant(0.01) if schedule is None else schedule,
        random_state=np.random.RandomState(1),
        rng=np.random.default_rng(2),
        **options,
    )


def train(run, n_epochs, validate=None):
    run.begin_fit()
    with run.working(batches()):
        for _ in range(n_epochs):
            run.epoch(validate)
    return run


def validation(network):
    x, y = data()
    loss = float(np.mean((network.outputs(x) - y) ** 2) / 2)
    return loss, -loss


@pytest.mark.parametrize("keeps_best", [False, True])
@pytest.mark.parametrize("optimizer", [Adam, Momentum])
@pytest.mark.parametrize(
    "schedule", [Constant(0.01), Adaptive(0.01), Cosine(0.01, n_epochs=9)], ids=lambda s: type(s)
)
def test_a_run_that_is_loaded_ends_as_the_one_that_was_never_stopped(
    optimizer, schedule, keeps_best
):
    options = {"optimizer": optimizer, "schedule": schedule, "keeps_best": keeps_best}
    whole, first = make(**options), make(**options)
    whole.begin_fit()
    first.begin_fit()
    with whole.working(batches()), first.working(batches()):
        for _ in range(4):
            whole.epoch(validation)
            first.epoch(validation)
        state = pickle.loads(pickle.dumps(first.state()))
        first.epoch(validation)  # what was saved is not moved by what comes after
    second = make(**options)
    second.network.params += 1.0
    second.load(state)
    with whole.working(batches()), second.working(batches()):
        for _ in range(5):
            assert whole.epoch(validation) == second.epoch(validation)
    np.testing.assert_array_equal(second.network.params, whole.network.params)
    np.testing.assert_array_equal(second.network.statistics, whole.network.statistics)
    for name in ("loss", "learning_rate", "gradient_norm", "validation_score"):
        assert second.record.history[name] == whole.record.history[name]
    if keeps_best:
        np.testing.assert_array_equal(second.best[0], whole.best[0])


def test_a_copy_goes_its_own_way():
    run = train(make(), 3)
    twin = run.copy(run.network.copy(), SquaredError())
    before = run.network.params.copy()
    train(twin, 2)
    np.testing.assert_array_equal(run.network.params, before)
    assert run.record.loss_curve == twin.record.loss_curve[:3]
    assert len(twin.record.loss_curve) == 5


@pytest.mark.parametrize("optimizer", [Adam, Momentum, Muon])
def test_a_run_goes_back_to_before_its_first_step_even_within_its_block(optimizer):
    run = make(optimizer)
    untouched = run.state()
    with run.working(batches()):
        run.epoch()
        once = run.network.params.copy()
        run.load(untouched)
        run.epoch()
    np.testing.assert_array_equal(run.network.params, once)


def test_a_copy_draws_the_orders_that_the_run_draws():
    run = train(make(), 3)
    twin = run.copy(run.network.copy(), SquaredError())
    for one in (run, twin):
        train(one, 2)
    np.testing.assert_array_equal(run.network.params, twin.network.params)


def test_a_copy_made_within_the_block_of_a_run_does_not_move_the_network_of_that_run():
    run = make()
    with run.working(batches()):
        run.epoch()
        before = run.network.params.copy()
        twin = run.copy(run.network.copy(), SquaredError())
        with pytest.raises(RuntimeError, match=r"Run\.working"):
            twin.epoch()
    np.testing.assert_array_equal(run.network.params, before)


def test_a_run_that_rests_holds_no_batch():
    run = make()
    with run.working(batches(batch_size=60)):
        run.epoch()
        assert run.loss._flat
    assert not run.loss._flat


def test_patience_ends_a_run_and_the_best_epoch_is_kept():
    scores = iter([1.0, 3.0, 2.0, 1.0, 0.0])
    run = make(keeps_best=True, patience=2, tol=0.0)
    run.begin_fit()
    kept = []
    with run.working(batches()):
        while not run.has_converged():
            if run.epoch(lambda network: (0.0, next(scores))):
                kept.append(run.network.params.copy())
    assert run.record.n_iter == 5
    assert run.restore_best()
    np.testing.assert_array_equal(run.network.params, kept[-1])
    assert run.record.best_validation_score == 3.0


def test_each_fit_begins_its_own_count_and_the_record_goes_on():
    run = train(make(tol=1e9, patience=1), 4)
    assert run.has_converged()
    assert run.record.best_loss == min(run.record.loss_curve)
    train(run, 1)
    assert not run.has_converged()
    assert run.record.best_loss == run.record.loss_curve[-1]
    assert run.record.history["epoch"] == [1, 2, 3, 4, 5]
    assert run.record.n_iter == 1


def test_a_schedule_may_change_the_rate_at_every_step():
    seen = []

    class Counting(Schedule):
        by_step = True

        def after_warmup(self, epoch, n_seen):
            seen.append((round(epoch, 9), n_seen))
            return 0.01

    train(make(schedule=Counting(0.01)), 2)
    wanted = [(i / 6, 10 * i) for i in range(12)]
    assert [(e, n) for e, n in seen if (e, n) != (0, 0)][:5] == [
        (pytest.approx(e), n) for e, n in wanted[1:6]
    ]
    assert seen[-1] == (pytest.approx(11 / 6), 110)


def test_a_transform_acts_on_training_alone():
    def shift(batch, rng):
        return batch._replace(target=batch.target + 5.0)

    plain, moved = train(make(), 30), train(make(transform=shift), 30)
    x, _ = data()
    assert np.mean(moved.network.outputs(x) - plain.network.outputs(x)) > 1.0
    np.testing.assert_array_equal(data()[1], data()[1])


def test_an_epoch_needs_data():
    with pytest.raises(RuntimeError, match=r"Run\.working"):
        make().epoch()


def test_an_order_of_ones_own_replaces_shuffling():
    orders = iter([np.array([0, 1, 2]), np.array([5, 5])])
    run = make(order=lambda: next(orders))
    train(run, 2)
    assert run.record.t == 5


def test_settled_statistics_are_the_moments_of_all_rows_however_they_are_batched():
    x, _ = data()
    for size in (60, 20, 12, 7):
        network = Network(BatchNorm(), (3,), random_state=0)
        network.statistics += 17.0
        settle_statistics(network, Batches(x, x, None, size, np.float64).epoch())
        np.testing.assert_allclose(network.root.running_mean, x.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(network.root.running_variance, x.var(axis=0, ddof=1))


@pytest.mark.parametrize("body", [Dense(3), Residual(Sequence(Dense(3), BatchNorm()))])
def test_settled_statistics_are_those_of_a_pass_through_all_layers(body):
    x, _ = data()
    layers = Dense(3), BatchNorm(), Sequence(Tanh(), copy.deepcopy(body), BatchNorm(), Tanh())
    whole = Network(Sequence(*layers, Dense(1)), (3,), random_state=0)
    part = whole.copy()
    settle_statistics(part, [Batch(x, x)])
    whole.forward(x, Mode(settles=True))
    np.testing.assert_array_equal(part.statistics, whole.statistics)
    assert not any(node.layer.remembers for node in part.nodes() if isinstance(node.layer, Dense))


def test_a_record_counts_what_is_no_progress():
    record = Record()
    record.begin_fit()
    assert [record.add(loss=loss, tol=0.1) for loss in (1.0, 0.95, 0.5)] == [True, True, True]
    assert record.n_without_progress == 0
    record.begin_fit(by_validation=True)
    record.add(loss=9.0, validation=(1.0, 0.5))
    assert not record.add(loss=1.0, validation=(2.0, 0.4))
    assert record.n_without_progress == 1
    assert record.best_loss is None
    assert record.history["validation_score"][:3] == pytest.approx([np.nan] * 3, nan_ok=True)
    assert record.validation_scores == [0.5, 0.4]


def test_a_record_has_a_column_for_each_part_of_the_loss_and_gaps_where_there_was_none():
    record = Record()
    record.add(loss=3.0)
    record.add(loss=2.0, parts={"one_loss": 1.5, "other_loss": 0.5})
    record.add(loss=1.0, validation=(4.0, 0.1))
    expected = {"one_loss": [np.nan, 1.5, np.nan], "validation_loss": [np.nan, np.nan, 4.0]}
    for name, column in expected.items():
        assert record.history[name] == pytest.approx(column, nan_ok=True)
    assert {len(column) for column in record.history.values()} == {3}
