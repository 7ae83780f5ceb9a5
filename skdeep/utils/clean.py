"""Data in which scikit-learn's checks have nothing to find or to convert.

Those checks look for pandas, polars, sparse and other libraries' arrays, several times over; that
takes longer than fitting a small model. So the plain case is recognised here, and scikit-learn
checks and converts all the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted, validate_data

__all__ = ["is_clean", "is_clean_column", "require_fit", "validated"]


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
        return validate_data(estimator, X, *targets, reset=reset, **checks)
    known = vars(estimator)
    if reset and "feature_names_in_" not in known:
        estimator.n_features_in_ = X.shape[1]
    elif reset or "feature_names_in_" in known or known.get("n_features_in_") != X.shape[1]:
        validate_data(estimator, X, reset=reset, skip_check_array=True)
    return (X, *targets) if targets else X


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
