"""Batches of rows that are read in chunks, since all of them do not fit in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.batches import Batch, Batches
from skdeep.nn.shapes.inputs import join_rows, n_rows, take_rows

__all__ = ["ChunkOrder", "ChunkedBatches"]


class ChunkOrder(NamedTuple):
    """The order of the rows of an epoch: chunks, and rows within several of them.

    Attributes
    ----------
    chunks : ndarray of int or None
        Order of the chunks, None for as they come.
    n_rows : int
    seed : int
        Of the order of rows.
    """

    chunks: NDArray[np.intp] | None
    n_rows: int
    seed: int

    def __len__(self) -> int:
        return self.n_rows


class ChunkedBatches:
    """Batches of one size of rows that are read in chunks of any; chunks end inside of batches.

    The batches are those of `Batches` of all rows at once, to the last bit, where the order is.

    Parameters
    ----------
    read : callable
        ``read(order) -> iterable of Batch``, the chunks in an order, in memory of their own; None
        is the order in which they come.
    n_samples : int
        Rows in all chunks together.
    batch_size : int
    dtype : dtype
        Type of the batches' floating arrays.
    n_chunks : int or None, default=None
        How many chunks there are, if they can be read in any order.
    mix : int, default=4
        Chunks whose rows are mixed where rows are shuffled.
    input_dtype : str, tuple of str or None, default=None
        As for `Batches`.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Batch, ChunkedBatches
    >>> x = np.arange(7.0).reshape(-1, 1)
    >>> chunks = [Batch(x[:3], x[:3]), Batch(x[3:], x[3:])]
    >>> batches = ChunkedBatches(lambda order: chunks, 7, 4, np.float64)
    >>> [batch.x.ravel().tolist() for batch in batches.epoch()]
    [[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    """

    def __init__(
        self,
        read: Callable[[NDArray[np.intp] | None], Iterable[Batch]],
        n_samples: int,
        batch_size: int,
        dtype: Any,
        *,
        n_chunks: int | None = None,
        mix: int = 4,
        input_dtype: Any = None,
    ) -> None:
        self.read, self.n_samples, self.batch_size = read, n_samples, batch_size
        self.dtype, self.input_dtype = dtype, input_dtype
        self.n_chunks, self.mix = n_chunks, mix
        self._picked: tuple[NDArray[np.intp], Batches] | None = None

    def draw_order(self, random_state: np.random.RandomState) -> ChunkOrder:
        """Return an order for an epoch."""
        chunks = None if self.n_chunks is None else random_state.permutation(self.n_chunks)
        return ChunkOrder(chunks, self.n_samples, int(random_state.randint(2**31)))

    def epoch(self, order: ChunkOrder | NDArray[np.intp] | None = None) -> Iterator[Batch]:
        """Yield the batches. A batch is good until the next.

        Parameters
        ----------
        order : ChunkOrder, ndarray of int or None, default=None
            Of all rows; or some rows, sorted, which are kept until others are asked for.
        """
        if order is None:
            return self._in_batches(map(_in_order, self.read(None)))
        if isinstance(order, ChunkOrder):
            return self._in_batches(self._mixed(order))
        if self._picked is None or not np.array_equal(self._picked[0], order):
            self._picked = order, self._batches(self._pick(order))
        return self._picked[1].epoch()

    def _mixed(self, order: ChunkOrder) -> Iterator[tuple[Batch, NDArray[np.intp]]]:
        """Yield some chunks as one, and an order of their rows."""
        draw = np.random.RandomState(order.seed)
        group: list[Batch] = []

        def mixed() -> tuple[Batch, NDArray[np.intp]]:
            rows = _joined(group)
            group.clear()
            return rows, draw.permutation(n_rows(rows.x))

        for chunk in self.read(order.chunks):
            group.append(chunk)
            if len(group) == self.mix:
                yield mixed()
        if group:
            yield mixed()

    def _in_batches(
        self, chunks: Iterable[tuple[Batch, NDArray[np.intp] | None]]
    ) -> Iterator[Batch]:
        """Yield batches of chunks and the orders of their rows; the last may be smaller."""
        size, rest = self.batch_size, None
        for chunk, order in chunks:
            n = n_rows(chunk.x)
            start = 0
            if rest is not None:
                start = min(size - n_rows(rest.x), n)
                rest = _joined([rest, _some(chunk, order, 0, start)])
                if n_rows(rest.x) < size:
                    continue
                yield from self._batches(rest).epoch()
            stop = n - (n - start) % size
            batches = self._batches(chunk)
            for first in range(start, stop, size):
                rows = slice(first, first + size)
                yield batches.rows(rows if order is None else order[rows])
            # A copy, so that the chunk may go before the next is read.
            rest = _joined([_some(chunk, order, stop, n)]) if stop < n else None
            del chunk, order, batches
        if rest is not None:
            yield from self._batches(rest).epoch()

    def _batches(self, rows: Batch) -> Batches:
        return Batches(
            rows.x,
            rows.target,
            rows.weight,
            self.batch_size,
            self.dtype,
            lengths=rows.lengths,
            input_dtype=self.input_dtype,
        )

    def _pick(self, rows: NDArray[np.intp]) -> Batch:
        """Return some rows, given sorted."""
        found, start = [], 0
        for chunk in self.read(None):
            stop = start + n_rows(chunk.x)
            first, last = np.searchsorted(rows, [start, stop])
            if first < last:
                found.append(_some(chunk, rows - start, first, last))
            start = stop
        return _joined(found)


def _in_order(chunk: Batch) -> tuple[Batch, None]:
    return chunk, None


def _some(chunk: Batch, order: NDArray[np.intp] | None, start: int, stop: int) -> Batch:
    """Return the rows from one place in an order to another."""
    rows = slice(start, stop) if order is None else order[start:stop]
    return Batch(*(None if part is None else take_rows(part, rows) for part in chunk))


def _joined(chunks: list[Batch]) -> Batch:
    """Return the rows of several as one, copied."""
    return Batch(*map(join_rows, zip(*chunks, strict=True)))
