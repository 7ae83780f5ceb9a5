"""How many threads a product deserves.

Two threads of BLAS on a small matrix product cost more than they save, and on a busy machine many
times more: each waits, spinning, for the time slice of the other, at every product again. So every
fit and every prediction of the package holds BLAS to one thread. Where there is work enough for
more, threads of ours take parts of it that need no waiting: blocks of rows, the halves of a large
layer. `all_cores` gives BLAS its threads back, for a machine that is idle otherwise.

Results do not depend on how busy a machine is, since the choice does not.
"""

from __future__ import annotations

import math
import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import NamedTuple, Self

import joblib
from joblib.parallel import get_active_backend

from skdeep.utils.blas import blas_libraries

__all__ = ["all_cores", "available_threads", "jobs_inside", "limit_blas_threads"]

_all_cores: ContextVar[bool] = ContextVar("skdeep_all_cores", default=False)


@contextmanager
def all_cores() -> Iterator[None]:
    """Let BLAS use all cores for products of middle size, inside the block.

    That is for a machine with nothing else to do, where a second thread makes the training of
    networks with a few hundred units a layer up to 1.4 times as fast. Beside other busy processes
    the same training can take ten times as long, which is why it is not the default. The last
    digits of results may differ, since BLAS cuts its sums at other places.

    It holds for the thread that enters the block, and not for the processes of joblib.

    Examples
    --------
    >>> import skdeep
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> with skdeep.all_cores():
    ...     clf = skdeep.MLPClassifier((256, 256), batch_size=256, max_iter=10).fit(X, y)
    """
    token = _all_cores.set(True)
    try:
        yield
    finally:
        _all_cores.reset(token)


class _Held(NamedTuple):
    """What a block holds BLAS to, of which thread."""

    limit: float
    thread: int
    block: Callable[[], object]


