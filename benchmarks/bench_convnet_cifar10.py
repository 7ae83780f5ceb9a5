"""CIFAR-10: how far a small convolutional network comes in half an hour, and how far in an hour.

    python -m benchmarks.bench_convnet_cifar10           half an hour of a core
    python -m benchmarks.bench_convnet_cifar10 --long    half as many filters more, 24 epochs

Pairs of convolutions with batch normalization, a pool behind each pair, and the mean over all
pixels. Pictures are shifted by up to four pixels and turned left for right in training; label
smoothing, a rate that rises and falls once, an average of the weights. 10000 of the 50000 training
pictures, by a fixed seed, are held out and nothing is chosen by them; 2500 others validate. Needs
``cifar10_train.npz`` (bytes X of shape (50000, 32, 32, 3), and y) in the folder that SKDEEP_DATA
names.
"""

from __future__ import annotations

import argparse

from benchmarks.held_out import RECIPE, as_they_are, measure
from skdeep import ConvNetClassifier
from skdeep.preprocessing import Shift


def main():
    """Print accuracy on the held-out pictures and seconds of training."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true")
    long = parser.parse_args().long
    network = ConvNetClassifier(
        "32, 2x96, 2x192" if long else "32, 2x64, 2x128",
        augment=("flip", Shift(0.125, 0.125)),
        label_smoothing=0.1,
        batch_size=64,
        learning_rate_init=0.005,
        max_iter=24 if long else 12,
        decoupled_weight_decay=0.05,
        **RECIPE,
    )
    name = "CIFAR-10, convolutions, long" if long else "CIFAR-10, convolutions"
    measure(name, "cifar10_train.npz", network, as_they_are, n_valid=2500)


if __name__ == "__main__":
    main()
