"""How much memory fitting and predicting take beside the data."""

import pickle
import tracemalloc
import weakref
from itertools import pairwise

import numpy as np
import pytest
from scipy import sparse

from skdeep import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N_SAMPLES, N_FEATURES = 20_000, 300


@pytest.fixture(scope="module")
def data():
    rng = np.random.RandomState(0)
    X = rng.standard_normal((N_SAMPLES, N_FEATURES)).astype(np.float32)
    return X, rng.randint(0, 10, N_SAMPLES), rng.standard_normal(N_SAMPLES)


def peak(work):
    """Return the most memory that `work` held at a time, in bytes; NumPy reports its arrays."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def network_bytes(hidden, n_outputs, itemsize, batch_size=200):
    """Return what parameters, gradient, two moments, three snapshots and a batch need."""
    sizes = [N_FEATURES, *hidden, n_outputs]
    n_parameters = sum(a * b + b for a, b in pairwise(sizes))
    return itemsize * (7 * n_parameters + 6 * batch_size * sum(sizes)) + 1_000_000


VARIANTS = {
    "defaults": {},
    "early stopping": {"early_stopping": True},
    "sgd without shuffling": {"solver": "sgd", "shuffle": False},
    "batch normalization and dropout": {"batch_norm": True, "dropout": 0.2, "input_dropout": 0.1},
    "weights": {"class_weight": "balanced"},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_fit_makes_no_copy_of_single_precision_data(data, variant):
    X, y, _ = data
    model = MLPClassifier((50,), max_iter=2, random_state=0, **VARIANTS[variant])
    held_out = 0.1 * X.nbytes if "early_stopping" in VARIANTS[variant] else 0
    allowed = 0.2 * X.nbytes + network_bytes((50,), 10, 4)
    used = peak(lambda: model.fit(X, y))
    assert used < allowed
    # Far from the limit, where the validation part is all that may be copied.
    assert used < held_out + 0.1 * X.nbytes + network_bytes((50,), 10, 4)


def test_a_warm_start_and_partial_fit_make_none_either(data):
    X, y, _ = data
    model = MLPClassifier((50,), max_iter=1, random_state=0, warm_start=True).fit(X, y)
    allowed = 0.2 * X.nbytes + network_bytes((50,), 10, 4)
    assert peak(lambda: model.fit(X, y)) < allowed
    assert peak(lambda: model.partial_fit(X, y)) < allowed


@pytest.mark.parametrize("shuffle", [False, True])
def test_single_precision_on_doubles_converts_batch_by_batch(data, shuffle):
    X = data[0].astype(np.float64)
    model = MLPRegressor(
        hidden_layer_sizes=(50,), max_iter=1, dtype="float32", shuffle=shuffle, random_state=0
    )
    used = peak(lambda: model.fit(X, data[2]))
    assert used < 0.2 * X.nbytes + network_bytes((50,), 1, 8)


def test_validation_samples_of_ones_own_are_not_copied(data):
    X, y, _ = data
    model = MLPClassifier((50,), max_iter=1, random_state=0, early_stopping=True)
    used = peak(lambda: model.fit(X[:10_000], y[:10_000], X_val=X[10_000:], y_val=y[10_000:]))
    assert used < 0.1 * X.nbytes + network_bytes((50,), 10, 4)


def test_a_memory_map_stays_on_disk(data, tmp_path):
    X, y, _ = data
    path = tmp_path / "X.dat"
    stored = np.memmap(path, dtype=np.float32, mode="w+", shape=X.shape)
    stored[...] = X
    stored.flush()
    mapped = np.memmap(path, dtype=np.float32, mode="r", shape=X.shape)
    model = MLPClassifier((50,), max_iter=1, random_state=0)
    assert peak(lambda: model.fit(mapped, y)) < 0.1 * X.nbytes + network_bytes((50,), 10, 4)
    in_memory = MLPClassifier((50,), max_iter=1, random_state=0).fit(X, y)
    np.testing.assert_array_equal(model.coefs_[0], in_memory.coefs_[0])
    assert peak(lambda: model.predict(mapped)) < 0.2 * X.nbytes


def test_sparse_data_are_not_made_dense():
    rng = np.random.default_rng(0)  # the only kind that SciPy 1.15 takes
    X = sparse.random_array((5_000, 20_000), density=1e-3, rng=rng, format="csr")
    y = rng.integers(0, 2, 5_000)
    dense_bytes = 5_000 * 20_000 * 8
    model = MLPClassifier((5,), max_iter=1, random_state=0)
    assert peak(lambda: model.fit(X, y)) < 0.05 * dense_bytes
    assert peak(lambda: model.predict_proba(X)) < 0.05 * dense_bytes


def test_a_million_rows_are_predicted_in_blocks():
    n, hidden = 1_000_000, 64
    rng = np.random.RandomState(0)
    X = rng.standard_normal((n, 4)).astype(np.float32)
    model = MLPRegressor(hidden_layer_sizes=(hidden,), max_iter=1, random_state=0)
    model.fit(X[:1000], X[:1000, 0])
    found = []
    used = peak(lambda: found.append(model.predict(X)))
    assert used < 16 * n < 0.05 * n * hidden * 8
    np.testing.assert_allclose(found[0][-10:], model.predict(X[-10:]), rtol=1e-5)


@pytest.mark.parametrize(
    "params",
    [{"solver": "lbfgs"}, {"shuffle": False}, {"batch_size": 2000}, {"batch_norm": True}],
    ids=str,
)
def test_a_fitted_network_keeps_neither_the_data_nor_a_batch(params):
    data = [np.random.RandomState(0).standard_normal((2000, 30))]
    kept = weakref.ref(data[0])

    def fit():
        model = MLPRegressor(hidden_layer_sizes=(50,), max_iter=2, **params)
        return model.fit(data[0], data[0][:, 0].copy())

    fit()  # what is made once a process
    tracemalloc.start()
    try:
        model = fit()
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held < 4 * model.network_.params.nbytes + 50_000  # gradient and moments; a batch: 80 kB
    data.clear()
    assert kept() is None


def test_a_pickle_holds_no_buffers(data):
    X, y, _ = data
    model = MLPClassifier((50,), max_iter=1, random_state=0).fit(X, y)
    model.predict(X)
    n_bytes = model.network_.params.nbytes
    assert len(pickle.dumps(model)) < 4 * n_bytes + 20_000  # parameters and Adam's two moments


def test_a_pickle_holds_nothing_of_the_last_batch():
    X = np.random.RandomState(0).standard_normal((1000, 3))
    model = MLPClassifier((2,), max_iter=2, batch_size=1000, random_state=0)
    model.fit(X, np.arange(1000) % 200)
    n_bytes = model.network_.params.nbytes
    assert len(pickle.dumps(model)) < 4 * n_bytes + 20_000  # the outputs of a batch: 1,600,000
