"""Accuracy on samples that are held out: others choose the recipe, and those are looked at once."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from benchmarks import curves
from benchmarks.timing import data_folder, table

# What all recipes have in common: a rate that rises and falls once, and an average of the weights.
RECIPE = {
    "learning_rate": "one_cycle",
    "n_iter_no_change": np.inf,
    "average": "ema",
    "average_decay": 0.998,
    "alpha": 0.0,
    "random_state": 0,
}


def as_they_are(pictures: np.ndarray) -> np.ndarray:
    """Return pictures, of bytes, for a network that takes them so."""
    return pictures


def measure(
    name: str, file: str, network: object, rows: Callable[[np.ndarray], np.ndarray], n_valid: int
) -> None:
    """Train a network, and print its accuracy on validation and on 10000 held-out samples.

    The parts are drawn by fixed seeds, so that they are the same each time.

    Parameters
    ----------
    name : str
        Of the data, for the curve in the documentation.
    file : str
        In the folder of data, with arrays X and y.
    network : classifier
    rows : callable
        Makes of some of X what the network takes.
    n_valid : int
        How many samples validate.
    """
    folder = data_folder()
    if folder is None or not (folder / file).exists():
        print(f"set SKDEEP_DATA to the folder with {file}")
        return
    data = np.load(folder / file)
    X, y = data["X"], data["y"]
    rest, held_out = train_test_split(
        np.arange(len(y)), test_size=10000, random_state=0, stratify=y
    )
    train, valid = train_test_split(rest, test_size=n_valid, random_state=1, stratify=y[rest])
    warnings.simplefilter("ignore", ConvergenceWarning)
    begin, begin_of_core = time.perf_counter(), time.process_time()
    network.fit(rows(X[train]), y[train], X_val=rows(X[valid]), y_val=y[valid])
    passed, seconds = time.perf_counter() - begin, time.process_time() - begin_of_core
    curves.save(name, network.history_["validation_score"])
    lines = []
    for n_copies in (1, 16):
        network.set_params(test_time_augmentation=n_copies)
        accuracies = [network.score(rows(X[part]), y[part]) for part in (valid, held_out)]
        lines.append([n_copies, *(f"{accuracy:.2%}" for accuracy in accuracies)])
    print(
        f"{network.network_.n_parameters} parameters, {network.n_iter_} epochs, "
        f"{seconds:.0f} seconds of processor time, {passed:.0f} seconds passed\n"
    )
    print(table(["test_time_augmentation", "validation accuracy", "held-out accuracy"], lines))
