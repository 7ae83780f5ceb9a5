"""How many threads a product deserves.

Two threads on a small matrix product cost more than they save, and on a busy machine they cost
many times more, since each waits for the other's time slice. So work of known size asks for the
number of threads here, and never for more than the user or joblib has left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import pairwise

import numpy  # noqa: F401  loads the BLAS library that the controller looks for
import scipy.linalg  # noqa: F401  and SciPy's own
from threadpoolctl import ThreadpoolController

__all__ = ["available_threads", "limit_blas_threads", "side_by_side"]


@cache
def _controller() -> ThreadpoolController:
    # Finding the loaded libraries takes milliseconds, so it is done once a process.
    return ThreadpoolController().select(user_api="blas")


def available_threads() -> int:
    """Return how many threads BLAS may use now: the user's and joblib's limits count.

    Returns
    -------
    int
        1 where no BLAS library says otherwise.
    """
    return max((lib.num_threads for lib in _controller().lib_controllers), default=1)


@contextmanager
def limit_blas_threads(limit: int | None) -> Iterator[None]:
    """Let BLAS use at most `limit` threads inside the block.

    A limit that is already lower stays as it is, and the old one comes back at the end. SciPy's
    wheels bring a BLAS of their own beside NumPy's; its idle threads would spin for the cores that
    NumPy's need, so it has one thread inside the block.

    Parameters
    ----------
    limit : int or None
        The largest number of threads, None for as many as there are.
    """
    changed = []
    for lib in _controller().lib_controllers:
        allowed = 1 if "scipy.libs" in lib.filepath else limit
        before = lib.num_threads
        if allowed is not None and before > allowed:
            lib.set_num_threads(allowed)
            changed.append((lib, before))
    try:
        yield
    finally:
        for lib, before in changed:
            lib.set_num_threads(before)


@contextmanager
def side_by_side(n_threads: int) -> Iterator[Callable[[Callable[[slice], None], int], None]]:
    """Give a function that runs another over the parts of a range, in threads side by side.

    Handing work to a thread and waiting for it costs some 100 microseconds, so the parts should
    take longer than that, in functions that release Python's lock, as NumPy's do.

    Parameters
    ----------
    n_threads : int
        With 1, everything runs in the calling thread.

    Yields
    ------
    callable
        ``run(update, size)`` calls ``update(slice)`` for slices that make up ``range(size)``, and
        returns when all are done.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.utils.threads import side_by_side
    >>> squares = np.arange(10)
    >>> def square(part):
    ...     squares[part] **= 2
    >>> with side_by_side(2) as run:
    ...     run(square, 10)
    >>> squares
    array([ 0,  1,  4,  9, 16, 25, 36, 49, 64, 81])
    """
    if n_threads <= 1:
        yield lambda update, size: update(slice(0, size))
        return
    with ThreadPoolExecutor(n_threads - 1, thread_name_prefix="skdeep") as pool:

        def run(update: Callable[[slice], None], size: int) -> None:
            edges = [size * i // n_threads for i in range(n_threads + 1)]
            parts = [slice(a, b) for a, b in pairwise(edges)]
            others = [pool.submit(update, part) for part in parts[1:]]
            try:
                update(parts[0])
            finally:  # nothing of it may run on after this returns or raises
                for other in others:
                    other.result()

        yield run
