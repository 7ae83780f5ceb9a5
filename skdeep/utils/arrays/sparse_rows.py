"""Sparse matrices in one form, however they are stored."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["canonical"]


def canonical(X: Any, keep_zeros: bool = False) -> Any:
    """Return a sparse matrix by rows, each entry stored once, in order, and no zero stored.

    Parameters
    ----------
    X : sparse matrix or array of shape (n_rows, n_columns)
        Never changed.
    keep_zeros : bool, default=False
        Whether a stored zero says something, as in a graph of distances.

    Returns
    -------
    CSR matrix or array
        With 32-bit indices where these suffice, as some of scikit-learn's metrics need them.
    """
    rows = X.tocsr()
    if not rows.has_canonical_format:
        rows = rows.copy() if rows is X else rows
        rows.sum_duplicates()
    if not keep_zeros and np.count_nonzero(rows.data) < len(rows.data):
        rows = rows.copy() if rows is X else rows
        rows.eliminate_zeros()
    most = max(rows.nnz, *rows.shape)
    if rows.indices.dtype != np.int32 and most <= np.iinfo(np.int32).max:
        indices, begin = rows.indices.astype(np.int32), rows.indptr.astype(np.int32)
        rows = type(rows)((rows.data, indices, begin), shape=rows.shape)
    return rows
