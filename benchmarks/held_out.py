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


def parts(file: str, n_valid: int) -> dict[str, tuple[np.ndarray, np.ndarray]] | None:
    """Return pictures and classes to train on, to validate by and held out; None without data.

    The parts are drawn by fixed seeds, so that they are the same each time.

    Parameters
    ----------
    file : str
        In the folder of data, with arrays X and y.
    n_valid : int
        How many samples validate.
    """
    folder = data_folder()
    if folder is None or not (folder / file).exists():
        print(f"set SKDEEP_DATA to the folder with {file}")
        return None
    data = np.load(folder / file)
    X, y = data["X"], data["y"]
    rest, held_out = train_test_split(
        np.arange(len(y)), test_size=10000, random_state=0, stratify=y
    )
    train, valid = train_test_split(rest, test_size=n_valid, random_state=1, stratify=y[rest])
    rows = {"training": train, "validation": valid, "held-out": held_out}
    return {name: (X[part], y[part]) for name, part in rows.items()}


def measure(
    name: str, file: str, network: object, rows: Callable[[np.ndarray], np.ndarray], n_valid: int
) -> None:
    """Train a network, and print its accuracy on validation and on 10000 held-out samples.

    Parameters
    ----------
    name : str
        Of the data, for the curve in the documentation.
    file, n_valid
        As for `parts`.
    network : classifier
    rows : callable
        Makes of some of X what the network takes.
    """
    data = parts(file, n_valid)
    if data is None:
        return
    (X, y), (X_val, y_val) = data["training"], data["validation"]
    warnings.simplefilter("ignore", ConvergenceWarning)
    begin, begin_of_core = time.perf_counter(), time.process_time()
    network.fit(rows(X), y, X_val=rows(X_val), y_val=y_val)
    passed, seconds = time.perf_counter() - begin, time.process_time() - begin_of_core
    curves.save(name, network.history_["validation_score"])
    lines = []
    for n_copies in (1, 16):
        network.set_params(test_time_augmentation=n_copies)
        accuracies = [network.score(rows(X), y) for X, y in (data["validation"], data["held-out"])]
        lines.append([n_copies, *(f"{accuracy:.2%}" for accuracy in accuracies)])
    print(
        f"{network.network_.n_parameters} parameters, {network.n_iter_} epochs, "
        f"{seconds:.0f} seconds of processor time, {passed:.0f} seconds passed\n"
    )
    print(table(["test_time_augmentation", "validation accuracy", "held-out accuracy"], lines))
