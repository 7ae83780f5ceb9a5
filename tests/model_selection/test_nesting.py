"""Jobs inside of jobs take no more cores than there are."""

import joblib
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, cross_validate

from skdeep import NetworkEnsembleClassifier
from skdeep.utils.threads import jobs_inside
from tests.data import iris
from tests.nesting import Placed, places

pytestmark = [
    pytest.mark.all_threads,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


def ensemble(n_jobs=2):
    """Return an ensemble of three networks, which would be trained by so many jobs."""
    network = Placed((5,), max_iter=1, random_state=0)
    return NetworkEnsembleClassifier(network, 3, n_jobs=n_jobs, side_by_side=False, random_state=0)


def used(found):
    """Return how many processes there were, and in each, how many threads might work at a time."""
    columns = {}
    for key, values in found.items():
        columns.setdefault(key.removeprefix("test_").split()[0], []).extend(values)
    process = np.array(columns["process"])
    threads = [
        len(np.unique(np.array(columns["thread"])[process == one])) for one in np.unique(process)
    ]
    return len(threads), max(threads), max(columns["available"]), max(columns["blas"])


@pytest.mark.parametrize("n_inner", [2, -1])
def test_an_ensemble_in_a_cross_validation_of_processes_has_its_share(n_inner):
    X, y = iris()
    found = cross_validate(ensemble(n_inner), X, y, cv=4, n_jobs=2, scoring=places)
    n_processes, n_threads, available, blas = used(found)
    share = max(1, joblib.cpu_count() // 2)
    assert n_processes <= 2
    assert n_threads <= share
    assert available <= share
    assert blas <= share


def test_an_ensemble_in_a_cross_validation_of_threads_has_one():
    X, y = iris()
    with joblib.parallel_config("threading"):
        found = cross_validate(ensemble(), X, y, cv=4, n_jobs=2, scoring=places)
    n_processes, n_threads, available, _ = used(found)
    assert (n_processes, available) == (1, 1)
    assert n_threads <= 2  # those of the outer jobs


def best_places(search, X, y):
    """Be a scorer that returns the places of the estimator that a search chose."""
    return places(search.best_estimator_, X, y)


def test_a_search_in_a_cross_validation_too():
    X, y = iris()
    grid = {"estimator__alpha": [0.0, 0.1]}
    search = GridSearchCV(ensemble(), grid, scoring="accuracy", cv=2, n_jobs=2)
    found = cross_validate(search, X, y, cv=2, n_jobs=2, scoring=best_places)
    n_processes, n_threads, available, blas = used(found)
    share = max(1, joblib.cpu_count() // 2)
    assert n_processes <= 2
    assert n_threads <= max(2, share)  # a search has the threads that it was given
    assert available <= share
    assert blas <= share


def test_outside_of_jobs_as_many_as_the_user_says():
    assert [jobs_inside(n) for n in (None, 1, 7, -1)] == [None, 1, 7, -1]
