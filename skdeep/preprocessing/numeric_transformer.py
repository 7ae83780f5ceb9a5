"""What transformers of numeric features share: their input, and what scikit-learn is told of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from skdeep.utils.clean import validate_data

__all__ = ["NumericTransformer"]


class NumericTransformer(TransformerMixin, BaseEstimator):
    """A transformer of floats, float32 or float64, among which NaN is a missing value."""

    def _check(self, X: Any, *, reset: bool, copy: bool = False) -> NDArray[Any]:
        """Return `X` as an array of shape (n_samples, n_features); a copy may be written to."""
        return validate_data(
            self,
            X,
            reset=reset,
            dtype=[np.float64, np.float32],
            ensure_all_finite="allow-nan",
            copy=copy,
            force_writeable=copy,
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
