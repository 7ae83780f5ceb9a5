"""Learning-rate schedules against their formulas."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skdeep.nn import (
    Adaptive,
    Constant,
    Cosine,
    CosineOfLog,
    CosineRestarts,
    Exponential,
    Function,
    InverseScaling,
    OneCycle,
    ReduceOnPlateau,
    Step,
)

rates = st.floats(1e-6, 10.0)
epochs = st.integers(0, 500)
KINDS = {
    "constant": Constant,
    "inverse scaling": InverseScaling,
    "adaptive": Adaptive,
    "step": Step,
    "exponential": Exponential,
    "cosine": lambda initial, **common: Cosine(initial, n_epochs=50, **common),
    "cosine with restarts": CosineRestarts,
    "plateau": ReduceOnPlateau,
    "function": lambda initial, **common: Function(initial, function=lambda e: 0.9**e, **common),
}
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@each_kind
@given(initial=rates, warmup=st.integers(0, 10))
def test_the_rate_climbs_in_equal_steps_to_the_initial_one_and_never_above(kind, initial, warmup):
    schedule = kind(initial, warmup_epochs=warmup)
    climb = [0.0, *(schedule.rate(epoch, 100 * epoch) for epoch in range(warmup + 1))]
    assert climb[-1] == pytest.approx(initial)
    for before, after in pairwise(climb):
        assert after - before == pytest.approx(initial / (warmup + 1))
    later = [schedule.rate(epoch, 100 * epoch) for epoch in range(warmup, warmup + 60)]
    assert max(later) <= initial * (1 + 1e-12)
    assert min(later) >= 0


@each_kind
@given(warmup=st.integers(0, 5))
def test_only_adaptive_answers_to_a_plateau(kind, warmup):
    schedule = kind(0.1, warmup_epochs=warmup)
    before = schedule.rate(20, 2000)
    fell = schedule.falls_on_plateau()
    assert fell == isinstance(schedule, Adaptive)
    assert schedule.rate(20, 2000) == pytest.approx(before / 5 if fell else before)


@given(rates, epochs, st.integers(0, 10**9))
def test_constant_is_constant(initial, epoch, n_seen):
    assert Constant(initial).rate(epoch, n_seen) == initial


@given(rates, epochs, st.integers(0, 10**9), st.floats(0, 2))
def test_inverse_scaling_falls_with_the_samples_seen(initial, epoch, n_seen, power):
    expected = initial / (n_seen + 1) ** power if epoch else initial
    assert InverseScaling(initial, power=power).rate(epoch, n_seen) == pytest.approx(expected)


@given(rates, epochs, st.floats(0.01, 1), st.integers(1, 50))
def test_step_and_exponential_meet_at_every_stair(initial, epoch, decay, size):
    stairs = Step(initial, decay=decay, step_size=size)
    slope = Exponential(initial, decay=decay, step_size=size)
    assert stairs.rate(epoch, 0) == pytest.approx(initial * decay ** (epoch // size))
    assert slope.rate(epoch, 0) == pytest.approx(initial * decay ** (epoch / size))
    assert slope.rate(epoch, 0) <= stairs.rate(epoch, 0) * (1 + 1e-12)
    stair = epoch * size
    assert slope.rate(stair, 0) == pytest.approx(stairs.rate(stair, 0))


@given(rates, st.integers(2, 200), st.floats(0, 1), st.data())
def test_cosine_is_half_a_wave_from_the_initial_rate_to_the_minimum(initial, n, share, data):
    warmup = data.draw(st.integers(0, n - 2))
    minimum = share * initial
    schedule = Cosine(initial, n_epochs=n, minimum=minimum, warmup_epochs=warmup)
    wave = [schedule.rate(epoch, 0) for epoch in range(warmup, n + 1)]
    for i, found in enumerate(wave):
        angle = math.pi * i / (n - warmup)
        expected = minimum + (initial - minimum) * (1 + math.cos(angle)) / 2
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-15)
    assert wave == sorted(wave, reverse=True)
    assert wave[-1] == pytest.approx(minimum)
    assert schedule.rate(n + 30, 0) == pytest.approx(minimum), "stays there beyond the last epoch"


def test_adaptive_gives_up_below_a_millionth():
    schedule = Adaptive(0.001)
    falls = 0
    while schedule.falls_on_plateau():
        falls += 1
        assert falls < 100
    assert falls == 5  # 0.001 / 5**5 is the first below 1e-6
    assert schedule.rate(3, 0) == pytest.approx(0.001 / 5**5)


@given(rates, st.integers(1, 200))
def test_cosine_of_log_falls_to_zero_four_times_each_time_more_slowly(initial, n):
    schedule = CosineOfLog(initial, n_epochs=n)
    assert schedule.by_step
    for done in (0, 1, 3, 7, 15):  # of 15 parts
        assert schedule.rate(n * done / 15, 0) == pytest.approx(0, abs=1e-9 * initial)
    for end, part in zip(schedule.ends_of_falls(), (1, 3, 7, 15), strict=True):
        assert 15 * (end - 1) < n * part <= 15 * end
    for cycle in range(4):
        top = (2 ** (cycle + 0.5) - 1) / 15
        assert schedule.rate(n * top, 0) == pytest.approx(initial)
    assert schedule.rate(2 * n, 0) == pytest.approx(0, abs=1e-9 * initial)


@given(rates, st.integers(1, 20), st.integers(1, 3), st.floats(0, 1))
def test_cosine_with_restarts_begins_again_after_every_period(initial, period, growth, share):
    minimum = share * initial
    schedule = CosineRestarts(initial, period=period, growth=growth, minimum=minimum)
    start = 0
    for lap in range(4):
        length = period * growth**lap
        for i in range(length):
            expected = minimum + (initial - minimum) * (1 + math.cos(math.pi * i / length)) / 2
            assert schedule.rate(start + i, 0) == pytest.approx(expected, rel=1e-9, abs=1e-15)
        start += length


@given(rates, st.integers(1, 50), st.floats(0.1, 0.9))
def test_one_cycle_rises_from_a_25th_and_falls_to_almost_nothing(initial, n, rise):
    schedule = OneCycle(initial, n_epochs=n, rise=rise)
    assert schedule.by_step
    assert schedule.ends
    assert schedule.rate(0, 0) == pytest.approx(initial / 25)
    assert schedule.rate(rise * n, 0) == pytest.approx(initial)
    assert schedule.rate(rise * n / 2, 0) == pytest.approx(initial * 13 / 25)
    assert schedule.rate(n, 0) == pytest.approx(initial / 250_000)
    rates = [schedule.rate(n * i / 100, 0) for i in range(101)]
    peak = rates.index(max(rates))
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)


def test_a_plateau_is_left_at_its_end_and_never_below_the_minimum():
    schedule = ReduceOnPlateau(0.8, factor=0.5, patience=2, minimum=0.15)
    found = []
    for n_without_progress in [0, 1, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]:
        schedule.listen(n_without_progress)
        found.append(schedule.rate(len(found), 0))
    assert found == [0.8] * 6 + [0.4] * 3 + [0.2] * 3 + [0.15] * 4


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf, None, "fast"])
def test_a_function_must_return_a_rate(value):
    with pytest.raises(ValueError, match=r"must return a finite number .* for epoch 3"):
        Function(0.1, function=lambda epoch: value).rate(3, 0)


@pytest.mark.peers
def test_schedules_are_pytorchs():
    torch = pytest.importorskip("torch")
    lr = torch.optim.lr_scheduler
    weight = torch.nn.Parameter(torch.zeros(1))

    def theirs(make, losses=None):
        optimizer = torch.optim.SGD([weight], 0.5)
        scheduler, found = make(optimizer), []
        for step in range(60):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step(*([] if losses is None else [losses[step]]))
        return pytest.approx(found)

    peers = [
        (Step(0.5, decay=0.7, step_size=9), lambda o: lr.StepLR(o, 9, 0.7)),
        (Exponential(0.5, decay=0.7, step_size=1), lambda o: lr.ExponentialLR(o, 0.7)),
        (Cosine(0.5, n_epochs=60, minimum=0.1), lambda o: lr.CosineAnnealingLR(o, 60, 0.1)),
        (Function(0.5, function=by_halves), lambda o: lr.LambdaLR(o, by_halves)),
        (
            CosineRestarts(0.5, period=7, growth=2, minimum=0.1),
            lambda o: lr.CosineAnnealingWarmRestarts(o, 7, 2, 0.1),
        ),
        # PyTorch counts from step 0, and has its peak at pct_start * total_steps - 1.
        (
            OneCycle(0.5, n_epochs=60),
            lambda o: lr.OneCycleLR(o, 0.5, total_steps=61, pct_start=19 / 61),
        ),
    ]
    for ours, peer in peers:
        assert [ours.rate(epoch, 0) for epoch in range(60)] == theirs(peer)

    losses = np.random.RandomState(0).normal(size=60) + 4 / (1 + np.arange(60))
    plateau, found, best, idle = ReduceOnPlateau(0.5, factor=0.7, patience=3), [], math.inf, 0
    for epoch, loss in enumerate(losses):
        found.append(plateau.rate(epoch, 0))
        idle = 0 if loss < best else idle + 1
        best = min(best, loss)
        plateau.listen(idle)
    assert found == theirs(
        lambda o: lr.ReduceLROnPlateau(o, factor=0.7, patience=3, threshold=0), losses
    )


def by_halves(epoch):
    return 0.5**epoch
