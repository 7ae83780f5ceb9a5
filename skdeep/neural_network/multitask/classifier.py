"""A network classifier that takes several categorical targets at once."""

from __future__ import annotations

from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdeep.neural_network.classifier import NetworkClassifier
from skdeep.neural_network.targets import TaskTargets
from skdeep.nn import Loss, SoftmaxCrossEntropy, SoftmaxFocal, TaskLosses
from skdeep.utils.classes import kind_of_target
from skdeep.utils.parameters import parameters
from skdeep.utils.params import none, real, sequence_of

__all__ = ["MultiTaskClassifier"]


@parameters
class MultiTaskClassifier(NetworkClassifier):
    """A classifier with a softmax head for each target, on layers that all share.

    With several targets, `classes_` is a list.
    """

    _: KW_ONLY
    task_weights: Annotated[
        Any,
        none() | sequence_of(real(0), min_length=1),
        """What the loss of each target counts, where `y` has a column of labels for each of
        several; None counts all alike.
        """,
    ] = None

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the share of samples whose labels are all right.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.
        y : array-like of shape (n_samples,), (n_samples, n_labels) or (n_samples, n_targets)
            True labels.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.

        Returns
        -------
        float
            The accuracy; with several targets or labels that of all at once, as
            :class:`sklearn.multioutput.MultiOutputClassifier` has it.
        """
        if not self._has_tasks():
            return super().score(X, y, sample_weight)
        said, y = self.predict(X), np.asarray(y)
        if said.shape != y.shape:
            raise ValueError(
                f"{type(self).__name__} has learned {said.shape[1]} targets and predicts labels of "
                f"shape {said.shape}; y has shape {y.shape}."
            )
        return _all_right(y, said, sample_weight)

    def _has_tasks(self) -> bool:
        return self.__sklearn_is_fitted__() and self._targets.kind == TaskTargets.kind

    def _learn_targets(self, y: Any, weight: NDArray[Any] | None, classes: Any) -> Any:
        listed = _are_lists(classes)
        if not listed and (classes is not None or kind_of_target(y) != TaskTargets.kind):
            if self.task_weights is not None:
                raise ValueError(
                    f"{type(self).__name__} has task_weights={self.task_weights!r}, and y has one "
                    "target; leave them at None, or pass a column of labels for each target."
                )
            return super()._learn_targets(y, weight, classes)
        if self.loss not in ("log_loss", "focal"):
            raise ValueError(
                f"{type(self).__name__} with loss={self.loss!r} takes one target; for y with "
                "several columns of labels use loss='log_loss' or 'focal'."
            )
        dtype = getattr(y, "dtype", None)
        columns = classes if listed else y.T
        n, weights = len(columns), self.task_weights
        if weights is not None and (len(weights) != n or not np.any(weights)):
            raise ValueError(
                f"{type(self).__name__} takes a weight for each of the {n} targets of y, one of "
                f"them above 0. Got task_weights={weights!r}."
            )
        return TaskTargets(columns, dtype if dtype is not None and dtype.kind == "O" else None)

    def _check_targets(self, y: Any, what: str) -> None:
        targets = self._targets
        if targets.kind != TaskTargets.kind:
            super()._check_targets(y, what)
            return
        for task, unseen in targets.unseen(y):
            raise ValueError(
                f"`{what}` has classes not in `self.classes_`. `self.classes_[{task}]` has "
                f"{targets.classes[task]}. Column {task} of '{what}' has {unseen} besides."
            )
        if self.warm_start and what == "y":
            for task, (column, known) in enumerate(zip(y.T, targets.classes, strict=True)):
                if len(found := np.unique(column)) != len(known):
                    raise ValueError(
                        "warm_start can only be used where `y` has the same classes as in the "
                        f"previous call to fit. Column {task} previously had {known}, has {found}"
                    )

    def _are_classes(self, classes: Any) -> bool:
        if not self._has_tasks():
            return super()._are_classes(classes)
        return (
            _are_lists(classes)
            and len(classes) == len(self.classes_)
            and all(map(np.array_equal, self.classes_, map(np.unique, classes)))
        )

    def _make_loss(self) -> Loss:
        if self._targets.kind != TaskTargets.kind:
            return super()._make_loss()
        focal, smoothing = self.loss == "focal", self.label_smoothing
        losses: list[Loss] = [
            SoftmaxFocal(self.focal_gamma, smoothing) if focal else SoftmaxCrossEntropy(smoothing)
            for _ in self._targets.sizes
        ]
        return TaskLosses(losses, self._targets.sizes, self.task_weights)

    def _as_probabilities(self, predictions: NDArray[Any]) -> Any:
        if self._targets.kind != TaskTargets.kind:
            return super()._as_probabilities(predictions)
        return self._targets.split(predictions)

    def _own_score(self, predictions: NDArray[Any], y: Any, weight: Any) -> float:
        if self._targets.kind != TaskTargets.kind or not np.isfinite(predictions).all():
            return super()._own_score(predictions, y, weight)
        return _all_right(y, self._targets.decode(predictions), weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _are_lists(classes: Any) -> bool:
    """Tell whether classes are those of several targets: a list of lists."""
    return isinstance(classes, (list, tuple)) and all(np.ndim(column) == 1 for column in classes)


def _all_right(y: NDArray[Any], said: NDArray[Any], weight: Any) -> float:
    return float(np.average((y == said).all(axis=1), weights=weight))
