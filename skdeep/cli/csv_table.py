"""A CSV file as numbers, with the column that is to be predicted."""

from __future__ import annotations

import csv
import difflib
import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skdeep.cli.errors import UsageError

__all__ = ["Table", "read_table"]

MISSING = {"", "?", "na", "n/a", "nan", "none", "null"}
MISSING |= {sign + word for sign in ("", "+", "-") for word in ("inf", "infinity")}
MANY = 30  # distinct texts in a column, of which more than half the rows differ: a name or an id
FEW = 20  # distinct whole numbers in a target that are still classes


@dataclass(frozen=True)
class Table:
    """Features and target.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_features)
        Numbers as they are, texts as the number of their category, NaN where there is nothing.
    y : ndarray of shape (n_samples,)
    task : {"classification", "regression"}
    numeric, categorical : list of str
        Names of the features; those of numbers come first in `X`.
    notes : list of str
        What was left out, and why.
    summary : str
        The data in a few lines.
    """

    X: NDArray[np.float64]
    y: NDArray[np.generic]
    task: str
    numeric: list[str]
    categorical: list[str]
    notes: list[str]
    summary: str


def read_table(
    path: str, target: str, *, delimiter: str | None = None, task: str | None = None
) -> Table:
    """Read a CSV file with a header.

    A column is numeric if all that it holds are numbers, else categorical. Missing values are
    empty, "?", "NA" and the like. Rows without a target are left out, and so are columns of one
    value, and columns of texts that hardly repeat.
    """
    columns = _read(path, delimiter)
    if target not in columns:
        near = difflib.get_close_matches(target, columns, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UsageError(
            f"--target {target!r} is no column of {path}.{hint} Its columns are {list(columns)}."
        )
    labels = columns.pop(target)
    notes = []
    there = [at for at, label in enumerate(labels) if not _missing(label)]
    if len(there) < len(labels):
        notes.append(f"{len(labels) - len(there)} rows without {target!r} are left out")
        labels = [labels[at] for at in there]
        columns = {name: [values[at] for at in there] for name, values in columns.items()}
    if not labels:
        raise UsageError(f"{path} has no row with a value of {target!r}.")
    y, task = _target(labels, target, task)

    numeric: dict[str, NDArray[np.float64]] = {}
    categorical: dict[str, NDArray[np.float64]] = {}
    for name, values in columns.items():
        known = [value for value in values if not _missing(value)]
        distinct = len(set(known))
        if distinct < 2 and len(known) in (0, len(values)):
            notes.append(f"column {name!r} is left out: it has one value, or none")
        elif all(map(_is_number, known)):
            numeric[name] = np.array([np.nan if _missing(v) else float(v) for v in values])
        elif distinct > MANY and distinct > len(known) / 2:
            hint = "; numbers have a point here, not a comma" if _has_commas(known) else ""
            notes.append(f"column {name!r} is left out: texts that hardly repeat{hint}")
        else:
            code: dict[str, float] = {text: at for at, text in enumerate(sorted(set(known)))}
            categorical[name] = np.array([code.get(v, np.nan) for v in values])
    if not numeric and not categorical:
        raise UsageError(f"{path} has no column to predict {target!r} from. {'; '.join(notes)}")
    X = np.column_stack([*numeric.values(), *categorical.values()])
    n_missing = int(np.isnan(X).sum())
    summary = [
        f"{Path(path).name}: {len(y)} rows, {len(numeric)} numeric and {len(categorical)} "
        f"categorical features, {n_missing} missing values",
        f"target {target!r}: {_describe(y, task)}",
        *notes,
    ]
    return Table(X, y, task, list(numeric), list(categorical), notes, "\n".join(summary))


def _read(path: str, delimiter: str | None) -> dict[str, list[str]]:
    """Return the columns of the file as texts."""
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise UsageError(
            f"--delimiter must be a single character, or tab, and no quote. Got {delimiter!r}."
        )
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            if delimiter is None:
                delimiter = _sniff(file.readline(), path)
                file.seek(0)
            rows = list(csv.reader(file, delimiter=delimiter, skipinitialspace=True))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8: {error.reason} at byte {error.start}. Save it as UTF-8."
        ) from error
    except csv.Error as error:
        raise UsageError(f"{path} is no CSV file: {error}.") from error
    rows = [row for row in rows if len(row) > 1 or "".join(row).strip()]
    if len(rows) < 2:
        raise UsageError(f"{path} has no rows below its header.")
    header = [name.strip() for name in rows[0]]
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise UsageError(
            f"{path} has more than one column {twice[0]!r}; its first line must be a header."
        )
    for at, row in enumerate(rows[1:], 1):
        if len(row) != len(header):
            raise UsageError(
                f"Row {at} of {path} has {len(row)} fields, and its header has {len(header)}; "
                f"fields were split at {delimiter!r}, which --delimiter changes."
            )
    return {
        name: [field.strip() for field in fields]
        for name, fields in zip(header, zip(*rows[1:], strict=True), strict=True)
    }


