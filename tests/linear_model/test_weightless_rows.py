"""Rows of no weight are as if they were not there, however large their numbers."""

import numpy as np
import pytest

from skdeep import (
    LeastSquaresRegressor,
    LeastSquaresRegressorCV,
    SoftmaxClassifier,
    SoftmaxClassifierCV,
    SVMClassifier,
)

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 3))
y = X @ [1.0, 2.0, -1.0] + X[:, 0] * X[:, 1] + 0.3 * rng.normal(size=40)


@pytest.mark.parametrize(
    "model",
    [
        LeastSquaresRegressor(),
        LeastSquaresRegressor(degree=2, alpha=1.0),
        LeastSquaresRegressor(solver="gd"),
        LeastSquaresRegressorCV(),
        LeastSquaresRegressorCV(cv=5),
        SoftmaxClassifier(),
        SoftmaxClassifierCV(Cs=2, cv=3),
        SVMClassifier(loss="hinge"),
    ],
    ids=repr,
)
def test_rows_without_weight_change_nothing(model):
    classes = hasattr(model, "decision_function")
    target = np.digitize(y, [-1, 1]) if classes else y
    rows = np.vstack([X, 1e18 * rng.normal(size=(10, 3))])
    targets = np.append(target, np.zeros(10) if classes else np.full(10, -1e9))
    answers = "decision_function" if classes else "predict"
    alone = getattr(model.fit(X, target), answers)(X)
    weight = np.repeat([1.0, 0.0], [40, 10])
    beside = getattr(model.fit(rows, targets, sample_weight=weight), answers)(X)
    np.testing.assert_allclose(beside, alone, rtol=1e-4, atol=1e-4)
