"""Arithmetic with twice the digits, held against fractions, which are exact."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skdeep.linear_model.least_squares.qr import double_double as dd

# Far enough from the ends of the range that neither products nor what they lose leave it.
numbers = st.floats(-1e100, 1e100, allow_subnormal=False).filter(
    lambda x: x == 0 or abs(x) > 1e-100
)


def fraction(x, place=()):
    return Fraction(float(x[0][place])) + Fraction(float(x[1][place]))


def pair(random, shape):
    """Return a double-double whose low part has digits, and what it stands for."""
    high = random.standard_normal(shape)
    low = np.spacing(high) * random.uniform(-0.5, 0.5, shape)
    return high, low


@given(numbers, numbers)
def test_sums_and_products_of_two_numbers_lose_nothing(a, b):
    a, b = np.array(a), np.array(b)
    assert fraction(dd.two_sum(a, b)) == Fraction(float(a)) + Fraction(float(b))
    assert fraction(dd.two_product(a, b)) == Fraction(float(a)) * Fraction(float(b))


@given(st.integers(0, 2**32 - 1))
def test_operations_are_right_to_a_hundred_bits(seed):
    random = np.random.RandomState(seed)
    x, y = pair(random, ()), pair(random, ())
    for found, true in [
        (dd.add(x, y), fraction(x) + fraction(y)),
        (dd.multiply(x, y), fraction(x) * fraction(y)),
    ]:
        assert abs(fraction(found) - true) <= abs(true) * Fraction(1, 2**100)
        assert abs(found[1]) <= np.spacing(abs(found[0])) / 2


@pytest.mark.parametrize("n", [0, 1, 2, 7, 64])
def test_a_sum_that_cancels_keeps_its_digits(n):
    random = np.random.RandomState(0)
    terms = random.standard_normal(n) * 10.0 ** random.randint(-8, 9, n)
    terms = np.concatenate((terms, -terms, [1e-20]))
    random.shuffle(terms)
    found = dd.total(dd.exact(terms))
    # Every term counts with 2**-100 of the largest one.
    size = Fraction(float(np.abs(terms).sum()))
    assert abs(fraction(found) - Fraction(1e-20)) <= size * Fraction(1, 2**98)


def test_products_of_rows_with_a_vector_are_those_of_fractions():
    random = np.random.RandomState(0)
    A, x = pair(random, (3, 9)), pair(random, (9,))
    found = dd.dot(A, x)
    for i in range(3):
        terms = [fraction(A, (i, j)) * fraction(x, j) for j in range(9)]
        error = abs(fraction(found, i) - sum(terms))
        assert error <= sum(map(abs, terms)) * Fraction(1, 2**98)
