"""The coordinates that the exact solvers work in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import qr

__all__ = ["Coordinates"]

Array = NDArray[np.float64]

# A dense table up to this many numbers is copied, centred and scaled.
MAX_COPIED_ENTRIES = 5_000_000
# Many features are turned to as many as there are rows in tables up to this many numbers.
MAX_TURNED_ENTRIES = 20_000_000
# Others beyond MAX_COPIED_ENTRIES only where features lie farther from zero than this many
# deviations.
FAR_FROM_ZERO = 1e3
# Squares of scales, and of one over them, have to be numbers.
MAX_SCALE = 1e150
# A sparse table is made dense, up to that size, where this part of it is not zero.
DENSE_SHARE = 0.25
# In others a feature is centred from here on: it is zero in at most one row of ten, so that few
# entries come to be.
FAR_FROM_SPARSE = 3.0


class Coordinates:
    r"""Features of mean 0 and deviation 1, and the way back.

    With :math:`\tilde x = (x - m) / s`, weights :math:`v` and intercept :math:`c` on
    :math:`\tilde x` are :math:`w = v / s` and :math:`b = c - m \cdot w` on :math:`x`. The penalty
    stays that on :math:`w`, so the problem is the same one. Large tables, whose features are near
    zero, are left as they are. In sparse tables features keep their scale, and their zeros unless
    they lie far from zero: those that do are hardly ever zero.

    Under an L2 penalty the best weights of few rows with many features are combinations of the
    rows, :math:`W = V Q` with orthonormal rows of :math:`Q`, and the penalty on :math:`V` is that
    on :math:`W`. A dense table of that kind may be turned to :math:`\tilde X Q^T`, a square one.

    Parameters
    ----------
    rows : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The features.
    weight : ndarray of shape (n_samples,)
        Weights of the rows.
    center : bool
        Whether there is an intercept to take the means in.
    turn : bool, default=False
        Whether a dense table with more than twice as many features as rows is turned.

    Raises
    ------
    ValueError
        If features vary by so much or so little that squares of it leave the range of floats.

    Attributes
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The features in the new coordinates.
    scale, center : ndarray of shape (n_features,)
        :math:`s` and :math:`m`.
    turned : ndarray of shape (n_features, n_samples) or None
        :math:`Q^T`, where the table is turned; `scale` is then of the new features.
    """

    def __init__(self, rows: Any, weight: Array, center: bool, turn: bool = False) -> None:
        n_features = rows.shape[1]
        self.scale, self.center = np.ones(n_features), np.zeros(n_features)
        self.turned: Array | None = None
        self.X, self.with_intercept = rows, center
        share = weight / weight.sum()
        if sparse.issparse(rows):
            _check_scale(1.0, float(np.abs(rows.data).max(initial=1.0)))
            n_entries = rows.shape[0] * n_features
            if n_entries > MAX_COPIED_ENTRIES or rows.nnz < DENSE_SHARE * n_entries:
                if center:
                    self._center_sparse(rows, share)
                return
            rows = rows.toarray()
        turn &= 2 * len(rows) < n_features and rows.size <= MAX_TURNED_ENTRIES
        copied = turn or rows.size <= MAX_COPIED_ENTRIES
        if not copied:
            sampled = rows[:: max(1, len(rows) // 4096)]
            mean, deviation = sampled.mean(axis=0), sampled.std(axis=0)
            far = np.abs(mean) > FAR_FROM_ZERO * np.where(deviation > 0, deviation, np.inf)
            if not (center and far.any()):
                return
        X = rows.astype(np.float64)
        if center:
            # A row as a pivot keeps the means exact where all values are large.
            pivot = X[0].copy()
            X -= pivot
            mean = share @ X
            X -= mean
            self.center = pivot + mean
        with np.errstate(over="ignore"):
            self.scale = np.sqrt(share @ X**2)
        # What varies by less than rounding is constant.
        if self.scale.min() <= 1e-14 * max(rows.max(), -rows.min()):
            size = np.abs(rows).max(axis=0)
            spread = np.abs(X[weight > 0]).max(axis=0)
            constant = spread <= 1e-14 * size if center else spread == 0
            X[:, constant] = 0.0
            self.scale[constant] = 1.0
        _check_scale(float(self.scale.min()), float(self.scale.max()))
        if turn:
            self.turned, triangle = qr(X.T, mode="economic", overwrite_a=True, check_finite=False)
            X = np.ascontiguousarray(triangle.T)
            largest = float(np.abs(X).max(initial=0.0))
            self.scale = (
                np.sqrt(share @ (X / largest) ** 2) * largest if largest else np.ones(len(X))
            )
            constant = self.scale <= 1e-14 * largest  # the last one of centred rows
            X[:, constant], self.scale[constant] = 0.0, 1.0
        X /= self.scale
        self.X = X

    def _center_sparse(self, rows: Any, share: Array) -> None:
        """Subtract their means from the features that lie far from zero."""
        mean = rows.T @ share
        deviation = np.sqrt(np.maximum(rows.power(2, dtype=np.float64).T @ share - mean**2, 0.0))
        far = np.flatnonzero(np.abs(mean) > FAR_FROM_SPARSE * deviation)
        if len(far):
            self.center[far] = mean[far]
            every = np.tile(mean[far], len(share)), np.tile(far, len(share))
            ends = np.arange(0, len(every[0]) + 1, len(far))
            self.X = rows - sparse.csr_array((*every, ends), shape=rows.shape)

    def to_user(self, theta: Array, shift_invariant: bool) -> tuple[Array, Array]:
        """Return weights and intercepts on the features as they came."""
        n_features = len(self.scale)
        coef = theta[:, :n_features] / self.scale
        if self.turned is not None:
            coef = coef @ self.turned.T
        if theta.shape[1] == n_features:
            return coef, np.zeros(len(theta))
        intercept = theta[:, -1] - coef @ self.center
        if shift_invariant:
            intercept = intercept - intercept.mean()
        return coef, intercept

    def from_user(self, coef: Array, intercept: Array) -> Array:
        """Return the weights and intercepts in the new coordinates as one array."""
        theta = (coef if self.turned is None else coef @ self.turned) * self.scale
        if not self.with_intercept:
            return theta
        return np.column_stack((theta, intercept + coef @ self.center))


def _check_scale(least: float, most: float) -> None:
    if not (least >= 1.0 / MAX_SCALE and most <= MAX_SCALE):
        raise ValueError(
            f"The scales of the features go from {least:.3g} to {most:.3g}; outside of "
            f"{1.0 / MAX_SCALE:g} to {MAX_SCALE:g} their squares are no floats: scale the features."
        )
