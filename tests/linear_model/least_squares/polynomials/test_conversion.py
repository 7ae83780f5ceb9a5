"""The way between the basis and the monomials without its matrix."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdeep.linear_model.least_squares.polynomials.basis import PolynomialBasis
from skdeep.linear_model.least_squares.polynomials.conversion import MonomialConversion
from skdeep.linear_model.least_squares.polynomials.monomials import Monomials


@pytest.mark.parametrize("scale", [1.0, 1e-160, 1e100])
@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize(("degree", "interactions"), [(1, False), (3, True), (4, False)])
def test_it_is_the_inverse_of_the_matrix_on_either_side(degree, interactions, constant, scale):
    random = np.random.RandomState(0)
    X = random.uniform(1, 3, (40, 3)) * [1, 1, scale]
    basis = PolynomialBasis(X, Monomials(3, degree, interactions), constant)
    conversion = MonomialConversion(basis)
    n = len(basis.monomials)
    V = np.diag(conversion.matrix) if conversion.is_diagonal else conversion.matrix
    unit = np.abs(V).max(axis=1)[:, None]
    coef = random.standard_normal((n, 2))
    assert_allclose(conversion.apply(coef) / unit, V @ coef / unit)
    assert_allclose(conversion.solve(V @ coef), coef, rtol=1e-6, atol=1e-8)
    rows = random.standard_normal((5, n))
    assert_allclose(conversion.solve_rows(rows) @ V, rows, rtol=1e-6, atol=1e-8)


def test_rows_of_the_basis_become_rows_of_centred_monomials():
    X = np.random.RandomState(0).uniform(1, 2, (30, 2))
    basis = PolynomialBasis(X, Monomials(2, 3), True)
    P = basis.evaluate(X).T[:, 1:]
    P -= P.mean(axis=0)
    M = np.stack([np.prod(X[:, term], axis=1) for term in basis.monomials.factors], axis=1)
    assert_allclose(MonomialConversion(basis).solve_rows(P), M - M.mean(axis=0), atol=1e-12)
