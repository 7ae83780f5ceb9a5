"""Optimizers against the formulas of their papers, written out step by step."""

import pickle
from contextlib import nullcontext
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skdeep.nn import (
    L2,
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    AMSGrad,
    Lion,
    Momentum,
    Muon,
    NAdam,
    Nesterov,
    RMSProp,
)
from skdeep.nn.vectors import two_passes

SIZE, N_PENALIZED = 13, 8


def start(seed=0, dtype=np.float64):
    return np.random.RandomState(seed).normal(size=SIZE).astype(dtype)


def gradient(w, t):
    """Return the gradient of some function that is no bowl, different at each step."""
    return np.sin(3 * w) + 0.3 * w + np.cos(t + np.arange(len(w)))


def rate(t):
    return 0.05 / (1 + 0.1 * t)


def settled(optimizer, dtype=np.float64):
    optimizer.settle(np, dtype, SIZE)
    return optimizer


def walk(optimizer, w, first=0, last=20, **kwargs):
    for t in range(first, last):
        optimizer.step(w, gradient(w, t).astype(w.dtype), rate(t), **kwargs)
    return w


def sgd(w, g, t, state):
    return w - rate(t) * g


def momentum(w, g, t, state, mu=0.8):
    state["v"] = mu * state.get("v", 0) - rate(t) * g
    return w + state["v"]


def nesterov(w, g, t, state, mu=0.8):
    state["v"] = mu * state.get("v", 0) - rate(t) * g
    return w + mu * state["v"] - rate(t) * g


def adam(w, g, t, state, b1=0.85, b2=0.99, eps=1e-3):
    """The form of the end of section 2 of the paper."""
    state["m"] = b1 * state.get("m", 0) + (1 - b1) * g
    state["v"] = b2 * state.get("v", 0) + (1 - b2) * g**2
    step = rate(t) * np.sqrt(1 - b2 ** (t + 1)) / (1 - b1 ** (t + 1))
    return w - step * state["m"] / (np.sqrt(state["v"]) + eps)


def amsgrad(w, g, t, state, b1=0.85, b2=0.99, eps=1e-3):
    state["m"] = b1 * state.get("m", 0) + (1 - b1) * g
    state["v"] = b2 * state.get("v", 0) + (1 - b2) * g**2
    state["u"] = np.maximum(state.get("u", 0), state["v"])
    step = rate(t) * np.sqrt(1 - b2 ** (t + 1)) / (1 - b1 ** (t + 1))
    return w - step * state["m"] / (np.sqrt(state["u"]) + eps)


def nadam(w, g, t, state, b1=0.85, b2=0.99, eps=1e-3):
    now, ahead = (b1 * (1 - 0.5 * 0.96 ** (k * 0.3)) for k in (t + 1, t + 2))
    state["m"] = b1 * state.get("m", 0) + (1 - b1) * g
    state["v"] = b2 * state.get("v", 0) + (1 - b2) * g**2
    state["product"] = state.get("product", 1) * now
    of_gradient = (1 - now) / (1 - state["product"])
    of_mean = ahead / (1 - state["product"] * ahead)
    step = rate(t) * np.sqrt(1 - b2 ** (t + 1))
    return w - step * (of_gradient * g + of_mean * state["m"]) / (np.sqrt(state["v"]) + eps)


def adagrad(w, g, t, state, eps=1e-3):
    state["s"] = state.get("s", 0) + g**2
    return w - rate(t) * g / (np.sqrt(state["s"]) + eps)


def rmsprop(w, g, t, state, decay=0.9, mu=0.0, eps=1e-3):
    state["s"] = decay * state.get("s", 0) + (1 - decay) * g**2
    state["v"] = mu * state.get("v", 0) + g / (np.sqrt(state["s"]) + eps)
    return w - rate(t) * state["v"]


def rmsprop_with_momentum(w, g, t, state):
    return rmsprop(w, g, t, state, mu=0.8)


def lion(w, g, t, state, b1=0.85, b2=0.97):
    m = state.get("m", 0)
    state["m"] = b2 * m + (1 - b2) * g
    return w - rate(t) * np.sign(b1 * m + (1 - b1) * g)


