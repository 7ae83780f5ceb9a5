"""The objective of a linear classifier: a loss of the logits and penalties on the weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from skdeep.linear_model.losses import LogitLoss, LossPoint

__all__ = ["LinearObjective"]

Array = NDArray[np.float64]

# Rows are taken in blocks of about this many numbers, so that a product and its transposed
# counterpart find them in the cache.
BLOCK_ENTRIES = 2**18


class LinearObjective:
    r"""A convex function of the weights of a linear map.

    .. math:: F(W, b) = \sum_i \ell_i(W x_i + b) + \tfrac12 \sum_{kj} \lambda_j W_{kj}^2
              + \sum_{kj} \mu_j |W_{kj}|

    :math:`W` and :math:`b` are one array ``theta`` of shape (n_outputs, n_features + 1), the
    intercepts last; without intercepts it has n_features columns.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        The rows.
    loss : LogitLoss
        :math:`\ell`.
    l2, l1 : ndarray of shape (n_features,)
        :math:`\lambda` and :math:`\mu`.
    fit_intercept : bool
        Whether there is :math:`b`.
    """

    def __init__(self, X: Any, loss: LogitLoss, l2: Array, l1: Array, fit_intercept: bool) -> None:
        self.X, self.loss, self.fit_intercept = X, loss, fit_intercept
        self.n_features = X.shape[1]
        self.l2, self.l1 = l2, l1
        self.has_l1 = bool(np.any(l1 > 0))
        self._transposed = X.T.tocsr() if sparse.issparse(X) else None

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of ``theta``."""
        return self.loss.n_outputs, self.n_features + self.fit_intercept

    def logits(self, theta: Array) -> Array:
        """Return ``X W^T + b``, shape (n_samples, n_outputs)."""
        weights = np.ascontiguousarray(theta[:, : self.n_features].T).astype(
            self.X.dtype, copy=False
        )
        z = np.asarray(self.X @ weights, dtype=np.float64)
        if self.fit_intercept:
            z += theta[:, -1]
        return z

    def gradient(self, theta: Array, point: LossPoint) -> Array:
        """Return the gradient of the smooth part."""
        result = self._backward(point.gradient)
        result[:, : self.n_features] += self.l2 * theta[:, : self.n_features]
        return result

    def _backward(self, z: Array) -> Array:
        """Return ``[X, 1]^T z`` transposed, shape (n_outputs, n_features + 1)."""
        result = np.empty(self.shape)
        if self._transposed is not None:
            result[:, : self.n_features] = (self._transposed @ z).T
        else:
            result[:, : self.n_features] = z.T.astype(self.X.dtype, copy=False) @ self.X
        if self.fit_intercept:
            result[:, -1] = z.sum(axis=0)
        return result

    def penalty(self, theta: Array) -> float:
        """Return the value of both penalties."""
        W = theta[:, : self.n_features]
        value = 0.5 * float(np.einsum("kj,j,kj->", W, self.l2, W))
        return value + float(np.abs(W).sum(axis=0) @ self.l1) if self.has_l1 else value

    def hessian_product(self, point: LossPoint, direction: Array) -> Array:
        """Return the Hessian of the smooth part times a direction of the shape of theta."""
        p = self.n_features
        if self._transposed is not None:
            result = self._backward(point.curvature(self.logits(direction)))
        else:
            dtype = self.X.dtype
            weights = np.ascontiguousarray(direction[:, :p].T).astype(dtype, copy=False)
            result = np.zeros(self.shape)
            step = max(64, BLOCK_ENTRIES // max(p, 1))
            for start in range(0, self.X.shape[0], step):
                rows = slice(start, start + step)
                block = self.X[rows]
                z = block @ weights
                if self.fit_intercept:
                    z = z + direction[:, -1]
                z = point.curvature(z, rows)
                result[:, :p] += z.T.astype(dtype, copy=False) @ block
                if self.fit_intercept:
                    result[:, -1] += z.sum(axis=0)
        result[:, :p] += self.l2 * direction[:, :p]
        return result

    def hessian(self, point: LossPoint) -> Array:
        """Return the Hessian of the smooth part, a matrix over the entries of theta."""
        n_outputs, width = self.shape
        result = np.empty((n_outputs, width, n_outputs, width))
        X = self._with_ones()
        for first in range(n_outputs):
            for second in range(first, n_outputs):
                block = (X * point.curvature_of(first, second)[:, None]).T @ X
                result[first, :, second] = block
                result[second, :, first] = block.T
            diagonal = np.einsum("jj->j", result[first, :, first])
            diagonal[: self.n_features] += self.l2
        return result.reshape(n_outputs * width, n_outputs * width)

    def shared_hessian(self, point: LossPoint) -> Array:
        """Return the mean over the outputs of the diagonal blocks of the Hessian."""
        n_outputs = self.loss.n_outputs
        weight = np.mean([point.curvature_of(k, k) for k in range(n_outputs)], axis=0)
        X = self.X
        p = self.n_features
        result = np.zeros((self.shape[1], self.shape[1]))
        step = max(256, 4 * BLOCK_ENTRIES // max(p, 1))
        for start in range(0, X.shape[0], step):
            rows = slice(start, start + step)
            block = X[rows] * np.sqrt(weight[rows, None]).astype(X.dtype, copy=False)
            result[:p, :p] += block.T @ block
            if self.fit_intercept:
                result[:p, p] += X[rows].T @ weight[rows]
        if self.fit_intercept:
            result[p, :p] = result[:p, p]
            result[p, p] = weight.sum()
        np.einsum("jj->j", result)[:p] += self.l2
        return result

    def hessian_diagonal(self, point: LossPoint) -> Array:
        """Return the diagonal of the Hessian of the smooth part, of the shape of theta."""
        weight = np.column_stack([point.curvature_of(k, k) for k in range(self.loss.n_outputs)])
        result = np.empty(self.shape)
        if self._transposed is not None:
            result[:, : self.n_features] = (self._transposed.power(2) @ weight).T
        else:
            result[:, : self.n_features] = np.einsum("ik,ij,ij->kj", weight, self.X, self.X)
        result[:, : self.n_features] += self.l2
        if self.fit_intercept:
            result[:, -1] = weight.sum(axis=0)
        return result

    def _with_ones(self) -> Array:
        if not self.fit_intercept:
            return np.asarray(self.X.toarray() if self._transposed is not None else self.X)
        X = self.X.toarray() if self._transposed is not None else self.X
        return np.column_stack((X, np.ones(X.shape[0])))
