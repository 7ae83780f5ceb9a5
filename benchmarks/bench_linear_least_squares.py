"""Least squares beside scikit-learn's: time, correct digits, the choice of the degree.

Run as ``python -m benchmarks.bench_linear_least_squares [PART ...]``; the parts are
``least_squares``, ``digits`` and ``degrees``.
"""

from __future__ import annotations

import json
import statistics
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from benchmarks.timing import interleaved, median_ratio, table
from skdeep import (
    LeastSquaresRegressor,
    LeastSquaresRegressorCV,
)

HEAD = ["problem", "scikit-learn", "skdeep", "scikit-learn / skdeep"]


def timed(name: str, theirs: Callable, ours: Callable, repeats: int = 5) -> list[object]:
    """Return a row of the table: both medians and the median ratio."""
    seconds = interleaved({"theirs": theirs, "ours": ours}, repeats=repeats)
    ratio = median_ratio(seconds["theirs"], seconds["ours"])
    medians = [f"{statistics.median(seconds[key]):.4f} s" for key in ("theirs", "ours")]
    return [name, *medians, f"{ratio:.2f}"]


def least_squares() -> None:
    """Time to fit, degree 1 and a polynomial of degree 3."""
    random = np.random.default_rng(0)
    X = random.standard_normal((100_000, 100))
    y = X @ random.standard_normal(100) + random.standard_normal(100_000)
    X8 = X[:, :8].copy()
    y8 = X8[:, 0] ** 3 + X8[:, 1] * X8[:, 2] + random.standard_normal(100_000)
    cubic = make_pipeline(PolynomialFeatures(3, include_bias=False), LinearRegression())
    rows = [
        timed(
            "100000 x 100, degree 1",
            lambda: LinearRegression().fit(X, y),
            lambda: LeastSquaresRegressor().fit(X, y),
        ),
        timed(
            "100000 x 8, degree 3",
            lambda: cubic.fit(X8, y8),
            lambda: LeastSquaresRegressor(degree=3).fit(X8, y8),
            repeats=3,
        ),
    ]
    print(table(HEAD, rows))


def digits() -> None:
    """Correct digits of the worst coefficient on NIST's reference problems."""
    path = Path(__file__).parents[1] / "tests" / "linear_model" / "least_squares" / "nist_strd.json"
    rows: list[list[object]] = []
    for name, problem in json.loads(path.read_text()).items():
        X, y, degree = np.array(problem["X"]), np.array(problem["y"]), problem["degree"]
        ours = LeastSquaresRegressor(degree=degree).fit(X, y)
        features = PolynomialFeatures(degree, include_bias=False)
        theirs = make_pipeline(features, LinearRegression()).fit(X, y)[-1]
        found = []
        for model in (theirs, ours):
            coef = np.r_[model.intercept_, model.coef_]
            error = np.abs(coef / np.array(problem["coef"], dtype=float) - 1).max()
            found.append(f"{min(15.0, -np.log10(max(error, 1e-16))):.1f}")
        rows.append([name, *found])
    print(table(["correct digits", "scikit-learn", "skdeep"], rows))


def degrees() -> None:
    """Leave-one-out over 15 degrees on 2000 rows, beside the explicit loop of our own fits."""
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, (2000, 1))
    y = np.sin(4 * x[:, 0]) + 0.1 * random.standard_normal(2000)
    ours = LeastSquaresRegressorCV(degree=range(1, 16))
    errors = np.zeros((len(x), 15))

    def loop() -> None:
        for row in range(len(x)):
            others, targets = np.delete(x, row, 0), np.delete(y, row)
            for degree in range(1, 16):
                model = LeastSquaresRegressor(degree=degree).fit(others, targets)
                errors[row, degree - 1] = y[row] - model.predict(x[row : row + 1])[0]

    # The loop takes a minute or so: once.
    seconds = interleaved({"ours": lambda: ours.fit(x, y)}, repeats=5)
    seconds |= interleaved({"loop": loop}, repeats=1, warmup=0)
    mine, whole = statistics.median(seconds["ours"]), seconds["loop"][0]
    chosen = 1 + int((errors**2).mean(axis=0).argmin())
    row = [f"{whole:.1f} s", f"{mine:.4f} s", f"{whole / mine:.0f}", chosen, ours.degree_]
    head = ["leave-one-out, 2000 rows, 15 degrees: the loop", "skdeep", "loop / skdeep"]
    print(table([*head, "degree by the loop", "by skdeep"], [row]))


PARTS = {part.__name__: part for part in (least_squares, digits, degrees)}


def main(names: list[str]) -> None:
    """Run the named parts, all of them without names."""
    warnings.simplefilter("ignore", ConvergenceWarning)
    for name in names or PARTS:
        print(f"\n### {name}\n", flush=True)
        PARTS[name]()


if __name__ == "__main__":
    main([name for name in sys.argv[1:] if name in PARTS])
