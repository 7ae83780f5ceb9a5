"""``python -m skdeep compare``: a CSV file in, a table and a report out."""

from __future__ import annotations

import argparse
import difflib
import os
import shlex
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.exceptions import FitFailedWarning
from sklearn.impute import SimpleImputer
from sklearn.metrics import get_scorer_names
from sklearn.model_selection import KFold, RepeatedKFold, RepeatedStratifiedKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils import get_tags

from skdeep.cli.csv_table import Table, read_table
from skdeep.cli.errors import UsageError
from skdeep.cli.estimator_names import TASKS, make_estimators
from skdeep.model_selection import compare

__all__ = ["add_arguments", "run", "with_preprocessing"]

_DEFAULT = {
    "classification": "mlp,softmax,knn,sklearn:dummy",
    "regression": "mlp,least_squares,knn,sklearn:dummy",
}
_SCORING = {"classification": "accuracy", "regression": "r2"}
_CATEGORIES = 50
_PREPROCESSING = (
    "In every fold anew: numbers get their median where they are missing and are standardized; "
    "texts become a 0/1 column for each category, missing being one of them, and one more for all "
    f"beyond the {_CATEGORIES - 1} most frequent."
)
_TARGET = " The target is standardized for fitting and put back for predicting."
_EXAMPLES = """\
examples:
  python -m skdeep compare data.csv --target y
  python -m skdeep compare data.csv --target y --estimators mlp,knn,sklearn:random_forest \\
      --set knn.n_neighbors=9 --repeats 10 --n-jobs 2 --report report.html
  python -m skdeep compare data.csv --target y --estimators mlp,wide=mlp \\
      --set "wide.hidden_layer_sizes=(300,)" --baseline mlp
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.epilog = _EXAMPLES
    add = parser.add_argument
    add("data", help="CSV file with a header")
    add("--target", required=True, metavar="COLUMN", help="the column to predict")
    add(
        "--estimators",
        metavar="LIST",
        help="names with commas between, such as mlp,softmax,knn,sklearn:hist_gradient_boosting "
        f"(default: {_DEFAULT['classification']}, or {_DEFAULT['regression']}); "
        "LABEL=NAME for a label of your own; `python -m skdeep estimators` lists all names",
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
    add("--scoring", metavar="METRIC", help="scikit-learn's name; default: accuracy, or r2")
    add("--cv", type=int, default=5, metavar="K", help="number of folds (default: 5)")
    add("--repeats", type=int, default=1, metavar="R", help="draws of the folds (default: 1)")
    add("--baseline", metavar="NAME", help="what the others are compared with (default: the best)")
    add("--n-jobs", type=int, default=None, metavar="N", help="folds at a time; -1: all processors")
    add("--random-state", type=int, default=0, metavar="SEED", help="default: 0")
    add("--delimiter", metavar="MARK", help="between fields; by default it shows in the header")
    add("--raw-target", action="store_true", help="do not standardize the target of a regression")
    add("--report", metavar="FILE", help="write a page of HTML that opens offline")
    add("--quiet", action="store_true", help="no progress, no notes")


def run(options: argparse.Namespace, arguments: list[str]) -> int:
    """Compare, print the table, write the report; return the exit status."""
    _check_options(options)
    delimiter = {"\\t": "\t", "tab": "\t"}.get(options.delimiter, options.delimiter)
    table = read_table(options.data, options.target, delimiter=delimiter, task=options.task)
    names = [
        name.strip() for name in (options.estimators or _DEFAULT[table.task]).split(",") if name
    ]
    made = make_estimators(names, options.settings, table.task, options.random_state)
    scales_target = table.task == "regression" and not options.raw_target
    candidates = {
        name: with_preprocessing(estimator, table, scales_target)
        for name, estimator in made.items()
    }
    say = _nothing if options.quiet else _tell
    say(table.summary)
    with _progress(options.quiet) as callbacks, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            comparison = compare(
                candidates,
                table.X,
                table.y,
                cv=_folds(options, table.task),
                scoring=options.scoring or _SCORING[table.task],
                baseline=options.baseline,
                n_jobs=options.n_jobs,
                callbacks=callbacks,
            )
        except ValueError as error:
            raise UsageError(str(error)) from error
    warned = _first_lines(caught)
    for text in warned:
        say(f"warning: {text}")
    print(comparison)
    if options.report:
        details = {
            "command": shlex.join(["python", "-m", "skdeep", *arguments]),
            "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "data": table.summary,
            "preprocessing": _PREPROCESSING + (_TARGET if scales_target else ""),
        }
        if warned:
            details["warnings"] = "\n".join(warned)
        title = f"{options.target} from {Path(options.data).name}"
        page = comparison.to_html(title, details)
        # The name of a file need not be text: what is none of UTF-8 becomes a question mark.
        Path(options.report).write_text(page, encoding="utf-8", errors="replace")
        say(f"report: {options.report}")
    return 0 if any(not comparison.error(name) for name in comparison.names) else 1


def _check_options(options: argparse.Namespace) -> None:
    """Raise UsageError for what can be seen to be wrong before any work."""
    for name, value, least in (("--cv", options.cv, 2), ("--repeats", options.repeats, 1)):
        if value < least:
            raise UsageError(f"{name} must be at least {least}. Got {value}.")
    if not 0 <= options.random_state < 2**32:
        raise UsageError(f"--random-state must be in [0, 2**32 - 1]. Got {options.random_state}.")
    if options.scoring and options.scoring not in get_scorer_names():
        near = difflib.get_close_matches(options.scoring, get_scorer_names(), n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else "The user guide lists them."
        raise UsageError(f"--scoring {options.scoring!r} is no metric of scikit-learn. {hint}")
    if options.n_jobs == 0:
        raise UsageError("--n-jobs must be a number of processes, or -1 for all. Got 0.")
    if options.report:
        path = Path(options.report)
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise UsageError(f"--report {options.report} cannot be written: no such folder.")
        if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
            raise UsageError(f"--report {options.report} cannot be written: permission denied.")


def with_preprocessing(estimator: Any, table: Table, scales_target: bool) -> Any:
    """Return the estimator behind what makes numbers of a table."""
    n_numeric, n_features = len(table.numeric), table.X.shape[1]
    columns = ColumnTransformer(
        [
            (
                "numeric",
                make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
                list(range(n_numeric)),
            ),
            (
                "categorical",
                OneHotEncoder(
                    handle_unknown="infrequent_if_exist",
                    max_categories=_CATEGORIES,
                    sparse_output=False,
                ),
                list(range(n_numeric, n_features)),
            ),
        ]
    )
    # A Poisson or gamma regression would have no use for a target below zero.
    if scales_target and not get_tags(estimator).target_tags.positive_only:
        estimator = TransformedTargetRegressor(estimator, transformer=StandardScaler())
    return make_pipeline(columns, estimator)


def _folds(options: argparse.Namespace, task: str) -> Any:
    seed = options.random_state
    if options.repeats > 1:
        repeated = RepeatedStratifiedKFold if task == "classification" else RepeatedKFold
        return repeated(n_splits=options.cv, n_repeats=options.repeats, random_state=seed)
    once = StratifiedKFold if task == "classification" else KFold
    return once(options.cv, shuffle=True, random_state=seed)


@contextmanager
def _progress(quiet: bool) -> Iterator[list[Any]]:
    """Give the callbacks that show progress: bars on a terminal, where rich is installed."""
    if quiet or not sys.stderr.isatty():
        yield []
        return
    try:
        import rich
        from sklearn.callback import ProgressBar
    except ImportError:
        yield []
        return
    before = rich.get_console().stderr
    rich.reconfigure(stderr=True)  # standard output is for the table
    try:
        yield [ProgressBar(max_propagation_depth=0)]
    finally:
        rich.reconfigure(stderr=before)


def _first_lines(caught: list[warnings.WarningMessage]) -> list[str]:
    """Return what was warned of, a line each.

    Errors are in the table, and that the 0/1 columns of a category add up to one is no news.
    """
    return [
        f"{warning.category.__name__}: {' '.join(str(warning.message).split())}"
        for warning in caught
        if warning.category not in (FitFailedWarning, np.exceptions.RankWarning)
        and str(warning.message).strip()
    ]


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


def _nothing(text: str) -> None:
    pass
