"""Watching the steps of whatever trains, and choosing their learning rates from outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["StepWatcher", "present_watcher", "watched_steps"]


class StepWatcher:
    """Sees every step of training by mini-batches; a subclass says what it makes of them."""

    def rate(self, scheduled: float) -> float:
        """Return the learning rate of the next step, which the schedule would have otherwise."""
        return scheduled

    def see(self, loss: float) -> None:
        """Look at the loss of a batch before its step, which may not be finite.

        An exception ends the training; an estimator is then as it was before.
        """


_watcher: ContextVar[StepWatcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watched_steps(watcher: StepWatcher) -> Iterator[None]:
    """Let a watcher see the steps of all training that this thread does inside the block.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import SGD, Batches, Dense, Network, SquaredError, Trainer
    >>> from skdeep.nn.training.watching import StepWatcher, watched_steps
    >>> class Losses(list, StepWatcher):
    ...     see = list.append
    >>> x = np.eye(4)
    >>> trainer = Trainer(Network(Dense(1), (4,), random_state=0), SquaredError(), SGD())
    >>> losses = Losses()
    >>> with watched_steps(losses):
    ...     mean = trainer.epoch(Batches(x, x[:, :1], None, 2, np.float64), None, 0.1)
    >>> len(losses), bool(np.isclose(mean, np.mean(losses)))
    (2, True)
    """
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def present_watcher() -> StepWatcher | None:
    """Return who watches the steps of this thread, None where nobody does."""
    return _watcher.get()
