"""Names of the features that a transformer was fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["input_names"]


def input_names(transformer: Any, input_features: ArrayLike | None) -> NDArray[Any]:
    """Return the names of a fitted transformer's input, as `get_feature_names_out` needs them.

    Parameters
    ----------
    transformer : estimator
        With `n_features_in_`, and `feature_names_in_` where the table had names.
    input_features : array-like of str or None
        What the caller says they are.

    Returns
    -------
    ndarray of shape (n_features_in_,)
        What the caller says, or the table's names, or x0, x1 and so on.

    Raises
    ------
    ValueError
        If what the caller says is not what the table said, or of another length.
    """
    known = getattr(transformer, "feature_names_in_", None)
    n_features = transformer.n_features_in_
    if input_features is None:
        if known is not None:
            return known
        return np.array([f"x{i}" for i in range(n_features)], dtype=object)
    names = np.asarray(input_features, dtype=object)
    if known is not None and not np.array_equal(known, names):
        raise ValueError("input_features is not equal to feature_names_in_")
    if len(names) != n_features:
        raise ValueError(
            f"input_features should have length equal to number of features ({n_features}), got "
            f"{len(names)}"
        )
    return names
