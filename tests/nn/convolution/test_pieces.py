"""Products of long matrices, cut into pieces that BLAS multiplies as they are."""

import numpy as np
import pytest

from skdeep.nn.convolution import pieces
from skdeep.nn.convolution.pieces import add_gradient, multiply


@pytest.mark.parametrize(("rows", "k", "n"), [(5003, 7, 60), (40, 200, 300), (1, 3, 2)])
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("limit", [0, 10**6])
def test_products_in_pieces_are_products(rows, k, n, transposed, limit, monkeypatch):
    """Of rows that pieces leave over, of too few to cut, and of columns kept the other way up."""
    monkeypatch.setattr(pieces, "unpacked", lambda: limit)
    random = np.random.RandomState(0)
    x = random.normal(size=(k, rows)).T if transposed else random.normal(size=(rows, k))
    w, y, total = random.normal(size=(k, n)), np.full((rows, n), np.nan), np.ones((k, n))
    multiply(x, w, y)
    np.testing.assert_allclose(y, x @ w, atol=1e-11)
    add_gradient(x, y, total)
    np.testing.assert_allclose(total, 1 + x.T @ y, rtol=1e-11, atol=1e-8)
