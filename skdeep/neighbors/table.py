"""A table of numbers and categories as numbers, for a metric that tells the two apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.utils.validation import check_consistent_length

from skdeep.utils.clean import check_array, validate_data
from skdeep.utils.columns import (
    Column,
    category_key,
    features_mask,
    has_large_integers,
    is_frame,
    read_columns,
    rows_as_array,
    sorted_categories,
)

__all__ = ["check_table", "checked_table_target"]


def check_table(
    estimator: Any, X: Any, *, reset: bool, categorical_features: Any = "from_dtype"
) -> NDArray[np.float64]:
    """Return a table as numbers: numeric features as they are, categories by their codes.

    Parameters
    ----------
    estimator : object
        Gets, or is asked for, the number and the names of the features, and what is learnt of the
        categories: `_is_categorical`, a mask, and `_categories`, a list of arrays.
    X : data frame or array-like of shape (n_rows, n_features)
        Missing values are allowed in every feature.
    reset : bool
        Whether these are the training rows.
    categorical_features : array-like of {bool, int, str} or "from_dtype"
        Which features are categories; "from_dtype": text, and what a data frame has as such.

    Returns
    -------
    ndarray of shape (n_rows, n_features)
        NaN where a value is missing; -1 for a category that the training rows do not have.

    Raises
    ------
    TypeError, ValueError
        If a value is no number, text, date or missing value; if a feature that held numbers in
        the training rows holds text.
    """
    table = _checked(estimator, X, reset)
    plain = isinstance(table, np.ndarray) and table.dtype.kind == "f"
    columns = (
        [Column(str(i), "number", values) for i, values in enumerate(table.T)]
        if plain
        else list(read_columns(table))
    )
    if reset:
        is_text = np.array([column.kind != "number" for column in columns])
        if not (isinstance(categorical_features, str) and categorical_features == "from_dtype"):
            names = getattr(estimator, "feature_names_in_", None)
            is_text |= features_mask(categorical_features, len(columns), names)
        estimator._is_categorical = is_text
        estimator._categories = [
            sorted_categories(column.labels[~column.missing])
            for column, categorical in zip(columns, is_text, strict=True)
            if categorical
        ]
    if not hasattr(estimator, "_categories"):
        raise ValueError(
            f"{type(estimator).__name__} was fitted with another metric than 'gower', which reads "
            "tables. Set it back, or fit again."
        )
    known = iter(estimator._categories)
    read = np.empty((len(columns[0].values), len(columns)))
    for i, column in enumerate(columns):
        if estimator._is_categorical[i]:
            read[:, i] = _codes(column, next(known))
        elif column.kind == "number":
            read[:, i] = column.values
        else:
            text = next(value for value in column.values if value is not None)
            raise ValueError(
                f"Column {column.name} held numbers in fit. Got the text {text!r} now."
            )
    return read


def _checked(estimator: Any, X: Any, reset: bool) -> Any:
    """Return a frame as it is, and an array of numbers, or of objects where it must be."""
    if is_frame(X):
        for axis, what in ((0, "sample(s)"), (1, "feature(s)")):
            if not X.shape[axis]:
                raise ValueError(
                    f"Found a table with 0 {what} (shape={tuple(X.shape)}) while a minimum of 1 is "
                    "required."
                )
        return validate_data(estimator, X, reset=reset, skip_check_array=True)
    if not issparse(X):
        try:
            array = rows_as_array(X)
        except ValueError as error:
            raise ValueError(f"X must be a table, each row as long: {error}") from error
        if (
            array.ndim == 2
            and array.size
            and (array.dtype.kind in "OUSTM" or has_large_integers(array))
        ):
            objects = np.asarray(array, dtype=object)
            return validate_data(estimator, objects, reset=reset, skip_check_array=True)
    return validate_data(estimator, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")


def _codes(column: Column, categories: NDArray[Any]) -> NDArray[np.float64]:
    """Return the number of each value's category, NaN where missing, -1 where unseen."""
    codes = np.full(len(column.values), np.nan)
    there = np.flatnonzero(~column.missing)
    code = {category: number for number, category in enumerate(categories)}
    values = column.labels[there].tolist()
    codes[there] = [code.get(category_key(value), -1) for value in values]
    return codes


def checked_table_target(y: Any, rows: NDArray[np.float64]) -> Any:
    """Return the targets of rows, as scikit-learn checks those of several outputs."""
    if y is None:
        raise ValueError("This estimator requires y to be passed, but the target y is None.")
    y = check_array(
        y, accept_sparse="csr", ensure_2d=False, dtype=None, input_name="y", ensure_min_samples=0
    )
    check_consistent_length(rows, y)
    return y
