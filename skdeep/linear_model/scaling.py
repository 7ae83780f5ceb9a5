"""The coordinates that the exact solvers work in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["Coordinates"]

Array = NDArray[np.float64]

# A dense table up to this many numbers is copied, centred and scaled.
MAX_COPIED_ENTRIES = 5_000_000
# Beyond it only where features lie farther from zero than this many deviations.
FAR_FROM_ZERO = 1e3


class Coordinates:
    r"""Features of mean 0 and deviation 1, and the way back.

    With :math:`\tilde x = (x - m) / s`, weights :math:`v` and intercept :math:`c` on
    :math:`\tilde x` are :math:`w = v / s` and :math:`b = c - m \cdot w` on :math:`x`. The penalty
    stays that on :math:`w`, so the problem is the same one. Sparse and large tables, whose
    features are near zero, are left as they are.

    Parameters
    ----------
    rows : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The features.
    weight : ndarray of shape (n_samples,)
        Weights of the rows.
    center : bool
        Whether there is an intercept to take the means in.

    Attributes
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The features in the new coordinates.
    scale, center : ndarray of shape (n_features,)
        :math:`s` and :math:`m`.
    """

    def __init__(self, rows: Any, weight: Array, center: bool) -> None:
        n_features = rows.shape[1]
        self.scale, self.center = np.ones(n_features), np.zeros(n_features)
        self.X, self.with_intercept = rows, center
        if sparse.issparse(rows):
            return
        share = weight / weight.sum()
        copied = rows.size <= MAX_COPIED_ENTRIES
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
        self.scale = np.sqrt(share @ X**2)
        # What varies by less than rounding is constant.
        if self.scale.min() <= 1e-14 * max(rows.max(), -rows.min()):
            size = np.abs(rows).max(axis=0)
            constant = self.scale <= 1e-14 * size if center else self.scale == 0
            X[:, constant] = 0.0
            self.scale[constant] = np.maximum(size, 1e-300)[constant]
            self.scale[self.scale <= 1e-300] = 1.0
        X /= self.scale
        self.X = X

    def to_user(self, theta: Array, shift_invariant: bool) -> tuple[Array, Array]:
        """Return weights and intercepts on the features as they came."""
        n_features = len(self.scale)
        coef = theta[:, :n_features] / self.scale
        if theta.shape[1] == n_features:
            return coef, np.zeros(len(theta))
        intercept = theta[:, -1] - coef @ self.center
        if shift_invariant:
            intercept = intercept - intercept.mean()
        return coef, intercept

    def from_user(self, coef: Array, intercept: Array) -> Array:
        """Return the weights and intercepts in the new coordinates as one array."""
        theta = coef * self.scale
        if not self.with_intercept:
            return theta
        return np.column_stack((theta, intercept + coef @ self.center))
