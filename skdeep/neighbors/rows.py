"""What becomes of X and y before a search: one canonical form, however they are stored."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse
from sklearn.base import is_classifier
from sklearn.neighbors import BallTree, KDTree

from skdeep.neighbors.table import check_table, checked_table_target
from skdeep.utils.arrays.sparse_rows import canonical
from skdeep.utils.clean import as_numbers, check_array, is_clean, validate_data

__all__ = [
    "NO_TARGET",
    "check_precomputed",
    "check_rows",
    "checked_target",
    "training_rows",
]

NO_TARGET = object()


def check_rows(
    estimator: Any,
    X: Any,
    y: Any = NO_TARGET,
    *,
    reset: bool,
    metric: Any = None,
    categorical_features: Any = "from_dtype",
) -> Any:
    """Return rows, and targets if there are any, as arrays that a search can take.

    Parameters
    ----------
    estimator : object
        Gets, or is asked for, the number and the names of the features.
    X : {array-like, sparse matrix} of shape (n_rows, n_features)
        Dates become numbers, in the unit of the training rows.
    y : array-like, default=NO_TARGET
    reset : bool
        Whether these are the training rows.
    metric : str or object, default=None
        "nan_euclidean" allows missing values; of "precomputed", stored zeros are distances;
        "gower" takes tables.
    categorical_features : array-like or "from_dtype", default="from_dtype"
        Which features of a table are categories.

    Returns
    -------
    X, or X and y

    Raises
    ------
    ValueError
        As `sklearn.utils.validation.validate_data`; if dates are missing, or meet numbers.
    TypeError
        If a table has columns of dates beside columns of numbers.
    """
    supervised, named = y is not NO_TARGET, metric if isinstance(metric, str) else None
    if reset:  # nothing is left of what other rows were read by
        estimator._dates = None
        for learned in ("_categories", "_is_categorical"):
            vars(estimator).pop(learned, None)
    if named == "gower":
        X = check_table(estimator, X, reset=reset, categorical_features=categorical_features)
        return (X, checked_table_target(y, X)) if supervised else X
    clean = is_clean(X, y) if supervised else is_clean(X)
    known = not reset and not hasattr(estimator, "feature_names_in_")
    if clean and known and X.shape[1] == estimator.n_features_in_:
        return X  # nothing that the checks could find; they take as long as a small search
    finite: Any = "allow-nan" if named == "nan_euclidean" else True
    if issparse(X) and X.ndim == 2 and X.dtype.kind in "biuf":
        X = canonical(X, keep_zeros=named == "precomputed")
    try:
        checked = validate_data(
            estimator,
            X,
            **({"y": y} if supervised else {}),
            reset=reset,
            skip_check_array=clean,
            accept_sparse="csr",
            order="C",
            ensure_all_finite=finite,
            **({"multi_output": True} if supervised else {}),
        )
    except np.exceptions.DTypePromotionError as error:
        raise TypeError(
            f"{type(estimator).__name__} cannot measure dates or durations beside numbers. Turn "
            "them into numbers, such as days since a date, or use metric='gower'."
        ) from error
    X, y = checked if supervised else (checked, None)
    if reset:
        estimator._dates = X.dtype.str if X.dtype.kind in "mM" else None
    if estimator._dates or X.dtype.kind in "mM":
        X = _numbers_of_dates(X, estimator._dates)
    if X.dtype.kind not in "biuf":  # categories of text that reads as numbers, or as infinity
        X = check_array(
            X, dtype=np.float64, ensure_all_finite=finite, input_name="X", estimator=estimator
        )
    if not X.dtype.isnative:
        X = X.astype(X.dtype.newbyteorder("="))
    return (X, y) if supervised else X


def _numbers_of_dates(X: NDArray, dates: str | None) -> NDArray:
    """Return dates or durations as numbers in the unit of the training rows; numbers stay."""
    if X.dtype.kind not in "mM":
        return X
    if dates is None or np.dtype(dates).kind != X.dtype.kind:
        kind = {"M": "dates", "m": "durations"}
        trained = "numbers" if dates is None else kind[np.dtype(dates).kind]
        raise ValueError(f"X holds {kind[X.dtype.kind]}, but the training rows are {trained}.")
    if np.isnat(X).any():
        raise ValueError("Input X contains NaT, a missing date or duration.")
    return X.astype(dates).astype(np.int64).astype(np.float64)


def as_kind_of(X: Any, points: Any) -> Any:
    """Return queries dense or sparse, as the points are."""
    if issparse(X) and not issparse(points):
        return X.toarray()
    if issparse(points) and not issparse(X):
        # SciPy has no sparse matrices of half precision.
        return csr_array(X.astype(np.float32) if X.dtype == np.float16 else X)
    return X


def checked_target(estimator: Any, y: Any) -> Any:
    """Return a validated target as an array, of numbers if a mean is to be taken of it.

    Sparse targets of a classifier stay sparse.
    """
    if is_classifier(estimator):
        return canonical(y) if issparse(y) else np.asarray(y)
    y = y.toarray() if issparse(y) else np.asarray(y)
    if y.dtype.kind in "biuf":
        return y
    if y.dtype.kind != "O":
        raise ValueError(
            f"{type(estimator).__name__} takes the mean of numbers, but y is of type {y.dtype}."
        )
    return as_numbers(y, type(estimator).__name__)


def training_rows(X: Any) -> Any:
    """Return the rows that a tree or a fitted nearest-neighbour estimator was made from."""
    if isinstance(X, (KDTree, BallTree)):
        return np.asarray(X.data)
    if hasattr(X, "kneighbors") and hasattr(X, "_fit_X"):
        if _read_a_table(X):
            raise ValueError(
                f"X is a {type(X).__name__} that was fitted with metric='gower' and keeps its "
                "categories as codes. Fit on the table itself."
            )
        return X._fit_X
    return X


def _read_a_table(estimator: Any) -> bool:
    metric = getattr(estimator, "effective_metric_", None)
    return isinstance(metric, str) and metric == "gower"


def check_precomputed(X: Any, square: bool = False) -> Any:
    """Return a matrix of distances, checked."""
    if not issparse(X):
        X = check_array(X, ensure_non_negative=True, input_name="X")
    else:
        if X.format not in ("csr", "csc", "coo", "lil"):
            raise TypeError(
                f"Sparse matrix in {X.format!r} format is not supported due to its handling of "
                "explicit zeros"
            )
        X = check_array(
            canonical(X, keep_zeros=True) if X.dtype.kind in "biuf" else X,
            accept_sparse="csr",
            ensure_non_negative=True,
            input_name="precomputed distance matrix",
        )
    if square and X.shape[0] != X.shape[1]:
        raise ValueError(
            f"Precomputed matrix must be square. Input is a {X.shape[0]}x{X.shape[1]} matrix."
        )
    return X
