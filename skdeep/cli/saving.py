"""The best estimator of a comparison, fitted on all rows and saved by skops."""

from __future__ import annotations

import importlib.util
from typing import Any

from sklearn.base import clone

from skdeep.cli.errors import UsageError
from skdeep.cli.table import Table
from skdeep.model_selection import Comparison

__all__ = ["check_skops", "save_best"]


def check_skops() -> None:
    """Raise UsageError where skops is not installed."""
    if importlib.util.find_spec("skops") is None:
        raise UsageError(
            '--save writes by skops, which is not installed; pip install "skdeep[cli]" brings it.'
        )


def save_best(comparison: Comparison, table: Table, path: str) -> str:
    """Fit the best on all rows and write it; return what was done, in a sentence."""
    import skops.io

    name = comparison.ranking[0]
    model: Any = clone(comparison.estimators[name]).fit(table.X, table.y)
    try:
        skops.io.dump(model, path)
    except Exception as error:  # a type that skops has no way to write
        raise UsageError(f"--save: skops cannot write {name}: {error}") from error
    return f"model: {path} ({name}, fitted on all {len(table.y)} rows; skops.io.load reads it)"
