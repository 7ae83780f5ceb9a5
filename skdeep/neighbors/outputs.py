"""Targets of classification: labels of one or several outputs, and the numbers of their classes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.exceptions import DataConversionWarning

from skdeep.utils.clean import check_classification_targets
from skdeep.utils.user_warnings import warn_user

__all__ = ["encode_outputs", "in_columns", "output_of"]


def encode_outputs(y: Any) -> tuple[list[NDArray], NDArray, bool]:
    """Return the classes of each output, the numbers of the labels, and whether y has columns.

    Parameters
    ----------
    y : array or sparse matrix of shape (n_samples,) or (n_samples, n_outputs)

    Returns
    -------
    classes : list of ndarray
    numbers : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        Of several outputs in the smallest type that holds them, stored by column.
    several : bool

    Raises
    ------
    ValueError
        If y holds no classes.
    """
    several = y.ndim == 2 and y.shape[1] > 1
    if y.ndim == 2 and not several:
        warn_user(
            "A column-vector y was passed when a 1d array was expected. Please change the "
            "shape of y to (n_samples,), for example using ravel().",
            DataConversionWarning,
        )
    check_classification_targets(y)
    if not several:
        y = y.toarray() if issparse(y) else y
        found, number = np.unique(y.reshape(-1), return_inverse=True)
        return [found], number.reshape(-1).astype(np.intp, copy=False), False
    n_samples, n_outputs = y.shape
    y = y.tocsc() if issparse(y) else y
    classes: list[NDArray] = []
    numbers: NDArray = np.empty((n_samples, n_outputs), dtype=np.uint8, order="F")
    for output in range(n_outputs):
        found, number = np.unique(_column(y, output), return_inverse=True)
        needed = np.min_scalar_type(len(found) - 1)
        if needed.itemsize > numbers.dtype.itemsize:
            numbers = numbers.astype(needed, order="F")
        numbers[:, output] = number.reshape(-1)
        classes.append(found)
    return classes, numbers, True


def _column(y: Any, output: int) -> NDArray:
    """Return a column of an array or of a CSC matrix."""
    if not issparse(y):
        return y[:, output]
    column = np.zeros(y.shape[0], dtype=y.dtype)
    stored = slice(y.indptr[output], y.indptr[output + 1])
    column[y.indices[stored]] = y.data[stored]
    return column


def output_of(numbers: NDArray, output: int) -> NDArray:
    """Return one output of what :func:`encode_outputs` returns."""
    return numbers if numbers.ndim == 1 else numbers[:, output]


def in_columns(columns: Iterable[NDArray], classes: list[NDArray], several: bool) -> NDArray:
    """Return the predictions of all outputs, of shape (n_queries,) or (n_queries, n_outputs)."""
    if not several:
        return next(iter(columns))
    predicted: NDArray | None = None
    for output, column in enumerate(columns):
        if predicted is None:
            predicted = np.empty((len(column), len(classes)), dtype=classes[0].dtype)
        predicted[:, output] = column
    assert predicted is not None
    return predicted
