"""What each sample counts for the sake of its class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from skdeep.neural_network.targets import ClassTargets, TaskTargets
from skdeep.utils.class_weights import weigh_classes

__all__ = ["is_dicts", "weigh_by_class"]


def is_dicts(value: Any) -> bool:
    """Tell whether `value` is a dict or a list of dicts."""
    return isinstance(value, dict) or (
        isinstance(value, list) and all(isinstance(entry, dict) for entry in value)
    )


def weigh_by_class(
    class_weight: Any, targets: ClassTargets | TaskTargets, y: Any, weight: NDArray[Any] | None
) -> NDArray[np.float64]:
    """Return what each sample counts for the sake of its class.

    Parameters
    ----------
    class_weight : dict, list of dict or 'balanced'
    targets : ClassTargets or TaskTargets
    y : ndarray of shape (n_samples,), or ndarray or CSR matrix of shape (n_samples, n_labels)
    weight : ndarray of shape (n_samples,) or None
        How often each sample counts: 'balanced' counts with it.

    Returns
    -------
    ndarray of shape (n_samples,)
        Zero where `weight` is.

    Raises
    ------
    ValueError
        If a weight is no number, negative or not finite, if all are zero, or if there are not as
        many dicts as labels.
    """
    classes: list[Any]
    if targets.kind == "multiclass-multioutput":
        if isinstance(class_weight, dict):
            raise ValueError(
                f"class_weight of {len(targets.classes)} targets must be a list of dicts, one for "
                "each, or 'balanced'; got a dict."
            )
        columns, classes = list(y.T), list(targets.classes)
        weights = class_weight if isinstance(class_weight, list) else [class_weight] * len(columns)
    elif targets.kind != "multilabel-indicator":
        if isinstance(class_weight, list):
            raise ValueError("A list as class_weight is for multilabel targets; got one for y 1-D.")
        columns, classes, weights = [y], [targets.classes], [class_weight]
    else:
        dense = y.toarray() if issparse(y) else np.asarray(y)
        columns, classes = list(dense.T), [np.array([0, 1])] * dense.shape[1]
        weights = class_weight if isinstance(class_weight, list) else [class_weight] * len(columns)
    if len(weights) != len(columns):
        what = "labels" if targets.kind == "multilabel-indicator" else "targets"
        raise ValueError(f"class_weight has {len(weights)} dicts, but y has {len(columns)} {what}.")
    result = np.ones(len(columns[0]))
    for column, known, given in zip(columns, classes, weights, strict=True):
        codes = np.searchsorted(known, column)
        result *= weigh_classes(given, known, codes, weight)[codes]
    if weight is not None:
        result[weight == 0] = 0.0
    if not result.any():
        raise ValueError(f"class_weight={class_weight!r} leaves all sample weights zero.")
    return result
