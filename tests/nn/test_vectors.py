"""y <- y + a x in one pass, for whatever vectors come along."""

from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skdeep.nn.vectors import axpy, length, two_passes


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(size=st.integers(0, 50), start=st.integers(0, 5), a=st.floats(-10, 10))
def test_any_part_of_a_vector_is_changed_in_place_and_nothing_else(dtype, size, start, a):
    random = np.random.RandomState(0)
    x, whole = random.normal(size=size).astype(dtype), random.normal(size=60).astype(dtype)
    expected = whole.copy()
    expected[start : start + size] += dtype(a) * x
    for passes in (nullcontext(), two_passes(np.empty(50, dtype))):
        y = whole.copy()
        with passes:
            axpy(a, x, y[start : start + size])
        np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_vectors_with_gaps_work_too(dtype):
    whole, x = np.ones(10, dtype), np.arange(10, dtype=dtype)
    axpy(2.0, x[::2], whole[::2])
    np.testing.assert_array_equal(whole[::2], 1 + 2 * x[::2])
    np.testing.assert_array_equal(whole[1::2], 1)


@pytest.mark.parametrize("size", [1e-25, 1e-15, 1.0, 1e15, 1e30])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_length_is_right_also_where_its_square_is_no_number(dtype, size):
    x = (size * np.array([3.0, -4.0, 0.0])).astype(dtype)
    with np.errstate(all="raise", under="ignore"):
        assert length(np, x) == pytest.approx(5 * size, rel=1e-6, abs=0)
    assert length(np, 0 * x) == length(np, x[:0]) == 0.0


@pytest.mark.parametrize("broken", [np.inf, np.nan])
def test_the_length_of_what_is_not_finite_is_not_finite(broken):
    assert length(np, np.array([1.0, broken])) == pytest.approx(broken, nan_ok=True)
