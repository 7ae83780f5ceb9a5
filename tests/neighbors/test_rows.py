"""What the data say decides, never how they are stored."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array, csr_array, csr_matrix
from sklearn.base import clone

from skdeep import KNNClassifier, KNNClassifierCV, KNNRegressor, KNNRegressorCV
from skdeep.utils.arrays.sparse_rows import canonical

rng = np.random.RandomState(0)
X = np.round(rng.rand(60, 5) * (rng.rand(60, 5) < 0.6), 3)
y = rng.randint(0, 3, 60)
ESTIMATORS = [KNNClassifier(3), KNNRegressor(3), KNNClassifierCV([1, 3]), KNNRegressorCV([1, 3])]


def name(estimator):
    return type(estimator).__name__


def as_halves(matrix):
    """Store every entry in two parts, in any order, with zeros that are stored."""
    row, column = np.indices(matrix.shape).reshape(2, -1)
    order = np.random.RandomState(1).permutation(2 * row.size)
    data = np.tile(matrix.reshape(-1) / 2, 2)[order]
    row, column = np.tile(row, 2)[order], np.tile(column, 2)[order]
    count = np.bincount(row, minlength=len(matrix))
    begin = np.concatenate([[0], np.cumsum(count)])
    by_row = np.argsort(row, kind="stable")
    return csr_matrix((data[by_row], column[by_row], begin), shape=matrix.shape)


def with_long_indices(matrix):
    matrix = csr_matrix(matrix)
    matrix.indices, matrix.indptr = matrix.indices.astype("i8"), matrix.indptr.astype("i8")
    return matrix


SPARSE = {
    "halves": as_halves,
    "long indices": with_long_indices,
    "array": csr_array,
    "coo": coo_array,
    "csc": lambda matrix: csr_matrix(matrix).tocsc(),
    "bsr": lambda matrix: csr_matrix(matrix).tobsr(),
}
DENSE = {
    "fortran": np.asfortranarray,
    "strided": lambda matrix: np.repeat(np.repeat(matrix, 2, axis=0), 3, axis=1)[::2, ::3],
    "backwards": lambda matrix: np.ascontiguousarray(matrix[::-1])[::-1],
    "big endian": lambda matrix: matrix.astype(">f8"),
    "list": lambda matrix: matrix.tolist(),
    "object": lambda matrix: matrix.astype(object),
    "read only": lambda matrix: np.frombuffer(matrix.tobytes()).reshape(matrix.shape),
}


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "cosine", "sqeuclidean"])
@pytest.mark.parametrize("storage", SPARSE)
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name)
def test_a_sparse_matrix_is_what_it_holds(estimator, storage, metric):
    plain = estimator.set_params(metric=metric, algorithm="brute").fit(csr_matrix(X), y)
    expected = plain.predict(csr_matrix(X)), plain.kneighbors(csr_matrix(X))
    stored = SPARSE[storage](X)
    data = stored.data.copy()
    model = estimator.fit(stored, y)
    np.testing.assert_array_equal(model.predict(stored), expected[0])
    for ours, theirs in zip(model.kneighbors(stored), expected[1], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    np.testing.assert_array_equal(stored.data, data)  # not changed


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree", "ball_tree"])
@pytest.mark.parametrize("storage", DENSE)
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name)
def test_an_array_is_what_it_holds(estimator, storage, algorithm):
    plain = estimator.set_params(metric="minkowski", algorithm=algorithm).fit(X, y)
    expected = plain.kneighbors(X)
    stored = DENSE[storage](X)
    for ours, theirs in zip(estimator.fit(stored, y).kneighbors(stored), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_callable_metric_sees_no_stored_zero():
    seen = []

    def metric(a, b):
        seen.append(min(a.nnz, b.nnz) and np.abs(a.data).min())
        return float(abs(a - b).sum())

    stored = as_halves(X)
    found = KNNRegressor(2, metric=metric, algorithm="brute").fit(stored, y).kneighbors(stored[:4])
    expected = KNNRegressor(2, metric="manhattan").fit(X, y).kneighbors(X[:4])
    np.testing.assert_allclose(found[0], expected[0])
    assert min(seen) > 0 or (X == 0).all(axis=1).any()


def test_targets_and_weights_are_what_they_hold():
    Y = (rng.rand(60, 4) < 0.3).astype(float)
    weight = rng.rand(60) + 0.5
    expected = KNNClassifier(3).fit(X, Y, sample_weight=weight).predict(X)
    for targets in (as_halves(Y), csr_array(Y), np.asfortranarray(Y)):
        for weights in (np.repeat(weight, 2)[::2], weight.astype(">f8"), weight.tolist()):
            model = KNNClassifier(3).fit(X, targets, sample_weight=weights)
            np.testing.assert_array_equal(model.predict(X), expected)


def test_a_graph_of_distances_keeps_its_zeros_and_adds_its_parts():
    D = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))
    graph = as_halves(D)
    model = KNNRegressor(2, metric="precomputed").fit(graph, np.arange(6))
    distance, index = model.kneighbors(graph)
    np.testing.assert_array_equal(index[:, 0], np.arange(6))
    np.testing.assert_array_equal(distance, [[0.0, 1.0]] * 6)


def test_a_canonical_matrix_is_not_copied():
    matrix = csr_matrix(X)
    assert canonical(matrix) is matrix


def test_dates_and_durations_are_numbers_in_the_unit_of_the_training_rows():
    days = pd.date_range("2020-01-01", periods=40)
    frame = pd.DataFrame({"a": days, "b": days[::-1]})
    target = np.arange(40)
    for model in (KNNRegressor(3), KNNRegressorCV([3])):
        model.fit(frame, target)
        numbers = frame.to_numpy().astype("i8").astype(float)
        expected = KNNRegressor(3).fit(numbers, target)
        np.testing.assert_array_equal(model.predict(frame), expected.predict(numbers))
        # Another unit says the same.
        coarse = pd.DataFrame(
            {name: column.astype("datetime64[s]") for name, column in frame.items()}
        )
        np.testing.assert_array_equal(model.predict(coarse), expected.predict(numbers))
        durations = frame - frame.iloc[0]
        with pytest.raises(ValueError, match="X holds durations, but the training rows are dates"):
            model.predict(durations)
        missing = frame.copy()
        missing.iloc[3, 0] = pd.NaT
        with pytest.raises(ValueError, match="NaT"):
            model.predict(missing)
        with pytest.raises(ValueError, match="NaT"):
            model.fit(missing, target)
    model = KNNRegressor(3).fit(durations, target)
    np.testing.assert_array_equal(model.predict(durations)[:2], [1.0, 1.0])
    with pytest.raises(ValueError, match="X holds dates, but the training rows are numbers"):
        KNNRegressor(3).fit(pd.DataFrame(numbers, columns=["a", "b"]), target).predict(frame)


def test_dates_beside_numbers_are_refused_with_what_to_do():
    # scikit-learn's neighbours fail on them, too.
    frame = pd.DataFrame({"day": pd.date_range("2020-01-01", periods=40), "size": np.arange(40.0)})
    for model in (KNNRegressor(3), KNNRegressorCV([3])):
        with pytest.raises(TypeError, match=r"dates or durations beside numbers.*gower"):
            model.fit(frame, np.arange(40))
    KNNRegressor(3, metric="gower").fit(frame, np.arange(40)).predict(frame)


@pytest.mark.parametrize("estimator", [KNNClassifier(3), KNNClassifierCV([3])], ids=name)
def test_categories_of_numbers_are_numbers(estimator):
    numbers = pd.DataFrame({"a": rng.randint(0, 4, 60), "b": rng.rand(60)})
    categories = numbers.assign(a=numbers.a.astype("category"))
    expected = estimator.fit(numbers, y).predict(numbers)
    np.testing.assert_array_equal(estimator.fit(categories, y).predict(categories), expected)
    as_text = numbers[["a"]].astype(str).astype("category")
    np.testing.assert_array_equal(
        estimator.fit(as_text, y).predict(as_text),
        estimator.fit(numbers[["a"]], y).predict(numbers[["a"]]),
    )
    with pytest.raises(ValueError, match="could not convert string to float: 'low'"):
        estimator.fit(as_text.astype(str).replace({"0": "low"}).astype("category"), y)
    only = categories[["a"]]
    np.testing.assert_array_equal(
        estimator.fit(only, y).predict(only[:7]),
        estimator.fit(numbers[["a"]], y).predict(numbers[["a"]][:7]),
    )


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name)
def test_distances_computed_before_are_square(estimator):
    estimator.set_params(metric="precomputed", algorithm="auto")
    with pytest.raises(ValueError, match=r"must be square\. Input is a 60x5 matrix"):
        estimator.fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        D = np.abs(X[:, None] - X[None]).sum(axis=2)
        with pytest.raises(ValueError, match=r"5 features, but .* is expecting 60 features"):
            estimator.fit(D, y).predict(X)


def test_queries_of_half_precision_find_sparse_neighbours():
    queries = (X * 8).round() / 8
    model = KNNClassifier(3, algorithm="brute").fit(csr_array(X), y)
    halves = model.predict(queries.astype(np.float16))
    np.testing.assert_array_equal(halves, model.predict(queries.astype(np.float32)))


@pytest.mark.parametrize("value", ["inf", "nan"])
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name)
def test_categories_of_text_that_read_as_no_finite_number_are_refused(estimator, value):
    estimator = clone(estimator).set_params(metric="minkowski").fit(X[:, :2], y)
    with pytest.raises(ValueError, match=r"Input X contains (infinity|NaN)"):
        estimator.predict(pd.DataFrame([[value, "1"]], dtype="category"))


@pytest.mark.parametrize("algorithm", ["brute", "ball_tree"])
@pytest.mark.parametrize("metric", ["dice", "sokalsneath", "jaccard"])
def test_rows_without_anything_are_alike(metric, algorithm):
    rows = np.array([[True, False], [False, False]])
    model = KNNClassifier(1, metric=metric, algorithm=algorithm).fit(rows, ["one", "none"])
    assert model.predict(rows).tolist() == ["one", "none"]
