"""What the same search takes with one job and with two, by each of joblib's backends.

Seconds of a grid search over 8 candidates in 3 folds, its processes started before, the median of
the rounds; the last column is how many times faster than one job it is, the median again.
``python -m benchmarks.bench_search [JOBS] [processes] [dask] [ray]`` on an idle machine; without a
name by processes and, where it is installed, by dask. ray starts new processes for each search.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

import joblib
import numpy as np
from sklearn.model_selection import GridSearchCV

from benchmarks.timing import interleaved, median_ratio, table, table_line
from skdeep import (
    KNNClassifier,
    MLPClassifier,
    NetworkEnsembleClassifier,
    SoftmaxClassifier,
    TabularNetClassifier,
)

SMALL, LARGE = (2_000, 30), (6_000, 50)  # samples and features


def epochs(n: int, **more: Any) -> dict[str, Any]:
    """Return keywords for so many epochs of a network, whatever the loss does."""
    return {"max_iter": n, "n_iter_no_change": n, "random_state": 0, **more}


ALPHAS = np.logspace(-5, 2, 8).tolist()
SEARCHES: dict[str, tuple[Any, dict[str, Any], tuple[int, int]]] = {
    "network of 20 units": (MLPClassifier((20,), **epochs(20)), {"alpha": ALPHAS}, SMALL),
    "network of 256 x 256": (MLPClassifier((256, 256), **epochs(3)), {"alpha": ALPHAS}, LARGE),
    "ensemble of 4, n_jobs=2": (
        NetworkEnsembleClassifier(MLPClassifier((20,), **epochs(5)), 4, n_jobs=2, random_state=0),
        {"estimator__alpha": ALPHAS},
        SMALL,
    ),
    "network for tables": (
        TabularNetClassifier("fast", max_iter=5, random_state=0),
        {"alpha": ALPHAS},
        SMALL,
    ),
    "softmax regression": (SoftmaxClassifier(), {"C": ALPHAS}, LARGE),
    "nearest neighbours": (KNNClassifier(), {"n_neighbors": [1, 3, 5, 7, 9, 13, 19, 25]}, LARGE),
}


@contextmanager
def backends(n_jobs: int, names: list[str]) -> Iterator[dict[str, Callable[[], Any]]]:
    """Yield what begins each way to compute, by name."""
    ways: dict[str, Callable[[], Any]] = {}
    with ExitStack() as stack:
        if "processes" in names:
            ways["processes"] = nullcontext
        if "dask" in names:
            from distributed import Client, LocalCluster

            cluster = LocalCluster(
                n_workers=n_jobs, threads_per_worker=1, dashboard_address=None, memory_limit=0
            )
            stack.enter_context(Client(stack.enter_context(cluster)))
            ways["dask"] = lambda: joblib.parallel_config("dask")
        if "ray" in names:
            import ray
            from ray.util.joblib import register_ray

            ray.init(num_cpus=n_jobs, include_dashboard=False, log_to_driver=False)
            stack.callback(ray.shutdown)
            register_ray()
            ways["ray"] = lambda: joblib.parallel_config("ray")
        yield ways


def search(
    estimator: Any, grid: dict[str, Any], shape: tuple[int, int], n_jobs: int, way: Any
) -> Callable[[], object]:
    """Return what is timed."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal(shape).astype(np.float32)
    y = (X[:, :5].sum(axis=1) + rng.standard_normal(len(X)) > 0).astype(int)

    def run() -> object:
        with way():
            return GridSearchCV(estimator, grid, cv=3, n_jobs=n_jobs, refit=False).fit(X, y)

    return run


def main(n_jobs: int, names: list[str]) -> None:
    """Time all searches and print the table."""
    with backends(n_jobs, names) as ways:
        print(table(["search", "by", "1 job, s", f"{n_jobs} jobs, s", "times faster"], []))
        for name, (estimator, grid, shape) in SEARCHES.items():
            runs = {"one": search(estimator, grid, shape, 1, nullcontext)}
            runs |= {key: search(estimator, grid, shape, n_jobs, way) for key, way in ways.items()}
            seconds = interleaved(runs, repeats=3)
            for key in ways:
                gain = median_ratio(seconds["one"], seconds[key])
                times = [f"{np.median(seconds[which]):.2f}" for which in ("one", key)]
                print(table_line([name, key, *times, f"{gain:.2f}"]), flush=True)


if __name__ == "__main__":
    counts = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    named = [argument for argument in sys.argv[1:] if argument in ("processes", "dask", "ray")]
    default = ["processes", *(["dask"] if importlib.util.find_spec("distributed") else [])]
    main(counts[0] if counts else 2, named or default)
