"""Several categorical targets at once: labels as distributions side by side, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["TaskTargets"]


class TaskTargets:
    """Labels of several targets, one a column.

    Parameters
    ----------
    labels : sequence of array of shape (n_labels,)
        Of each target; every class in it counts, in whatever order.
    kind_of_labels : dtype, default=None
        Type of the labels as the user has them; None is what holds the classes of all targets.

    Attributes
    ----------
    classes : list of ndarray of shape (n_classes,)
        Sorted, of each target.
    kind : str
        'multiclass-multioutput', scikit-learn's name.
    n_outputs : int
        Classes of all targets.
    """

    kind = "multiclass-multioutput"
    boundary = 0.5

    def __init__(self, labels: Any, kind_of_labels: Any = None) -> None:
        self.classes = [np.unique(column) for column in labels]
        self.sizes = [len(classes) for classes in self.classes]
        self.n_outputs = sum(self.sizes)
        self._ends = np.cumsum(self.sizes)
        dtype = np.result_type(*self.classes) if kind_of_labels is None else kind_of_labels
        self._dtype = dtype.str  # as text, which files of skops hold without being asked for

    def unseen(self, labels: Any) -> list[tuple[int, NDArray[Any]]]:
        """Return the number of each target with classes that are not known, and those.

        Raises
        ------
        ValueError
            If there are not as many columns as targets.
        """
        if np.ndim(labels) != 2 or labels.shape[1] != len(self.classes):
            raise ValueError(
                f"The targets must be labels of shape (n_samples, {len(self.classes)}), as before; "
                f"got shape {np.shape(labels)}."
            )
        found = [np.unique(column) for column in labels.T]
        pairs = enumerate(zip(found, self.classes, strict=True))
        strange = [(i, seen[~np.isin(seen, known)]) for i, (seen, known) in pairs]
        return [(i, unknown) for i, unknown in strange if len(unknown)]

    def encode(self, labels: Any, dtype: Any) -> NDArray[Any]:
        """Return zeros and, at the class of each target, ones: (n_samples, n_outputs)."""
        columns = zip(labels.T, self.classes, strict=True)
        return np.hstack([(column[:, None] == known).astype(dtype) for column, known in columns])

    def split(self, probabilities: NDArray[Any]) -> list[NDArray[Any]]:
        """Return the probabilities of each target's classes, each an array of its own."""
        return [part.copy() for part in np.split(probabilities, self._ends[:-1], axis=-1)]

    def decode(self, probabilities: NDArray[Any]) -> NDArray[Any]:
        """Return the most probable label of each target, (n_samples, n_targets)."""
        parts = zip(self.classes, self.split(probabilities), strict=True)
        labels = np.empty((len(probabilities), len(self.classes)), dtype=self._dtype)
        for i, (classes, part) in enumerate(parts):
            labels[:, i] = classes[part.argmax(axis=1)]
        return labels

    def going_on(self, labels: Any, weight: NDArray[Any] | None) -> TaskTargets:
        """Return what encodes the labels of a network that goes on: the same."""
        return self
