"""How many threads a step is worth: of BLAS, or of ours that share its products."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from skdeep.nn.network import Network
from skdeep.nn.sharing import WorkShare
from skdeep.utils.threads import available_threads, limit_blas_threads

__all__ = ["product_threads", "step_threads"]

# Below this many multiplications a second BLAS thread costs about what it saves, and on a busy
# machine many times more.
_ONE_THREAD = 2**22
# From here on, threads that share a step are worth what it costs to wake them.
_SHARED = 2**26


def product_threads(network: Network, n_rows: int) -> int | None:
    """Return the number of BLAS threads to allow for batches of that size, or None for all."""
    if network.in_blocks:
        return 1
    return 1 if n_rows * network.largest_cost < _ONE_THREAD else None


@contextmanager
def step_threads(network: Network, n_rows: int) -> Iterator[WorkShare | None]:
    """Have threads for steps on batches of that size inside the block.

    BLAS gets one thread where a second would cost more than it saves; the steps of a large
    network are shared by threads of ours.

    Yields
    ------
    WorkShare or None
        Those threads.
    """
    threads = available_threads() if n_rows * network.largest_cost >= _SHARED else 1
    if threads == 1:
        with limit_blas_threads(product_threads(network, n_rows)):
            yield None
        return
    with ExitStack() as stack:
        share = stack.enter_context(WorkShare(threads))
        stack.callback(network.share_work, None)
        network.share_work(share)
        stack.enter_context(limit_blas_threads(1))
        yield share
