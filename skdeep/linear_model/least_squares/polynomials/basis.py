"""A well-conditioned basis for polynomials, and its way back to plain monomials.

Powers of a feature are nearly parallel: on ``[-9, -3]`` the columns ``1, x, ..., x**10`` have a
condition number of 1e15, and no method that starts from them can return a correct digit. The
polynomials that are orthogonal on the data span the same space and have condition number 1. So
least squares is solved in these, and the coefficients of the monomials are computed from the
solution with twice the digits.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.least_squares.exponents import extreme_exponents
from skdeep.linear_model.least_squares.polynomials.monomials import Monomials
from skdeep.linear_model.least_squares.qr import double_double as dd

__all__ = ["PolynomialBasis"]

Array = NDArray[np.float64]

# The recurrence is found on about this many rows: it only has to make the basis well conditioned,
# and the factorisation of all rows does the rest.
N_SAMPLED_ROWS = 4096


class PolynomialBasis:
    r"""Products of one-dimensional polynomials that are orthogonal on each feature's values.

    For each feature, :math:`p_0 = 1`, and with numbers :math:`a_k, b_k, h_k` found on the data

    .. math:: p_{k+1}(x) = h_k \left[ (x - a_k)\, p_k(x) - b_k\, p_{k-1}(x) \right].

    A column of the design is :math:`\prod_j p_{\alpha_j}(x_j)` for the exponents :math:`\alpha`
    of one of the monomials. Without a constant, the polynomials of degree 1 and more must
    vanish at 0; then :math:`p_{k+1}(x) = x\, q_k(x)` with :math:`q_k` orthogonal under the weight
    :math:`x^2`, by the same recurrence from :math:`p_1 = h_0 x` on.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The rows to be well conditioned on.
    monomials : Monomials
        The terms.
    constant : bool
        Whether the space contains the constant; its column is then the first.

    Attributes
    ----------
    a, b, h : ndarray of shape (degree, n_features)
        The recurrence.
    n_columns : int
        The number of columns, with the constant.
    exponents : ndarray of int of shape (n_features,)
        Features so large or small that their powers are no floats are divided by ``2**exponents``
        before anything else; 0 for all others.

    References
    ----------
    G. E. Forsythe, "Generation and use of orthogonal polynomials for data-fitting with a digital
    computer", Journal of SIAM 5, 1957.
    """

    def __init__(self, X: Array, monomials: Monomials, constant: bool) -> None:
        self.monomials = monomials
        self.constant = bool(constant)
        self.n_columns = len(monomials) + self.constant
        degree = 1 if monomials.interactions else monomials.degree
        step = max(1, -(-len(X) // N_SAMPLED_ROWS))
        size = np.maximum(np.abs(X[::step].max(axis=0)), np.abs(X[::step].min(axis=0)))
        self.exponents = extreme_exponents(size, power=max(2, monomials.degree))
        X = self._scaled(X)
        self.a, self.b, self.h = _recurrence(X[::step], degree, constant)
        if step > 1:
            # Features that seem constant on the sampled rows are looked at in full.
            doubtful = np.flatnonzero(np.ptp(X[::step], axis=0) == 0)
            if len(doubtful):
                found = _recurrence(X[:, doubtful], degree, constant)
                self.a[:, doubtful], self.b[:, doubtful], self.h[:, doubtful] = found

    def of_degree(self, degree: int) -> PolynomialBasis:
        """Return the basis of a lower degree: the leading columns."""
        lower = copy.copy(self)
        lower.monomials = replace(self.monomials, degree=degree)
        lower.n_columns = len(lower.monomials) + self.constant
        lower.a, lower.b, lower.h = self.a[:degree], self.b[:degree], self.h[:degree]
        return lower

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is computed from the rest."""
        return {name: value for name, value in vars(self).items() if name != "_table"}

    @property
    def plain_is_stable(self) -> bool:
        """Whether plain coefficients predict as well as those of the basis.

        They do for degree 1 where no feature is much farther from zero than it varies.
        """
        return self.monomials.degree == 1 and bool((np.abs(self.a * self.h) < 100.0).all())

    def evaluate(self, X: Array, out: Array | None = None) -> Array:
        """Return the design transposed, shape (n_columns, n_samples)."""
        if out is None:
            out = np.empty((self.n_columns, len(X)))
        X = self._scaled(X)
        out[: self.constant] = 1.0
        terms = out[self.constant :]
        if self.monomials.degree == 1:
            np.subtract(X.T, self.a[0][:, None], out=terms)
            terms *= self.h[0][:, None]
            return out
        powers = self._powers(X)
        for target, feature, power, rest in self.monomials.runs:
            if rest is None:
                terms[target] = powers[power][feature]
            else:
                np.multiply(terms[rest], powers[power][feature], out=terms[target])
        return out

    def _scaled(self, X: Array) -> Array:
        if not self.exponents.any():
            return X
        return np.ldexp(np.asarray(X, dtype=np.float64), -self.exponents)

    def term_exponents(self) -> NDArray[np.intp]:
        """Return by which powers of two the monomials were divided, the constant first."""
        found = np.zeros(1 + len(self.monomials), dtype=np.intp)
        if self.exponents.any():
            factors = self.monomials.factors
            found[1:] = [sum(int(self.exponents[j]) for j in term) for term in factors]
        return found

    def _powers(self, X: Array) -> list[Array]:
        """Return ``p_0, p_1, ...`` of every feature, each of shape (n_features, n_samples)."""
        x = np.ascontiguousarray(X.T, dtype=np.float64)
        powers = [np.ones_like(x)]
        for k in range(len(self.a)):
            value = x - self.a[k][:, None]
            value *= powers[k]
            if self.b[k].any():
                value -= self.b[k][:, None] * powers[k - 1]
            value *= self.h[k][:, None]
            powers.append(value)
        return powers

    def evaluate_exactly(self, X: Array) -> dd.DoubleDouble:
        """Return the design transposed with twice the digits."""
        x = np.ascontiguousarray(self._scaled(X).T, dtype=np.float64)
        powers = [dd.exact(np.ones_like(x))]
        for k in range(len(self.a)):
            value = dd.multiply(dd.two_sum(x, -self.a[k][:, None]), powers[k])
            if self.b[k].any():
                value = dd.add(value, dd.multiply(dd.exact(-self.b[k][:, None]), powers[k - 1]))
            powers.append(dd.multiply(value, dd.exact(self.h[k][:, None])))
        high, low = np.zeros((2, self.n_columns, len(X)))
        high[: self.constant] = 1.0
        terms = high[self.constant :], low[self.constant :]
        for target, feature, power, rest in self.monomials.runs:
            factor = powers[power][0][feature], powers[power][1][feature]
            if rest is not None:
                factor = dd.multiply((terms[0][rest], terms[1][rest]), factor)
            terms[0][target], terms[1][target] = factor
        return high, low

    def to_monomials(self, coef: dd.DoubleDouble) -> dd.DoubleDouble:
        """Return the coefficients of the monomials of the features divided by ``2**exponents``.

        Parameters
        ----------
        coef : pair of ndarray of shape (n_columns, m)
            Coefficients of the columns of the basis.

        Returns
        -------
        pair of ndarray of shape (1 + n_monomials, m)
            The constant first, 0 where the basis has none.
        """
        high, low = np.zeros((2, 1 + len(self.monomials), coef[0].shape[1]))
        first = 0 if self.constant else 1
        high[first:], low[first:] = coef
        if self.monomials.degree == 1:
            scaled = dd.multiply((high[1:], low[1:]), dd.exact(self.h[0][:, None]))
            shifts = dd.multiply(scaled, dd.exact(-self.a[0][:, None]))
            high[0], low[0] = dd.add((high[0], low[0]), dd.total((shifts[0].T, shifts[1].T)))
            high[1:], low[1:] = scaled
            return high, low
        table = self._table
        for feature, power, source, targets in self.monomials.conversions:
            value = high[source], low[source]
            for k, places in enumerate(targets):
                term = dd.multiply(
                    value, (table[0][power, k, feature], table[1][power, k, feature])
                )
                high[places], low[places] = dd.add((high[places], low[places]), term)
            own = table[0][power, power, feature], table[1][power, power, feature]
            high[source], low[source] = dd.multiply(value, own)
        return high, low

    @cached_property
    def _table(self) -> dd.DoubleDouble:
        """The coefficient of each ``p_d`` at ``x**k``, of each feature."""
        return _monomial_coefficients(self.a, self.b, self.h)

    def in_units(self, coef: Array, target_exponents: int | NDArray[np.intp] = 0) -> Array:
        """Return coefficients of the scaled monomials in the units that the features came in.

        Parameters
        ----------
        coef : ndarray of shape (1 + n_monomials, n_targets)
            Coefficients, or errors of them.
        target_exponents : int or ndarray of shape (n_targets,), default=0
            By which powers of two the targets were divided.
        """
        exponents = target_exponents - self.term_exponents()[:, None]
        with np.errstate(over="ignore", under="ignore"):
            return np.ldexp(coef, exponents) if exponents.any() else coef

    def conversion_matrix(self) -> Array:
        """Return V, shape (1 + n_monomials, n_columns): monomial coefficients are ``V @ coef``.

        It is upper triangular, below its row of zeros where there is no constant.
        """
        return self.to_monomials(dd.exact(np.eye(self.n_columns)))[0]


