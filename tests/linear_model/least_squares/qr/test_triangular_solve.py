"""Least squares from a triangular factor, held against pseudo-inverses and closed forms."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import lsq_linear

from skdeep.linear_model.least_squares.qr import triangular_solve
from skdeep.linear_model.least_squares.qr.triangular_solve import solve

TOL = 1e-13


class Conversion:
    """A map to the coefficients that the user sees, by its matrix or its diagonal."""

    def __init__(self, matrix):
        self.matrix, self.is_diagonal = matrix, matrix.ndim == 1
        self.full = np.diag(matrix) if self.is_diagonal else matrix

    def apply(self, coef):
        return self.full @ coef

    def solve(self, seen):
        return np.linalg.solve(self.full, seen)

    def solve_rows(self, rows):
        return rows @ np.linalg.inv(self.full)


def rotated(A, y):
    """Return R and the rotated targets of A c = y."""
    n = A.shape[1]
    R = np.linalg.qr(np.column_stack((A, y)), mode="r")[:n]
    return np.triu(R[:, :n]), R[:, n:]


def problem(n_rows, n_columns, n_targets=2, seed=0):
    random = np.random.RandomState(seed)
    return random.standard_normal((n_rows, n_columns)), random.standard_normal((n_rows, n_targets))


@pytest.mark.parametrize("as_matrix", [False, True])
@pytest.mark.parametrize("shape", [(20, 4), (4, 20), (9, 9), (6, 30), (15, 30)])
@pytest.mark.parametrize("max_square", [0, 256])
def test_the_solution_is_the_shortest_in_the_coefficients_that_the_user_sees(
    shape, as_matrix, max_square, monkeypatch
):
    monkeypatch.setattr(triangular_solve, "MAX_SQUARE", max_square)
    A, y = problem(*shape)
    A[:, -1] = A[:, 0] - 2 * A[:, 1]
    size = np.random.RandomState(1).uniform(0.5, 2, shape[1])
    V = np.triu(np.ones((shape[1],) * 2)) * size if as_matrix else size
    full = V if as_matrix else np.diag(size)
    found = solve(*rotated(A, y), constant=False, conversion=Conversion(V), tol=TOL)
    assert_allclose(full @ found.coef, np.linalg.pinv(A @ np.linalg.inv(full)) @ y, atol=1e-10)
    assert found.rank == np.linalg.matrix_rank(A)
    if shape[0] > shape[1]:
        assert found.dependent == [shape[1] - 1]


@pytest.mark.parametrize("alpha", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("n_rows", [2, 12])
def test_ridge_is_its_closed_form_and_the_operator_its_map(alpha, n_rows, monkeypatch):
    monkeypatch.setattr(triangular_solve, "MAX_SQUARE", 0)
    A, y = problem(n_rows, 5)
    size = np.arange(1.0, 6)
    R, t = rotated(A, y)
    found = solve(R, t, constant=False, conversion=Conversion(size), alpha=alpha, tol=TOL)
    closed = np.linalg.solve(A.T @ A + alpha * np.diag(size**2), A.T @ y)
    assert_allclose(found.coef, closed, rtol=1e-8)
    assert_allclose(found.operator @ t, found.coef, rtol=1e-12)


def test_a_constant_is_not_penalised_and_takes_the_mean():
    A, y = problem(15, 4)
    A[:, 0] = 1.0
    found = solve(
        *rotated(A, y), constant=True, conversion=Conversion(np.ones(3)), alpha=1e12, tol=TOL
    )
    assert_allclose(found.coef[0], y.mean(axis=0), atol=1e-9)
    assert_allclose(found.coef[1:], 0.0, atol=1e-9)


@pytest.mark.parametrize("alpha", [0.0, 3.0])
def test_non_negative_coefficients_are_those_of_a_bounded_solver(alpha):
    A, y = problem(20, 5)
    stacked = np.vstack((A, np.sqrt(alpha) * np.eye(5)))
    found = solve(
        *rotated(A, y),
        constant=False,
        conversion=Conversion(np.ones(5)),
        alpha=alpha,
        positive=True,
        tol=TOL,
    )
    for j in range(2):
        target = np.append(y[:, j], np.zeros(5))
        bounded = lsq_linear(stacked, target, bounds=(0, np.inf), method="bvls", tol=1e-14)
        assert_allclose(found.coef[:, j], bounded.x, atol=1e-9)


def test_nothing_but_zeros_has_rank_zero_and_zero_coefficients():
    found = solve(
        np.zeros((3, 3)),
        np.ones((3, 1)),
        constant=False,
        conversion=Conversion(np.ones(3)),
        tol=TOL,
    )
    assert found.rank == 0
    assert found.dependent == [0, 1, 2]
    assert_array_equal(found.coef, np.zeros((3, 1)))


@pytest.mark.parametrize("keywords", [{}, {"alpha": 1.0}, {"positive": True}])
def test_one_row_of_a_constant_says_nothing_of_the_others(keywords):
    found = solve(
        np.array([[2.0, 3.0]]),
        np.array([[5.0]]),
        constant=True,
        conversion=Conversion(np.ones(1)),
        tol=TOL,
        **keywords,
    )
    assert_allclose(found.coef, [[2.5], [0.0]])
