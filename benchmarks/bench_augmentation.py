"""An epoch with augmentation beside one without: the same network on the same pictures.

A figure is the median over rounds of the processor time of four augmented epochs divided by that of
four plain ones in the same round, on one thread.

    python -m benchmarks augmentation
    python -m benchmarks.bench_augmentation --quick      fewer rounds
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from benchmarks.timing import save_rows, table_line
from skdeep import ConvNetClassifier, MLPClassifier

COMMON = {"max_iter": 4, "random_state": 0}  # what is done once a fit is spread over epochs
# name: network, shape of a picture, how many of them
NETWORKS = {
    "MLP (256, 256), 28x28": (MLPClassifier((256, 256), **COMMON), (28, 28, 1), 4000),
    "MLP (512, 512), 28x28": (MLPClassifier((512, 512), **COMMON), (28, 28, 1), 2000),
    "MLP (1024, 512), 32x32x3": (MLPClassifier((1024, 512), **COMMON), (32, 32, 3), 1000),
    "ConvNet, 28x28": (ConvNetClassifier(**COMMON), (28, 28, 1), 300),
    "ConvNet, 32x32x3": (ConvNetClassifier(**COMMON), (32, 32, 3), 200),
}
AUGMENTATIONS = [
    ("flip", "shift"),
    ("shift", "rotation"),
    ("crop",),
    ("flip", "shift", "brightness", "contrast"),
    ("shift", "cutmix"),
    ("mixup",),
    ("noise",),
]


def seconds(network, augment, X, y):
    """Return the processor time of the epochs."""
    network.set_params(augment=augment)
    begin = time.process_time()
    network.fit(X, y)
    return time.process_time() - begin


def main():
    """Print the ratios, a line a network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="three rounds in place of nine")
    rounds = 3 if parser.parse_args().quick else 9
    warnings.simplefilter("ignore", ConvergenceWarning)
    rng = np.random.default_rng(0)
    head = ["an augmented epoch / a plain one", *(", ".join(names) for names in AUGMENTATIONS)]
    print(table_line(head))
    print(table_line(["---"] * len(head)))
    rows = []
    for name, (network, shape, n) in NETWORKS.items():
        X = rng.random((n, int(np.prod(shape))), dtype=np.float32)
        y = rng.integers(0, 10, n)
        network.set_params(image_shape=shape)
        ratios = {names: [] for names in AUGMENTATIONS}
        with threadpool_limits(1):
            seconds(network, None, X, y)
            for _ in range(rounds):
                for names in AUGMENTATIONS:
                    plain = seconds(network, None, X, y)
                    ratios[names].append(seconds(network, names, X, y) / plain)
        row = [name, *(f"{statistics.median(found):.2f}" for found in ratios.values())]
        rows.append(row)
        print(table_line(row), flush=True)
    save_rows("augmentation", head, rows)


if __name__ == "__main__":
    main()
