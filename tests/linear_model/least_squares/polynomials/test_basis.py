"""The basis that polynomials are fitted in, held against Chebyshev's and against fractions."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.polynomial import chebyshev
from numpy.testing import assert_allclose

from skdeep.linear_model.least_squares.polynomials.basis import PolynomialBasis
from skdeep.linear_model.least_squares.polynomials.monomials import Monomials
from skdeep.linear_model.least_squares.qr import double_double as dd


def monomial_values(x, monomials):
    """Return the constant and all monomials at one point, in fractions."""
    x = [Fraction(float(v)) for v in x]
    values = [Fraction(1)]
    for term in monomials.factors:
        value = Fraction(1)
        for feature in term:
            value *= x[feature]
        values.append(value)
    return values


@pytest.mark.parametrize(("low", "high"), [(-1, 1), (2000, 2020), (1e-9, 1.1e-9)])
def test_on_the_nodes_of_chebyshev_it_is_his_polynomials(low, high):
    nodes = chebyshev.chebpts1(40)
    x = low + (high - low) * (nodes + 1) / 2
    basis = PolynomialBasis(x[:, None], Monomials(1, 8), True)
    true = chebyshev.chebvander(nodes, 8) * np.sqrt([1, *[2] * 8])
    rtol = 1e-12 * max(abs(low), abs(high)) / (high - low)
    assert_allclose(basis.evaluate(x[:, None]).T, true, atol=100 * rtol)


@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_its_columns_of_one_feature_are_orthonormal_on_the_rows(constant, seed):
    x = np.random.RandomState(seed).uniform(5, 6, 30)[:, None]
    P = PolynomialBasis(x, Monomials(1, 6), constant).evaluate(x)
    gram = P @ P.T / 30
    assert_allclose(gram.diagonal(), 1.0, rtol=1e-10)
    assert_allclose(gram, np.eye(len(P)), atol=1e-9 if constant else 1.0)


def test_without_a_constant_every_column_vanishes_at_zero():
    X = np.random.RandomState(0).uniform(1, 2, (20, 2))
    basis = PolynomialBasis(X, Monomials(2, 4), False)
    assert_allclose(basis.evaluate(np.zeros((1, 2))), 0.0)


@pytest.mark.parametrize("interactions", [False, True])
@pytest.mark.parametrize("constant", [True, False])
def test_coefficients_of_the_monomials_are_the_same_polynomial(constant, interactions):
    random = np.random.RandomState(0)
    X = random.uniform(-9, -3, (25, 3))
    monomials = Monomials(3, 3, interactions)
    basis = PolynomialBasis(X, monomials, constant)
    coef = random.standard_normal((basis.n_columns, 1))
    high, low = basis.to_monomials(dd.exact(coef))
    for x in X[:5]:
        design = basis.evaluate_exactly(x[None])
        value = sum(
            (Fraction(float(h)) + Fraction(float(lo))) * Fraction(float(c))
            for h, lo, c in zip(design[0][:, 0], design[1][:, 0], coef[:, 0], strict=True)
        )
        terms = monomial_values(x, monomials)
        plain = [
            (Fraction(float(h)) + Fraction(float(lo))) * t
            for h, lo, t in zip(high[:, 0], low[:, 0], terms, strict=True)
        ]
        assert abs(sum(plain) - value) <= sum(map(abs, plain)) * Fraction(1, 2**95)
        assert float(value) == pytest.approx((basis.evaluate(x[None]).T @ coef).item(), rel=1e-9)


def test_the_conversion_matrix_maps_coefficients():
    X = np.random.RandomState(0).standard_normal((30, 2))
    basis = PolynomialBasis(X, Monomials(2, 3), True)
    V = basis.conversion_matrix()
    coef = np.random.RandomState(1).standard_normal((basis.n_columns, 2))
    assert_allclose(V @ coef, basis.to_monomials(dd.exact(coef))[0], atol=1e-12)
    assert_allclose(V, np.triu(V))


def test_a_constant_feature_and_one_of_few_values_give_columns_of_zeros_not_of_noise():
    X = np.column_stack((np.full(20, 7.3), np.arange(20.0) % 2))
    basis = PolynomialBasis(X, Monomials(2, 3), True)
    P = dict(zip([(), *basis.monomials.factors], basis.evaluate(X), strict=True))
    assert not P[(0,)].any()
    assert_allclose(P[(1, 1)], 0.0, atol=1e-12)


def test_on_more_rows_than_are_sampled_a_rare_value_is_not_taken_for_none():
    x = np.zeros((20_000, 1))
    x[1] = 1.0
    basis = PolynomialBasis(x, Monomials(1, 1), True)
    assert_allclose(np.ptp(basis.evaluate(x)[1]), 1 / np.sqrt(1 / 20_000 * (1 - 1 / 20_000)))
