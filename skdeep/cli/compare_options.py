"""The arguments of ``python -m skdeep compare``, and which of them cannot be meant."""

from __future__ import annotations

import argparse
import difflib
import os
from pathlib import Path

from sklearn.metrics import get_scorer_names

from skdeep.cli.errors import UsageError
from skdeep.cli.estimator_names import TASKS
from skdeep.cli.saving import check_skops

__all__ = ["DEFAULT_ESTIMATORS", "add_arguments", "check_options"]

DEFAULT_ESTIMATORS = {
    "classification": "mlp,softmax,knn,sklearn:dummy",
    "regression": "mlp,least_squares,knn,sklearn:dummy",
}
_EXAMPLES = """\
examples:
  python -m skdeep compare data.csv --target y
  python -m skdeep compare visits.csv.gz --target outcome --groups patient --drop name,phone \\
      --scoring balanced_accuracy,roc_auc_ovr --save best.skops
  python -m skdeep compare data.csv --target y --estimators mlp,knn,sklearn:random_forest \\
      --set knn.n_neighbors=9 --repeats 10 --n-jobs 2 --report report.html
  python -m skdeep compare data.csv --target y --estimators mlp,wide=mlp \\
      --set "wide.hidden_layer_sizes=(300,)" --baseline mlp
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.epilog = _EXAMPLES
    add = parser.add_argument
    add("data", help="CSV file with a header; may be compressed, as data.csv.gz")
    add("--target", required=True, metavar="COLUMN", help="the column to predict")
    add(
        "--drop",
        action="append",
        default=[],
        metavar="COLUMNS",
        help="columns that are not used, with commas between; may be given several times",
    )
    add(
        "--keep",
        action="append",
        default=[],
        metavar="COLUMNS",
        help="columns that are used although they look like row numbers, identifiers or free text",
    )
    add(
        "--groups",
        metavar="COLUMN",
        help="rows with the same value here stay together, in training or in test; no feature",
    )
    add(
        "--estimators",
        metavar="LIST",
        help="names with commas between, such as mlp,softmax,knn,sklearn:hist_gradient_boosting "
        f"(default: {DEFAULT_ESTIMATORS['classification']}, or "
        f"{DEFAULT_ESTIMATORS['regression']}); LABEL=NAME for a label of your own; "
        "`python -m skdeep estimators` lists all names",
    )
    add(
        "--set",
        action="append",
        default=[],
        dest="settings",
        metavar="NAME.PARAM=VALUE",
        help="a parameter of one of the estimators; may be given several times",
    )
    add("--task", choices=TASKS, help="what the target is; by default it shows in the column")
    add(
        "--scoring",
        metavar="METRICS",
        help="scikit-learn's names, with commas between; the first is compared, the others are "
        "shown (default: accuracy, or r2)",
    )
    add("--cv", type=int, default=5, metavar="K", help="number of folds (default: 5)")
    add("--repeats", type=int, default=1, metavar="R", help="draws of the folds (default: 1)")
    add("--baseline", metavar="NAME", help="what the others are compared with (default: the best)")
    add("--n-jobs", type=int, default=None, metavar="N", help="folds at a time; -1: all processors")
    add("--random-state", type=int, default=0, metavar="SEED", help="default: 0")
    add("--delimiter", metavar="MARK", help="between fields; by default it shows in the header")
    add("--raw-target", action="store_true", help="do not standardize the target of a regression")
    add("--report", metavar="FILE", help="write a page of HTML that opens offline")
    add(
        "--save",
        metavar="FILE",
        help="fit the best on all rows and write it with skops, as best.skops",
    )
    add("--quiet", action="store_true", help="no progress, no notes")


def check_options(options: argparse.Namespace) -> None:
    """Raise UsageError for what can be seen to be wrong before any work."""
    for name, value, least in (("--cv", options.cv, 2), ("--repeats", options.repeats, 1)):
        if value < least:
            raise UsageError(f"{name} must be at least {least}. Got {value}.")
    if not 0 <= options.random_state < 2**32:
        raise UsageError(f"--random-state must be in [0, 2**32 - 1]. Got {options.random_state}.")
    for metric in options.scoring.split(",") if options.scoring is not None else ():
        if metric.strip() not in get_scorer_names():
            near = difflib.get_close_matches(metric, get_scorer_names(), n=3)
            hint = f"Did you mean {' or '.join(near)}?" if near else "The user guide lists them."
            raise UsageError(f"--scoring {metric!r} is no metric of scikit-learn. {hint}")
    if options.n_jobs == 0:
        raise UsageError("--n-jobs must be a number of processes, or -1 for all. Got 0.")
    for name, file in (("--report", options.report), ("--save", options.save)):
        if file:
            path = Path(file)
            if path.is_dir() or not path.absolute().parent.is_dir():
                raise UsageError(f"{name} {file} cannot be written: no such folder.")
            if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
                raise UsageError(f"{name} {file} cannot be written: permission denied.")
    if options.save:
        check_skops()
