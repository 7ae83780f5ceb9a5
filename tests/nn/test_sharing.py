"""Threads that share a step do the same work, all of it, once."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skdeep.nn import (
    Adam,
    BatchNorm,
    Dense,
    Nesterov,
    Network,
    ReLU,
    Sequence,
    SoftmaxCrossEntropy,
    Trainer,
    products,
)
from skdeep.nn.sharing import WorkShare


@given(size=st.integers(0, 40), n_threads=st.integers(2, 4))
def test_parts_make_up_the_range(size, n_threads):
    counts = np.zeros(size, dtype=int)

    def count(part):
        counts[part] += 1

    with WorkShare(n_threads) as share:
        share.run(count, size)
        assert (counts == 1).all()


@given(size=st.integers(0, 40), smallest=st.integers(1, 50))
def test_what_is_left_for_later_is_done_when_finish_returns(size, smallest):
    counts = np.zeros(size, dtype=int)
    lengths = []

    def count(part):
        lengths.append(part.stop - part.start)
        counts[part] += 1

    with WorkShare(2) as share:
        share.later(count, size, smallest)
        share.run(lambda part: None, 2)
        share.finish()
        assert (counts == 1).all()
    assert len(lengths) <= 2 or min(lengths) >= smallest
    assert not lengths or max(lengths) - min(lengths) <= 1


def test_threads_end_also_after_an_interrupt_that_left_the_lock_held():
    """Ctrl-C can come just after the lock is taken, before the block that would give it back."""

    def interrupted():
        with WorkShare(3) as share:
            share.run(lambda part: None, 3)
            share._change.acquire()

    caller = threading.Thread(target=interrupted, daemon=True)
    caller.start()
    caller.join(timeout=30)
    assert not caller.is_alive()


def test_memory_is_each_thread_s_own_and_the_same_again():
    meeting = threading.Barrier(2, timeout=10)
    addresses = []

    def write(part):
        mine = share.spare("sum", 5, np.float32)
        mine[:] = part.start
        meeting.wait()  # both have written
        assert (share.spare("sum", 3, np.float32) == part.start).all()
        addresses.append(mine.__array_interface__["data"][0])

    with WorkShare(2) as share:
        share.run(write, 2)
        assert len(set(addresses)) == 2
        assert share.spare("sum", 50, np.float32).shape == (50,)


def test_two_threads_are_at_work_at_the_same_time():
    meeting = threading.Barrier(2, timeout=10)
    with WorkShare(2) as share:
        share.run(lambda part: meeting.wait(), 2)  # would time out with one thread


@pytest.mark.parametrize("later", [False, True])
def test_an_error_in_any_part_reaches_the_caller(later):
    def fail(part):
        if part.start:
            raise RuntimeError("in a part")

    with WorkShare(2) as share, pytest.raises(RuntimeError, match="in a part"):  # noqa: PT012
        if later:
            share.later(fail, 4, 1)
            share.finish()
        else:
            share.run(fail, 4)


def test_threads_end_with_the_block():
    before = threading.active_count()
    with WorkShare(3):
        assert threading.active_count() == before + 2
    assert threading.active_count() == before


def train(share, make_optimizer, steps=6):
    """Train a network for some steps and return its parameters and the losses."""
    rng = np.random.default_rng(0)
    root = Sequence(Dense(13, use_bias=False), BatchNorm(), ReLU(), Dense(11), ReLU(), Dense(3))
    network = Network(root, (7,), random_state=0)
    optimizer = make_optimizer()
    optimizer.settle(np, np.float64, network.n_parameters)
    trainer = Trainer(network, SoftmaxCrossEntropy(), optimizer, alpha=0.1, share=share)
    network.share_work(share)
    losses, norms = [], []
    for step in range(steps):
        x, target = rng.standard_normal((20, 7)), rng.integers(0, 3, 20)
        losses.append(trainer.step(x, target, None, 0.05, measure=step % 2 == 1))
        norms.append(trainer.gradient_norm)
    return network.params, losses, norms


@pytest.mark.parametrize(
    "make_optimizer",
    [Adam, Nesterov, lambda: Adam(clip_norm=0.1), lambda: Adam(weight_decay=0.3)],
    ids=["adam", "nesterov", "clipped", "decayed"],
)
@pytest.mark.parametrize("rows", [1, 3, 10**6])
@pytest.mark.parametrize("smallest", [0, 20 * 13 * 11], ids=["all layers", "the largest layer"])
def test_a_shared_step_is_the_same_step(make_optimizer, rows, smallest, monkeypatch):
    monkeypatch.setattr(products, "SMALLEST_PART", rows)
    monkeypatch.setattr(products, "SMALLEST_SHARED", smallest)
    alone = train(None, make_optimizer)
    with WorkShare(2) as share:
        shared = train(share, make_optimizer)
    for mine, other in zip(shared, alone, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-12)
