"""What a matrix holds decides, never how it is stored, and the caller's stays as it was."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from skdeep import (
    LeastSquaresRegressor,
    LeastSquaresRegressorCV,
    SoftmaxClassifier,
    SoftmaxClassifierCV,
    SVMClassifier,
)
from skdeep.linear_model.classifiers import coordinates
from skdeep.linear_model.least_squares import regressor


def table():
    random = np.random.RandomState(0)
    X = random.standard_normal((60, 8)) * (random.uniform(size=(60, 8)) < 0.4)
    X[:, 7] += 50.0
    y = (X[:, 0] + X[:, 1] + random.standard_normal(60) > 0).astype(int) + (X[:, 2] > 0.5)
    return X, y


def with_duplicates(X):
    half = sparse.coo_matrix(X / 2)
    rows, columns, data = np.tile(half.row, 2), np.tile(half.col, 2), np.tile(half.data, 2)
    order = np.argsort(rows, kind="stable")
    begin = np.append(0, np.cumsum(np.bincount(rows, minlength=len(X))))
    return sparse.csr_matrix((data[order], columns[order], begin), shape=X.shape)


def with_stored_zeros(X):
    matrix = sparse.csr_matrix(np.where(X == 0, 1.0, X))
    matrix.data[(X == 0).ravel()] = 0.0
    return matrix


def with_long_indices(X):
    matrix = sparse.csr_matrix(X)
    matrix.indices, matrix.indptr = matrix.indices.astype("i8"), matrix.indptr.astype("i8")
    return matrix


def strided(X):
    wide = np.full((2 * len(X), 2 * X.shape[1]), np.nan)
    wide[::2, ::2] = X
    return wide[::2, ::2]


def read_only(X):
    X = X.copy()
    X.setflags(write=False)
    return X


SPARSE = {
    "plain": sparse.csr_matrix,
    "array": sparse.csr_array,
    "columns": sparse.csc_matrix,
    "duplicates": with_duplicates,
    "stored zeros": with_stored_zeros,
    "long indices": with_long_indices,
    "coordinates with duplicates": lambda X: with_duplicates(X).tocoo(),
}
DENSE = {
    "Fortran": np.asfortranarray,
    "strided": strided,
    "backwards": lambda X: X[::-1].copy()[::-1],
    "read-only": read_only,
    "swapped bytes": lambda X: X.astype(X.dtype.newbyteorder()),
}
MODELS = {
    "least squares": LeastSquaresRegressor(),
    "ridge": LeastSquaresRegressor(alpha=1.0),
    "quadratic": LeastSquaresRegressor(degree=2),
    "chosen degree": LeastSquaresRegressorCV(cv=3),
    "softmax": SoftmaxClassifier(),
    "lasso": SoftmaxClassifier(l1_ratio=1.0),
    "mini-batches": SoftmaxClassifier(
        solver="adam", weight_init="class_means", random_state=0, max_iter=3
    ),
    "chosen C": SoftmaxClassifierCV(Cs=2, cv=3),
    "svm": SVMClassifier(),
    "hinge": SVMClassifier(loss="hinge"),
}


@pytest.mark.parametrize("iterative", [False, True])
@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.filterwarnings("ignore")
def test_every_way_to_store_a_matrix_gives_the_same_model(kind, iterative, monkeypatch):
    if iterative:  # no sparse table becomes dense
        monkeypatch.setattr(coordinates, "DENSE_SHARE", 2.0)
        monkeypatch.setattr(regressor, "MAX_FACTORED_SPARSE_COLUMNS", 0)
    X, y = table()
    model = MODELS[kind].fit(X, y)
    coef, expected = model.coef_.copy(), model.predict(X)
    takes_sparse = kind not in {"quadratic", "chosen degree"}
    for name, store in {**(SPARSE if takes_sparse else {}), **DENSE}.items():
        stored = store(X)
        before = stored.copy()
        model.fit(stored, y)
        assert_allclose(model.coef_, coef, atol=1e-5 * np.abs(coef).max(), err_msg=name)
        assert_allclose(model.predict(stored), expected, atol=1e-4, err_msg=name)
        if sparse.issparse(stored):
            assert_array_equal(stored.data, before.data, err_msg=name)
            assert stored.nnz == before.nnz