MOMENTS = {"beta_1": 0.85, "beta_2": 0.99, "epsilon": 1e-3}
CASES = {
    "sgd": (SGD, sgd),
    "momentum": (lambda **common: Momentum(0.8, **common), momentum),
    "nesterov": (lambda **common: Nesterov(0.8, **common), nesterov),
    "adam": (lambda **common: Adam(**MOMENTS, **common), adam),
    "adamw": (lambda **common: AdamW(**({"weight_decay": 0.0} | MOMENTS | common)), adam),
    "amsgrad": (lambda **common: AMSGrad(**MOMENTS, **common), amsgrad),
    "nadam": (lambda **common: NAdam(momentum_decay=0.3, **MOMENTS, **common), nadam),
    "adagrad": (lambda **common: AdaGrad(1e-3, **common), adagrad),
    "rmsprop": (lambda **common: RMSProp(0.9, epsilon=1e-3, **common), rmsprop),
    "rmsprop with momentum": (
        lambda **common: RMSProp(0.9, 0.8, 1e-3, **common),
        rmsprop_with_momentum,
    ),
    "lion": (lambda **common: Lion(0.85, 0.97, **common), lion),
    "muon, of no matrix": (lambda **common: Muon(**MOMENTS, **common), adam),
}
each_kind = pytest.mark.parametrize(("kind", "formula"), CASES.values(), ids=CASES)
each_maker = pytest.mark.parametrize("kind", [kind for kind, _ in CASES.values()], ids=CASES)


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
@pytest.mark.parametrize("clip_value", [None, 0.7])
@pytest.mark.parametrize("clip_norm", [None, 1.5])
@pytest.mark.parametrize("alpha", [0.0, 0.4])
@each_kind
def test_twenty_steps_are_those_of_the_formula(
    kind, formula, alpha, clip_norm, clip_value, weight_decay
):
    clips = {"clip_norm": clip_norm, "clip_value": clip_value}
    optimizer = settled(kind(**clips, weight_decay=weight_decay))
    w = walk(optimizer, start(), n_penalized=N_PENALIZED, penalty=L2(alpha) if alpha else None)
    expected, state = start(), {}
    penalized = np.arange(SIZE) < N_PENALIZED
    for t in range(20):
        g = gradient(expected, t) + alpha * expected * penalized
        if clip_value is not None:
            g = g.clip(-clip_value, clip_value)
        if clip_norm is not None:
            g *= min(1.0, clip_norm / np.linalg.norm(g))
        decayed = expected * (1 - rate(t) * weight_decay * penalized)
        expected = formula(decayed, g, t, state)
    np.testing.assert_allclose(w, expected, rtol=1e-10)
    assert optimizer.t == 20


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.7), (0.0, 0.9), (0.9, 0.0), (0.0, 0.0)])
def test_a_long_walk_of_adam_is_still_that_of_the_formula(betas, dtype):
    """Long enough for moments of any memory to be rescaled, several times for short ones."""
    optimizer = settled(Adam(*betas, epsilon=1e-3), dtype)
    w, expected, state = start(dtype=dtype), start(), {}
    for t in range(400):
        g = np.cos(0.1 * t + np.arange(SIZE))
        optimizer.step(w, g.astype(dtype), rate(t))
        expected = adam(expected, g, t, state, *betas)
    atol = 1e-11 if dtype == np.float64 else 1e-4
    np.testing.assert_allclose(w, expected, atol=atol)


@each_kind
def test_a_vector_longer_than_a_cache_is_walked_to_its_end(kind, formula):
    size, n_penalized = 70_001, 50_003
    w = np.random.RandomState(0).normal(size=size)
    g = np.random.RandomState(1).normal(size=size)
    optimizer = kind(weight_decay=0.3, clip_norm=5.0)
    optimizer.settle(np, np.float64, size)
    penalized = np.arange(size) < n_penalized
    full = g + 0.4 * w * penalized
    full *= 5.0 / np.linalg.norm(full)
    expected = formula(w * (1 - rate(0) * 0.3 * penalized), full, 0, {})
    optimizer.step(w, g, rate(0), n_penalized=n_penalized, penalty=L2(0.4))
    np.testing.assert_allclose(w, expected, rtol=1e-9, atol=1e-13)


def test_the_weight_decay_of_adamw_is_on_from_the_start():
    plain, decaying = settled(Adam()), settled(AdamW())
    w = walk(decaying, start(), n_penalized=SIZE)
    assert not np.allclose(w, walk(plain, start(), n_penalized=SIZE))
    assert decaying.weight_decay == 0.01


@each_maker
def test_decay_and_penalty_leave_biases_alone(kind):
    """Whatever is not among the first n_penalized moves by its own gradient only."""
    plain = walk(settled(kind()), start())
    decayed = walk(
        settled(kind(weight_decay=0.5)), start(), n_penalized=N_PENALIZED, penalty=L2(0.5)
    )
    np.testing.assert_array_equal(decayed[N_PENALIZED:], plain[N_PENALIZED:])
    assert (decayed[:N_PENALIZED] != plain[:N_PENALIZED]).all()


@pytest.mark.parametrize("clip_norm", [None, 1.5])
@each_maker
@given(cuts=st.lists(st.integers(0, SIZE), max_size=4))
def test_a_walk_in_parts_is_the_walk_as_a_whole(kind, clip_norm, cuts):
    def options():
        return {"n_penalized": N_PENALIZED, "penalty": L2(0.4)}

    def maker():
        return settled(kind(clip_norm=clip_norm, weight_decay=0.3))

    whole = walk(maker(), start(), **options())

    def in_parts(passes):
        parts, optimizer = start(), maker()
        for t in range(20):
            g = gradient(parts, t)
            update = optimizer.start_step(parts, g, rate(t), **options())
            with passes:
                for low, high in reversed(list(pairwise([0, *sorted(cuts), SIZE]))):
                    update(slice(low, high), g[low:high])
        return parts

    np.testing.assert_array_equal(in_parts(nullcontext()), whole)
    np.testing.assert_allclose(in_parts(TwoPasses()), whole, rtol=1e-12)


