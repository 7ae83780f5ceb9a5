"""Steps of the slopes of hinges, held against other slopes and against the losses."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdeep.linear_model.losses.crammer_singer import CrammerSinger
from skdeep.linear_model.losses.hinge import BinaryHinge, WestonWatkins
from skdeep.linear_model.losses.hinge_duals import conjugate, nearest_slopes

N_ROWS, N_CLASSES = 30, 4
KINDS = [(kind, power) for kind in (WestonWatkins, CrammerSinger) for power in (1, 2)]


def problem(kind, power, seed):
    random = np.random.RandomState(seed)
    y = random.randint(N_CLASSES, size=N_ROWS)
    loss = kind(y, N_CLASSES, random.uniform(0.2, 2, N_ROWS), power)
    return random, loss, np.eye(N_CLASSES, dtype=bool)[y]


def feasible(random, loss, right):
    shares = random.uniform(0, 1, (N_ROWS, N_CLASSES)) ** random.choice([1, 4])
    shares *= loss.weight[:, None]
    shares[right] = 0.0
    if loss.power == 1 and isinstance(loss, CrammerSinger):
        shares *= random.uniform(0, 1) * (loss.weight / shares.sum(axis=1))[:, None]
    shares[right] = -shares.sum(axis=1)
    return shares


@pytest.mark.parametrize("scale", [0.1, 1.0, 5.0])
@pytest.mark.parametrize(("kind", "power"), KINDS)
def test_no_other_slopes_are_nearer(kind, power, scale):
    random, loss, right = problem(kind, power, 0)
    v = scale * random.standard_normal((N_ROWS, N_CLASSES))
    found = nearest_slopes(loss)(v, right, loss.weight[:, None], np.full((N_ROWS, 1), 0.7))

    def cost(slopes):
        return 0.5 * ((slopes - v) ** 2).sum() + 0.7 * conjugate(loss, slopes)

    assert_allclose(found.sum(axis=1), 0, atol=1e-12)
    least = cost(found)
    for step in (1e-4, 1e-2, 1.0):
        for _ in range(20):
            other = found + step * (feasible(random, loss, right) - found)
            assert cost(other) >= least - 1e-12 * abs(least)


@pytest.mark.parametrize(("kind", "power"), KINDS)
def test_losses_and_conjugates_meet_at_the_slopes_of_the_loss(kind, power):
    random, loss, right = problem(kind, power, 1)
    z = 2 * random.standard_normal((N_ROWS, N_CLASSES))
    slopes = loss.at(z).gradient
    assert_allclose(loss.value(z) + conjugate(loss, slopes), np.vdot(slopes, z), rtol=1e-10)
    for _ in range(20):
        other = feasible(random, loss, right)
        assert loss.value(z) + conjugate(loss, other) >= np.vdot(other, z) - 1e-10


@pytest.mark.parametrize("power", [1, 2])
def test_of_two_classes_one_slope_is_that_of_both(power):
    """The hinge of a difference of two logits, half the penalty on each."""
    random = np.random.RandomState(2)
    y, weight = random.randint(2, size=N_ROWS), random.uniform(0.2, 2, N_ROWS)
    v, right = random.standard_normal((N_ROWS, 1)), np.eye(2, dtype=bool)[y]
    one, two = BinaryHinge(y, weight, power), WestonWatkins(y, 2, weight, power)
    found = nearest_slopes(one)(v, right[:, 1:], weight[:, None], np.full((N_ROWS, 1), 0.7))
    both = nearest_slopes(two)(
        np.hstack((-v, v)), right, weight[:, None], np.full((N_ROWS, 1), 1.4)
    )
    assert_allclose(np.hstack((-found, found)), both, atol=1e-12)
    assert_allclose(conjugate(one, found), conjugate(two, both))
