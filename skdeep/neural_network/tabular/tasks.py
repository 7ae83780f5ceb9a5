"""The tasks that scikit-learn's callbacks see: a fit, and the epochs of all views in turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Tasks"]


class Tasks:
    """Tells the callbacks of an estimator when its fit and each epoch begin and end.

    Parameters
    ----------
    estimator : estimator
        With scikit-learn's `CallbackSupportMixin`.
    X, y, sample_weight : array-like
        As the user gave them, so that names of features are still there.
    """

    def __init__(self, estimator: Any, X: Any, y: Any, sample_weight: Any) -> None:
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self._estimator = estimator
        self._given = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        # Tasks that nobody watches only cost.
        self._watched = hasattr(estimator, "_skl_callbacks")

    def begin(self, n_epochs: int, is_over: Callable[[], bool]) -> None:
        """Begin the fit, of at most so many epochs.

        `is_over` tells whether no epoch is to come, at any time; a callback may have brought all of
        them from another fit.
        """
        self._fit = self._estimator._init_callback_context(max_subtasks=n_epochs)
        self._fit.call_on_fit_task_begin(**self._given)
        self._is_over = is_over
        if not is_over():
            self._begin_epoch()

    def _begin_epoch(self) -> None:
        if self._watched:
            self._epoch = self._fit.subcontext(task_name="epoch")
            self._epoch.call_on_fit_task_begin(**self._given)

    def epoch(self, attributes: Callable[[], dict[str, Any]]) -> bool:
        """End an epoch and begin the next; return whether a callback wants training to stop.

        `attributes` returns what makes a fitted estimator of this moment.
        """
        if not self._watched:
            return False
        stop = self._epoch.call_on_fit_task_end(**self._given, reconstruction_attributes=attributes)
        if not stop and not self._is_over():
            self._begin_epoch()
        return bool(stop)

    def end(self, attributes: Callable[[], dict[str, Any]]) -> None:
        """End the fit."""
        self._fit.call_on_fit_task_end(**self._given, reconstruction_attributes=attributes)
