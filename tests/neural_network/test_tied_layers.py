"""Hidden layers of the same width that share their weights."""

import pickle

import numpy as np
import pytest

from skdeep import MLPClassifier, MLPRegressor, gradient_check
from tests.data import digits, iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL = {"hidden_layer_sizes": (8, 8, 8, 8), "max_iter": 20, "random_state": 0}
SMALL |= {"learning_rate_init": 0.01, "tied_layers": True}


def test_layers_of_one_width_have_one_matrix_and_biases_of_their_own():
    X, y = iris()
    model = MLPClassifier(**SMALL).fit(X, y)
    first, *tied, last = model.coefs_
    assert [weights.shape for weights in model.coefs_] == [(4, 8), (8, 8), (8, 8), (8, 8), (8, 3)]
    for weights in tied[1:]:
        np.testing.assert_array_equal(weights, tied[0])
    assert not np.array_equal(model.intercepts_[1], model.intercepts_[2])
    assert model.network_.n_parameters == first.size + tied[0].size + last.size + 4 * 8 + 3
    assert model.score(X, y) > 0.7


def test_each_width_has_a_matrix_and_a_first_layer_none_in_common():
    X, y = digits(100)
    sizes = (64, 64, 5, 5, 64, 64, 5)
    model = MLPClassifier(**SMALL | {"hidden_layer_sizes": sizes}).fit(X, y)
    weights = model.coefs_
    np.testing.assert_array_equal(weights[1], weights[5])
    assert not np.array_equal(weights[0], weights[1])  # of features, not of units
    assert not np.array_equal(weights[2], weights[6])  # from 64 to 5: not as many
    own = model.network_.n_parameters
    free = MLPClassifier(**SMALL | {"hidden_layer_sizes": sizes, "tied_layers": False}).fit(X, y)
    assert free.network_.n_parameters - own == 64 * 64


@pytest.mark.parametrize(
    "params",
    [{}, {"batch_norm": True}, {"activation": "maxout"}, {"input_dropout": 0.1}],
    ids=str,
)
def test_its_gradient_is_the_limit_of_differences(params):
    X, y = iris()
    model = MLPClassifier(**SMALL | {"activation": "tanh"} | params).fit(X, y)
    network = model.network_.copy()
    report = gradient_check(network, X[:7], training="input_dropout" not in params)
    assert report.ok, f"\n{report}"


@pytest.mark.parametrize("solver", ["sgd", "muon", "lbfgs", "newton"])
def test_every_kind_of_solver_trains_them(solver):
    X, y = iris()
    params = SMALL | {"solver": solver, "hidden_layer_sizes": (4, 4, 4), "activation": "tanh"}
    if solver in ("lbfgs", "newton"):
        params.pop("learning_rate_init")
    model = MLPRegressor(**params, orthogonality=0.01).fit(X, y)
    np.testing.assert_array_equal(model.coefs_[1], model.coefs_[2])
    assert model.loss_ < model.loss_curve_[0]


def test_they_are_saved_scaled_and_go_on_together():
    X, y = iris()
    model = MLPClassifier(**SMALL, weight_init="lsuv", max_norm=1.0).fit(X, y)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict_proba(X), model.predict_proba(X))
    copy.partial_fit(X, y)
    np.testing.assert_array_equal(copy.coefs_[1], copy.coefs_[3])
    lengths = np.linalg.norm(copy.coefs_[1], axis=0)
    assert lengths.max() <= 1 + 1e-9
    with pytest.raises(ValueError, match="but its parameters describe"):
        copy.set_params(tied_layers=False).partial_fit(X, y)
