"""The accuracy of classifiers, by weights that are checked first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin

from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.weights import check_sample_weight

__all__ = ["AccuracyMixin"]


class AccuracyMixin(ClassifierMixin):
    """A classifier whose score neither warns nor is NaN, however large labels and weights are."""

    @in_kind
    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy on given samples; with several labels, that of all at once.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `predict`.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The right classes.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.

        Returns
        -------
        float
            Between zero and one.
        """
        rows: Any = y if hasattr(y, "shape") else np.asarray(y)
        if sample_weight is not None and rows.shape:
            sample_weight = check_sample_weight(sample_weight, rows)
        with np.errstate(over="ignore", invalid="ignore"):  # huge numbers for classes
            return super().score(X, y, sample_weight)
