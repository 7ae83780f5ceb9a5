"""The k smallest of every column, from tiles."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skdeep.neighbors.search.selection import Selection


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 200),
    group=st.sampled_from([1, 2, 8]),
    k=st.integers(1, 6),
)
def test_a_selection_keeps_the_smallest_of_every_column(seed, n, group, k):
    rng = np.random.RandomState(seed)
    k = min(k, n)
    values = rng.randint(0, 12, (n, 4)).astype(float)
    length = 8 * group
    selection = Selection(4, k, group=group, n_groups=8, dtype=np.float64)
    for start in range(0, n, length):
        part = values[start : start + length]
        tile = np.full((-(-len(part) // group) * group, 4), np.inf)
        tile[: len(part)] = part
        selection.add(tile, start, len(part))
    _, value, row = selection.decide()
    expected = np.argsort(values, axis=0, kind="stable")[:k].T
    np.testing.assert_array_equal(row, expected)
    np.testing.assert_array_equal(value, np.take_along_axis(values.T, expected, axis=1))
