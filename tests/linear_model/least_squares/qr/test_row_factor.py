"""The triangular factor of rows that come in pieces."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdeep.linear_model.least_squares.qr.row_factor import RowFactor, block_rows


def factor_of(A, *cuts):
    factor = RowFactor(A.shape[1])
    for rows in np.split(A, cuts):
        factor.add(rows.T.copy())
    return factor.R


@pytest.mark.parametrize("cuts", [(), (1,), (2, 3, 40), (0, 5, 5, 60)])
@pytest.mark.parametrize("n_rows", [3, 60])
def test_pieces_of_any_size_give_the_factor_of_the_whole(cuts, n_rows):
    A = np.random.RandomState(0).standard_normal((n_rows, 5))
    R = factor_of(A, *[cut for cut in cuts if cut <= n_rows])
    assert_allclose(R.T @ R, A.T @ A, atol=1e-12)
    assert_allclose(R, np.triu(R))


def test_digits_that_sums_of_products_lose_are_kept():
    # The classic of Lauchli: A^T A rounds to a singular matrix.
    tiny = 1e-9
    A = np.vstack((np.ones(3), tiny * np.eye(3)))
    assert np.linalg.matrix_rank(A.T @ A) == 1
    values = np.linalg.svd(factor_of(A, 1, 2), compute_uv=False)
    assert_allclose(values, [np.sqrt(3 + tiny**2), tiny, tiny], rtol=1e-6)


def test_a_block_holds_many_times_the_columns_in_bounded_memory():
    for n_columns in (0, 1, 10, 1000, 5000):
        assert block_rows(n_columns) >= max(n_columns, 256)
        assert block_rows(n_columns) * n_columns <= max(2**21, 256 * n_columns, n_columns**2)
