"""MNIST: what five short trainings of the fully connected network of `bench_mlp_mnist` come to.

Each has ten epochs, a third of what the single one is given, and its own seed. The parts and the
folder of data are those of `bench_mlp_mnist`; nothing is chosen by the held-out digits.
"""

from __future__ import annotations

import time
import warnings

from sklearn.exceptions import ConvergenceWarning

from benchmarks.bench_mlp_mnist import network, rows
from benchmarks.held_out import parts
from skdeep import NetworkEnsembleClassifier


def main() -> None:
    """Print the reports on validation and held-out digits, and seconds of training."""
    data = parts("mnist_train.npz", n_valid=5000)
    if data is None:
        return
    X, y = data["training"]
    warnings.simplefilter("ignore", ConvergenceWarning)
    begin = time.process_time()
    model = NetworkEnsembleClassifier(network(10), 5, random_state=0).fit(rows(X), y)
    print(f"{time.process_time() - begin:.0f} seconds of processor time")
    for name in ("validation", "held-out"):
        X, y = data[name]
        print(f"\n{name}:\n{model.report(rows(X), y)}")


if __name__ == "__main__":
    main()
