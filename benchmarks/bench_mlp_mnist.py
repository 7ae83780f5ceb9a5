"""MNIST: how far two hidden layers of 512 come in 20 epochs, and how long they take.

Batch normalization, dropout and Adam, on 50000 of the 60000 training digits; the other 10000, by a
fixed seed, are held out and nothing is chosen by them. The rates of dropout were chosen, of four
pairs, by 10000 of the 50000. Needs ``mnist_train.npz`` (arrays X of shape (60000, 28, 28) and y) in
the folder that SKDEEP_DATA names.
"""

from __future__ import annotations

import time
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from benchmarks.timing import data_folder, table
from skdeep import MLPClassifier


def main():
    """Print accuracy on the held-out digits and seconds of training."""
    folder = data_folder()
    if folder is None or not (folder / "mnist_train.npz").exists():
        print("set SKDEEP_DATA to the folder with mnist_train.npz")
        return
    digits = np.load(folder / "mnist_train.npz")
    X = digits["X"].reshape(-1, 784).astype(np.float32) / 255
    X_train, X_test, y_train, y_test = train_test_split(
        X, digits["y"], test_size=10000, random_state=0, stratify=digits["y"]
    )
    warnings.simplefilter("ignore", ConvergenceWarning)
    regularized = {
        "batch_norm": True,
        "dropout": 0.35,
        "input_dropout": 0.1,
        "learning_rate": "cosine",
    }
    rows = []
    for name, more in (("plain", {}), ("batch norm, dropout, cosine schedule", regularized)):
        network = MLPClassifier(
            (512, 512),
            batch_size=128,
            learning_rate_init=0.002,
            max_iter=20,
            n_iter_no_change=np.inf,
            random_state=0,
            **more,
        )
        begin = time.perf_counter()
        network.fit(X_train, y_train)
        seconds = time.perf_counter() - begin
        accuracy = network.score(X_test, y_test)
        rows.append([f"(512, 512), {name}", f"{accuracy:.2%}", f"{seconds:.0f} s"])
    print(table(["network", "held-out accuracy", "20 epochs"], rows))


if __name__ == "__main__":
    main()
