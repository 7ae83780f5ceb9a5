"""Networks with a target for every step: what they answer, and how they are scored."""

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss, mean_absolute_error

from skdeep import RecurrentClassifier, RecurrentRegressor, TransformerClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = [rng.normal(size=(rng.integers(3, 9), 2)) for _ in range(40)]
TWO = [(x[:, 0] > 0).astype(int) for x in X]
THREE = [two + (x[:, 1] > 0) for two, x in zip(TWO, X, strict=True)]
LABELS = [np.c_[x > 0].astype(int) for x in X]
WEIGHTS = rng.uniform(0.1, 1, size=40)

NETWORKS = [
    RecurrentClassifier((4,), per_step=True, max_iter=2, random_state=0),
    TransformerClassifier(4, n_heads=2, n_layers=1, per_step=True, max_iter=2, random_state=0),
]


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: type(network).__name__)
@pytest.mark.parametrize("y", [TWO, THREE], ids=["two", "three"])
def test_each_step_has_a_probability_for_each_class(network, y):
    found = network.fit(X, y).predict_proba(X)
    n_classes = len(network.classes_)
    assert [one.shape for one in found] == [(len(x), n_classes) for x in X]
    for one, predicted, logs in zip(
        found, network.predict(X), network.predict_log_proba(X), strict=True
    ):
        np.testing.assert_allclose(one.sum(axis=1), 1)
        np.testing.assert_array_equal(network.classes_[one.argmax(axis=1)], predicted)
        np.testing.assert_allclose(np.exp(logs), one)


def test_steps_of_equal_sequences_have_an_axis():
    X = rng.normal(size=(30, 5, 2))
    network = RecurrentClassifier((4,), per_step=True, max_iter=2, random_state=0)
    network.fit(X, X[..., 0] > 0)
    assert network.predict_proba(X).shape == (30, 5, 2)
    np.testing.assert_allclose(network.predict_proba(X).sum(axis=2), 1)


@pytest.mark.parametrize(
    ("y", "shape"), [(TWO, ()), (THREE, (3,)), (LABELS, (2,))], ids=["two", "three", "labels"]
)
def test_margins_end_where_sequences_do(y, shape):
    network = RecurrentClassifier((4,), per_step=True, loss="hinge", max_iter=2, random_state=0)
    margins = network.fit(X, y).decision_function(X)
    assert [one.shape for one in margins] == [(len(x), *shape) for x in X]


def test_early_stopping_sets_sequences_of_two_classes_aside():
    network = RecurrentClassifier((4,), per_step=True, early_stopping=True, max_iter=2)
    assert len(network.fit(X, TWO).validation_scores_) == 2


def test_a_scorer_is_asked_about_all_steps():
    validation = {"X_val": X[:20], "y_val": TWO[:20], "sample_weight_val": WEIGHTS[:20]}
    network = RecurrentClassifier((4,), per_step=True, early_stopping=True, max_iter=3)
    network.set_params(scoring="neg_log_loss").fit(X, TWO, **validation)
    truth, of_steps = np.concatenate(TWO[:20]), np.repeat(WEIGHTS[:20], list(map(len, X[:20])))
    found = np.concatenate(network.predict_proba(X[:20]))
    score = -log_loss(truth, found, sample_weight=of_steps)
    assert network.best_validation_score_ == pytest.approx(score)

    numbers = [x[:, 0] for x in X]
    regressor = RecurrentRegressor((4,), per_step=True, early_stopping=True, max_iter=3)
    regressor.set_params(scoring="neg_mean_absolute_error")
    regressor.fit(X, numbers, X_val=X[:20], y_val=numbers[:20])
    found = np.concatenate(regressor.predict(X[:20]))
    score = -mean_absolute_error(np.concatenate(numbers[:20]), found)
    assert regressor.best_validation_score_ == pytest.approx(score)


def test_a_unit_that_is_not_learned_is_named_by_the_targets_of_all_steps():
    y = [1000 + x[:, 0] for x in X]
    network = RecurrentRegressor((4,), per_step=True, max_iter=2, random_state=0)
    values = np.concatenate(y)
    unit = f"y, 1e.03 .- {values.std():.3g}, .* Set standardize_target=True"
    with pytest.warns(ConvergenceWarning, match=unit):
        network.fit(X, y)
