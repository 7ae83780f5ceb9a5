"""Data in which scikit-learn's checks have nothing to find or to convert.

Those checks look for pandas, polars, sparse and other libraries' arrays, several times over; that
takes longer than fitting a small model. So the plain case is recognised here, and scikit-learn
checks and converts all the others.

It does so without NumPy's warnings about what it looks for: the sum of huge numbers of both signs
is NaN, and a huge target is no integer, which the checks find by trying.

>>> import warnings
>>> import numpy as np
>>> from skdeep.utils.clean import type_of_target
>>> with warnings.catch_warnings():
...     warnings.simplefilter("error")
...     type_of_target(np.array([1e300, -1e300]))
'continuous'
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn import model_selection, utils
from sklearn.utils import multiclass, validation
from sklearn.utils.validation import check_is_fitted

__all__ = [
    "as_numbers",
    "check_array",
    "check_classification_targets",
    "check_cv",
    "column_or_1d",
    "is_clean",
    "is_clean_column",
    "require_fit",
    "type_of_target",
    "unique_labels",
    "validate_data",
    "validated",
]

Check = TypeVar("Check", bound=Callable[..., Any])


def _quiet(check: Check) -> Check:
    @wraps(check)
    def checked(*given: Any, **keywords: Any) -> Any:
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                return check(*given, **keywords)
        except OverflowError as error:  # of an integer in an array of objects
            name = keywords.get("input_name") or "data"
            raise ValueError(f"Input {name} has a number beyond all floats: {error}.") from error
        except TypeError as error:
            if "NA is ambiguous" not in str(error):
                raise
            name = keywords.get("input_name") or "data"
            raise ValueError(
                f"Input {name} contains NaN: a value is missing, pandas.NA."
            ) from error

    return checked  # type: ignore[return-value]


def _naming_types(check: Check) -> Check:
    """Let a check of labels name their types, where they are several, in place of an order."""

    @wraps(check)
    def checked(y: Any, *more: Any, **keywords: Any) -> Any:
        try:
            return check(y, *more, **keywords)
        except (TypeError, ValueError) as error:
            labels = () if issparse(y) else np.asarray(y, dtype=object).ravel()
            of_type = {type(label).__name__: label for label in labels}
            if len(of_type) < 2:
                raise
            shown = " and ".join(f"{label!r} ({name})" for name, label in of_type.items())
            raise ValueError(
                f"The labels of y are of several types, such as {shown}: make them all text, "
                "y.astype(str), or all numbers, and leave out rows that have none."
            ) from error

    return checked  # type: ignore[return-value]


check_array = _quiet(utils.check_array)
check_classification_targets = _naming_types(_quiet(multiclass.check_classification_targets))
check_cv = _quiet(model_selection.check_cv)
column_or_1d = _quiet(utils.column_or_1d)
type_of_target = _naming_types(_quiet(multiclass.type_of_target))
unique_labels = _quiet(multiclass.unique_labels)
validate_data = _quiet(validation.validate_data)


def is_clean(X: Any, y: Any = None) -> bool:
    """Return whether the data are plain arrays, as an estimator takes them, without any fault.

    Parameters
    ----------
    X : object
        Clean is a non-empty, finite C-ordered NumPy array of float64 or float32 with two
        dimensions.
    y : object, default=None
        Clean is a NumPy array of integers, booleans, strings or finite numbers with one entry for
        each row of X. None is no targets.

    Returns
    -------
    bool

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.utils.clean import is_clean
    >>> X = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> is_clean(X), is_clean(X, np.array([0, 1])), is_clean(X.T), is_clean([[1.0, 2.0]])
    (True, True, False, False)
    """
    if type(X) is not np.ndarray or X.ndim != 2 or not X.size or not X.flags.c_contiguous:
        return False
    if X.dtype != np.float64 and X.dtype != np.float32:
        return False
    if y is not None and not (is_clean_column(y) and y.shape == X.shape[:1]):
        return False
    return _is_finite(X)


def is_clean_column(y: Any) -> bool:
    """Return whether `y` alone is what `is_clean` says of it, of any length but none.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.utils.clean import is_clean_column
    >>> is_clean_column(np.array([0, 1])), is_clean_column(np.array([0.0, np.nan]))
    (True, False)
    """
    if type(y) is not np.ndarray or y.ndim != 1 or not y.size or y.dtype.kind not in "biufU":
        return False
    return y.dtype.kind != "f" or _is_finite(y)


# How NumPy says that something is no number: text, an object, a column of dates beside numbers.
_NO_NUMBER = ("could not convert string to float", "float() argument", "The DType")


def validated(estimator: Any, X: Any, *targets: Any, reset: bool, **checks: Any) -> Any:
    """Return what `sklearn.utils.validation.validate_data` does, sooner where all is plain.

    Parameters
    ----------
    estimator : estimator
        Whose number and names of features are learned with `reset`, and checked without.
    X : object
        As for `validate_data`.
    *targets : object
        Its `y`, or nothing.
    reset : bool
    **checks
        Of `validate_data`, all of which plain arrays pass.

    Returns
    -------
    X, or X and y if there is a `y`

    Raises
    ------
    ValueError, TypeError
        As `validate_data`.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep import MLPClassifier
    >>> from skdeep.utils.clean import validated
    >>> estimator, X = MLPClassifier(), np.ones((3, 2))
    >>> validated(estimator, X, reset=True) is X, estimator.n_features_in_
    (True, 2)
    """
    if any(y is None for y in targets) or not is_clean(X, *targets):
        try:
            return validate_data(estimator, X, *targets, reset=reset, **checks)
        except (TypeError, ValueError) as error:
            if not str(error).startswith(_NO_NUMBER):
                raise
            owner = type(estimator).__name__
            if checks.get("y_numeric"):
                for y in targets:
                    as_numbers(y, owner)  # says so if they are to blame
            raise type(error)(
                f"{error}".partition(" This means")[0].rstrip(".")
                + f". {owner} takes numbers: skdeep.TableEncoder makes them of a table with "
                "text, dates and missing cells, and TabularNetClassifier and TabularNetRegressor "
                "read one as it is."
            ) from None
    known = vars(estimator)
    if reset and "feature_names_in_" not in known:
        estimator.n_features_in_ = X.shape[1]
    elif reset or "feature_names_in_" in known or known.get("n_features_in_") != X.shape[1]:
        validate_data(estimator, X, reset=reset, skip_check_array=True)
    return (X, *targets) if targets else X


def as_numbers(y: Any, owner: str, name: str = "y") -> NDArray[np.float64]:
    """Return targets of whatever type as numbers.

    Raises
    ------
    ValueError
        If they are none.

    Examples
    --------
    >>> from skdeep.utils.clean import as_numbers
    >>> as_numbers(["1", "2"], "KNNRegressor")
    array([1., 2.])
    >>> as_numbers(["1", "b"], "KNNRegressor")
    Traceback (most recent call last):
    ValueError: KNNRegressor needs numbers for y: could not convert string to float: 'b'
    """
    given = np.asarray(y)
    if given.dtype.kind in "biuf":
        return np.asarray(given, dtype=np.float64)
    if given.dtype.kind in "Mm":
        raise ValueError(
            f"{owner} needs numbers for {name}, which is of type {given.dtype}: say in which unit, "
            "such as days, (y - y.min()) / numpy.timedelta64(1, 'D')."
        )
    try:
        return np.asarray(given.tolist(), dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{owner} needs numbers for {name}: {error}") from error


def require_fit(estimator: Any) -> None:
    """Raise NotFittedError, as `check_is_fitted` does, unless the estimator says that it is fitted.

    Parameters
    ----------
    estimator : estimator
        With a method ``__sklearn_is_fitted__``.

    Raises
    ------
    NotFittedError
        If it is not fitted.

    Examples
    --------
    >>> from skdeep import MLPClassifier
    >>> from skdeep.utils.clean import require_fit
    >>> require_fit(MLPClassifier())
    Traceback (most recent call last):
    sklearn.exceptions.NotFittedError: This MLPClassifier instance is not fitted yet...
    """
    if not estimator.__sklearn_is_fitted__():
        check_is_fitted(estimator)


def _is_finite(numbers: NDArray[Any]) -> bool:
    # A sum that overflows does not count as finite: there the slow check has the word.
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(numbers.sum()))
