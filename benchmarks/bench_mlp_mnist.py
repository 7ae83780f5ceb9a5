"""MNIST: how far a single fully connected network of two hidden layers of 512 units comes.

Digits are shifted by up to two pixels and turned by up to twelve degrees in training; batch
normalization, dropout, a rate that rises and falls once, an average of the weights. 10000 of the
60000 training digits, by a fixed seed, are held out and nothing is chosen by them; 5000 others
validate. Needs ``mnist_train.npz`` (bytes X of shape (60000, 28, 28), and y) in the folder that
SKDEEP_DATA names.
"""

from __future__ import annotations

import numpy as np

from benchmarks.held_out import RECIPE, measure
from skdeep import MLPClassifier
from skdeep.preprocessing import Rotation, Shift


def rows(digits):
    """Return rows of pixels from 0 to 1."""
    return digits.reshape(-1, 784).astype(np.float32) / 255


def main():
    """Print accuracy on the held-out digits and seconds of training."""
    network = MLPClassifier(
        (512, 512),
        batch_norm=True,
        dropout=0.2,
        augment=(Shift(2, 2), Rotation(12.0)),
        batch_size=128,
        learning_rate_init=0.003,
        max_iter=30,
        decoupled_weight_decay=0.01,
        **RECIPE,
    )
    measure("MNIST", "mnist_train.npz", network, rows, n_valid=5000)


if __name__ == "__main__":
    main()
