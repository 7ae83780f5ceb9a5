"""The neighbours of faiss's exhaustive index, where it is installed."""

import numpy as np
import pytest

from skdeep import KNNClassifier

pytestmark = pytest.mark.peers


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("shape", [(5000, 200, 64, 5), (2000, 100, 784, 10), (20000, 100, 4, 3)])
def test_neighbors_are_those_of_faiss(shape, p):
    faiss = pytest.importorskip("faiss")
    n, q, d, k = shape
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, d), dtype=np.float32)
    Q = rng.standard_normal((q, d), dtype=np.float32)
    index = faiss.IndexFlat(d, faiss.METRIC_L2 if p == 2 else faiss.METRIC_L1)
    index.add(X)
    theirs, theirs_index = index.search(Q, k)
    for algorithm in ("auto", "brute"):
        model = KNNClassifier(k, p=p, algorithm=algorithm).fit(X, np.zeros(n, dtype=int))
        distance, ours_index = model.kneighbors(Q)
        # Its float32 distances decide there, so only near ties may differ.
        np.testing.assert_allclose(distance**p, theirs, rtol=1e-4)
        assert (ours_index == theirs_index).mean() > 0.999
