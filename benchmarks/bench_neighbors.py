"""The search for neighbours beside scikit-learn's, faiss's and one bare product of its shapes.

``python -m benchmarks neighbors`` runs all; ``python -m benchmarks.bench_neighbors ROW ...`` some
rows, by number. Normal data in float32 with a fixed seed; fitting is not timed.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from sklearn.neighbors import NearestNeighbors

from benchmarks.timing import interleaved, median_ratio, table
from skdeep import KNNClassifier

try:
    import faiss
except ImportError:
    faiss = None

# points, queries, features, k, p, least ratio of scikit-learn, most of faiss, most of the product
ROWS: dict[str, tuple[Any, ...]] = {
    "1": (60_000, 2_000, 784, 5, 2, 3.0, 1.3, 1.5),
    "2": (50_000, 1_000, 3_072, 10, 2, 2.3, 1.5, 1.8),
    "3": (100_000, 5_000, 30, 10, 2, 2.2, 1.5, None),
    "4": (200_000, 2_000, 8, 5, 2, 2.0, None, None),
    "5": (1_500, 300, 64, 5, 2, 1.0, None, None),
    "6": (20_000, 1_000, 64, 5, 1, 1.0, None, None),
    "7": (20_000, 1_000, 64, 5, np.inf, 1.0, None, None),
    "8": (5_000, 200, 784, 5, 1, 1.0, None, None),
    "9": (5_000, 200, 784, 5, np.inf, 1.0, None, None),
    "10": (200_000, 2_000, 8, 5, 1, 1.0, None, None),
    "11": (5_000, 1_000, 20, 5, 3, 1.0, None, None),
}
REPEATS = {"5": 51, "6": 5, "7": 5}


def competitors(row: str) -> dict[str, Any]:
    """Return what is timed in a row."""
    n_points, n_queries, n_features, k, p, *_ = ROWS[row]
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_points, n_features), dtype=np.float32)
    Q = rng.standard_normal((n_queries, n_features), dtype=np.float32)
    ours = KNNClassifier(k, p=p).fit(X, np.zeros(n_points, dtype=int))
    brute = NearestNeighbors(n_neighbors=k, p=p, algorithm="brute").fit(X)
    found = {"skdeep": lambda: ours.kneighbors(Q), "brute": lambda: brute.kneighbors(Q)}
    if n_features <= 15:
        auto = NearestNeighbors(n_neighbors=k, p=p).fit(X)
        found["auto"] = lambda: auto.kneighbors(Q)
    if p == 2:
        if faiss is not None:
            flat = faiss.IndexFlatL2(n_features)
            flat.add(X)
            found["faiss"] = lambda: flat.search(Q, k)
        if n_points * n_queries <= 2 * 10**8:
            product = np.empty((n_queries, n_points), dtype=np.float32)
            found["product"] = lambda: np.matmul(Q, X.T, out=product)
    return found


def main(rows: list[str]) -> None:
    """Time rows and print the table: seconds, and ours against each peer's."""
    lines = []
    for row in rows or ROWS:
        n_points, n_queries, n_features, k, p, least, most, bare = ROWS[row]
        seconds = interleaved(competitors(row), repeats=REPEATS.get(row, 3))
        ours = seconds["skdeep"]

        def ratio(peer: str, seconds: Any = seconds, ours: Any = ours) -> float | None:
            return median_ratio(seconds[peer], ours) if peer in seconds else None

        line = [row, f"{n_points} x {n_queries} x {n_features}, k={k}, p={p:g}"]
        line.append(f"{np.median(ours) * 1e3:.1f} ms")
        for peer, floor in (("brute", least), ("auto", 1.0)):
            value = ratio(peer)
            line.append("" if value is None else f"{value:.2f}x faster (>= {floor:g})")
        for peer, ceiling in (("faiss", most), ("product", bare)):
            value = ratio(peer)
            bound = f" (<= {ceiling:g})" if ceiling else ""
            line.append("" if value is None else f"{1 / value:.2f} of its time{bound}")
        lines.append(line)
    head = ["row", "points x queries x features", "skdeep", "sklearn brute", "sklearn auto"]
    print(table([*head, "faiss", "one product"], lines))


if __name__ == "__main__":
    main([name for name in sys.argv[1:] if name in ROWS])
