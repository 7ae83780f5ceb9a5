"""Which data need none of scikit-learn's checks."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.utils.validation import check_X_y

from skdeep.utils.clean import is_clean

X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
Y = np.array([0, 1, 0])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("y", [Y, Y.astype(np.uint8), Y + 0.5, Y == 1, Y.astype(str)])
def test_scikit_learn_returns_clean_data_as_they_are(dtype, y):
    rows = X.astype(dtype)
    assert is_clean(rows)
    assert is_clean(rows, y)
    checked, labels = check_X_y(rows, y, dtype=[np.float64, np.float32], order="C")
    assert checked is rows
    assert labels.dtype == y.dtype
    assert np.shares_memory(labels, y)


@pytest.mark.parametrize(
    "rows",
    [
        X.tolist(),
        np.asfortranarray(X),
        X[:, ::2],
        X.astype(int),
        X.astype(np.float16),
        X.astype(object),
        X.astype(complex),
        X.astype(">f8"),
        X[0],
        X[None],
        X[:0],
        X[:, :0],
        np.ma.masked_array(X),
        sparse.csr_matrix(X),
        np.where(X == 4, np.nan, X),
        np.where(X == 4, np.inf, X),
        np.where(X == 4, -np.inf, np.where(X == 2, np.inf, X)),
        None,
    ],
)
def test_what_has_to_be_converted_or_refused_is_not_clean(rows):
    assert not is_clean(rows)
    assert not is_clean(rows, Y)


@pytest.mark.parametrize(
    "y",
    [
        Y.tolist(),
        np.where(Y == 1, np.nan, Y),
        Y.astype(object),
        Y.astype(complex),
        Y.astype(bytes),
        Y[:, None],
        Y[:2],
    ],
)
def test_targets_that_have_to_be_converted_or_refused_are_not_clean(y):
    assert not is_clean(X, y)


def test_numbers_that_are_too_large_to_add_up_are_left_to_the_full_check():
    assert not is_clean(np.full((3, 2), 1e308))
