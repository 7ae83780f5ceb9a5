"""Rows that are read in chunks come in the batches in which they would come from memory."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from skdeep.nn import Batch, Batches, ChunkedBatches

N = 53


def chunked(sizes, x, size, **more):
    """Return batches of `x`, whose rows are read in chunks of those sizes."""
    ends = np.cumsum(sizes)
    assert ends[-1] == N

    def read(order):
        for i in range(len(sizes)) if order is None else order:
            rows = slice(ends[i] - sizes[i], ends[i])
            part = tuple(p[rows] for p in x) if isinstance(x, tuple) else x[rows]
            yield Batch(part, np.arange(N)[rows], np.arange(N)[rows] + 1.0, None)

    return ChunkedBatches(read, N, size, np.float64, **more)


def numbers(batches):
    """Return the row numbers, which are targets, batch by batch."""
    return [batch.target.tolist() for batch in batches]


def flat(batches):
    return [row for batch in batches for row in batch]


@pytest.mark.parametrize(
    "sizes", [[53], [20, 20, 13], [1] * 53, [3, 40, 10], [7, 7, 7, 32]], ids=str
)
@pytest.mark.parametrize("size", [1, 7, 20, 53, 100])
def test_in_order_the_batches_are_those_of_all_rows_at_once(sizes, size):
    x = np.random.default_rng(0).normal(size=(N, 2)).astype(np.float32)
    whole = Batches(x, np.arange(N), np.arange(N) + 1.0, size, np.float64)
    pairs = zip(whole.epoch(), chunked(sizes, x, size).epoch(), strict=True)
    for wanted, found in pairs:
        assert found.x.dtype == np.float64
        assert_array_equal(found.x, wanted.x)
        assert_array_equal(found.target, wanted.target)
        assert_array_equal(found.weight, wanted.weight)


@pytest.mark.parametrize("mix", [1, 2, 100])
@pytest.mark.parametrize("size", [1, 8, 100])
def test_shuffled_every_row_comes_once_and_rows_stay_together(mix, size):
    sizes = [10, 20, 3, 13, 7]
    batches = chunked(sizes, np.arange(N)[:, None] * 1.0, size, n_chunks=5, mix=mix)
    draw = np.random.RandomState(0)
    first = numbers(batches.epoch(batches.draw_order(draw)))
    second = numbers(batches.epoch(batches.draw_order(draw)))
    assert [len(batch) for batch in first[:-1]] == [size] * (len(first) - 1)
    for rows in (flat(first), flat(second)):
        assert sorted(rows) == list(range(N))
    assert first != second
    again = numbers(batches.epoch(batches.draw_order(np.random.RandomState(0))))
    assert again == first
    if mix == 1:  # chunk after chunk
        chunks = np.repeat(range(5), sizes)[flat(first)]
        assert np.count_nonzero(np.diff(chunks)) == 4


def test_chunks_that_come_by_themselves_are_mixed_as_they_come():
    batches = chunked([10, 20, 3, 13, 7], np.zeros((N, 1)), 5, mix=2)
    rows = flat(numbers(batches.epoch(batches.draw_order(np.random.RandomState(0)))))
    assert sorted(rows[:30]) == list(range(30))
    assert rows[:30] != list(range(30))


def test_some_rows_are_read_once_and_kept():
    batches = chunked([20, 20, 13], np.arange(N)[:, None] * 1.0, 4)
    rows = np.array([0, 3, 19, 20, 41, 52])
    assert numbers(batches.epoch(rows)) == [[0, 3, 19, 20], [41, 52]]
    batches.read = None
    assert numbers(batches.epoch(rows.copy())) == [[0, 3, 19, 20], [41, 52]]


def test_sparse_rows_and_several_inputs():
    x = (sparse.random_array((N, 4), density=0.3, format="csr", rng=0), np.ones((N, 2)))
    found = [batch.x for batch in chunked([20, 20, 13], x, 15).epoch()]
    assert_array_equal(np.vstack([part.toarray() for part, _ in found]), x[0].toarray())
    assert [len(part) for _, part in found] == [15, 15, 15, 8]
