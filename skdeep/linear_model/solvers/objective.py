"""The objective of a linear classifier: a loss of the logits and penalties on the weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from skdeep.linear_model.losses.base import Curvature, LogitLoss, LossPoint, SharedCurvature

__all__ = ["LinearObjective"]

Array = NDArray[np.float64]

# Rows are taken in blocks of about this many numbers, so that a product and its transposed
# counterpart find them in the cache.
BLOCK_ENTRIES = 2**18
# Below this many numbers a product costs no more than preparing it.
SMALL_TABLE = 20_000
# A dense table up to this many numbers is copied.
MAX_EXTENDED_ENTRIES = 5_000_000


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
        self.has_l1, self.has_l2 = bool(np.any(l1 > 0)), bool(np.any(l2 > 0))
        self._l2 = np.append(l2, 0.0) if fit_intercept else l2
        self._transposed = X.T.tocsr() if sparse.issparse(X) else None
        # A small table has a column of ones for the intercepts; beside others they are added.
        self._table, self._adds_intercept = X, fit_intercept
        if fit_intercept and not self.is_sparse and X.size <= MAX_EXTENDED_ENTRIES:
            self._table, self._adds_intercept = (
                np.column_stack((X, np.ones(len(X), X.dtype))),
                False,
            )

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of ``theta``."""
        return self.loss.n_outputs, self.n_features + self.fit_intercept

    @property
    def is_sparse(self) -> bool:
        """Whether the rows are a sparse matrix."""
        return self._transposed is not None

    def logits(self, theta: Array) -> Array:
        """Return ``X W^T + b``, shape (n_samples, n_outputs), output by output in memory.

        Sums over few outputs are several times as fast that way.
        """
        return self._forward(theta, self._table)

    def _forward(self, theta: Array, table: Any) -> Array:
        weights = theta[:, : table.shape[1]].astype(table.dtype, copy=False)
        if self.is_sparse:
            z = np.asfortranarray(table @ np.ascontiguousarray(weights.T), dtype=np.float64)
        else:
            z = (weights @ table.T).astype(np.float64, copy=False).T
        if self._adds_intercept:
            z += theta[:, -1]
        return z

    def gradient(self, theta: Array, point: LossPoint) -> Array:
        """Return the gradient of the smooth part."""
        return self.gradient_from(theta, point.gradient)

    def gradient_from(self, theta: Array, slopes: Array) -> Array:
        """Return the gradient of the smooth part where the loss has these slopes in the logits."""
        result = self._backward(slopes, self._table)
        result += self._l2 * theta
        return result

    def of_features(self, z: Array) -> Array:
        """Return ``X^T z`` of a sparse table, shape (n_features, m)."""
        assert self._transposed is not None
        return self._transposed @ z

    def _backward(self, z: Array, table: Any) -> Array:
        """Return ``[X, 1]^T z`` transposed, shape (n_outputs, n_features + 1)."""
        if self._transposed is not None:
            products = (self._transposed @ z).T
        else:
            products = z.T.astype(table.dtype, copy=False) @ table
        if self._adds_intercept:
            return np.column_stack((products, z.sum(axis=0)))
        return products.astype(np.float64, copy=False)

    def penalty(self, theta: Array) -> float:
        """Return the value of both penalties."""
        W = theta[:, : self.n_features]
        value = 0.5 * float(np.vdot(W * self.l2, W))
        return value + float(np.abs(W).sum(axis=0) @ self.l1) if self.has_l1 else value

    def hessian_product(self, point: Curvature, direction: Array) -> Array:
        """Return the Hessian of the smooth part times a direction of the shape of theta."""
        result = self._l2 * direction
        n_samples, width = self._table.shape
        step = n_samples if self.is_sparse else max(64, BLOCK_ENTRIES // max(width, 1))
        for start in range(0, n_samples, step):
            rows = slice(start, start + step)
            block = self._table if self.is_sparse else self._table[rows]
            z = point.curvature(self._forward(direction, block), rows)
            result += self._backward(z, block)
        return result

    def hessian(self, point: Curvature) -> Array:
        """Return the Hessian of the smooth part, a matrix over the entries of theta."""
        n_outputs, width = self.shape
        X = self._with_ones()
        implied = self.loss.shift_invariant
        if isinstance(point, SharedCurvature) and n_outputs * X.size < SMALL_TABLE:
            result = _shared_product(X, point)
        else:
            result = np.zeros((n_outputs, width, n_outputs, width))
            for first in range(n_outputs):
                for second in range(first + implied, n_outputs):
                    block = _weighted_product(X, point.curvature_of(first, second))
                    result[first, :, second] = result[second, :, first] = block
        if implied:
            # Equal shifts of all outputs change nothing: the blocks of a row add up to zero.
            np.einsum("kikj->kij", result)[:] -= result.sum(axis=2)
        np.einsum("kjkj->kj", result)[:] += self._l2
        return result.reshape(n_outputs * width, n_outputs * width)

    def block(self, weight: Array) -> Array:
        """Return ``[X, 1]^T diag(weight) [X, 1]`` with the penalty.

        Rows of weight 0 cost nothing.
        """
        table = self._table.toarray() if self.is_sparse else self._table
        n_columns = table.shape[1]
        result = np.diag(self._l2)
        if table.size < SMALL_TABLE and not self._adds_intercept:
            result += _weighted_product(table, weight)
            return result
        chosen = np.flatnonzero(weight)
        root = np.sqrt(weight[chosen]).astype(table.dtype, copy=False)
        step = max(256, 4 * BLOCK_ENTRIES // max(n_columns, 1))
        for start in range(0, len(chosen), step):
            rows = slice(start, start + step)
            scaled = table[chosen[rows]]
            scaled *= root[rows, None]
            result[:n_columns, :n_columns] += scaled.T @ scaled
            if self._adds_intercept:
                result[:n_columns, -1] += root[rows] @ scaled
        if self._adds_intercept:
            result[-1, :n_columns] = result[:n_columns, -1]
            result[-1, -1] = weight.sum()
        return result

    def hessian_diagonal(self, point: Curvature) -> Array:
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
        """Return the rows as an array, with a column of ones if there are intercepts."""
        table = self._table.toarray() if self.is_sparse else self._table
        return np.column_stack((table, np.ones(len(table)))) if self._adds_intercept else table


def _shared_product(X: Array, point: SharedCurvature) -> Array:
    """Return the blocks of the Hessian between different outputs, in one product."""
    n_outputs, (n_samples, width) = point.shares.shape[1], X.shape
    scaled = point.shares.T * np.sqrt(point.weight)
    spread = (scaled[:, None] * X.T).reshape(-1, n_samples)
    result = -(spread @ spread.T).reshape(n_outputs, width, n_outputs, width)
    np.einsum("kikj->kij", result)[:] = 0.0
    return result


def _weighted_product(X: Array, weight: Array) -> Array:
    """Return ``X^T diag(weight) X``, for weights of one sign at half the cost."""
    if X.size < SMALL_TABLE:
        return (X.T * weight) @ X
    sign = 1.0 if weight.sum() >= 0 else -1.0
    size = sign * weight
    if size.min() < 0:
        return (X.T * weight) @ X
    # Of little weight beside the rest, that is less than rounding.
    rows = np.flatnonzero(size > 1e-16 * size.max())
    scaled = X[rows]
    scaled *= np.sqrt(size[rows])[:, None]
    return sign * (scaled.T @ scaled)
