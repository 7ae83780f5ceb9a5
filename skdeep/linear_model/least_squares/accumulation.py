"""The state of a least-squares fit whose rows arrive in pieces."""

from __future__ import annotations

import copy
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from skdeep.linear_model.least_squares.exponents import extreme_exponents
from skdeep.linear_model.least_squares.polynomials.basis import PolynomialBasis
from skdeep.linear_model.least_squares.polynomials.monomials import Monomials
from skdeep.linear_model.least_squares.qr.row_factor import RowFactor, block_rows

__all__ = ["Accumulation"]

Array = NDArray[np.float64]

# Rows are held back until there are so many, so that the basis suits more than the first few.
N_HELD_ROWS = 4096


class Accumulation:
    """The basis and the triangular factor of all rows so far, in memory that does not grow.

    Parameters
    ----------
    monomials : Monomials
        The terms.
    constant : bool
        Whether there is an intercept.

    Attributes
    ----------
    basis : PolynomialBasis
        Found on the first rows.
    exponents : ndarray of int of shape (n_targets,)
        Targets so large or small that their squares are no floats are divided by ``2**exponents``
        before anything else; 0 for all others.
    shift : ndarray of shape (n_targets,)
        What is then subtracted from the targets, so that a large mean costs no digits; zero
        without an intercept.
    R : ndarray of shape (min(n_rows, n_columns + n_targets), n_columns + n_targets)
        Factor of the weighted design with the targets behind it.
    n_samples : float
        The number of rows, each as often as its weight says.
    n_rows : int
        The number of rows as they came.
    """

    def __init__(self, monomials: Monomials, constant: bool) -> None:
        self.monomials = monomials
        self.constant = bool(constant)
        self.n_samples = 0.0
        self.n_rows = 0
        self._held: list[tuple[Any, Array, Array | None]] = []
        self._factor: RowFactor | None = None

    def copy(self) -> Self:
        """Return one that goes on by itself, with the same rows."""
        twin = copy.copy(self)
        twin._held, twin._factor = list(self._held), copy.copy(self._factor)  # whose R is replaced
        return twin

    def add(self, X: Any, y: Array, weight: Array | None, *, hold: bool) -> None:
        """Take in rows; with `hold` the first few thousand wait, as they are, for more.

        Parameters
        ----------
        X : {ndarray, sparse matrix} of shape (n_rows, n_features)
            The features.
        y : ndarray of shape (n_rows, n_targets)
            The targets.
        weight : ndarray of shape (n_rows,) or None
            How often each row counts.
        hold : bool
            Whether more rows will come.
        """
        self.n_rows += len(y)
        self.monomials.check_size(self.n_rows)
        self.n_samples += len(y) if weight is None else float(weight.sum())
        if self._factor is not None:
            self._factor_in(X, y, weight)
            return
        self._held.append((X, y, weight))
        self._start()
        for rows in self._held:
            self._factor_in(*rows)
        if hold and sum(len(rows[1]) for rows in self._held) < N_HELD_ROWS:
            self._factor = None
        else:
            self._held = []

    def _start(self) -> None:
        sampled = [_dense(X[:: max(1, len(y) // N_HELD_ROWS)]) for X, y, _ in self._held]
        X = sampled[0] if len(sampled) == 1 else np.concatenate(sampled)
        if len(self._held) == 1 and not sparse.issparse(self._held[0][0]):
            X = self._held[0][0]
        y = np.concatenate([rows[1] for rows in self._held])
        self.basis = PolynomialBasis(X, self.monomials, self.constant)
        self.exponents = extreme_exponents(np.abs(y).max(axis=0))
        self.shift = np.zeros(y.shape[1])
        if self.constant:
            self.shift = self.scaled_targets(y).mean(axis=0)
        self._factor = RowFactor(self.basis.n_columns + y.shape[1])

    def scaled_targets(self, y: Array) -> Array:
        """Return targets divided by ``2**exponents``."""
        return np.ldexp(y, -self.exponents) if self.exponents.any() else y

    def _factor_in(self, X: Any, y: Array, weight: Array | None) -> None:
        assert self._factor is not None
        y = self.scaled_targets(y)
        n_columns = self.basis.n_columns
        step = block_rows(n_columns + y.shape[1])
        for start in range(0, len(y), step):
            part = slice(start, start + step)
            block = np.empty((n_columns + y.shape[1], len(y[part])))
            self.basis.evaluate(_dense(X[part]), out=block[:n_columns])
            np.subtract(y[part].T, self.shift[:, None], out=block[n_columns:])
            if weight is not None:
                block *= np.sqrt(weight[part])
            self._factor.add(block)
        self.R = self._factor.R


def _dense(X: Any) -> Array:
    return X.toarray() if sparse.issparse(X) else X
