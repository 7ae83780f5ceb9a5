"""MNIST: how far a small convolutional network comes in some minutes of one core.

Three convolutions with batch normalization, a pool behind each, and 128 units. Digits are shifted
by up to two pixels and turned by up to twelve degrees in training; dropout, a rate that rises and
falls once, an average of the weights. 10000 of the 60000 training digits, by a fixed seed, are held
out and nothing is chosen by them; 5000 others validate. Needs ``mnist_train.npz`` (bytes X of shape
(60000, 28, 28), and y) in the folder that SKDEEP_DATA names.
"""

from __future__ import annotations

from benchmarks.held_out import RECIPE, as_they_are, measure
from skdeep import ConvNetClassifier
from skdeep.preprocessing import Rotation, Shift


def main():
    """Print accuracy on the held-out digits and seconds of training."""
    network = ConvNetClassifier(
        "32, 64, 128 | 128",
        dropout=0.3,
        augment=(Shift(2, 2), Rotation(12.0)),
        batch_size=64,
        learning_rate_init=0.004,
        max_iter=10,
        decoupled_weight_decay=0.01,
        **RECIPE,
    )
    measure("MNIST, convolutions", "mnist_train.npz", network, as_they_are, n_valid=5000)


if __name__ == "__main__":
    main()
