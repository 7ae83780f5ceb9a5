"""CIFAR-10: how far a single fully connected network comes on pixels, without a convolution.

Pictures are shifted by up to four pixels and turned left for right in training; batch
normalization, dropout, label smoothing, a rate that rises and falls once, an average of the
weights. 10000 of the 50000 training pictures, by a fixed seed, are held out and nothing is chosen
by them; 2500 others validate. Needs ``cifar10_train.npz`` (bytes X of shape (50000, 32, 32, 3), and
y) in the folder that SKDEEP_DATA names.
"""

from __future__ import annotations

import numpy as np

from benchmarks.held_out import RECIPE, measure
from skdeep import MLPClassifier
from skdeep.preprocessing import Shift

MEAN = np.float32([0.4914, 0.4822, 0.4465])
DEVIATION = np.float32([0.2470, 0.2435, 0.2616])


def rows(pictures):
    """Return rows of pixels, each channel with mean 0 and variance 1."""
    return ((pictures.astype(np.float32) / 255 - MEAN) / DEVIATION).reshape(len(pictures), -1)


def main():
    """Print accuracy on the held-out pictures and seconds of training."""
    network = MLPClassifier(
        (1024, 512, 256),
        batch_norm=True,
        dropout=0.1,
        augment=("flip", Shift(0.125, 0.125)),
        image_shape=(32, 32, 3),
        label_smoothing=0.1,
        batch_size=256,
        learning_rate_init=0.003,
        max_iter=36,
        decoupled_weight_decay=0.05,
        **RECIPE,
    )
    measure("CIFAR-10", "cifar10_train.npz", network, rows, n_valid=2500)


if __name__ == "__main__":
    main()
