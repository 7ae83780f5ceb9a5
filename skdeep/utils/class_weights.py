"""What a class counts."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import compute_class_weight

__all__ = ["check_balance", "weigh_classes"]


def check_balance(class_weight: Any) -> None:
    """Raise ValueError if a part of the data is to balance classes, as in `partial_fit`."""
    if isinstance(class_weight, str):
        raise ValueError(
            f"class_weight={class_weight!r} needs all data at once; for partial_fit, compute the "
            "weights with sklearn.utils.compute_class_weight and pass them as a dict."
        )


def weigh_classes(
    class_weight: Any,
    classes: NDArray[Any],
    codes: NDArray[np.intp],
    sample_weight: NDArray[Any] | None = None,
) -> NDArray[np.float64]:
    """Return what each class counts.

    Parameters
    ----------
    class_weight : dict from class to weight, or "balanced"
        A class that the dict leaves out counts 1. "balanced" lets all classes that have weight
        count the same in sum; one without any counts 1, too.
    classes : ndarray of shape (n_classes,)
        Sorted.
    codes : ndarray of shape (n_samples,)
        The class of each sample, as an index.
    sample_weight : ndarray of shape (n_samples,) or None, default=None
        How often each sample counts.

    Returns
    -------
    ndarray of shape (n_classes,)

    Raises
    ------
    ValueError
        If a weight is no number, negative or not finite, or if the dict both leaves out classes
        and has others that do not exist.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.utils.class_weights import weigh_classes
    >>> classes, codes = np.array(["no", "yes"]), np.array([0, 0, 0, 1])
    >>> weigh_classes("balanced", classes, codes).round(3)
    array([0.667, 2.   ])
    >>> weigh_classes({"yes": 5.0}, classes, codes)
    array([1., 5.])
    """
    result = np.ones(len(classes))
    if isinstance(class_weight, str):
        if sample_weight is not None:
            codes, sample_weight = codes[sample_weight > 0], sample_weight[sample_weight > 0]
        present = np.unique(codes)
        result[present] = compute_class_weight(
            class_weight, classes=present, y=codes, sample_weight=sample_weight
        )
        return result
    names = classes.tolist()
    # A fold may lack a class that the dict has; a dict that also lacks one is a mistake.
    unknown = [key for key in class_weight if key not in names]
    if unknown and any(name not in class_weight for name in names):
        raise ValueError(f"class_weight has {unknown}, which are not among the classes {classes}.")
    for i, name in enumerate(names):
        value = class_weight.get(name, 1.0)
        if not (isinstance(value, Real) and 0 <= float(value) < np.inf):
            raise ValueError(
                f"class_weight of {name!r} must be a finite number that is not negative. "
                f"Got {value!r} instead."
            )
        result[i] = value
    return result
