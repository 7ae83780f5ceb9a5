"""What a fitted estimator knows of the columns of its table: names, categories, usual values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

__all__ = ["InputColumn", "describe_columns"]


@dataclass
class InputColumn:
    """A column of the table that an estimator reads.

    Parameters
    ----------
    name : str
    choices : list of str, bool or float
        The categories, where they are known.
    usual : float, str or None
        A mean, a median or the like, where it is known.
    highest : float or None
        A high value, where it is known.
    missing : {None, 'nan', 'none'}
        How a category that is missing was written, where that is a category of its own.
    """

    name: str
    choices: list[Any]
    usual: Any = None
    highest: float | None = None
    missing: str | None = None

    @property
    def datatype(self) -> str:
        """The type of its values in the Open Inference Protocol."""
        values = [*self.choices, self.usual]
        if any(isinstance(value, str) for value in values):
            return "BYTES"
        truths = self.choices and all(isinstance(value, bool) for value in self.choices)
        return "BOOL" if truths else "FP64"


def describe_columns(estimator: Any, n_features: int) -> list[InputColumn]:
    """Return what `estimator` knows of each of its columns.

    Parameters
    ----------
    estimator : fitted estimator
        The categories of encoders and the means of scalers and imputers are read where they stand
        first in a pipeline, inside a `ColumnTransformer`, or in a network for tables.
    n_features : int
        How many there are.
    """
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        names = [f"x{i}" for i in range(n_features)]
    columns = [InputColumn(str(name), []) for name in names]
    _learn(estimator, columns)
    return columns


def _learn(part: Any, columns: Sequence[InputColumn]) -> None:
    """Write into `columns` what a part says of them, all of its input in order."""
    if hasattr(part, "best_estimator_"):
        _learn(part.best_estimator_, columns)
    elif isinstance(part, Pipeline):
        for _, step in part.steps:
            if step is None or step == "passthrough":
                continue
            _learn(step, columns)
            if not hasattr(step, "statistics_"):  # an imputer leaves the columns where they are
                break
    elif isinstance(part, ColumnTransformer):
        for _, step, chosen in part.transformers_:
            if not isinstance(step, str):
                _learn(step, _chosen(columns, chosen))
    elif hasattr(part, "_encoder"):  # networks for tables
        _learn(part._encoder, columns)
    else:
        _learn_of_transformer(part, columns)


def _chosen(columns: Sequence[InputColumn], chosen: Any) -> Sequence[InputColumn]:
    """Return the columns that a `ColumnTransformer` names in one of its ways."""
    if isinstance(chosen, slice):
        names = [column.name for column in columns]
        start, stop = chosen.start, chosen.stop
        start = names.index(start) if isinstance(start, str) else start
        stop = names.index(stop) + 1 if isinstance(stop, str) else stop  # a name is included
        return columns[start : stop : chosen.step]
    keys = np.atleast_1d(np.asarray(chosen))
    if keys.dtype == bool:
        return [columns[i] for i in np.flatnonzero(keys).tolist()]
    by_name = {column.name: column for column in columns}
    return [by_name[key] if isinstance(key, str) else columns[key] for key in keys.tolist()]


def _learn_of_transformer(part: Any, columns: Sequence[InputColumn]) -> None:
    categories = getattr(part, "categories_", None)
    if isinstance(categories, list):
        mask = getattr(part, "is_categorical_", np.ones(len(columns), bool))
        described = [column for column, is_one in zip(columns, mask, strict=False) if is_one]
        if len(described) == len(categories):
            for column, values in zip(described, categories, strict=True):
                plain = np.asarray(values, object).tolist()
                column.choices = [v for v in plain if isinstance(v, str) or _is_finite(v)]
                absent = [v for v in plain if v is None or v != v]
                column.missing = ("none" if absent[0] is None else "nan") if absent else None
    if hasattr(part, "n_codes_"):  # a code for missing categories, which are not listed
        for column, is_one, missing in zip(
            columns, part.is_categorical_, part.has_missing_, strict=False
        ):
            if is_one and missing:
                column.missing = "nan"
    for attribute in ("mean_", "center_", "statistics_"):
        values = np.ravel(getattr(part, attribute, ()))
        if len(values) == len(columns):
            for column, value in zip(columns, values.tolist(), strict=True):
                if isinstance(value, str) or _is_finite(value):
                    column.usual = value if column.usual is None else column.usual
    highest = getattr(part, "data_max_", None)  # MinMaxScaler
    if highest is None and hasattr(part, "mean_") and getattr(part, "var_", None) is not None:
        highest = part.mean_ + 2 * np.sqrt(part.var_)  # StandardScaler
    moments = getattr(part, "_moments", None)  # of the channels of pictures
    if moments is not None:
        mean, factor = map(np.asarray, moments)
        highest = np.full(len(columns), (mean + 2 / factor).max())
    rows: Any = getattr(part, "_fit_X", None)  # which nearest neighbours keep
    if type(part).__module__.startswith("skdeep.") and getattr(rows, "ndim", 0) == 2:
        highest = rows.max(axis=0) if rows.dtype.kind == "f" else None
    if isinstance(highest, np.ndarray) and len(highest) == len(columns):
        for column, value in zip(columns, highest.tolist(), strict=True):
            column.highest = value


def _is_finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and bool(np.isfinite(value))
