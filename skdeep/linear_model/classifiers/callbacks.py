"""How iterations are told to scikit-learn's callbacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["IterationReporter"]


class IterationReporter:
    """Opens a task before each iteration and closes it with the weights after it.

    The task that is open when the solver stops is closed empty, as in scikit-learn's
    `LogisticRegression`. Without callbacks it does nothing.

    Parameters
    ----------
    estimator : object
        The estimator that is fitted.
    context : CallbackContext
        The context of its fit.
    hooks : dict
        Estimator, X, y and metadata as they go to the hooks.
    name : str
        The name of the tasks.
    fixed : dict
        Fitted attributes that all iterations have in common.
    """

    def __init__(
        self, estimator: Any, context: Any, hooks: dict[str, Any], name: str, fixed: dict[str, Any]
    ) -> None:
        self.context, self.hooks, self.name, self.fixed = context, hooks, name, fixed
        self.active = hasattr(estimator, "_skl_callbacks")
        self.n_done = 0
        context.call_on_fit_task_begin(**hooks)

    def begin(self, attributes: Callable[[], dict[str, Any]]) -> None:
        """Open the first iteration."""
        if self.active:
            self._open(attributes)

    def _open(self, attributes: Callable[[], dict[str, Any]]) -> None:
        self.task = self.context.subcontext(task_name=self.name)
        self.task.call_on_fit_task_begin(
            **self.hooks, reconstruction_attributes=lambda: {**self.fixed, **attributes()}
        )

    def step(self, attributes: Callable[[], dict[str, Any]]) -> bool:
        """Close an iteration, open the next, and say whether a callback asks to stop."""
        self.n_done += 1
        if not self.active:
            return False
        stop = self.task.call_on_fit_task_end(
            **self.hooks, reconstruction_attributes=lambda: {**self.fixed, **attributes()}
        )
        self._open(attributes)
        return bool(stop)

    def close(self) -> None:
        """Close the open iteration and the fit."""
        if self.active:
            self.task.call_on_fit_task_end(estimator=self.hooks["estimator"])
        self.context.call_on_fit_task_end(**self.hooks, reconstruction_attributes=dict)
