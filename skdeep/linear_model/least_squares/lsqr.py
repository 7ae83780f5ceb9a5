"""Least squares on wide sparse tables, by iteration: neither the table nor R becomes dense."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, lsqr

from skdeep.linear_model.least_squares.exponents import extreme_exponents

__all__ = ["solve_sparse"]

Array = NDArray[np.float64]


def solve_sparse(
    X: Any, y: Array, weight: Array | None, *, constant: bool, alpha: float, tol: float
) -> tuple[Array, Array, int]:
    r"""Minimise :math:`\sum_i w_i (y_i - x_i^T b - b_0)^2 + \alpha \|b\|^2` by LSQR.

    The columns are centred on the fly, :math:`\tilde X = X - 1 \bar x^T`, and nothing is stored
    that is larger than `X`.

    Parameters
    ----------
    X : sparse matrix of shape (n_samples, n_features)
        Rows.
    y : ndarray of shape (n_samples, n_targets)
        Targets.
    weight : ndarray of shape (n_samples,) or None
        Weights.
    constant : bool
        Whether there is an intercept.
    alpha : float
        The penalty.
    tol : float
        `atol` and `btol` of :func:`scipy.sparse.linalg.lsqr`.

    Returns
    -------
    coef : ndarray of shape (n_targets, n_features)
    intercept : ndarray of shape (n_targets,)
    n_iter : int
        The largest number of iterations over the targets.
    """
    n_samples, n_features = X.shape
    # LSQR is right for sizes about one.
    of_rows = int(extreme_exponents(abs(X).max(), power=10))
    of_targets = int(extreme_exponents(np.abs(y).max(), power=10))
    if of_rows:
        X = X.astype(np.float64)
        X.data = np.ldexp(X.data, -of_rows)
    y = np.ldexp(y, -of_targets)
    damp = np.ldexp(np.sqrt(alpha), -of_rows)
    weights = np.ones(n_samples) if weight is None else weight
    root = np.sqrt(weights)
    total = weights.sum()
    center = np.asarray(X.T @ weights).ravel() / total if constant else np.zeros(n_features)
    level = weights @ y / total if constant else np.zeros(y.shape[1])
    operator = LinearOperator(
        X.shape,
        matvec=lambda b: root * (X @ b - center @ b),
        rmatvec=lambda r: X.T @ (root * r) - center * (root @ r),
        dtype=np.float64,
    )
    found = [
        lsqr(operator, root * (target - mean), damp=damp, atol=tol, btol=tol)
        for target, mean in zip(y.T, level, strict=True)
    ]
    coef = np.stack([result[0] for result in found])
    with np.errstate(over="ignore"):
        intercept = np.ldexp(level - coef @ center, of_targets)
        coef = np.ldexp(coef, of_targets - of_rows)
    return coef, intercept, max(result[2] for result in found)
