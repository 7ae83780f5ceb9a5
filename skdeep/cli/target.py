"""The column that is to be predicted: classes or numbers, as the file has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skdeep.cli.column_meaning import are_numbers, are_texts_of_digits, dates, missing
from skdeep.cli.errors import UsageError
from skdeep.utils.columns import is_free_text

if TYPE_CHECKING:
    import pandas

__all__ = ["describe", "read_target"]

_FEW = 20  # distinct whole numbers in a target that are still classes


def read_target(
    texts: pandas.Series, task: str | None, notes: list[str]
) -> tuple[NDArray[np.generic], str, NDArray[np.bool_]]:
    """Return the target of the rows that have one, the task, and where those rows are.

    Numbers of many values make a regression. Labels stay what the file says: numbers become numbers
    only where no two labels and no digit are lost by it.
    """
    name = str(texts.name)
    absent = missing(texts)
    nones = texts.str.lower() == "none"  # a label, unless all else are numbers
    rest = texts[~absent & ~nones]
    if nones.any() and len(rest) and are_numbers(rest):
        absent |= nones
    labels = texts[~absent]
    if not len(labels):
        raise UsageError(f"The file has no row with a value of --target {name!r}.")
    left_out = ""
    numeric = are_numbers(labels)
    if absent.any():
        words = [repr(word) for word in dict.fromkeys(texts[absent]) if word]
        signs = f" (empty or {' or '.join(words)})" if words else ""
        left_out = f"{int(absent.sum())} rows without {name!r}{signs} are left out"
        if words and not numeric:
            left_out += f"; if {words[0]} is a class, spell it differently in the file"
        notes.append(left_out)
    codes = numeric and are_texts_of_digits(labels)
    if task is None:
        task = "classification" if codes or not numeric or _few(labels) else "regression"
        if task == "classification" and not numeric and dates(labels):
            raise UsageError(
                f"--target {name!r} has dates, such as {labels.iloc[0]!r}, which are neither "
                "classes nor numbers; make a column of what is to be predicted, or say --task "
                "classification."
            )
    if task == "regression":
        if not numeric:
            wrong = next(label for label in labels if not are_numbers(labels[labels == label]))
            raise UsageError(
                f"--task regression needs numbers, and --target {name!r} has {wrong!r}."
            )
        return labels.to_numpy(dtype=float), task, ~absent.to_numpy()

    different = labels.nunique()
    if different < 2:
        why = f": {left_out}" if left_out else ""
        raise UsageError(f"--target {name!r} has one class only, {labels.iloc[0]!r}{why}.")
    if not numeric and different > _FEW and are_numbers(labels.str.replace(",", "")):
        raise UsageError(
            f"--target {name!r} has numbers with a comma, such as {labels.iloc[0]!r}; write them "
            "with a point."
        )
    if is_free_text(labels.to_numpy()):
        raise UsageError(
            f"--target {name!r} has {different} different values in {len(labels)} rows, such as "
            f"{labels.iloc[0]!r}; classes have to repeat."
        )
    if codes:
        notes.append(f"labels of {name!r} have leading zeros or many digits, and stay text")
    return _classes(labels, numeric and not codes), task, ~absent.to_numpy()


def describe(y: NDArray[np.generic], task: str) -> str:
    """Return the target in a line."""
    if task == "regression":
        low, middle, high = np.percentile(y.astype(np.float64), [0, 50, 100])
        return f"regression, from {low:g} to {high:g}, median {middle:g}"
    classes, counts = np.unique(y, return_counts=True)
    shown = [f"{name} ({count})" for name, count in zip(classes[:12], counts[:12], strict=True)]
    more = f" and {len(classes) - 12} more" if len(classes) > 12 else ""
    return f"classification, {len(classes)} classes: {', '.join(shown)}{more}"


def _few(labels: pandas.Series) -> bool:
    """Return whether these numbers look like classes: whole, few, and each more than once."""
    numbers, different = labels.astype(float), labels.nunique()
    whole = bool((numbers == numbers.round()).all())
    return whole and different <= min(_FEW, len(labels) / 2)


def _classes(labels: pandas.Series, numeric: bool) -> NDArray[np.generic]:
    """Return the labels, as whole numbers where that is what they are."""
    if numeric:
        numbers = labels.astype(float)
        whole = (numbers == numbers.round()).all() and (numbers.abs() < 2**53).all()
        if whole and numbers.nunique() == labels.nunique():
            return numbers.to_numpy().astype(np.int64)
    return labels.to_numpy(dtype=str)
