"""Five networks side by side, one by one, of scikit-learn's, and a single one: processor time.

All train with Adam for as many epochs, on one thread. A figure is the median over rounds of how
many times as long another takes in the same round.

    python -m benchmarks ensembles
    python -m benchmarks.bench_ensembles --quick    fewer rounds
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import BaggingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from benchmarks.timing import interleaved, median_ratio, save_rows, table_line
from skdeep import MLPClassifier, NetworkEnsembleClassifier

N_MEMBERS, EPOCHS = 5, 10
DATA = {"breast cancer": load_breast_cancer, "digits": load_digits}
# hidden layers, batch size
NETWORKS = [
    ((16,), 32),
    ((32,), 32),
    ((64,), 32),
    ((64, 64), 32),
    ((256,), 32),
    ((16,), 200),
    ((64,), 200),
    ((64, 64), 200),
    ((256,), 200),
]
HEAD = [
    "data",
    "hidden layers",
    "batch",
    "five side by side, ms",
    "one by one",
    "scikit-learn",
    "a single network",
]


def competitors(X, y, hidden, batch_size):
    """Return by name what trains five networks, or one."""
    settings = {"max_iter": EPOCHS, "n_iter_no_change": EPOCHS, "batch_size": batch_size}
    ours, theirs = MLPClassifier(hidden, **settings), TheirClassifier(hidden, **settings)

    def ensemble(how):
        return NetworkEnsembleClassifier(ours, N_MEMBERS, side_by_side=how, random_state=0)

    alike = BaggingClassifier(theirs, N_MEMBERS, bootstrap=False, random_state=0)
    models = {"together": ensemble(True), "apart": ensemble(False), "sklearn": alike, "one": ours}
    return {name: lambda model=model: model.fit(X, y) for name, model in models.items()}


def main() -> None:
    """Print a row for each data set and network, and keep them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="three rounds in place of nine")
    repeats = 3 if parser.parse_args().quick else 9
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(table_line(HEAD))
    print(table_line(["---"] * len(HEAD)))
    rows = []
    for name, load in DATA.items():
        X, y = load(return_X_y=True)
        X = StandardScaler().fit_transform(X)
        for hidden, batch_size in NETWORKS:
            with threadpool_limits(1):
                seconds = interleaved(
                    competitors(X, y, hidden, batch_size),
                    repeats=repeats,
                    pause=0,
                    clock=time.process_time,
                )
            together = seconds["together"]
            ratios = [
                f"{median_ratio(seconds[k], together):.2f}" for k in ("apart", "sklearn", "one")
            ]
            layers = ", ".join(map(str, hidden))
            rows.append([name, layers, batch_size, f"{1e3 * np.median(together):.0f}", *ratios])
            print(table_line(rows[-1]), flush=True)
    save_rows("ensembles", HEAD, rows)


if __name__ == "__main__":
    main()
