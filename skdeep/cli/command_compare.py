"""``python -m skdeep compare``: a CSV file in, a table and a report out."""

from __future__ import annotations

import argparse
import shlex
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import FitFailedWarning
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags

from skdeep.cli.compare_options import DEFAULT_ESTIMATORS, check_options
from skdeep.cli.errors import UsageError
from skdeep.cli.estimator_names import make_estimators
from skdeep.cli.folds import check_folds, make_folds
from skdeep.cli.saving import save_best
from skdeep.cli.table import Table, read_table
from skdeep.model_selection import Comparison, compare
from skdeep.model_selection.preparation import plan

__all__ = ["run"]

_SCORING = {"classification": "accuracy", "regression": "r2"}
_TARGET = " The target is standardized for fitting and put back for predicting."


def run(options: argparse.Namespace, arguments: list[str]) -> int:
    """Compare, print the table, write report and model; return the exit status."""
    check_options(options)
    table = read_table(
        options.data,
        options.target,
        delimiter=options.delimiter,
        task=options.task,
        drop=options.drop,
        keep=options.keep,
        groups=options.groups,
    )
    names = (options.estimators or DEFAULT_ESTIMATORS[table.task]).split(",")
    names = [name.strip() for name in names if name]
    made = make_estimators(names, options.settings, table.task, options.random_state)
    scales_target = table.task == "regression" and not options.raw_target
    if scales_target:
        made = {name: _with_scaled_target(estimator) for name, estimator in made.items()}
    say = _nothing if options.quiet else _tell
    say(table.summary)
    warned = [check_folds(table, options.cv)]
    with _progress(options.quiet) as callbacks, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        comparison = _compare(options, table, made, callbacks)
    warned = [text for text in (*warned, *_told(caught)) if text]
    for text in warned:
        say(f"warning: {text}")
    print(comparison)
    if options.report:
        details = {
            "command": shlex.join(["python", "-m", "skdeep", *arguments]),
            "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "data": table.summary,
            "preprocessing": plan(table.X).steps + (_TARGET if scales_target else ""),
        }
        if warned:
            details["warnings"] = "\n".join(warned)
        title = f"{options.target} from {Path(options.data).name}"
        page = comparison.to_html(title, details)
        # The name of a file need not be text: what is none of UTF-8 becomes a question mark.
        Path(options.report).write_text(page, encoding="utf-8", errors="replace")
        say(f"report: {options.report}")
    if all(map(comparison.error, comparison.names)):
        return 1
    if options.save:
        say(save_best(comparison, table, options.save))
    return 0


def _compare(
    options: argparse.Namespace, table: Table, estimators: dict[str, Any], callbacks: list[Any]
) -> Comparison:
    """Return the comparison; what it refuses, the arguments or the data have to mend."""
    metrics = [name.strip() for name in (options.scoring or _SCORING[table.task]).split(",")]
    try:
        return compare(
            estimators,
            table.X,
            table.y,
            cv=make_folds(table, options.cv, options.repeats, options.random_state),
            scoring=metrics if len(metrics) > 1 else metrics[0],
            baseline=options.baseline,
            groups=table.groups,
            n_jobs=options.n_jobs,
            callbacks=callbacks,
            prepare=True,
        )
    except ValueError as error:
        raise UsageError(str(error)) from error


def _with_scaled_target(estimator: Any) -> Any:
    """Return a regressor behind the scaling of its target."""
    # A Poisson or gamma regression would have no use for a target below zero.
    if get_tags(estimator).target_tags.positive_only:
        return estimator
    return TransformedTargetRegressor(estimator, transformer=StandardScaler())


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


def _told(caught: list[warnings.WarningMessage]) -> list[str]:
    """Return what was warned of, a line each.

    Errors are in the table; that the 0/1 columns of a category add up to one is no news; and that a
    class is rare is said with the words of the command line.
    """
    return [
        f"{warning.category.__name__}: {' '.join(str(warning.message).split())}"
        for warning in caught
        if warning.category not in (FitFailedWarning, np.exceptions.RankWarning)
        and not str(warning.message).startswith("The least populated class")
    ]


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


def _nothing(text: str) -> None:
    pass
