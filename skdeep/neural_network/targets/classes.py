"""Class labels as a network sees them, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.preprocessing import LabelBinarizer

from skdeep.utils.classes import kind_of_target
from skdeep.utils.clean import check_classification_targets, unique_labels

__all__ = ["ClassTargets"]


class ClassTargets:
    """Class labels: class indices for softmax, 0 and 1 for logistic outputs.

    Parameters
    ----------
    labels : array of shape (n_samples,) or (n_samples, n_labels)
        Every class in it counts, in whatever order.
    boundary : float, default=0.5
        What a yes-or-no answer is yes above: 0.5 of probabilities, 0 of margins.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        Sorted; for multilabel targets the column numbers.
    kind : {'binary', 'multiclass', 'multilabel-indicator'}
    n_outputs : int
        One for two classes, else one a class.
    """

    def __init__(self, labels: Any, boundary: float = 0.5) -> None:
        self.boundary = boundary
        self.kind = kind_of_target(labels)
        if self.kind in ("binary", "multiclass"):
            self.classes = np.unique(labels)
        else:  # a matrix of labels, or an error
            check_classification_targets(labels)
            if self.kind == "multiclass-multioutput":
                raise ValueError(
                    f"y has {labels.shape[1]} columns of labels, where one label a sample or a "
                    "matrix of 0 and 1 is taken; MLPClassifier learns several targets at once."
                )
            self._binarizer = LabelBinarizer().fit(labels)
            self.classes = self._binarizer.classes_
        self.n_outputs = 1 if self.kind == "binary" else len(self.classes)

    def unseen(self, labels: Any) -> NDArray[Any]:
        """Return the classes in `labels` that are not in `classes`.

        Raises
        ------
        ValueError
            If `labels` are a matrix where they were a column, or the other way round.
        """
        two_d = np.ndim(labels) == 2 or issparse(labels)
        if two_d != (self.kind == "multilabel-indicator"):
            was = "a label indicator matrix" if two_d else "labels of shape (n_samples,)"
            wanted = (
                "labels of shape (n_samples,)"
                if two_d
                else f"a label indicator matrix of shape (n_samples, {self.n_outputs})"
            )
            raise ValueError(
                f"The targets must be {wanted}, as before; got {was}, of shape {np.shape(labels)}."
            )
        if two_d and labels.shape[1] != self.n_outputs:
            raise ValueError(
                f"The label indicator matrix must have {self.n_outputs} columns, as before; got "
                f"{labels.shape[1]}."
            )
        try:
            found = unique_labels(labels) if two_d else np.unique(labels)
        except TypeError as error:
            raise ValueError(f"The labels of y are of several types: {error}.") from error
        return found[~np.isin(found, self.classes)]

    def encode(self, labels: Any, dtype: Any) -> NDArray[Any]:
        """Return indices of shape (n_samples,), or zeros and ones of shape (n_samples, n_outputs).

        All labels must be in `classes`.
        """
        if self.kind == "multiclass":
            return np.searchsorted(self.classes, labels)
        if self.kind == "binary":
            two = len(self.classes) == 2
            positive = labels == self.classes[1] if two else np.zeros(len(labels))
            return np.asarray(positive).astype(dtype).reshape(-1, 1)
        return (labels.toarray() if issparse(labels) else np.asarray(labels)).astype(dtype)

    def decode(self, predictions: NDArray[Any]) -> Any:
        """Return the labels of largest probability or margin."""
        if self.kind == "multiclass":
            return self.classes[predictions.argmax(axis=1)]
        if self.kind == "binary":
            positive = (predictions.ravel() > self.boundary).astype(np.intp)
            return self.classes[np.minimum(positive, len(self.classes) - 1)]
        return self._binarizer.inverse_transform(predictions, threshold=self.boundary)

    def going_on(self, labels: Any, weight: NDArray[Any] | None) -> ClassTargets:
        """Return what encodes the labels of a network that goes on: the same."""
        return self
