"""The same `random_state` gives the same bits: in threads, in other processes, from pickles."""

import hashlib
import multiprocessing
import pickle
import threading
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.base import clone

from tests.cheap import CHEAP, cheap_estimators
from tests.data import data_for
from tests.state import answers

N_THREADS = 20


def ready(estimator):
    """Return the estimator with a seed and few iterations, and a few rows."""
    for name, value in {"random_state": 3, "max_iter": 3, "estimator__max_iter": 3}.items():
        if name in estimator.get_params():
            estimator.set_params(**{name: value})
    X, y = data_for(estimator)
    return estimator, X[:60], y[:60]


def answer(estimator, X):
    """Return a digest of what a fitted estimator says of some data, to the last bit."""
    parts = answers(estimator, X)
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).digest()


def fitted_answer(name):
    """Fit the cheap estimator of that name, and return its answer."""
    estimator, X, y = ready(clone(CHEAP[name]))
    return answer(estimator.fit(X, y), X)


@pytest.fixture(autouse=True)
def _quiet():
    # Filters belong to the process: the threads must not set them.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("name", sorted(CHEAP))
def test_pickles_and_other_fits_change_no_bit_and_numpy_is_left_alone(name):
    before = repr(np.random.get_state())
    estimator, X, y = ready(clone(CHEAP[name]))
    unfitted = pickle.dumps(estimator)
    said = answer(estimator.fit(X, y), X)
    assert answer(pickle.loads(pickle.dumps(estimator)), X) == said
    assert answer(pickle.loads(unfitted).fit(X, y), X) == said
    assert answer(estimator.fit(X, y), X) == said
    assert repr(np.random.get_state()) == before


def test_twenty_fits_in_twenty_threads_do_not_disturb_each_other():
    alone = {name: fitted_answer(name) for name in CHEAP}
    start = threading.Barrier(N_THREADS)
    names = (sorted(CHEAP) * 2)[: 2 * N_THREADS]

    def both(i):
        start.wait()
        return [fitted_answer(name) for name in names[i::N_THREADS]]

    with ThreadPoolExecutor(N_THREADS) as pool:
        found = list(pool.map(both, range(N_THREADS)))
    for i, said in enumerate(found):
        assert said == [alone[name] for name in names[i::N_THREADS]], names[i::N_THREADS]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes_say_the_same(method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    alone = {name: fitted_answer(name) for name in CHEAP}
    with ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:
        found = dict(zip(sorted(CHEAP), pool.map(fitted_answer, sorted(CHEAP)), strict=True))
    assert found == alone


@pytest.mark.parametrize(
    "estimator",
    # Members of an ensemble are trained side by side: their sums are the same to rounding.
    [e for e in cheap_estimators() if {"n_jobs"} == {"n_jobs", "strategy"} & set(e.get_params())],
    ids=lambda estimator: type(estimator).__name__,
)
def test_the_number_of_jobs_changes_no_bit(estimator):
    estimator, X, y = ready(estimator)
    one, two = (answer(clone(estimator).set_params(n_jobs=n).fit(X, y), X) for n in (1, 2))
    assert one == two
