"""A CSV file as features and target, and what a reader should know of both."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skdeep.cli.column_meaning import Meaning, missing, what_it_means
from skdeep.cli.csv_file import read_texts
from skdeep.cli.decimal_commas import with_decimal_points
from skdeep.cli.errors import UsageError
from skdeep.cli.target import describe, read_target

if TYPE_CHECKING:
    import pandas

__all__ = ["Table", "read_table"]


@dataclass(frozen=True)
class Table:
    """Features, target and groups.

    Attributes
    ----------
    X : pandas.DataFrame of shape (n_samples, n_features)
        Numbers, dates and categories, in columns of these types.
    y : ndarray of shape (n_samples,)
    groups : ndarray of shape (n_samples,) or None
        Rows of one group stay together.
    task : {"classification", "regression"}
    notes : list of str
        What was left out, and why, and what was read in a way that is not plain.
    summary : str
        The data in a few lines.
    """

    X: pandas.DataFrame
    y: NDArray[np.generic]
    groups: NDArray[np.generic] | None
    task: str
    notes: list[str]
    summary: str


def read_table(
    path: str,
    target: str,
    *,
    delimiter: str | None = None,
    task: str | None = None,
    drop: Sequence[str] = (),
    keep: Sequence[str] = (),
    groups: str | None = None,
) -> Table:
    """Read a CSV file with a header.

    Parameters
    ----------
    path, delimiter
        Of the file.
    target : str
        The column to predict. Rows without it are left out.
    task : {"classification", "regression"}, default=None
        What the target is; None: what its values look like.
    drop, keep : sequence of str
        Columns that are not used, and columns that are used although they look like identifiers or
        say nothing; several may stand in one text, with commas between.
    groups : str, default=None
        The column that says which rows belong together; no feature.

    Returns
    -------
    Table

    Raises
    ------
    UsageError
        If the file or a column cannot be used.
    """
    texts = read_texts(path, delimiter)  # which says what to do where there is no pandas
    import pandas

    _check_column(texts, target, "--target")
    if groups is not None:
        _check_column(texts, groups, "--groups")
    dropped, kept = _columns(texts, drop, "--drop"), _columns(texts, keep, "--keep")
    notes: list[str] = []
    texts, with_comma = with_decimal_points(texts)
    if with_comma:
        notes.append(f"decimal commas are read as points, in {', '.join(map(repr, with_comma))}")
    y, task, there = read_target(texts[target], task, notes)
    texts = texts[there]
    used = [name for name in texts if name not in {target, groups, *dropped}]
    found = {name: what_it_means(name, texts[name], keep=name in kept) for name in used}
    if all(meaning.kind == "nothing" for meaning in found.values()):
        # A file that has nothing besides a column that numbers its rows means that.
        found |= {
            name: what_it_means(name, texts[name], keep=True)
            for name, meaning in found.items()
            if meaning.values.nunique() > 1 and meaning.values.dtype.kind == "f"
        }
    for name, meaning in found.items():
        if meaning.kind == "nothing":
            notes.append(f"column {name!r} is left out: it {meaning.note}")
        elif meaning.note:
            notes.append(f"column {name!r} {meaning.note}")
    features = {name: meaning for name, meaning in found.items() if meaning.kind != "nothing"}
    if not features:
        raise UsageError(f"{path} has no column to predict {target!r} from. {'; '.join(notes)}")
    X = pandas.DataFrame({name: meaning.values for name, meaning in features.items()})
    X = X.reset_index(drop=True)
    if any(meaning.kind == "nothing" for meaning in found.values()):
        notes.append("--keep COLUMN uses a column all the same")
    summary = [
        f"{Path(path).name}: {len(y)} rows, {_counts(features.values())}, "
        f"{int(X.isna().to_numpy().sum())} missing values",
        f"target {target!r}: {describe(y, task)}",
        *notes,
    ]
    rows = None if groups is None else _groups(texts[groups])
    return Table(X, y, rows, task, notes, "\n".join(summary))


def _columns(texts: Any, given: Iterable[str], flag: str) -> set[str]:
    """Return the columns that an argument names, several with commas between."""
    names: set[str] = set()
    for name in given:
        names.update([name] if name in texts else map(str.strip, name.split(",")))
    for name in sorted(names):
        _check_column(texts, name, flag)
    return names


def _check_column(texts: Any, name: str, flag: str) -> None:
    """Raise UsageError where an argument names a column that the file does not have."""
    if name not in texts:
        near = difflib.get_close_matches(name, list(texts), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UsageError(
            f"{flag} {name!r} is no column of the file.{hint} Its columns are {list(texts)}."
        )


def _counts(features: Iterable[Meaning]) -> str:
    kinds = [meaning.kind for meaning in features]
    dates = f", {kinds.count('date')} date" if "date" in kinds else ""
    numeric, categorical = kinds.count("number"), kinds.count("category")
    return f"{numeric} numeric{dates} and {categorical} categorical features"


def _groups(texts: Any) -> NDArray[np.generic]:
    absent = int(missing(texts).sum())
    if absent:
        raise UsageError(f"--groups {texts.name!r} has no value in {absent} rows.")
    return texts.to_numpy(dtype=str)
