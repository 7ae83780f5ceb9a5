"""Cholesky factors of matrices of any scale, held against fractions."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdeep.linear_model.solvers.cholesky import PositiveFactor


def positive(n=6, seed=0):
    A = np.random.RandomState(seed).standard_normal((n + 3, n))
    return A.T @ A


@pytest.mark.parametrize("spread", [0, 8, 100])
def test_scales_of_any_size_cost_no_digits(spread):
    scale = 10.0 ** np.linspace(-spread, spread, 6)
    # Powers of two, so that scaling is exact.
    scale = 2.0 ** np.round(np.log2(scale))
    right = np.random.RandomState(1).standard_normal(6)
    plain = PositiveFactor(positive()).solve(right)
    factor = PositiveFactor(positive() * scale * scale[:, None])
    assert factor.ridge == 0.0
    assert_allclose(factor.solve(right * scale) * scale, plain, rtol=1e-11)
    assert_allclose(positive() @ plain, right, rtol=1e-10)


def test_a_matrix_of_whole_numbers_is_solved_and_inverted():
    # The inverse of the matrix of Hilbert is whole; its condition number is 2e4.
    n = 4
    hilbert = np.array([[float(Fraction(1, i + j + 1)) for j in range(n)] for i in range(n)])
    inverse = np.array(
        [
            [16, -120, 240, -140],
            [-120, 1200, -2700, 1680],
            [240, -2700, 6480, -4200],
            [-140, 1680, -4200, 2800],
        ]
    )
    factor = PositiveFactor(hilbert.copy())
    assert_allclose(factor.inverse(), inverse, rtol=1e-11)
    assert_allclose(factor.solve(np.eye(n)), inverse, rtol=1e-11)


def test_the_least_pivot_is_what_no_earlier_column_explains():
    matrix = np.array([[1.0, 0.0, 0.8], [0.0, 4.0, 0.0], [0.8, 0.0, 1.0]])
    assert PositiveFactor(matrix).least_pivot == pytest.approx(1 - 0.8**2)


def test_a_singular_matrix_gets_a_ridge_and_solves_what_can_be_solved():
    A = np.random.RandomState(0).standard_normal((3, 6))
    matrix = A.T @ A
    right = matrix @ np.arange(6.0)
    factor = PositiveFactor(matrix.copy())
    assert factor.ridge <= 1e-10
    assert factor.least_pivot < 1e-9
    assert_allclose(matrix @ factor.solve(right), right, rtol=1e-6)


def test_where_there_is_nothing_the_solution_is_zero():
    matrix = positive()
    matrix[2] = matrix[:, 2] = 0.0
    found = PositiveFactor(matrix.copy()).solve(np.ones(6))
    others = np.delete(np.arange(6), 2)
    assert found[2] == 0.0
    assert_allclose(matrix[np.ix_(others, others)] @ found[others], 1.0, rtol=1e-10)
