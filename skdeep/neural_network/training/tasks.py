"""The tasks that scikit-learn's callbacks see: a fit, and its epochs one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.callback import CallbackContext

__all__ = ["Tasks"]


class Tasks:
    """Tells the callbacks of an estimator when its fit and each epoch begin and end.

    Parameters
    ----------
    estimator : BaseNetwork
    X, y : array-like
        As the user gave them, so that names of features are still there.
    metadata : dict
        What a scorer gets besides, also as the user gave it.
    as_it_is : callable
        Returns by name the fitted attributes of this moment, which training does not change.
    quiet : bool, default=False
        Whether there are no tasks at all, as for `partial_fit`.
    """

    def __init__(
        self,
        estimator: Any,
        X: Any,
        y: Any,
        metadata: dict[str, Any],
        *,
        as_it_is: Callable[[], dict[str, Any]],
        quiet: bool = False,
    ) -> None:
        self._as_it_is = as_it_is
        self._given = {"estimator": estimator, "X": X, "y": y, "metadata": metadata or None}
        self._fit: CallbackContext | None = None
        self._epoch: CallbackContext | None = None
        # Tasks that nobody watches only cost.
        self.watched = not quiet and hasattr(estimator, "_skl_callbacks")
        if not quiet:
            self._fit = estimator._init_callback_context(max_subtasks=estimator.max_iter)
            self._fit.call_on_fit_task_begin(**self._given)

    def begin_epoch(self) -> None:
        """Begin an epoch, unless one has begun already."""
        if self.watched and self._fit is not None and self._epoch is None:
            self._epoch = self._fit.subcontext(task_name="epoch")
            self._epoch.call_on_fit_task_begin(**self._given)

    def end_epoch(self) -> bool:
        """End the epoch; return whether a callback wants training to stop."""
        if self._epoch is None:
            return False
        epoch, self._epoch = self._epoch, None
        return bool(
            epoch.call_on_fit_task_end(**self._given, reconstruction_attributes=self._as_it_is)
        )

    def end(self) -> None:
        """End the fit."""
        if self._fit is not None:
            self._fit.call_on_fit_task_end(**self._given, reconstruction_attributes=self._as_it_is)
