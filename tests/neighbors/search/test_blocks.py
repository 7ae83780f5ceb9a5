"""Tiles and stretches stay within the budget of memory, and change no result."""

import numpy as np
import pytest
from sklearn import config_context

from skdeep.neighbors.search import blocks
from skdeep.neighbors.search.direct import DirectIndex
from skdeep.neighbors.search.euclidean import EuclideanIndex
from tests.neighbors.reference import normal


@pytest.mark.parametrize("megabytes", [1e-3, 0.1, 2])
@pytest.mark.parametrize("k", [1, 40])
def test_a_small_budget_changes_nothing(megabytes, k):
    X, Q = normal(3000, 130, 12, np.float32)
    expected = EuclideanIndex(X).query(Q, k)
    with config_context(working_memory=megabytes):
        found = EuclideanIndex(X).query(Q, k, 2)
        direct = DirectIndex(X, "manhattan").query(Q, k, 2)
    np.testing.assert_array_equal(found[1], expected[1])
    np.testing.assert_array_equal(direct[1], DirectIndex(X, "manhattan").query(Q, k)[1])


@pytest.mark.parametrize("k", [1, 5, 100, 3000])
@pytest.mark.parametrize("megabytes", [1, 64])
def test_tiles_stay_within_the_budget(k, megabytes):
    with config_context(working_memory=megabytes):
        shape = blocks.tiling(10**6, 10**5, 50, k, 2)
        # Float64 scores, the widest.
        assert shape.points * shape.queries * 8 * 2 <= max(megabytes * 2**20, 2**18)
        assert shape.points % shape.group == 0
        assert shape.n_groups >= min(k, shape.points)


def test_memory_does_not_grow_with_the_distance_matrix():
    import tracemalloc

    X, Q = normal(20_000, 4000, 8, np.float32)
    index = EuclideanIndex(X)
    tracemalloc.start()
    index.query(Q, 5, 2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60 * 2**20  # the matrix has 320 MB


def test_a_memory_map_is_not_copied(tmp_path):
    import tracemalloc

    from skdeep import KNNClassifier

    path = tmp_path / "points.dat"
    X = np.memmap(path, dtype=np.float32, mode="w+", shape=(60_000, 100))
    X[:] = np.random.RandomState(0).standard_normal(X.shape)
    X.flush()
    X = np.memmap(path, dtype=np.float32, mode="r", shape=X.shape)
    y = np.arange(len(X)) % 3
    tracemalloc.start()
    model = KNNClassifier().fit(X, y)
    model.kneighbors(X[:20])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.shares_memory(model._fit_X, X)
    assert peak < X.nbytes * 0.9
