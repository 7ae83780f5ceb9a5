"""Accuracy of nearest neighbours on CIFAR-10's raw pixels, over k, for L1 and L2.

Needs the folder of SKDEEP_DATA with ``cifar10_train_jpeg.npz``, and pillow. Five folds of the
50000 training images; from each test fold 1000 images are scored for both metrics (L1 compares
every pixel of every pair), and with ``full`` as an argument all 10000, for L2 alone.
"""

from __future__ import annotations

import io
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedKFold

from benchmarks.timing import data_folder, table
from skdeep import KNNClassifierCV

KS = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 100]


def load(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return pixels of shape (50000, 3072) and labels."""
    from PIL import Image

    with np.load(folder / "cifar10_train_jpeg.npz") as data:
        raw, at = data["jpeg"].tobytes(), data["offsets"]
        images = [
            np.asarray(Image.open(io.BytesIO(raw[begin:end])).convert("RGB")).reshape(-1)
            for begin, end in pairwise(at)
        ]
        return np.stack(images), data["y"].astype(int)


def main(full: bool) -> None:
    """Print the accuracy of each k, with its standard error over the folds."""
    folder = data_folder()
    if folder is None or not (folder / "cifar10_train_jpeg.npz").exists():
        print("SKDEEP_DATA names no folder with cifar10_train_jpeg.npz: skipped")
        return
    X, y = load(folder)
    folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y))
    if not full:
        folds = [(train, test[:1000]) for train, test in folds]
    columns = {}
    for metric, weights in (("euclidean", ["uniform", "distance"]), ("manhattan", ["uniform"])):
        if full and metric == "manhattan":
            continue
        begin = time.perf_counter()
        model = KNNClassifierCV(KS, weights=weights, metric=metric, cv=folds).fit(X, y)
        print(f"{metric}: {time.perf_counter() - begin:.0f} s", flush=True)
        results = model.cv_results_
        for kind in weights:
            rows = [i for i, params in enumerate(results["params"]) if params["weights"] == kind]
            error = results["std_test_score"][rows] / np.sqrt(len(folds) - 1)
            columns[f"{metric}, {kind}"] = [
                f"{mean:.4f} ± {e:.4f}"
                for mean, e in zip(results["mean_test_score"][rows], error, strict=True)
            ]
    lines = [[k, *(column[i] for column in columns.values())] for i, k in enumerate(KS)]
    print(table(["k", *columns], lines))


if __name__ == "__main__":
    main("full" in sys.argv[1:])