class TwoPasses:
    """`two_passes` that can be entered again and again."""

    def __enter__(self):
        self.block = two_passes(np.empty(SIZE))
        self.block.__enter__()

    def __exit__(self, *raised):
        self.block.__exit__(*raised)


@each_maker
def test_a_short_gradient_is_not_clipped_and_a_zero_gradient_is_safe(kind):
    w, clipped = start(), start()
    settled(kind()).step(w, np.full(SIZE, 1e-3), 0.1)
    settled(kind(clip_norm=10.0)).step(clipped, np.full(SIZE, 1e-3), 0.1)
    np.testing.assert_array_equal(w, clipped)
    resting = start()
    with np.errstate(all="raise"):
        settled(kind(clip_norm=1.0)).step(resting, np.zeros(SIZE), 0.1)
    np.testing.assert_array_equal(resting, start())


def test_a_clipped_step_of_plain_descent_is_as_long_as_the_bound():
    w = start()
    settled(SGD(clip_norm=2.0)).step(w, 100 * start(seed=1), 0.5)
    assert np.linalg.norm(w - start()) == pytest.approx(0.5 * 2.0)


@pytest.mark.parametrize("size", [1e10, 1e20, 1e30])
def test_a_float32_gradient_of_any_size_is_clipped_to_the_bound(size):
    w = np.zeros(SIZE, np.float32)
    optimizer = settled(SGD(clip_norm=2.0), np.float32)
    optimizer.step(w, np.full(SIZE, size, np.float32), 0.5)
    assert np.linalg.norm(w) == pytest.approx(0.5 * 2.0)


@pytest.mark.parametrize("cls", [Adam, AdamW])
def test_the_first_step_of_adam_is_the_learning_rate_in_every_direction(cls):
    optimizer = settled(cls())
    w = start()
    optimizer.step(w, 1e3 * start(seed=1), 0.1)
    np.testing.assert_allclose(np.abs(w - start()), 0.1, rtol=1e-4)


@each_maker
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_type_of_the_parameters_is_kept_and_they_stay_in_place(kind, dtype):
    optimizer = settled(kind(clip_norm=1.0, weight_decay=0.1), dtype)
    w = start(dtype=dtype)
    assert walk(optimizer, w, n_penalized=N_PENALIZED) is w
    assert w.dtype == dtype
    assert all(getattr(optimizer, slot).dtype == dtype for slot in optimizer.slots)
    assert not np.array_equal(w, start(dtype=dtype))


def test_nesterov_in_the_shifted_variable_is_the_look_ahead_form():
    """v <- mu v - rate gradient(x + mu v), x <- x + v, seen from x + mu v."""
    optimizer, mu = settled(Nesterov(0.8)), 0.8
    w, x, v = start(), start(), np.zeros(SIZE)
    for t in range(50):  # at one rate: the shift is by the velocity that it made
        optimizer.step(w, gradient(w, t), 0.05)
        v = mu * v - 0.05 * gradient(x + mu * v, t)
        x = x + v
        np.testing.assert_allclose(w, x + mu * v, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(w - mu * optimizer.velocity, x, rtol=1e-12, atol=1e-13)


@each_maker
def test_entries_beyond_a_bound_count_as_the_bound(kind):
    clipped, by_hand = start(), start()
    optimizer, plain = settled(kind(clip_value=0.5)), settled(kind())
    for t in range(5):
        g = 10 * gradient(clipped, t)
        optimizer.step(clipped, g.copy(), rate(t))
        plain.step(by_hand, g.clip(-0.5, 0.5), rate(t))
    np.testing.assert_array_equal(clipped, by_hand)


@each_maker
def test_a_copy_and_a_pickle_go_on_identically_and_alone(kind):
    optimizer = settled(kind(clip_norm=2.0, weight_decay=0.1))
    w = walk(optimizer, start(), 0, 7)
    twins = [optimizer.copy(), pickle.loads(pickle.dumps(optimizer))]
    ways = [walk(twin, w.copy(), 7, 12) for twin in twins]
    expected = walk(optimizer, w.copy(), 7, 12)
    for way, twin in zip(ways, twins, strict=True):
        np.testing.assert_array_equal(way, expected)
        assert twin.t == optimizer.t == 12


@each_maker
def test_a_pickle_holds_the_state_and_nothing_else_as_long(kind):
    optimizer = kind()
    optimizer.settle(np, np.float64, 10_000)
    optimizer.step(np.zeros(10_000), np.ones(10_000), 0.1)
    assert len(pickle.dumps(optimizer)) < len(optimizer.slots) * 80_000 + 2_000


@each_maker
def test_settling_forgets_all_steps(kind):
    optimizer = settled(kind())
    walk(optimizer, start())
    assert optimizer.t == 20
    settled(optimizer)
    np.testing.assert_array_equal(walk(optimizer, start()), walk(settled(kind()), start()))


@each_maker
def test_a_copy_from_before_it_was_settled_begins_as_any_other(kind):
    twin = settled(kind().copy())
    np.testing.assert_array_equal(walk(twin, start()), walk(settled(kind()), start()))