def _recurrence(X: Array, degree: int, constant: bool) -> tuple[Array, Array, Array]:
    """Return a, b, h of shape (degree, n_features) that make ``mean(p_k**2) = 1`` on the rows."""
    x = np.ascontiguousarray(X.T, dtype=np.float64)
    a, b, h = np.zeros((3, degree, len(x)))
    low, high = x.min(axis=1), x.max(axis=1)
    middle = low + (high - low) / 2
    # Where a polynomial vanishes on all rows, its scale is that of the feature.
    spread = (high - low) / 2 if constant else np.maximum(np.abs(low), np.abs(high))
    size = np.where(spread > 0, spread, np.where(high != 0, np.abs(high), 1.0))
    before, now = np.zeros_like(x), np.ones_like(x)
    for k in range(degree):
        if constant or k > 0:
            a[k] = middle + _weighted_mean(x - middle[:, None], now**2)
            a[k] = np.where(low == high, low, np.clip(a[k], low, high))
        value = (x - a[k][:, None]) * now
        # Without a constant p_2 follows from p_1 alone: p_0 does not belong to the space.
        if k > (0 if constant else 1):
            b[k] = np.where(now.any(axis=1), np.mean(value * before, axis=1), 0.0)
            value -= b[k][:, None] * before
        norm = np.sqrt(np.mean(value**2, axis=1))
        vanished = norm <= 1e-10 * size
        h[k] = 1.0 / np.where(vanished, size, norm)
        before, now = now, value * h[k][:, None]
        now[vanished] = 0.0
    return a, b, h


def _weighted_mean(values: Array, weights: Array) -> Array:
    """Return the weighted mean over the last axis, 0 where all weights are 0."""
    total = weights.sum(axis=1)
    return (values * weights).sum(axis=1) / np.where(total > 0, total, 1.0)


def _monomial_coefficients(a: Array, b: Array, h: Array) -> dd.DoubleDouble:
    """Return the coefficient of ``p_d`` at ``x**k``, shape (degree + 1, degree + 1, n_features)."""
    degree, n_features = a.shape
    high, low = np.zeros((2, degree + 1, degree + 1, n_features))
    high[0, 0] = 1.0
    zeros = np.zeros((1, n_features))
    for k in range(degree):
        here = high[k], low[k]
        shifted = np.concatenate((zeros, high[k, :-1])), np.concatenate((zeros, low[k, :-1]))
        value = dd.add(shifted, dd.multiply(here, dd.exact(-a[k])))
        if b[k].any():
            value = dd.add(value, dd.multiply((high[k - 1], low[k - 1]), dd.exact(-b[k])))
        high[k + 1], low[k + 1] = dd.multiply(value, dd.exact(h[k]))
    return high, low
