"""The worker of `benchmarks.against`: one process, one checkout of skdeep, its rows on demand.

Reads a line ``{"row": name, "calls": n}`` at a time, runs the row n times, and answers with the
processor seconds that took and a digest of what came out. It uses only what both
checkouts have.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.datasets import load_diabetes, load_digits, load_iris, make_classification

import skdeep
from skdeep import (
    KNNClassifier,
    LeastSquaresRegressor,
    LeastSquaresRegressorCV,
    MLPClassifier,
    MLPRegressor,
    SoftmaxClassifier,
    SVMClassifier,
)

__all__ = ["ROWS", "main"]

Run = Callable[[], Any]  # what came out, as an array or a fitted estimator
Data = tuple[np.ndarray, np.ndarray]


def iris() -> Data:
    """Return the 150 flowers, in an order of chance."""
    X, y = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    return X[order], y[order]


def digits() -> Data:
    """Return the 1797 digits, pixels from 0 to 1."""
    X, y = load_digits(return_X_y=True)
    return X / 16, y


def made(n_samples: int, n_features: int) -> Data:
    """Return two classes."""
    return make_classification(n_samples, n_features, n_informative=10, random_state=0)


def curve() -> Data:
    """Return 2000 noisy points of a sine."""
    random = np.random.default_rng(0)
    X = random.uniform(-1, 1, (2000, 1))
    return X, np.sin(3 * X[:, 0]) + 0.1 * random.normal(size=2000)


def diabetes() -> Data:
    """Return the 442 patients."""
    return load_diabetes(return_X_y=True)


def fits(make: Callable[[], Any], data: Callable[[], Data]) -> Callable[[], Run]:
    """Return a row that fits."""

    def prepare() -> Run:
        X, y = data()
        return lambda: make().fit(X, y)

    return prepare


def answers(make: Callable[[], Any], method: str, n_rows: int) -> Callable[[], Run]:
    """Return a row that predicts that many digits by a network, or whatever `make` fits."""

    def prepare() -> Run:
        X, y = digits()
        answer = getattr(make().fit(X[400:], y[400:]), method)
        X = X[:n_rows]
        return lambda: answer(X)

    return prepare


def mlp(*sizes: int, **params: Any) -> Callable[[], MLPClassifier]:
    """Return what makes a classifier with those hidden layers."""
    return lambda: MLPClassifier(sizes or (100,), random_state=0, **params)


def softmax(solver: str, **params: Any) -> Callable[[], SoftmaxClassifier]:
    """Return what makes a softmax classifier."""
    return lambda: SoftmaxClassifier(solver=solver, random_state=0, **params)


def nearest_classes() -> Run:
    """Return what fits nearest neighbours and predicts."""
    X, y = digits()
    return lambda: KNNClassifier().fit(X[360:], y[360:]).predict(X[:360])


def regressor() -> MLPRegressor:
    """Return a network that learns a number."""
    return MLPRegressor(hidden_layer_sizes=(50,), max_iter=50, random_state=0)


def _rows() -> dict[str, Callable[[], Run]]:
    rows = {
        "MLP 150x4 (20), batch 50": fits(mlp(20, batch_size=50, max_iter=50), iris),
        "MLP iris": fits(mlp(), iris),
        "MLP iris, one epoch": fits(mlp(max_iter=1), iris),
        "MLP iris, batch norm": fits(mlp(20, max_iter=50, batch_norm=True), iris),
        "MLP iris, early stopping": fits(mlp(20, max_iter=50, early_stopping=True), iris),
        "MLP iris, lbfgs": fits(mlp(20, solver="lbfgs", max_iter=50), iris),
        "MLP iris, sgd": fits(mlp(solver="sgd", max_iter=50), iris),
        "MLP digits (100), sgd": fits(mlp(solver="sgd", max_iter=10), digits),
        "MLP digits (100)": fits(mlp(max_iter=10), digits),
        "MLP digits (100), batch norm": fits(mlp(max_iter=10, batch_norm=True), digits),
        "MLP 20000x30 (100)": fits(mlp(max_iter=3), lambda: made(20000, 30)),
        "MLP 5000x784 (256, 256)": fits(mlp(256, 256, max_iter=2), lambda: made(5000, 784)),
        "MLPRegressor diabetes": fits(regressor, diabetes),
    }
    for solver in ("lbfgs", "newton-cholesky", "sgd", "momentum", "adam"):
        params = {} if solver in ("lbfgs", "newton-cholesky") else {"max_iter": 20}
        rows[f"Softmax iris, {solver}"] = fits(softmax(solver, **params), iris)
        rows[f"Softmax digits, {solver}"] = fits(softmax(solver, **params), digits)
    rows |= {
        "SVM iris": fits(SVMClassifier, iris),
        "SVM digits": fits(SVMClassifier, digits),
        "SVM digits, sgd": fits(
            lambda: SVMClassifier(solver="sgd", max_iter=20, random_state=0), digits
        ),
        "LeastSquares diabetes": fits(LeastSquaresRegressor, diabetes),
        "LeastSquaresCV 2000x1, degree": fits(
            lambda: LeastSquaresRegressorCV(degree=range(1, 8)), curve
        ),
        "KNN digits, fit and predict": nearest_classes,
    }
    fitted = {"MLP": mlp(max_iter=5), "Softmax": softmax("lbfgs"), "KNN": KNNClassifier}
    for name, make in fitted.items():
        for n_rows in (1, 360):
            for method in ("predict", "predict_proba"):
                rows[f"{name} {method}, {n_rows}"] = answers(make, method, n_rows)
    return rows


ROWS = _rows()


def digest(result: Any) -> str:
    """Return a few letters that tell two results apart, bit by bit."""
    parts = [result]
    if not isinstance(result, np.ndarray):
        found = vars(result)
        parts = [found[name] for name in ("coef_", "intercept_") if name in found]
        if hasattr(result, "coefs_"):
            parts = [*result.coefs_, *result.intercepts_]
    return hashlib.sha256(b"".join(np.ascontiguousarray(part) for part in parts)).hexdigest()[:8]


def main() -> None:
    """Answer until there are no more questions."""
    warnings.simplefilter("ignore")  # few epochs do not converge
    ready: dict[str, Run] = {}
    print(json.dumps(skdeep.__file__), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        name = asked["row"]
        if name not in ready:
            ready = {name: ROWS[name]()}
        run = ready[name]
        begin = time.process_time()
        for _ in range(asked["calls"]):
            result = run()
        seconds = time.process_time() - begin
        print(json.dumps({"seconds": seconds, "digest": digest(result)}), flush=True)


if __name__ == "__main__":
    main()
