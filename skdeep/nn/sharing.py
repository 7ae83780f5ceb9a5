"""Threads that share the work of one step.

A large network's step is a few matrix products, which keep a core's arithmetic busy, and one walk
over the parameters, which keeps the memory busy. Side by side they take less time than one after
the other, even if each were perfectly spread over the cores. So with work to share, products are
cut into parts, a layer's gradient is computed a part at a time in memory that each thread has for
it, and the optimizer moves a part's weights as soon as their gradient is there, while another
thread computes the next. The whole gradient is never stored.

Handing a part to a thread costs up to 100 microseconds, so this is for large layers only. BLAS
itself should have one thread meanwhile.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["WorkShare", "each_part", "even_parts"]

Task = Callable[[slice], Any]

# The gradient of at least so many rows of a weight is computed at a time: with fewer, BLAS spends
# too much of a product's time on copying its other factor.
SMALLEST_PART = 256

# A product of fewer multiplications takes less time than handing out its parts.
SMALLEST_SHARED = 2**24


class WorkShare:
    """A queue of tasks, and the threads that take from it; the caller is one of them.

    Parameters
    ----------
    n_threads : int >= 2
        The calling thread included.

    Examples
    --------
    >>> from skdeep.nn.sharing import WorkShare
    >>> squares = [0] * 10
    >>> def square(part):
    ...     for i in range(part.start, part.stop):
    ...         squares[i] = i * i
    >>> with WorkShare(2) as share:
    ...     share.run(square, 10)
    >>> squares
    [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]
    """

    def __init__(self, n_threads: int) -> None:
        self.n_threads = n_threads
        self._tasks: deque[tuple[Task, slice, list[int]]] = deque()
        self._lock = threading.RLock()
        self._change = threading.Condition(self._lock)
        self._all = [0]
        self._closed = False
        self._error: BaseException | None = None
        self._own = threading.local()
        self._within = threading.local()
        self._errstate = np.geterr()  # each thread has its own
        self._threads = [
            threading.Thread(target=self._work, name=f"skdeep-{i}", daemon=True)
            for i in range(1, n_threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def inside(self) -> bool:
        """Whether the calling thread is in a task of this share, which hands nothing out itself."""
        return getattr(self._within, "task", False)

    def run(self, task: Task, size: int) -> None:
        """Call ``task(slice)`` on parts that make up ``range(size)``, and wait for all.

        There is one for each thread, as long as there are so many.
        """
        parts = even_parts(size, self.n_threads)
        left = [len(parts)]
        with self._change:
            self._tasks.extendleft((task, part, left) for part in parts)
            self._change.notify_all()
        self._help(left)

    def later(self, task: Task, size: int, smallest: int) -> None:
        """Queue ``task(slice)`` for parts that make up ``range(size)``; `finish` waits for it.

        They are as even and as small as can be, as many for each thread, and but for a single one
        for each not smaller than `smallest`.
        """
        n_parts = self.n_threads * max(1, size // (self.n_threads * smallest))
        parts = even_parts(size, n_parts)
        with self._change:
            self._all[0] += len(parts)
            self._tasks.extend((task, part, self._all) for part in parts)
            self._change.notify_all()

    def finish(self) -> None:
        """Take part in what is queued until all of it is done."""
        self._help(self._all)

    def spare(self, name: str, size: int, dtype: Any) -> NDArray[Any]:
        """Return memory of the calling thread's own, the same at each call of that name."""
        kept = self._own.__dict__
        if name not in kept or len(kept[name]) < size:
            kept[name] = np.empty(size, dtype)
        return kept[name][:size]

    def _help(self, left: list[int]) -> None:
        """Take the tasks that count down `left` until it is zero; raise what one of them raised."""
        while True:
            with self._change:
                mine = next((entry for entry in self._tasks if entry[2] is left), None)
                if mine is not None:
                    self._tasks.remove(mine)
                else:
                    while left[0] and self._error is None:
                        self._change.wait()
                    if self._error is not None:
                        self._tasks.clear()
                        raise self._error
                    return
            self._do(*mine)

    def _do(self, task: Task, part: slice, left: list[int]) -> None:
        error: BaseException | None = None
        self._within.task = True
        try:
            task(part)
        except BaseException as raised:
            error = raised
        finally:
            self._within.task = False
        with self._change:
            left[0] -= 1
            self._error = self._error or error
            if error is not None or not left[0]:
                self._change.notify_all()

    def _work(self) -> None:
        np.seterr(**self._errstate)
        while True:
            with self._change:
                while not self._tasks and not self._closed:
                    self._change.wait()
                if self._closed:
                    return
                entry = self._tasks.popleft()
            self._do(*entry)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        with self._change:
            self._closed = True
            self._change.notify_all()
        # Ctrl-C can come between taking the lock and entering the block that gives it back, and
        # no thread would end.
        with suppress(RuntimeError):  # which a lock raises that this thread does not hold
            while True:
                self._lock.release()
        for thread in self._threads:
            thread.join()


def even_parts(size: int, n_parts: int) -> list[slice]:
    """Return up to `n_parts` slices of about the same length that make up ``range(size)``."""
    edges = [size * i // n_parts for i in range(n_parts + 1)]
    return [slice(a, b) for a, b in pairwise(edges) if a < b]


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
    if share is None or share.inside or work < smallest:
        task(slice(0, n))
    else:
        share.run(task, n)
