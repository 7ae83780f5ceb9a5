"""Sample weights: how often a row counts."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.utils.validation import check_consistent_length

from skdeep.utils.clean import check_array

__all__ = ["check_sample_weight", "without_weightless"]

_MOST = 1e30


def check_sample_weight(
    sample_weight: ArrayLike | None,
    X: Any,
    *,
    dtype: Any = np.float64,
    name: str = "sample_weight",
) -> NDArray[Any] | None:
    """Return `sample_weight` as an array of shape (n_samples,), or None.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,), number or None
        A number stands for the same weight on every row.
    X : array or sparse matrix of shape (n_samples, n_features)
        The rows that are weighted.
    dtype : dtype, default=numpy.float64
        The type of the result.
    name : str, default="sample_weight"
        What the error calls the array.

    Returns
    -------
    ndarray of shape (n_samples,) or None
        None where every row counts once because no weights were given.

    Raises
    ------
    ValueError
        If a weight is negative, above 1e30 or NaN, if all are zero, or if the shape does not fit.
    """
    if sample_weight is None:
        return None
    n_samples = X.shape[0]
    if isinstance(sample_weight, Real):
        sample_weight = np.full(n_samples, sample_weight, dtype=dtype)
    weights = check_array(
        sample_weight, ensure_2d=False, dtype=dtype, order="C", input_name=name, copy=False
    )
    if weights.ndim != 1:
        raise ValueError(
            f"Sample weights must be 1D array or scalar, got {weights.ndim}D array for {name!r} "
            f"of shape {weights.shape}; expected shape ({n_samples},)."
        )
    check_consistent_length(X, weights)
    if weights.shape != (n_samples,):
        raise ValueError(f"{name}.shape == {weights.shape}, expected {(n_samples,)}!")
    if (weights < 0).any():
        row = int(np.flatnonzero(weights < 0)[0])
        raise ValueError(f"{name} must not be negative: row {row} has the weight {weights[row]:g}.")
    if weights.max(initial=0) > _MOST:
        row = int(weights.argmax())
        raise ValueError(
            f"{name} must be at most {_MOST:g}, or sums would leave the range of floats: row {row} "
            f"has the weight {weights[row]:g}. Divide the weights by their mean."
        )
    if not weights.any():
        raise ValueError(f"{name}: the sample weights are all zero, at least one must be positive.")
    return weights


def without_weightless(weight: NDArray[Any] | None, *of_rows: Any) -> tuple[Any, ...]:
    """Return weights, and what else there is of each row, without the rows of weight zero.

    They are as if they were not there, where units and orthogonal columns are learned of rows:
    sums of squares with a weight of zero are right only until numbers of different sizes meet.

    Parameters
    ----------
    weight : ndarray of shape (n_samples,) or None
    *of_rows : array, sparse matrix or None
        With as many rows.

    Returns
    -------
    tuple
        The weights and the others, which are no copies where all rows have a weight.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.utils.weights import without_weightless
    >>> without_weightless(np.array([2.0, 0.0]), np.array([[1, 2], [3, 4]]), None)
    (array([2.]), array([[1, 2]]), None)
    """
    if weight is None or weight.all():
        return weight, *of_rows
    kept = np.flatnonzero(weight)
    tables = (rows.tocsr() if sparse.issparse(rows) else rows for rows in of_rows)
    return weight[kept], *(None if rows is None else rows[kept] for rows in tables)
