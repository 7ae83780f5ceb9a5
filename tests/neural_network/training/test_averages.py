"""Averages of the weights: of the right weights, with statistics of their own, and resumed."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from skdeep import MLPClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = load_digits(n_class=4, return_X_y=True)
X = X / 16
SMALL = {"hidden_layer_sizes": (8,), "random_state": 0, "shuffle": False, "batch_size": 100}


def weights_by_step(n_epochs, **params):
    """Return the weights after each step of a plain run, by epochs of one batch each."""
    model, found = MLPClassifier(**SMALL | params), []
    for _ in range(n_epochs):
        model.partial_fit(X[:100], y[:100], classes=[0, 1, 2, 3])
        found.append(model.network_.params.copy())
    return found


def test_an_exponential_average_is_over_steps():
    steps = weights_by_step(6)
    model = MLPClassifier(**SMALL, average="ema", average_decay=0.8, max_iter=6)
    model.fit(X[:100], y[:100])
    expected = steps[0]
    for w in steps[1:]:
        expected = 0.8 * expected + 0.2 * w
    np.testing.assert_allclose(model.network_.params, expected, rtol=1e-12)


def test_stochastic_weight_averaging_is_the_mean_of_the_last_epochs():
    steps = weights_by_step(8)
    model = MLPClassifier(**SMALL, average="swa", average_start=0.5, max_iter=8)
    model.fit(X[:100], y[:100])
    np.testing.assert_allclose(model.network_.params, np.mean(steps[4:], axis=0), rtol=1e-12)


@pytest.mark.parametrize("average", ["ema", "swa"])
def test_running_statistics_are_those_of_the_average(average):
    params = SMALL | {"average": average, "average_decay": 0.9, "average_start": 0.2}
    model = MLPClassifier(**params, learning_rate_init=0.05, batch_norm=True, max_iter=5)
    model.fit(X, y)
    dense, norm = model.network_.layers()[:2]
    hidden = X @ dense.weight
    np.testing.assert_allclose(norm.running_mean, hidden.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(norm.running_variance, hidden.var(axis=0, ddof=1), rtol=1e-9)
    assert model.score(X, y) > 0.8


@pytest.mark.parametrize("average", ["ema", "swa"])
def test_going_on_starts_from_the_trained_weights_and_keeps_the_average(average):
    params = SMALL | {"average": average, "average_decay": 0.9, "average_start": 0.0}
    whole, parts = MLPClassifier(**params, max_iter=4).fit(X, y), MLPClassifier(**params)
    for _ in range(4):
        parts.partial_fit(X, y, classes=[0, 1, 2, 3])
    np.testing.assert_allclose(parts.network_.params, whole.network_.params, rtol=1e-12)
    np.testing.assert_allclose(parts.loss_curve_, whole.loss_curve_, rtol=1e-12)


@pytest.mark.parametrize("average", ["ema", "swa"])
def test_validation_and_early_stopping_see_the_average(average):
    params = SMALL | {"average": average, "average_decay": 0.95, "batch_norm": True, "max_iter": 6}
    plain = MLPClassifier(**params).fit(X[:500], y[:500], X_val=X[500:], y_val=y[500:])
    assert plain.history_["validation_score"][-1] == plain.score(X[500:], y[500:])
    best = MLPClassifier(**params, early_stopping=True)
    best.fit(X[:500], y[:500], X_val=X[500:], y_val=y[500:])
    assert best.score(X[500:], y[500:]) == best.best_validation_score_


def test_the_loss_of_training_is_that_without_an_average():
    plain = MLPClassifier(**SMALL, max_iter=5).fit(X, y)
    averaged = MLPClassifier(**SMALL, max_iter=5, average="ema").fit(X, y)
    np.testing.assert_array_equal(plain.loss_curve_, averaged.loss_curve_)
    assert not np.allclose(plain.network_.params, averaged.network_.params)
