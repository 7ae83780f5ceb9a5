"""Sums and products that BLAS does for layers, beside NumPy's own."""

import numpy as np
import pytest

from skdeep.nn import Identity, Network
from skdeep.nn.products import add_to_rows, sum_rows, write_product
from tests.data import normal


def layer(dtype=np.float64):
    bound = Identity()
    Network(bound, (2,), dtype=dtype)
    return bound


SHAPES = [(5, 3), (300, 7), (200, 100), (4, 50, 96), (0, 40), (700, 1)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_row_is_added_to_all_rows_to_the_last_bit(shape, sign, dtype):
    y, row = normal(shape).astype(dtype), normal(shape[-1:], 1).astype(dtype)
    expected = y + sign * row
    add_to_rows(layer(dtype), row, y, sign)
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_row_is_added_in_place_to_views_and_to_other_types(kind):
    base = normal((300, 200))
    expected, row = base.copy(), normal((100,), 1).astype(kind)
    expected[:, ::2] += row
    add_to_rows(layer(), row, base[:, ::2])
    np.testing.assert_array_equal(base, expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_products_and_sums_are_numpys(dtype):
    a, b = normal((30, 20)).astype(dtype), normal((20, 4), 1).astype(dtype)
    out, total = np.empty((30, 4), dtype), np.empty(20, dtype)
    np.testing.assert_allclose(write_product(layer(dtype), a, b, out), a @ b, rtol=1e-5, atol=1e-6)
    sum_rows(layer(dtype), a, total)
    np.testing.assert_allclose(total, a.sum(axis=0), rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match="shapes"):
        write_product(layer(dtype), a, b.T, out)
