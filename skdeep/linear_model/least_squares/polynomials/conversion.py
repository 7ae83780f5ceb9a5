"""The map from coefficients of the basis to those of the monomials, and back without its matrix."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.least_squares.polynomials.basis import PolynomialBasis

__all__ = ["MonomialConversion"]

Array = NDArray[np.float64]

# A monomial may be so much larger or smaller than the one it is computed by, and its square is
# still a number; beyond, a penalty decides everything or nothing.
MAX_EXPONENT = 450


class MonomialConversion:
    r"""The matrix :math:`V` that takes coefficients of a basis to those that the user sees.

    Both without the constant. Each power of a feature is a sum of the polynomials up to it,

    .. math:: x^{d+1} = x \sum_k S_{dk} p_k, \qquad
              x p_k = p_{k+1} / h_k + a_k p_k + b_k p_{k-1},

    so :math:`V^{-1}` times a vector takes one pass over the terms for each feature and power, in
    memory that does not grow with the square of their number as that of :math:`V` does.

    Parameters
    ----------
    basis : PolynomialBasis
        The basis.
    """

    def __init__(self, basis: PolynomialBasis) -> None:
        self.basis = basis
        self.is_diagonal = basis.monomials.degree == 1
        exponents = np.clip(-basis.term_exponents()[1:], -MAX_EXPONENT, MAX_EXPONENT)
        # The unit of each monomial in that of the user.
        self.unit = np.ldexp(1.0, exponents)

    @cached_property
    def matrix(self) -> Array:
        """:math:`V`, as its diagonal where it is diagonal."""
        if self.is_diagonal:
            return self.basis.h[0] * self.unit
        first = int(self.basis.constant)
        return self.unit[:, None] * self.basis.conversion_matrix()[1:, first:]

    def apply(self, coef: Array) -> Array:
        """Return :math:`V c` for columns `coef`."""
        return self.matrix[:, None] * coef if self.is_diagonal else self.matrix @ coef

    def solve(self, seen: Array) -> Array:
        """Return :math:`V^{-1} b` for columns `seen`, shape (n_terms, m)."""
        if self.is_diagonal:
            return seen / self.matrix[:, None]
        full = np.vstack((np.zeros((1, seen.shape[1])), seen / self.unit[:, None]))
        for feature, power, source, targets in self.basis.monomials.conversions:
            factor, value = self._powers[power, :, feature], full[source]
            for k, places in enumerate(targets):
                full[places] += factor[k] * value
            full[source] = factor[power] * value
        return full[1:]

    def solve_rows(self, rows: Array) -> Array:
        """Return rows of the design of the basis, shape (m, n_terms), as rows of monomials.

        That is ``rows`` :math:`V^{-1}`.
        """
        if self.is_diagonal:
            return rows / self.matrix
        full = np.vstack((np.zeros((1, len(rows))), rows.T))
        for feature, power, source, targets in reversed(self.basis.monomials.conversions):
            factor = self._powers[power, :, feature]
            value = factor[power] * full[source]
            for k, places in enumerate(targets):
                value += factor[k] * full[places]
            full[source] = value
        return full[1:].T / self.unit

    @cached_property
    def _powers(self) -> Array:
        """:math:`S`, shape (degree + 1, degree + 1, n_features)."""
        a, b, h = self.basis.a, self.basis.b, self.basis.h
        degree, n_features = a.shape
        S = np.zeros((degree + 1, degree + 1, n_features))
        S[0, 0] = 1.0
        for d in range(degree):
            S[d + 1, 1:] = S[d, :-1] / h
            S[d + 1, :-1] += S[d, :-1] * a
            S[d + 1, :-2] += S[d, 1:-1] * b[1:]
        return S
