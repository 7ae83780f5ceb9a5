"""How a search is cut: tiles that stay in cache, within a budget of memory, side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

from sklearn import get_config

from skdeep.utils.threads import limit_blas_threads

__all__ = ["Tiling", "budget", "even_spans", "longest_list", "run", "spans", "tiling"]

Result = TypeVar("Result")

# The scores of a tile, in entries: 2 to 4 MB stay in the caches of one core and its share of the
# last level, and a product of that size runs as fast as a large one (benchmarks/bench_neighbors).
TILE_ENTRIES = 1 << 20
# The points of a tile as the product reads them, in bytes.
POINTS_BYTES = 6 << 20


def budget() -> int:
    """Return how many bytes temporary arrays may take: scikit-learn's `working_memory`."""
    return int(get_config()["working_memory"] * 2**20)


@dataclass(frozen=True)
class Tiling:
    """The shape of the tiles of a search.

    Attributes
    ----------
    queries : int
        Columns of a tile.
    points : int
        Rows of a tile, a multiple of `group`.
    group : int
        Rows of a group.
    """

    queries: int
    points: int
    group: int

    @property
    def n_groups(self) -> int:
        """Groups of a tile."""
        return self.points // self.group


def _power_of_two(number: float) -> int:
    """Return the largest power of two that is not above `number`, and 1 at least."""
    return 1 << max(0, int(number).bit_length() - 1)


def tiling(n_points: int, n_queries: int, n_features: int, k: int, n_threads: int) -> Tiling:
    """Choose the tiles of a search.

    Parameters
    ----------
    n_points, n_queries, n_features, k : int
        The size of the search.
    n_threads : int
        How many tiles are held at the same time.

    Returns
    -------
    Tiling
    """
    memory = max(budget() // (2 * n_threads), 1 << 16)
    n_queries = max(n_queries, 1)
    queries = min(1024, n_queries)
    # Every query keeps some k entries, at about 64 bytes each with what sorting them takes.
    queries = max(1, min(queries, memory // (128 * k)))
    points = max(1024, _power_of_two(TILE_ENTRIES // queries))
    points = min(points, _power_of_two(max(POINTS_BYTES // (4 * (n_features + 1)), 256)), 1 << 15)
    # Twice as many groups as neighbours, so that the first tile already bounds the k-th one.
    points = max(points, 2 * _power_of_two(4 * k))
    points = min(points, 2 * _power_of_two(n_points))
    while points > 32 and points * queries * 16 > memory:
        points //= 2
    while queries > 1 and points * queries * 16 > memory:
        queries //= 2
    # Sorting out a group's minimum costs about a fifth of what opening one of its entries does,
    # and of n tiles about 1 + log(n) open all k groups: minima and openings balance.
    n_tiles = max(1.0, n_points / points)
    balance = math.sqrt(0.2 * points * n_tiles / (k * (1 + math.log(n_tiles))))
    group = max(1, min(32, _power_of_two(balance), _power_of_two(points // (2 * k))))
    # A tile need not be longer than the data.
    points = min(points, -(-n_points // group) * group)
    return Tiling(queries, points, group)


def longest_list(queries: int, k: int, n_threads: int) -> int:
    """Return how many candidates a query may keep, by what the budget has for all of them."""
    return max(4 * k + 64, budget() // (2 * n_threads) // (96 * max(queries, 1)))


def spans(begin: int, end: int, length: int) -> Iterator[tuple[int, int]]:
    """Yield (begin, end) of consecutive stretches of at most `length`."""
    for start in range(begin, end, length):
        yield start, min(start + length, end)


def even_spans(n: int, longest: int, multiple: int) -> list[tuple[int, int]]:
    """Cut ``range(n)`` into stretches of nearly equal length, none above `longest`.

    Their number is a multiple of `multiple` where there are enough, so that threads share evenly.
    """
    pieces = max(1, -(-n // longest))
    pieces = min(-(-pieces // multiple) * multiple, max(n, 1))
    edges = [n * i // pieces for i in range(pieces + 1)]
    return list(pairwise(edges))


def run(
    work: Callable[..., Result], tasks: Sequence[Iterable[Any]], n_threads: int
) -> list[Result]:
    """Call ``work(*task)`` for every task, on so many threads, and return the results in order.

    NumPy's loops and products let other threads run; each product then gets one thread of BLAS.
    """
    if n_threads <= 1 or len(tasks) <= 1:
        with limit_blas_threads(n_threads):
            return [work(*task) for task in tasks]
    with limit_blas_threads(1):
        pool = ThreadPoolExecutor(n_threads)
        try:
            return list(pool.map(lambda task: work(*task), tasks))
        finally:  # after Ctrl-C, only what threads are at is waited for
            pool.shutdown(cancel_futures=True)
