"""A table of numbers, categories and missing cells, made ready for any estimator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils import get_tags

from skdeep.preprocessing import TableEncoder
from skdeep.utils.columns import Column, is_frame, is_free_text, read_columns

__all__ = ["ESTIMATOR", "Preparation", "is_mixed", "plan", "takes_tables"]

ESTIMATOR = "estimator"  # the name of the last step

_CATEGORIES = 50


@dataclass(frozen=True)
class Preparation:
    """Which columns of a table are numbers and which categories, and which say nothing.

    Attributes
    ----------
    numbers, categories : list of str, or of int
        Their columns: names if all are strings, else places.
    left_out : dict of str to str
        Why a column is not used.

    Examples
    --------
    >>> import pandas as pd
    >>> from skdeep import KNNClassifier
    >>> from skdeep.model_selection.preparation import plan
    >>> table = pd.DataFrame({"city": ["Rome", "Oslo", "Rome"], "age": [31, None, 52], "y": 1})
    >>> preparation = plan(table)
    >>> print(preparation)
    1 number, 1 category; left out: y (one value, or none)
    >>> preparation.before(KNNClassifier(1)).fit(table, ["a", "b", "a"]).predict(table)
    array(['a', 'b', 'a'], dtype='<U1')
    """

    numbers: list[Any]
    categories: list[Any]
    left_out: dict[str, str]

    @property
    def steps(self) -> str:
        """What is done to the columns, in words."""
        return (
            "In every fold anew: numbers get their median where they are missing and are "
            "standardized, a date being days since 1970; categories become a 0/1 column each, "
            "missing being one of them, and one more for all beyond the "
            f"{_CATEGORIES - 1} most frequent."
        )

    def before(self, estimator: Any) -> Pipeline:
        """Return the estimator behind what makes numbers of such a table."""
        numbers = make_pipeline(
            TableEncoder(missing_indicator=False),
            SimpleImputer(strategy="median", keep_empty_features=True),
            StandardScaler(),
        )
        categories = make_pipeline(
            TableEncoder(categorical_features=[True] * len(self.categories)),
            OneHotEncoder(
                handle_unknown="infrequent_if_exist",
                max_categories=_CATEGORIES,
                sparse_output=False,
            ),
        )
        parts = [
            (name, encoder, columns)
            for name, encoder, columns in (
                ("numbers", numbers, self.numbers),
                ("categories", categories, self.categories),
            )
            if columns
        ]
        return Pipeline([("columns", ColumnTransformer(parts)), (ESTIMATOR, estimator)])

    def __str__(self) -> str:
        counts = (
            f"{len(columns)} {one if len(columns) == 1 else many}"
            for columns, one, many in (
                (self.numbers, "number", "numbers"),
                (self.categories, "category", "categories"),
            )
            if columns
        )
        said = ", ".join(counts)
        out = ", ".join(f"{name} ({why})" for name, why in self.left_out.items())
        return f"{said}; left out: {out}" if out else said


def plan(X: Any) -> Preparation:
    """Return what each column of a data frame is.

    Raises
    ------
    ValueError
        If no column can be used, or a number is infinite.
    TypeError
        If a value is no number, text, date or missing value.
    """
    columns = list(read_columns(X))
    names = list(X.columns)
    by_name = all(isinstance(name, str) for name in names) and len({*names}) == len(names)
    numbers, categories, left_out = [], [], {}
    for place, (name, column) in enumerate(zip(names, columns, strict=True)):
        key = name if by_name else place
        if why := _says_nothing(column):
            left_out[str(name)] = why
        elif column.kind == "number":
            numbers.append(key)
        else:
            categories.append(key)
    if not numbers and not categories:
        reasons = ", ".join(f"{name} ({why})" for name, why in left_out.items())
        raise ValueError(f"The table has no column that can be used. Left out: {reasons}.")
    return Preparation(numbers, categories, left_out)


def is_mixed(X: Any) -> bool:
    """Return whether this is a data frame that holds more than numbers."""
    if not is_frame(X):
        return False
    import narwhals

    try:
        types = narwhals.from_native(X, eager_only=True).schema.values()
    except narwhals.exceptions.DuplicateError as error:
        raise ValueError(
            f"The table has columns of the same name, {list(X.columns)}; give each its own, or "
            "pass an array."
        ) from error
    return not all(dtype.is_numeric() or dtype == narwhals.Boolean for dtype in types)


def takes_tables(estimator: Any) -> bool:
    """Return whether an estimator prepares its columns itself: it says so, or has a pipeline."""
    inside = estimator.get_params().values() if hasattr(estimator, "get_params") else ()
    for part in (estimator, *inside):
        if isinstance(part, Pipeline):
            return True
        if isinstance(part, BaseEstimator):
            tags = get_tags(part).input_tags
            if tags.categorical or tags.string:
                return True
    return False


def _says_nothing(column: Column) -> str:
    """Return why a column is of no use; "" if it is."""
    known = column.values[~column.missing]
    different = len(np.unique(known)) if column.kind == "number" else len({*map(str, known)})
    if different < 2 and (column.kind == "number" or len(known) in (0, len(column.values))):
        return "one value, or none"
    if column.kind == "text" and is_free_text(known):
        return "free text, or texts that hardly repeat"
    return ""
