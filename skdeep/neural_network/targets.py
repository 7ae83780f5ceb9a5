"""What a network is trained on: labels and numbers as it sees them, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.multiclass import (
    check_classification_targets,
    type_of_target,
    unique_labels,
)

__all__ = ["ClassTargets", "NumberTargets"]


class ClassTargets:
    """Class labels: class indices for softmax, 0 and 1 for logistic outputs.

    Parameters
    ----------
    labels : array of shape (n_samples,) or (n_samples, n_labels)
        Every class in it counts, in whatever order.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        Sorted; for multilabel targets the column numbers.
    kind : {'binary', 'multiclass', 'multilabel-indicator'}
    n_outputs : int
        One for two classes, else one a class.
    """

    def __init__(self, labels: Any) -> None:
        self.kind = type_of_target(labels, input_name="y")
        if self.kind in ("binary", "multiclass"):
            self.classes = np.unique(labels)
        else:  # a matrix of labels, or an error
            check_classification_targets(labels)
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
        two_d = type_of_target(labels).startswith("multilabel")
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
        found = unique_labels(labels)
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

    def decode(self, probabilities: NDArray[Any]) -> Any:
        """Return the most probable labels."""
        if self.kind == "multiclass":
            return self.classes[probabilities.argmax(axis=1)]
        if self.kind == "binary":
            positive = (probabilities.ravel() > 0.5).astype(np.intp)
            return self.classes[np.minimum(positive, len(self.classes) - 1)]
        return self._binarizer.inverse_transform(probabilities)


class NumberTargets:
    """Numbers, in the user's units outside and, if asked for, standardized inside.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
    weight : ndarray of shape (n_samples,) or None
        What each sample counts in mean and standard deviation.
    standardize : bool
        Whether the network sees (y - mean) / standard deviation.

    Attributes
    ----------
    mean, scale : ndarray of shape (n_outputs,) or None
        None where nothing is standardized; a constant output has scale 1.
    n_outputs : int
    """

    def __init__(self, y: NDArray[Any], weight: NDArray[Any] | None, *, standardize: bool) -> None:
        columns = y.reshape(len(y), -1)
        self.n_outputs = columns.shape[1]
        self.mean: NDArray[np.float64] | None = None
        self.scale: NDArray[np.float64] | None = None
        if standardize:
            columns = columns.astype(np.float64)
            self.mean = np.average(columns, axis=0, weights=weight)
            variance = np.average((columns - self.mean) ** 2, axis=0, weights=weight)
            scale = np.sqrt(variance)
            # A constant output has no scale of its own, and rounding must not invent one.
            counted = columns if weight is None else columns[weight > 0]
            constant = counted.max(axis=0) == counted.min(axis=0)
            tiny = 10 * np.finfo(np.float64).eps * np.abs(self.mean)
            self.scale = np.where(constant | (scale <= tiny), 1.0, scale)

    def encode(self, y: NDArray[Any], dtype: Any) -> NDArray[Any]:
        """Return the network's targets of shape (n_samples, n_outputs)."""
        columns = y.reshape(len(y), -1)
        if columns.shape[1] != self.n_outputs:
            raise ValueError(
                f"y has {columns.shape[1]} outputs, but the network was built for {self.n_outputs}."
            )
        if self.mean is not None and self.scale is not None:
            columns = (columns - self.mean) / self.scale
        return columns.astype(dtype, copy=False)

    def decode(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Return predictions in the user's units, (n_samples,) if there is one output."""
        if self.mean is not None:
            outputs = (outputs * self.scale + self.mean).astype(outputs.dtype)
        return outputs.ravel() if self.n_outputs == 1 else outputs
