"""scikit-learn's own tests of its classes, run with ours in their place."""

import inspect

import numpy as np
import pytest
import sklearn.neighbors
from sklearn.neighbors.tests import test_neighbors as theirs

from skdeep import (
    KNNClassifier,
    KNNRegressor,
    NearestNeighbors,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
)

OURS = {
    sklearn.neighbors.KNeighborsClassifier: KNNClassifier,
    sklearn.neighbors.KNeighborsRegressor: KNNRegressor,
    sklearn.neighbors.NearestNeighbors: NearestNeighbors,
    sklearn.neighbors.RadiusNeighborsClassifier: RadiusNeighborsClassifier,
    sklearn.neighbors.RadiusNeighborsRegressor: RadiusNeighborsRegressor,
}
NAMES = tuple(kind.__name__ for kind in OURS)

# What cannot be asked of another class, and why.
LEFT_OUT = {
    # Asks `issubclass(Estimator, KNeighborsMixin)`, a private class, to tell k from radius.
    "test_neigh_predictions_algorithm_agnosticity",
    # Asks for `_fit_method`, a private attribute, and for scikit-learn's borders of "auto".
    "test_auto_algorithm",
    # Wants of more duplicates than neighbours not the first ones, but those after the first.
    "test_k_and_radius_neighbors_duplicates",
    # Wants `predict` to warn of the probabilities of outliers, which it does not return.
    "test_radius_neighbors_classifier_outlier_labeling",
}


def touches(test):
    """Whether a test of theirs uses one of the classes."""
    source = inspect.getsource(inspect.unwrap(test))
    if any(name in source for name in NAMES):
        return True
    helpers = [name for name in vars(theirs) if name.startswith("check_") and name in source]
    return any(any(n in inspect.getsource(getattr(theirs, h)) for n in NAMES) for h in helpers)


def ours(value):
    """Put our classes in the place of theirs, in one value of a parametrisation."""
    if isinstance(value, type):
        return OURS.get(value, value)
    if type(value) in OURS:
        return OURS[type(value)](**value.get_params())
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return type(value)(ours(item) for item in value)
    return value


def uses_ours(value):
    if isinstance(value, (list, tuple)):
        return any(uses_ours(item) for item in value)
    return value in OURS.values() if isinstance(value, type) else type(value) in OURS.values()


def cases():
    """Yield (test, keywords) of every case that touches the classes, with ours in it."""
    for name, test in sorted(vars(theirs).items()):
        if not name.startswith("test_") or name in LEFT_OUT or not touches(test):
            continue
        grids = []
        for mark in getattr(test, "pytestmark", []):
            if mark.name != "parametrize":
                continue
            names = mark.args[0]
            if isinstance(names, str):
                names = [part.strip() for part in names.split(",")]
            rows = []
            for row in mark.args[1]:
                if hasattr(row, "marks"):  # pytest.param
                    row = row.values if len(names) > 1 else row.values[0]
                values = (row,) if len(names) == 1 else tuple(row)
                rows.append(dict(zip(names, map(ours, values), strict=True)))
            grids.append(rows)
        combinations = [{}]
        for rows in grids:
            combinations = [{**old, **row} for old in combinations for row in rows]
        chooses = any(
            uses_ours(value) or (isinstance(value, type) and "Neighbors" in value.__name__)
            for row in combinations
            for value in row.values()
        )
        for number, keywords in enumerate(combinations):
            if chooses and not any(map(uses_ours, keywords.values())):
                continue  # a case of another class
            yield pytest.param(test, keywords, id=f"{name}-{number}")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("test", "keywords"), list(cases()))
def test_of_scikit_learn(test, keywords, monkeypatch):
    for kind, our in OURS.items():
        monkeypatch.setattr(sklearn.neighbors, kind.__name__, our)
        if hasattr(theirs, kind.__name__):
            monkeypatch.setattr(theirs, kind.__name__, our)
    wanted = inspect.signature(test).parameters
    keywords = dict(keywords)
    if "global_dtype" in wanted:
        keywords["global_dtype"] = np.float64
    if "global_random_seed" in wanted:
        keywords["global_random_seed"] = 0
    test(**keywords)


def test_most_of_their_tests_are_run():
    assert len({case.values[0].__name__ for case in cases()}) >= 30
