"""The folds that --cv, --repeats and --groups ask for, refused where the data has too few rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    StratifiedGroupKFold,
    StratifiedKFold,
)

from skdeep.cli.errors import UsageError
from skdeep.cli.table import Table

__all__ = ["RepeatedGroupFolds", "check_folds", "make_folds"]


class RepeatedGroupFolds:
    """Folds that keep groups together, drawn several times; scikit-learn repeats others only.

    Parameters
    ----------
    kind : {GroupKFold, StratifiedGroupKFold}
    n_splits, n_repeats, random_state : int
    """

    def __init__(self, kind: Any, n_splits: int, n_repeats: int, random_state: int) -> None:
        self.draws = [
            kind(n_splits, shuffle=True, random_state=(random_state + draw) % 2**32)
            for draw in range(n_repeats)
        ]

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Any]:
        """Yield the folds of each draw."""
        for draw in self.draws:
            yield from draw.split(X, y, groups)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds of all draws."""
        return sum(draw.get_n_splits() for draw in self.draws)

    def __repr__(self) -> str:
        return f"{len(self.draws)} draws of {self.draws[0]!r} and the seeds after it"


def make_folds(table: Table, n_splits: int, n_repeats: int, random_state: int) -> Any:
    """Return the splitter for a table that has the rows for it."""
    stratified = table.task == "classification"
    if table.groups is not None:
        grouped = StratifiedGroupKFold if stratified else GroupKFold
        if n_repeats == 1:
            return grouped(n_splits, shuffle=True, random_state=random_state)
        return RepeatedGroupFolds(grouped, n_splits, n_repeats, random_state)
    if n_repeats == 1:
        once = StratifiedKFold if stratified else KFold
        return once(n_splits, shuffle=True, random_state=random_state)
    repeated = RepeatedStratifiedKFold if stratified else RepeatedKFold
    return repeated(n_splits=n_splits, n_repeats=n_repeats, random_state=random_state)


def check_folds(table: Table, n_splits: int) -> str:
    """Raise UsageError where there are not enough rows; return what is amiss besides, or ""."""
    n_rows = len(table.y)
    if n_rows < n_splits:
        raise UsageError(f"--cv {n_splits} needs {n_splits} rows at least, and there are {n_rows}.")
    if table.groups is not None and (n_groups := len(np.unique(table.groups))) < n_splits:
        raise UsageError(
            f"--cv {n_splits} needs {n_splits} groups at least, and --groups has {n_groups}."
        )
    if table.task == "regression":
        return ""
    classes, counts = np.unique(table.y, return_counts=True)
    if counts.max() < n_splits:
        raise UsageError(
            f"--cv {n_splits} needs {n_splits} rows of a class at least, and the largest class, "
            f"{str(classes[counts.argmax()])!r}, has {counts.max()}."
        )
    rare = classes[counts < n_splits]
    if not len(rare):
        return ""
    shown = ", ".join(repr(str(name)) for name in rare[:5]) + (" ..." if len(rare) > 5 else "")
    return f"fewer than --cv {n_splits} rows have the class {shown}, so that some folds lack it"
