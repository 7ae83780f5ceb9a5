"""The keywords that hold weights and activations down, of every network."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV

from skdeep import (
    ConvNetClassifier,
    MLPClassifier,
    MLPRegressor,
    RecurrentClassifier,
    TransformerClassifier,
)
from skdeep.nn import ActivityL1
from tests.data import digits, iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = iris()
PIXELS, DIGITS = digits(120)
NETWORKS = [
    MLPClassifier((8, 6), max_iter=10, random_state=0),
    MLPRegressor(hidden_layer_sizes=(8, 6), max_iter=10, random_state=0),
    ConvNetClassifier("4 | 8", max_iter=3, random_state=0),
    RecurrentClassifier(max_iter=3, random_state=0),
    TransformerClassifier(max_iter=2, random_state=0),
]
KEYWORDS = [
    {"l1_ratio": 0.5, "alpha": 1.0},
    {"orthogonality": 5.0},
    {"max_norm": 0.2},
    {"activity_l1": 0.1},
]


def name(estimator):
    return type(estimator).__name__


def small(**keywords):
    return MLPClassifier((8, 6), random_state=0, **{"max_iter": 10} | keywords)


def data_of(estimator):
    return (PIXELS, DIGITS) if "Conv" in name(estimator) else (X, Y)


def weights(estimator):
    return estimator.network_.params[: estimator.network_.n_penalized]


@pytest.mark.parametrize("keyword", KEYWORDS, ids=str)
@pytest.mark.parametrize("network", NETWORKS, ids=name)
def test_every_network_takes_them_and_learns_something_else(network, keyword):
    x, y = data_of(network)
    plain, held = (clone(network).set_params(**more).fit(x, y) for more in ({}, keyword))
    assert not np.allclose(weights(plain), weights(held))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(held)).predict(x), held.predict(x))


def test_they_work_in_a_grid_search():
    grid = [
        {"l1_ratio": [0.0, 1.0], "alpha": [0.1]},
        {"orthogonality": [0.1], "max_norm": [None, 1.0], "activity_l1": [0.0, 0.01]},
        {"anchor": [None, FrozenEstimator(small().fit(X, Y))]},
    ]
    search = GridSearchCV(small(max_iter=3), grid, cv=2).fit(X, Y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_l1_leaves_exact_zeros_and_more_of_them_the_stronger_it_is(solver):
    zeros = []
    for alpha in (0.0, 0.1, 0.4):
        network = small(solver=solver, learning_rate_init=0.01, batch_size=15, l1_ratio=1.0)
        network.set_params(alpha=alpha, max_iter=60).fit(X, Y)
        zeros.append(int((weights(network) == 0).sum()))
    assert zeros[0] == 0
    assert 0 < zeros[1] < zeros[2]


def test_a_ratio_of_zero_is_the_l2_penalty_of_before():
    np.testing.assert_array_equal(
        weights(small(alpha=0.5).fit(X, Y)), weights(small(alpha=0.5, l1_ratio=0.0).fit(X, Y))
    )


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_an_anchor_draws_a_network_to_the_weights_of_another(solver):
    other = small().fit(X, Y)
    forms = (other, FrozenEstimator(other), other.network_.params, weights(other).tolist())
    found = []
    for anchor in forms:
        network = small(solver=solver, alpha=1000.0, anchor=anchor, max_iter=300)
        if solver != "lbfgs":
            network.set_params(learning_rate_init=0.02, n_iter_no_change=300)
        found.append(weights(network.fit(X, Y)).copy())
    np.testing.assert_allclose(found[0], weights(other), atol=0.1)
    for same in found[1:]:
        np.testing.assert_array_equal(same, found[0])


def test_a_network_that_goes_on_with_an_anchor_forgets_less():
    first, second = (Y != 2), (Y != 0)
    # Two tasks of two classes each, of the same three.
    forgetting = []
    for anchored in (False, True):
        network = small(max_iter=100, learning_rate_init=0.01, warm_start=True, alpha=0.0)
        labels = np.where(Y == 1, 1, 0)
        network.fit(X[first], labels[first])
        before = network.network_.params.copy()
        if anchored:
            network.set_params(anchor=before, alpha=1000.0)
        network.set_params(max_iter=20).fit(X[second], labels[second])
        forgetting.append(float(np.linalg.norm(weights(network) - before[: len(weights(network))])))
    assert forgetting[1] < 0.5 * forgetting[0]


def test_no_hidden_unit_has_weights_longer_than_max_norm():
    network = small(max_norm=0.7, learning_rate_init=0.05).fit(X, Y)
    for w in network.coefs_[:-1]:
        lengths = np.linalg.norm(w, axis=0)
        assert lengths.max() == pytest.approx(0.7)
    assert np.linalg.norm(network.coefs_[-1], axis=0).max() > 0.7
    kernel = ConvNetClassifier("4 | 8", max_iter=3, random_state=0, max_norm=0.5)
    kernel.fit(PIXELS, DIGITS)
    first = next(w for path, w, _ in kernel.network_.parameters() if path.endswith("weight"))
    assert np.sqrt((first**2).sum(axis=(0, 1, 2))).max() <= 0.5 * (1 + 1e-6)


def test_orthogonality_brings_units_nearer_to_orthonormal():
    def distance(network):
        w = network.coefs_[1]
        return np.linalg.norm(w.T @ w - np.eye(w.shape[1]))

    keywords = {"max_iter": 100, "learning_rate_init": 0.01}
    plain, held = (small(**keywords, orthogonality=o).fit(X, Y) for o in (0.0, 100.0))
    assert distance(held) < 0.1 * distance(plain)


def test_a_penalty_on_activations_silences_hidden_units():
    def speaking(network):
        hidden = np.maximum(X @ network.coefs_[0] + network.intercepts_[0], 0)
        return (hidden > 1e-3).mean()

    keywords = {"max_iter": 200, "learning_rate_init": 0.01}
    plain, held = (small(**keywords, activity_l1=a).fit(X, Y) for a in (0.0, 0.03))
    assert speaking(held) < 0.8 * speaking(plain)
    assert held.score(X, Y) > 0.9
    kinds = [type(layer) for layer in held.network_.layers()]
    assert kinds.count(ActivityL1) == 2


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"l1_ratio": 1.5}, "The 'l1_ratio' parameter of MLPClassifier must be"),
        ({"max_norm": 0.0}, "The 'max_norm' parameter"),
        ({"orthogonality": -1}, "The 'orthogonality' parameter"),
        ({"activity_l1": "much"}, "The 'activity_l1' parameter"),
        ({"anchor": "zero"}, "The 'anchor' parameter .* a fitted network or its weights"),
        ({"anchor": small()}, "an anchor that is not fitted.*FrozenEstimator"),
        ({"anchor": np.ones(3)}, r"115 parameters or the first 98 .* Got an array of shape \(3,\)"),
        ({"anchor": np.full(115, np.nan)}, "an anchor of finite weights"),
        ({"l1_ratio": 0.5, "solver": "lbfgs"}, "does not use l1_ratio=0.5"),
        ({"max_norm": 1.0, "solver": "lbfgs"}, "does not use max_norm=1.0"),
    ],
)
def test_what_makes_no_sense_is_refused(params, message):
    network = small(**params)
    with pytest.raises(ValueError, match=message):
        network.fit(X, Y)
    assert not hasattr(network, "network_")
