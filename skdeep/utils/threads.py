"""How many threads a product deserves.

Two threads on a small matrix product cost more than they save, and on a busy machine they cost
many times more, since each waits for the other's time slice. So work of known size asks for the
number of threads here, and never for more than the user or joblib has left to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy  # noqa: F401  loads the BLAS library that the controller looks for
import scipy.linalg  # noqa: F401  and SciPy's own
from threadpoolctl import ThreadpoolController

__all__ = ["available_threads", "limit_blas_threads"]


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
