"""Refined solutions, held against normal equations that fractions solve exactly."""

from fractions import Fraction

import numpy as np
import pytest

from skdeep.linear_model.least_squares.qr import double_double as dd
from skdeep.linear_model.least_squares.qr.refinement import refine


def exact_least_squares(A, y, weight):
    """Solve the weighted normal equations in fractions; return coefficients and squares."""
    A = [[Fraction(float(a)) for a in row] for row in A]
    y, w = [Fraction(float(t)) for t in y], [Fraction(float(t)) for t in weight]
    m, n = len(A), len(A[0])
    system = [
        [sum(w[r] * A[r][i] * A[r][j] for r in range(m)) for j in range(n)]
        + [sum(w[r] * A[r][i] * y[r] for r in range(m))]
        for i in range(n)
    ]
    for k in range(n):
        for i in range(n):
            if i != k:
                ratio = system[i][k] / system[k][k]
                system[i] = [a - ratio * b for a, b in zip(system[i], system[k], strict=True)]
    coef = [system[i][n] / system[i][i] for i in range(n)]
    fitted = [sum(a * c for a, c in zip(row, coef, strict=True)) for row in A]
    squares = sum(v * (t - f) ** 2 for v, t, f in zip(w, y, fitted, strict=True))
    return coef, squares


@pytest.mark.parametrize("points", [8, 15])
@pytest.mark.parametrize("weighted", [False, True])
def test_an_ill_conditioned_problem_is_solved_to_the_last_digits(points, weighted):
    x = np.linspace(1, 2, points)
    A = np.vander(x, 6)
    y = np.cos(40 * x)
    # Squares, so that their roots are floats and the problem is the same one in fractions.
    weight = np.arange(1.0, points + 1) ** 2 if weighted else np.ones(points)
    root = np.sqrt(weight)
    Q, R = np.linalg.qr(A * root[:, None])
    rough = np.linalg.solve(R, Q.T @ (root * y))
    (high, low), squares = refine(dd.exact(A.T.copy()), dd.exact(y), root, R, rough)
    true, true_squares = exact_least_squares(A, y, weight)
    assert max(abs(r - float(t)) / abs(t) for r, t in zip(rough, true, strict=True)) > 1e-14
    for h, lo, t in zip(high, low, true, strict=True):
        assert abs(Fraction(float(h)) + Fraction(float(lo)) - t) <= abs(t) * Fraction(1, 10**18)
    assert squares == pytest.approx(float(true_squares), rel=1e-14)


def test_a_solution_that_is_exact_stays():
    A = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    y = A @ [3.0, -2.0]
    R = np.linalg.qr(A, mode="r")
    (high, low), squares = refine(
        dd.exact(A.T.copy()), dd.exact(y), np.ones(3), R, np.array([3.0, -2.0])
    )
    assert high.tolist() == [3.0, -2.0]
    assert not low.any()
    assert squares == 0.0
