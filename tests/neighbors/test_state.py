"""A fitted estimator is arrays and numbers: it can be stored without code of its own."""

import copy
import functools
import pickle
import types

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.datasets import load_iris

from skdeep import KNNClassifier, KNNClassifierCV, KNNRegressor

X, y = load_iris(return_X_y=True)
HOLES = np.where(X > 6.5, np.nan, X)
DISTANCES = np.abs(X[:, None] - X[None]).sum(axis=2)
CASES = {
    "auto": (KNNClassifier(), X),
    "kd_tree": (KNNClassifier(algorithm="kd_tree"), X),
    "ball_tree": (KNNClassifier(algorithm="ball_tree", metric="canberra"), X),
    "brute": (KNNClassifier(algorithm="brute", class_weight="balanced"), X),
    "minkowski": (KNNRegressor(p=3, weights="distance"), X),
    "mahalanobis": (KNNRegressor(metric="mahalanobis"), X),
    "sparse": (KNNRegressor(), csr_matrix(X)),
    "missing": (KNNRegressor(metric="nan_euclidean"), HOLES),
    "precomputed": (KNNRegressor(metric="precomputed"), DISTANCES),
    "search": (KNNClassifierCV([1, 3], algorithm="kd_tree"), X),
}


def code_in(value):
    """Yield functions and partials in a state."""
    if isinstance(value, (types.FunctionType, functools.partial, types.MethodType)):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from code_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from code_in(item)
    elif hasattr(value, "__dict__") and not isinstance(value, (type, np.ndarray)):
        yield from code_in(value.__getstate__() if hasattr(value, "__getstate__") else vars(value))


@pytest.mark.parametrize("case", CASES)
def test_a_copy_answers_alike_and_its_state_has_no_code(case):
    model, given = CASES[case]
    model.fit(given, y)
    assert not list(code_in(model.__getstate__()))
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        for ours, theirs in zip(other.kneighbors(given), model.kneighbors(given), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_array_equal(other.predict(given), model.predict(given))


@pytest.mark.parametrize("case", CASES)
def test_skops_needs_to_trust_the_estimator_alone(case):
    skops = pytest.importorskip("skops.io")
    model, given = CASES[case]
    stored = skops.dumps(model.fit(given, y))
    names = skops.get_untrusted_types(data=stored)
    own = [name for name in names if not name.startswith("scipy.sparse.")]
    assert {name.rsplit(".", 1)[1] for name in own} <= {type(model).__name__, "KNNClassifier"}
    loaded = skops.loads(stored, trusted=names)
    np.testing.assert_array_equal(loaded.predict(given), model.predict(given))


def test_a_copy_keeps_the_fit_whatever_the_parameters_say_now():
    model = KNNClassifier(3, p=1).fit(X, y).set_params(p=2, leaf_size=5)
    other = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(other.kneighbors(X)[0], model.kneighbors(X)[0])


def test_an_unfitted_estimator_can_be_copied():
    assert pickle.loads(pickle.dumps(KNNClassifier(7))).n_neighbors == 7
