"""One cheap instance of every public estimator, for the tests that all of them must pass.

A new estimator joins by one line; a test fails if a public estimator is missing here.
"""

from skdeep import (
    LeastSquaresRegressor,
    LeastSquaresRegressorCV,
    SoftmaxClassifier,
    SoftmaxClassifierCV,
    SVMClassifier,
)

CHEAP = {
    "LeastSquaresRegressor": LeastSquaresRegressor(),
    "LeastSquaresRegressorCV": LeastSquaresRegressorCV(degree=(1, 2)),
    "SVMClassifier": SVMClassifier(),
    "SoftmaxClassifier": SoftmaxClassifier(),
    "SoftmaxClassifierCV": SoftmaxClassifierCV(Cs=[0.1, 1.0], cv=3),
}


def cheap_estimators():
    """Return fresh clones of the cheap instances, sorted by name."""
    from sklearn.base import clone

    return [clone(CHEAP[name]) for name in sorted(CHEAP)]