class _Blas:
    """The threads of BLAS, which belong to the whole process.

    Several blocks may hold them down at a time: the lowest limit holds. The first to come finds
    what they were, and the last to go gives it back. Ctrl-C may come between any two lines here, or
    between a block's hold and its beginning: what it leaves behind ends with the block around it,
    or when nothing refers to its own block any more.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()  # a handler of signals may hold BLAS, too
        self.limits: dict[int, _Held] = {}
        self.before: list[int] = []
        self.now: list[int | None] = []

    def hold(self, block: _Limit) -> None:
        """Lower the threads to the limit of a block, if no block around it has done so already."""
        thread = threading.get_ident()
        with self.lock:
            lowest = math.inf
            for held in self.limits.values():
                if held.thread == thread and held.limit <= block.limit:
                    return
                lowest = min(lowest, held.limit)
            if not self.limits:
                self.before = [lib.num_threads for lib in blas_libraries()]
                self.now = list(self.before)
            self.limits[id(block)] = _Held(block.limit, thread, weakref.ref(block, self._end))
            if block.limit < lowest or len(self.limits) == 1:
                self._set(block.limit)

    def release(self, block: _Limit) -> None:
        """Take back the limit of a block, if it has one, and of those inside of it."""
        with self.lock:
            if id(block) not in self.limits:
                return
            if len(self.limits) == 1:  # as it mostly is
                self.restore()
                self.limits.clear()
                return
            keys, thread = list(self.limits), self.limits[id(block)].thread
            inside = keys[keys.index(id(block)) :]
            self._forget([key for key in inside if self.limits[key].thread == thread])

    def _end(self, block: Callable[[], object]) -> None:
        """Take back the limit of a block that is gone and had no end."""
        if self is _blas:
            with self.lock:
                self._forget([key for key, held in self.limits.items() if held.block is block])

    def _forget(self, keys: list[int]) -> None:
        """Take back some of the limits."""
        if not keys:
            return
        others = [held.limit for key, held in self.limits.items() if key not in keys]
        lowest = min(others, default=None)
        if lowest is None or lowest > min(self.limits[key].limit for key in keys):
            self._set(lowest)
        for key in keys:
            del self.limits[key]

    def restore(self) -> None:
        """Give BLAS the threads that it had."""
        self._set(None)

    def _set(self, limit: float | None) -> None:
        for i, (lib, before) in enumerate(zip(blas_libraries(), self.before, strict=True)):
            wanted = before
            if limit is not None:
                # SciPy's wheels bring a BLAS of their own beside NumPy's; its idle threads would
                # spin for the cores that NumPy's need.
                wanted = 1 if "scipy.libs" in lib.filepath else int(min(before, limit))
            if self.now[i] != wanted:
                self.now[i] = None
                # threadpoolctl lets the first thread alone set the threads of OpenBLAS; here it
                # may be any, one at a time.
                let_go = getattr(lib, "clear_controlling_thread", None)
                if let_go is not None:
                    let_go(force=True)
                lib.set_num_threads(wanted)
                if let_go is not None:
                    let_go(force=True)
                self.now[i] = wanted

    def allowed(self) -> int:
        """Return how many threads there are where nobody holds them down."""
        with self.lock:
            now = self.before if self.limits else [lib.num_threads for lib in blas_libraries()]
        return max(now, default=1)


_blas = _Blas()


def _after_fork() -> None:
    # A child has the one thread that forked, and does not do the work of the blocks around that.
    global _blas
    parents, _blas = _blas, _Blas()
    if parents.limits:
        _blas.before, _blas.now = parents.before, parents.now
        _blas.restore()


os.register_at_fork(after_in_child=_after_fork)


@cache
def _cpu_count() -> int:
    # Reading a container's quota takes half a millisecond.
    return joblib.cpu_count()


def available_threads() -> int:
    """Return how many threads there may be: the user's, joblib's and a container's limits count.

    Returns
    -------
    int
        1 where no BLAS library says otherwise, and in a thread of joblib, which is one of several.
    """
    if threading.current_thread() is not threading.main_thread() and _is_nested():
        return 1
    return min(_blas.allowed(), _cpu_count())


def jobs_inside(n_jobs: int | None) -> int | None:
    """Return `n_jobs` for joblib, within another job no more than there may be threads.

    A process that works beside others has its share of the cores, a thread has one. What dask
    distributes are no threads, and not held back.

    Parameters
    ----------
    n_jobs : int or None
        As the user gave it.
    """
    if not _is_nested():
        return n_jobs
    return min(joblib.effective_n_jobs(n_jobs), available_threads())


def _is_nested() -> bool:
    """Tell whether this is a job of joblib, in which others would be threads."""
    backend, _ = get_active_backend()
    return bool(getattr(backend, "nesting_level", 0)) and getattr(backend, "uses_threads", False)


class _Limit:
    """A block with BLAS held to `limit`; one of few lines, as every fit has several."""

    blas: _Blas | None = None

    def __init__(self, limit: float) -> None:
        self.limit = limit

    def __enter__(self) -> Self:
        self.blas = _blas
        try:
            self.blas.hold(self)
            return self
        except BaseException:  # without memory, or of Ctrl-C: no block begins that would end
            self.__exit__()
            raise

    def __exit__(self, *error: object) -> None:
        if self.blas is _blas:  # not in a child that was forked inside the block
            try:
                self.blas.release(self)
            except BaseException:
                self.blas.release(self)  # what is left of it
                raise


def limit_blas_threads(limit: int | None = 1) -> _Limit:
    """Hold BLAS to one thread inside the block, or to `limit` inside `all_cores`.

    A limit that is already lower stays as it is, and the old one comes back at the end.

    Parameters
    ----------
    limit : int or None, default=1
        How many threads the work is worth where all cores are to be used, None for as many as
        there are.
    """
    return _Limit(1 if not _all_cores.get() else math.inf if limit is None else limit)
