"""Where a tree answers before the search by products: what ``algorithm="auto"`` goes by.

For each number of features and points, the seconds of the search by products over those of SciPy's
k-d tree, for one fit and 2000 queries of 5 neighbours in normal data: above 1 the tree wins.
``python -m benchmarks.bench_neighbors_auto [P]`` for another power than 2.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np

from benchmarks.timing import interleaved, median_ratio, table
from skdeep import KNNRegressor

POINTS = (300, 1_000, 3_000, 10_000, 30_000, 100_000)
FEATURES = (1, 2, 3, 4, 5, 6, 8, 10, 12)


def search(
    algorithm: str, p: float, X: np.ndarray, y: np.ndarray, Q: np.ndarray
) -> Callable[[], object]:
    """Return what is timed: a fit and a search."""
    model = KNNRegressor(5, p=p, algorithm=algorithm)
    return lambda: model.fit(X, y).kneighbors(Q)


def main(p: float) -> None:
    """Time both for all sizes and print the table."""
    lines = []
    for n_features in FEATURES:
        rng = np.random.default_rng(0)
        Q = rng.standard_normal((2_000, n_features))
        cells: list[object] = [n_features]
        for n_points in POINTS:
            X = rng.standard_normal((n_points, n_features))
            y = np.zeros(n_points)

            runs = {name: search(name, p, X, y, Q) for name in ("brute", "kd_tree")}
            seconds = interleaved(runs, repeats=3)
            cells.append(f"{median_ratio(seconds['brute'], seconds['kd_tree']):.2f}")
        lines.append(cells)
    print(table(["features", *(f"{n} points" for n in POINTS)], lines))


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument.replace(".", "").isdigit()]
    main(float(arguments[0]) if arguments else 2.0)
