"""MNIST: what five short trainings of a small fully connected network come to.

Two hidden layers of 256 units with batch normalization, digits shifted by up to a pixel and turned
by up to eight degrees, ten epochs. The parts and the folder of data are those of `bench_mlp_mnist`.
"""

from __future__ import annotations

import time
import warnings

from sklearn.exceptions import ConvergenceWarning

from benchmarks.bench_mlp_mnist import rows
from benchmarks.held_out import RECIPE, parts
from skdeep import MLPClassifier, NetworkEnsembleClassifier
from skdeep.preprocessing import Rotation, Shift


def main() -> None:
    """Print the reports on validation and held-out digits, and seconds of training."""
    data = parts("mnist_train.npz", n_valid=5000)
    if data is None:
        return
    X, y = data["training"]
    warnings.simplefilter("ignore", ConvergenceWarning)
    network = MLPClassifier(
        (256, 256),
        batch_norm=True,
        augment=(Shift(1, 1), Rotation(8.0)),
        batch_size=128,
        learning_rate_init=0.003,
        max_iter=10,
        **RECIPE,
    )
    begin = time.process_time()
    model = NetworkEnsembleClassifier(network, 5, random_state=0).fit(rows(X), y)
    print(f"{time.process_time() - begin:.0f} seconds of processor time")
    for name in ("validation", "held-out"):
        X, y = data[name]
        print(f"\n{name}:\n{model.report(rows(X), y)}")


if __name__ == "__main__":
    main()
