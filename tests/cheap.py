"""One cheap instance of every public estimator, for the tests that all of them must pass.

A new estimator joins by one line; a test fails if a public estimator is missing here.
"""

from sklearn.base import clone

from skdeep import (
    KNNClassifier,
    KNNClassifierCV,
    KNNRegressor,
    KNNRegressorCV,
    MLPClassifier,
    MLPRegressor,
)

CHEAP = {
    "KNNClassifier": KNNClassifier(),
    "KNNClassifierCV": KNNClassifierCV(),
    "KNNRegressor": KNNRegressor(),
    "KNNRegressorCV": KNNRegressorCV(cv=3),
    "MLPClassifier": MLPClassifier(hidden_layer_sizes=(20,), max_iter=100),
    "MLPRegressor": MLPRegressor(hidden_layer_sizes=(20,), max_iter=200, learning_rate_init=0.01),
}


def cheap_estimators():
    """Return fresh clones of the cheap instances, sorted by name."""
    return [clone(CHEAP[name]) for name in sorted(CHEAP)]
