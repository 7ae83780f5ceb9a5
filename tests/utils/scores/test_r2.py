"""R2 does not depend on the unit of what is predicted."""

import warnings

import numpy as np
import pytest
from sklearn.metrics import r2_score

from skdeep.utils.scores.r2 import r2

UNITS = [2.0**e for e in (-1060, -700, -400, 0, 400, 700, 1020)]


def case(n_outputs=None):
    rng = np.random.default_rng(0)
    shape = (30,) if n_outputs is None else (30, n_outputs)
    y = np.round(rng.normal(size=shape), 3)
    return y, y + np.round(0.3 * rng.normal(size=shape), 3), rng.uniform(0.5, 2.0, 30)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("n_outputs", [None, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_it_is_scikit_learns_in_every_unit_without_a_warning(unit, n_outputs, weighted):
    y, predictions, weight = case(n_outputs)
    weight = weight if weighted else None
    expected = r2_score(y, predictions, sample_weight=weight)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert r2(unit * y, unit * predictions, weight) == pytest.approx(expected, rel=1e-2)


def test_in_ordinary_units_it_is_the_same_to_the_last_digit():
    y, predictions, weight = case()
    assert r2(y, predictions, weight) == r2_score(y, predictions, sample_weight=weight)
    assert r2(list(y), predictions) == r2_score(y, predictions)


def test_one_column_in_another_unit_counts_as_much():
    y, predictions, _ = case(2)
    units = np.array([1.0, 1e-200])
    assert r2(units * y, units * predictions) == pytest.approx(r2_score(y, predictions))


def test_constants_are_scored_as_in_scikit_learn():
    y = np.full(5, 1e-200)
    assert r2(y, y) == r2_score(np.ones(5), np.ones(5)) == 1.0
    assert r2(y, 2 * y) == r2_score(np.ones(5), 2 * np.ones(5)) == 0.0


def test_what_is_hopelessly_far_off_is_the_lowest_number():
    assert r2(np.array([1e-300, 2e-300]), np.array([1.0, 2.0])) == -np.finfo(float).max


def test_columns_and_times_are_scored_in_every_unit_as_well():
    y, predictions, _ = case()
    column, far = y[:, None], 1e200 * predictions
    assert r2(column, predictions) == r2_score(y, predictions)
    assert r2(column, far) == r2(y, far) == -np.finfo(float).max
    assert r2(np.c_[y, y], np.c_[far, far]) == -np.finfo(float).max
    days = np.arange(3).astype("datetime64[D]")
    assert r2(days, np.array([1e300, 1.0, 2.0])) == -np.finfo(float).max


def test_what_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="infinity"):
        r2(np.array([1e200, 2e200]), np.array([np.inf, 0.0]))
