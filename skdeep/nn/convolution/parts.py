"""Threads that take halves of the batch."""

from __future__ import annotations

from collections.abc import Callable

from skdeep.nn.sharing import WorkShare

__all__ = ["each_part"]


def each_part(
    share: WorkShare | None, n: int, work: int, smallest: int, task: Callable[[slice], None]
) -> None:
    """Call ``task(slice)`` for parts of a batch, one for each thread; or for the whole.

    Parameters
    ----------
    share : WorkShare or None
        The threads.
    n : int
        Samples of the batch.
    work : int
        What there is to do, in whatever unit.
    smallest : int
        So much work, in that unit, is worth handing out.
    task : callable
        Called once for each thread with a slice of ``range(n)``.
    """
    if share is None or work < smallest:
        task(slice(0, n))
    else:
        share.run(task, n)
