"""From class labels to classes and codes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.utils.clean import check_classification_targets, type_of_target

__all__ = ["encode_classes", "kind_of_target"]


def encode_classes(y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return the sorted classes, and of each label the index of its class.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Class labels.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        Classes.
    codes : ndarray of shape (n_samples,)
        ``classes[codes]`` is `y`.

    Raises
    ------
    ValueError
        If `y` is continuous or no label at all.

    Warns
    -----
    UserWarning
        If more than half of the labels are different.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.utils.classes import encode_classes
    >>> encode_classes(np.array(["b", "a", "b"]))
    (array(['a', 'b'], dtype='<U1'), array([1, 0, 1]))
    """
    # Integers, booleans and strings are classes; scikit-learn's check, which takes longer than
    # some fits, can only find that they are too many.
    certain = y.dtype.kind in "biuU"
    if not certain:
        check_classification_targets(y)
    classes, codes = np.unique(y, return_inverse=True)
    if certain and 2 * len(classes) > len(y):
        check_classification_targets(y)
    return classes, codes


def kind_of_target(y: Any) -> str:
    """Return what scikit-learn's `type_of_target` does, sooner for a column of plain labels.

    Parameters
    ----------
    y : array-like or sparse matrix
        Class labels.

    Returns
    -------
    str
        Such as 'binary', 'multiclass' or 'multilabel-indicator'.

    Warns
    -----
    UserWarning
        If more than half of the labels are different.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.utils.classes import kind_of_target
    >>> kind_of_target(np.array(["b", "a", "b", "a"])), kind_of_target(np.eye(3))
    ('binary', 'multilabel-indicator')
    """
    if type(y) is np.ndarray and y.ndim == 1 and y.dtype.kind in "biuU":
        n_classes = len(np.unique(y))
        if 0 < 2 * n_classes <= len(y):
            return "binary" if n_classes <= 2 else "multiclass"
    return type_of_target(y, input_name="y")