def _sniff(header: str, path: str) -> str:
    """Return the delimiter that the header has most of, outside of quotes."""
    bare = re.sub(r'"[^"]*"', "", header)
    counts = {mark: bare.count(mark) for mark in ",;\t|"}
    best = max(counts, key=counts.__getitem__)
    if not counts[best]:
        raise UsageError(
            f"The first line of {path} has no comma, semicolon, tab or bar between columns; "
            "--delimiter names another mark."
        )
    return best


def _target(labels: list[str], name: str, task: str | None) -> tuple[NDArray[np.generic], str]:
    """Return the target and its task, which numbers of many values make a regression."""
    numbers = np.array([float(v) for v in labels]) if all(map(_is_number, labels)) else None
    if task is None:
        whole = numbers is not None and bool((numbers == np.round(numbers)).all())
        distinct = len(set(labels))
        classes = numbers is None or (whole and distinct <= FEW and distinct <= len(labels) / 2)
        task = "classification" if classes else "regression"
    if task == "regression":
        if numbers is None:
            wrong = next(v for v in labels if not _is_number(v))
            raise UsageError(
                f"--task regression needs numbers, and --target {name!r} has {wrong!r}."
            )
        return numbers, task
    if len(set(labels)) < 2:
        raise UsageError(f"--target {name!r} has one class only, {labels[0]!r}.")
    if numbers is None and len(set(labels)) > FEW and _has_commas(labels):
        raise UsageError(
            f"--target {name!r} has numbers with a comma, such as {labels[0]!r}; write them with a "
            "point."
        )
    exact = numbers is not None and bool((np.abs(numbers) < 2**53).all())
    if numbers is not None and exact and (numbers == np.round(numbers)).all():
        return numbers.astype(np.int64), task
    return np.array(labels), task


def _describe(y: NDArray[np.generic], task: str) -> str:
    if task == "regression":
        low, middle, high = np.percentile(y.astype(np.float64), [0, 50, 100])
        return f"regression, from {low:g} to {high:g}, median {middle:g}"
    classes, counts = np.unique(y, return_counts=True)
    shown = [f"{name} ({count})" for name, count in zip(classes[:12], counts[:12], strict=True)]
    more = f" and {len(classes) - 12} more" if len(classes) > 12 else ""
    return f"classification, {len(classes)} classes: {', '.join(shown)}{more}"


def _missing(text: str) -> bool:
    return text.lower() in MISSING


def _has_commas(texts: list[str]) -> bool:
    """Tell whether these would be numbers if commas were allowed, as in 0,5 or 1,000."""
    return all(_is_number(text.replace(",", "")) for text in texts)


def _is_number(text: str) -> bool:
    """Tell whether this is a number; Python reads 1_2 as 12, a file means something else by it."""
    try:
        return "_" not in text and math.isfinite(float(text))
    except ValueError:
        return False
