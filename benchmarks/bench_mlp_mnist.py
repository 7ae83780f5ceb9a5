"""MNIST: how far a single fully connected network of two hidden layers of 512 units comes.

Digits are shifted by up to two pixels and turned by up to twelve degrees in training; batch
normalization, dropout, a rate that rises and falls once, an average of the weights. 10000 of the
60000 training digits, by a fixed seed, are held out and nothing is chosen by them; 5000 others
validate. Needs ``mnist_train.npz`` (arrays X of shape (60000, 28, 28) and y) in the folder that
SKDEEP_DATA names.
"""

from __future__ import annotations

import time
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from benchmarks import curves
from benchmarks.timing import data_folder, table
from skdeep import MLPClassifier
from skdeep.preprocessing import Rotation, Shift


def main():
    """Print accuracy on the held-out digits and seconds of training."""
    folder = data_folder()
    if folder is None or not (folder / "mnist_train.npz").exists():
        print("set SKDEEP_DATA to the folder with mnist_train.npz")
        return
    digits = np.load(folder / "mnist_train.npz")
    X, y = digits["X"].reshape(-1, 784).astype(np.float32) / 255, digits["y"]
    rest, held_out = train_test_split(
        np.arange(len(y)), test_size=10000, random_state=0, stratify=y
    )
    train, validation = train_test_split(rest, test_size=5000, random_state=1, stratify=y[rest])
    warnings.simplefilter("ignore", ConvergenceWarning)
    network = MLPClassifier(
        (512, 512),
        batch_norm=True,
        dropout=0.2,
        augment=(Shift(2, 2), Rotation(12.0)),
        batch_size=128,
        learning_rate="one_cycle",
        learning_rate_init=0.003,
        max_iter=30,
        n_iter_no_change=np.inf,
        average="ema",
        average_decay=0.998,
        alpha=0.0,
        decoupled_weight_decay=0.01,
        random_state=0,
    )
    begin = time.process_time()
    network.fit(X[train], y[train], X_val=X[validation], y_val=y[validation])
    seconds = time.process_time() - begin
    curves.save("MNIST", network.history_["validation_score"])
    rows = []
    for n_copies in (1, 16):
        network.set_params(test_time_augmentation=n_copies)
        accuracies = [network.score(X[part], y[part]) for part in (validation, held_out)]
        rows.append([n_copies, *(f"{accuracy:.2%}" for accuracy in accuracies)])
    print(f"(512, 512), 30 epochs, {seconds:.0f} seconds of processor time\n")
    print(table(["test_time_augmentation", "validation accuracy", "held-out accuracy"], rows))


if __name__ == "__main__":
    main()
