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
        found = unique_labels(labels) if two_d else np.unique(labels)
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
        None where nothing is standardized; an output that has been constant so far has scale 1.
    constant : ndarray of bool of shape (n_outputs,)
        Which those are: whatever the network says, they are predicted as they are.
    n_outputs : int
    """

    def __init__(self, y: NDArray[Any], weight: NDArray[Any] | None, *, standardize: bool) -> None:
        columns = y.reshape(len(y), -1)
        self.n_outputs = columns.shape[1]
        self.mean: NDArray[np.float64] | None = None
        self.scale: NDArray[np.float64] | None = None
        self.constant = np.zeros(self.n_outputs, dtype=bool)
        if standardize:
            columns = columns.astype(np.float64)
            self.mean, scale = _moments(columns, weight)
            # A constant output has no scale of its own, and rounding must not invent one.
            counted = columns if weight is None else columns[weight > 0]
            constant = counted.max(axis=0) == counted.min(axis=0)
            self.mean = np.where(constant, counted.max(axis=0), self.mean)  # to the last digit
            self.constant = constant | (scale <= 10 * np.finfo(np.float64).eps * np.abs(self.mean))
            self.scale = np.where(self.constant, 1.0, scale)

    def going_on(self, y: NDArray[Any], weight: NDArray[Any] | None) -> NumberTargets:
        """Return the targets of a network that goes on with `y`: in the units that it has.

        An output that has been constant so far has none, and gets those of `y`.
        """
        self._check_outputs(y)
        if self.mean is None or self.scale is None or not self.constant.any():
            return self
        now = NumberTargets(y, weight, standardize=True)
        assert now.mean is not None
        assert now.scale is not None
        before, new = self.mean, now.mean
        moved = self.constant & now.constant & ~np.isclose(before, new, rtol=1e-14, atol=0)
        varies = self.constant & ~now.constant
        now.mean = np.where(varies, new, np.where(moved, before / 2 + new / 2, before))
        now.scale = np.where(varies, now.scale, np.where(moved, np.abs(before / 2 - new / 2), 1.0))
        now.scale = np.where(self.constant, now.scale, self.scale)
        now.constant = self.constant & ~varies & ~moved
        return now

    def encode(self, y: NDArray[Any], dtype: Any) -> NDArray[Any]:
        """Return the network's targets of shape (n_samples, n_outputs).

        Raises
        ------
        ValueError
            If `dtype` cannot hold numbers of this size, or `y` has another number of outputs.
        """
        self._check_outputs(y)
        columns = y.reshape(len(y), -1)
        _check_size(columns, dtype)
        if self.mean is not None and self.scale is not None:
            unit = _exponents(np.maximum(np.abs(self.mean), self.scale))
            mean, scale = np.ldexp(self.mean, -unit), np.ldexp(self.scale, -unit)
            columns = (np.ldexp(columns.astype(np.float64), -unit) - mean) / scale
        return columns.astype(dtype, copy=False)

    def decode(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Return predictions in the user's units, (n_samples,) if there is one output."""
        if self.mean is not None and self.scale is not None:
            with np.errstate(over="ignore"):  # far beyond the training targets
                columns = np.where(self.constant, self.mean, outputs * self.scale + self.mean)
                outputs = columns.astype(outputs.dtype)
        return outputs.ravel() if self.n_outputs == 1 else outputs

    def _check_outputs(self, y: NDArray[Any]) -> None:
        n_outputs = 1 if y.ndim == 1 else y.shape[1]
        if n_outputs != self.n_outputs:
            raise ValueError(
                f"y has {n_outputs} outputs, but the network was built for {self.n_outputs}."
            )


def _exponents(numbers: NDArray[np.float64]) -> NDArray[np.int_]:
    """Return e with abs(x) < 2**e: in units of 2**e nothing is rounded, and squares are safe."""
    return np.frexp(numbers)[1]


def _moments(
    columns: NDArray[np.float64], weight: NDArray[Any] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation of each column, whatever its unit."""
    if weight is not None:
        columns, weight = columns[weight > 0], weight[weight > 0]
    unit = _exponents(np.abs(columns).max(axis=0))
    columns = np.ldexp(columns, -unit)
    mean = np.average(columns, axis=0, weights=weight)
    variance = np.average((columns - mean) ** 2, axis=0, weights=weight)
    return np.ldexp(mean, unit), np.ldexp(np.sqrt(variance), unit)


def _check_size(columns: NDArray[Any], dtype: Any) -> None:
    """Raise ValueError if a column is too large or too small for `dtype`."""
    limits = np.finfo(dtype)
    if np.finfo(columns.dtype if columns.dtype.kind == "f" else np.float64).bits <= limits.bits:
        return
    largest = np.abs(columns).max(axis=0)
    wrong = (largest > limits.max) | ((largest < limits.tiny) & (largest > 0))
    if wrong.any():
        raise ValueError(
            f"y has numbers of up to {largest[wrong][0]:g} in a column, and those of the network, "
            f"of {np.dtype(dtype)}, go from {limits.tiny:.0e} to {limits.max:.0e}. Set "
            "dtype='float64', or change the unit of y."
        )
