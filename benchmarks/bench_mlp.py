"""MLPClassifier beside scikit-learn's and a plain PyTorch loop: same architecture, same epochs.

The data are random (the time of an epoch does not depend on what is learned); every competitor
trains with Adam on mini-batches in a new order each epoch. A figure is the median over rounds of
the peer's time divided by ours in the same round.

    python -m benchmarks mlp                 all rows
    python -m benchmarks.bench_mlp --quick   fewer rounds
    python -m benchmarks.bench_mlp --busy    the same with a second process keeping a core busy
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import time
import warnings
from contextlib import nullcontext
from itertools import pairwise

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as TheirClassifier

from benchmarks.timing import interleaved, median_ratio, save_rows, table, table_line
from skdeep import MLPClassifier, all_cores

# samples, features, hidden layers, batch size, epochs timed at once
SHAPES = [
    (1797, 64, (100,), 200, 30),
    (20000, 30, (100,), 200, 4),
    (20000, 50, (256, 256), 256, 2),
    (20000, 784, (256, 256), 128, 2),
    (10000, 784, (1024, 1024), 256, 2),
]
REGULARIZED = [(20000, 50, (256, 256), 256, 2), (20000, 784, (256, 256), 128, 2)]
N_CLASSES = 10


def data(n, d, dtype):
    """Return random features and labels."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((n, d)).astype(dtype), rng.integers(0, N_CLASSES, n)


def torch_loop(X, y, hidden, batch_size, epochs, *, regularized=False):
    """Return a function that trains a network of the same shape in PyTorch."""
    import torch

    inputs, labels = torch.from_numpy(X), torch.from_numpy(y)

    def run():
        torch.manual_seed(0)
        layers, width = [], X.shape[1]
        for size in hidden:
            layers.append(torch.nn.Linear(width, size))
            if regularized:
                layers.append(torch.nn.BatchNorm1d(size))
            layers.append(torch.nn.ReLU())
            if regularized:
                layers.append(torch.nn.Dropout(0.2))
            width = size
        model = torch.nn.Sequential(*layers, torch.nn.Linear(width, N_CLASSES)).to(inputs.dtype)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        loss_function = torch.nn.CrossEntropyLoss()
        for _ in range(epochs):
            order = torch.randperm(len(inputs))
            for start in range(0, len(inputs), batch_size):
                rows = order[start : start + batch_size]
                optimizer.zero_grad()
                loss_function(model(inputs[rows]), labels[rows]).backward()
                optimizer.step()

    return run


def competitors(shape, dtype, *, regularized=False):
    """Return what trains the same network on the same data, by name."""
    n, d, hidden, batch_size, epochs = shape
    X, y = data(n, d, dtype)
    common = {
        "hidden_layer_sizes": hidden,
        "batch_size": batch_size,
        "max_iter": epochs,
        "n_iter_no_change": np.inf,
        "random_state": 0,
    }
    more = {"batch_norm": True, "dropout": 0.2} if regularized else {}
    runs = {"skdeep": lambda: MLPClassifier(**common, **more).fit(X, y)}
    if not regularized:
        runs["scikit-learn"] = lambda: TheirClassifier(**common).fit(X, y)
    try:
        runs["PyTorch"] = torch_loop(X, y, hidden, batch_size, epochs, regularized=regularized)
    except ImportError:
        print("PyTorch is not installed; its column stays empty")
    return runs


LARGE = 2048


def large_products(dtype, times=3):
    """Return a function that shows the machine's own rate: it multiplies large matrices."""
    a = np.random.default_rng(0).standard_normal((LARGE, LARGE)).astype(dtype)
    out = np.empty_like(a)

    def run():
        for _ in range(times):
            np.matmul(a, a, out=out)

    return run, 2 * times * LARGE**3


def own_products(shape, dtype):
    """Return a function that does an epoch's matrix products of a network, and nothing else."""
    n, d, hidden, batch_size, epochs = shape
    draw = np.random.default_rng(0).standard_normal
    widths = [d, *hidden, N_CLASSES]
    values = [draw((batch_size, width)).astype(dtype) for width in widths]
    weights = [draw(pair).astype(dtype) for pair in pairwise(widths)]
    grads = [np.empty_like(weight) for weight in weights]

    def run():
        for _ in range(epochs * n // batch_size):
            for x, weight, y in zip(values, weights, values[1:], strict=False):
                np.matmul(x, weight, out=y)
                y *= 1e-3  # or they would overflow
            for i in reversed(range(len(weights))):
                np.matmul(values[i].T, values[i + 1], out=grads[i])
                if i:
                    np.matmul(values[i + 1], weights[i].T, out=values[i])
                    values[i] *= 1e-3

    return run


def product_operations(shape):
    """Return the floating operations of an epoch's matrix products: forward, and both backward."""
    n, d, hidden, _, _ = shape
    widths = [d, *hidden, N_CLASSES]
    products = [a * b for a, b in pairwise(widths)]
    return 2 * n * (3 * sum(products) - products[0])


def row(shape, dtype, repeats, *, regularized=False):
    """Measure one line of the table."""
    n, d, hidden, batch_size, epochs = shape
    multiply, operations = large_products(dtype)
    runs = {"product": multiply, "products": own_products(shape, dtype)}
    runs |= competitors(shape, dtype, regularized=regularized)
    seconds = interleaved(runs, repeats=repeats)
    ours = seconds["skdeep"]
    n_batches = -(-n // batch_size) * epochs
    share = product_operations(shape) * epochs / operations * median_ratio(seconds["product"], ours)

    def ratio(name):
        return f"{median_ratio(seconds[name], ours):.2f}x" if name in seconds else ""

    return [
        f"{n}x{d}, {hidden}, batch {batch_size}" + (", batch norm, dropout" * regularized),
        np.dtype(dtype).name,
        f"{statistics.median(ours) / n_batches * 1e6:.0f} us",
        ratio("scikit-learn"),
        ratio("PyTorch"),
        f"{share:.0%}",
        f"{median_ratio(seconds['products'], ours):.0%}",
    ]


def keep_busy(stop):
    """Multiply small matrices until told to stop."""
    a = np.ones((64, 64))
    while not stop.is_set():
        a = a @ a / 64


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--busy", action="store_true", help="with a second process at work")
    parser.add_argument("--only", type=int, help="this row of the shapes only, from 0")
    arguments, _ = parser.parse_known_args()
    repeats = 3 if arguments.quick else 5
    warnings.simplefilter("ignore", ConvergenceWarning)
    stop = multiprocessing.Event()
    busy = multiprocessing.Process(target=keep_busy, args=(stop,), daemon=True)
    if arguments.busy:
        busy.start()
        time.sleep(0.5)
    shapes = SHAPES if arguments.only is None else [SHAPES[arguments.only]]
    work = [(shape, dtype, False) for dtype in ("float32", "float64") for shape in shapes]
    if arguments.only is None:
        work += [(shape, "float32", True) for shape in REGULARIZED]
    head = ["network", "type", "a batch", "scikit-learn", "PyTorch"]
    head += ["of the product rate", "of its products"]
    print(table(head, []), flush=True)
    rows = []
    with nullcontext() if arguments.busy else all_cores():  # an idle machine has them to give
        for shape, dtype, regularized in work:
            rows.append(row(shape, dtype, repeats, regularized=regularized))
            print(table_line(rows[-1]), flush=True)
    stop.set()
    if arguments.only is None and not arguments.busy:
        save_rows("mlp", head, rows)


if __name__ == "__main__":
    main()
