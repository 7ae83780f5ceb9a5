"""MNIST: how far a small convolutional network comes in some minutes of one core.

Three convolutions with batch normalization, a pool behind each, and 128 units. Digits are shifted
by up to two pixels and turned by up to twelve degrees in training; dropout, a rate that rises and
falls once, an average of the weights. 10000 of the 60000 training digits, by a fixed seed, are held
out and nothing is chosen by them; 5000 others validate. Needs ``mnist_train.npz`` (bytes X of shape
(60000, 28, 28), and y) in the folder that SKDEEP_DATA names.
"""

from __future__ import annotations

import numpy as np

from benchmarks.held_out import as_they_are, measure
from skdeep import ConvNetClassifier
from skdeep.preprocessing import Rotation, Shift


def main():
    """Print accuracy on the held-out digits and seconds of training."""
    network = ConvNetClassifier(
        "32, 64, 128 | 128",
        dropout=0.3,
        augment=(Shift(2, 2), Rotation(12.0)),
        batch_size=64,
        learning_rate="one_cycle",
        learning_rate_init=0.004,
        max_iter=10,
        n_iter_no_change=np.inf,
        average="ema",
        average_decay=0.998,
        alpha=0.0,
        decoupled_weight_decay=0.01,
        random_state=0,
    )
    measure("MNIST, convolutions", "mnist_train.npz", network, as_they_are, n_valid=5000)


if __name__ == "__main__":
    main()
