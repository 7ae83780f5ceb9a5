"""One cheap instance of every public estimator, for the tests that all of them must pass.

A new estimator joins by one line; a test fails if a public estimator is missing here.
"""

from skdeep import LeastSquaresRegressor, SoftmaxClassifier, SVMClassifier

CHEAP = {
    "LeastSquaresRegressor": LeastSquaresRegressor(),
    "SVMClassifier": SVMClassifier(),
    "SoftmaxClassifier": SoftmaxClassifier(),
}


def cheap_estimators():
    """Return fresh clones of the cheap instances, sorted by name."""
    from sklearn.base import clone

    return [clone(CHEAP[name]) for name in sorted(CHEAP)]
