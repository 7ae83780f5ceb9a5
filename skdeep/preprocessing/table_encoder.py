"""A raw table as numbers: numeric columns, where values are missing, and categories as codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.utils.validation import check_is_fitted

from skdeep.preprocessing.feature_names import input_names
from skdeep.preprocessing.numeric_transformer import NumericTransformer
from skdeep.utils.clean import validate_data
from skdeep.utils.columns import (
    Column,
    as_float,
    category_key,
    features_mask,
    finite,
    has_large_integers,
    is_frame,
    is_free_text,
    read_columns,
    rows_as_array,
    sorted_categories,
)
from skdeep.utils.parameters import check_parameters, parameters
from skdeep.utils.params import boolean, none, one_of, rule
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.weights import check_sample_weight

__all__ = ["Categories", "TableEncoder"]

# The parameter categorical_features, for whoever has one.
Categories = Annotated[
    Any,
    rule(
        "names, column numbers or a mask of the categorical features",
        lambda value: not isinstance(value, str) and np.ndim(value) == 1,
        "array-like of {bool, int, str}",
    )
    | one_of("from_dtype")
    | none(),
    """Which features are categories, as in
    :class:`sklearn.ensemble.HistGradientBoostingClassifier`: a mask, column numbers, or names.
    "from_dtype": those that a data frame has as such, pandas' "category" or polars' "Categorical"
    and "Enum". Text of few values counts besides. None: no feature is categorical; text is
    refused.""",
]


@parameters
class TableEncoder(NumericTransformer):
    """Turn a raw table into numbers: numeric columns, missing indicators, category codes.

    It takes a data frame as it comes, of pandas, polars or another library, or an array.

    - Numbers of any type, nullable ones too, stay as they are, a missing value being NaN. Booleans
      become 0 and 1, dates and periods days since 1970 (UTC), durations and times of day days.
    - A numeric feature with missing values gets an indicator, 1 where the value is missing.
    - Categories become codes from 0 on: 0 is a category never seen in `fit`, then come the
      categories in order, and last, where there were missing values in `fit`, the missing one.
    - Text counts as categories where a value comes up twice on average, or where there are at
      most 30 different ones. Free text is refused.

    The output has the numeric features first, then the indicators, then the codes, each group in
    the order of the table.

    Attributes
    ----------
    is_categorical_ : ndarray of shape (n_features_in_,)
        Whether each feature is categorical.
    has_missing_ : ndarray of shape (n_features_in_,)
        Whether each feature had missing values in `fit`.
    categories_ : list of ndarray
        The categories of each categorical feature, in order: numbers, then text.
    n_codes_ : ndarray of shape (n_categorical_features,)
        How many codes each of them has, unseen and missing included.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features, if all are strings.

    See Also
    --------
    RobustSmoothScaler : Scales the numbers.
    sklearn.preprocessing.OrdinalEncoder : Codes of categories alone.
    sklearn.compose.ColumnTransformer : Other treatment of each column.

    Examples
    --------
    >>> import pandas as pd
    >>> from skdeep.preprocessing import TableEncoder
    >>> table = pd.DataFrame({"city": ["Rome", "Oslo", "Rome"], "age": [31, None, 52]})
    >>> encoder = TableEncoder().set_output(transform="pandas").fit(table)
    >>> encoder.transform(table)
        age  age_missing  city
    0  31.0          0.0   2.0
    1   NaN          1.0   1.0
    2  52.0          0.0   2.0
    >>> encoder.transform(pd.DataFrame({"city": ["Bonn"], "age": [40]}))
        age  age_missing  city
    0  40.0          0.0   0.0
    """

    categorical_features: Categories = "from_dtype"
    _: KW_ONLY
    missing_indicator: Annotated[
        bool, boolean(), "Whether numeric features with missing values get an indicator."
    ] = True

    @all_or_nothing
    def fit(
        self, X: ArrayLike, y: Any = None, sample_weight: ArrayLike | None = None
    ) -> TableEncoder:
        """Learn the categories, and where values are missing.

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_features)
            The table.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), default=None
            Rows of weight zero do not count.

        Returns
        -------
        TableEncoder
            The fitted encoder itself.

        Raises
        ------
        TypeError
            If a value is no number, text, date or missing value.
        ValueError
            If a column holds free text, a number is infinite, or a parameter is wrong.
        """
        check_parameters(self)
        table = self._check(X, reset=True)
        weight = check_sample_weight(sample_weight, table)
        counted = slice(None) if weight is None else weight > 0
        listed = self._listed(table)
        self.categories_: list[NDArray[Any]] = []
        is_categorical, has_missing, n_codes, empty = [], [], [], []
        for i, column in enumerate(_columns(table)):
            categorical = self._is_categorical(column, listed, i)
            missing = column.missing[counted]
            if categorical:
                values = column.labels[counted][~missing]
                if column.kind == "text" and (listed is None or not listed[i]):
                    _refuse_free_text(column.name, values)
                self.categories_.append(sorted_categories(values))
                n_codes.append(1 + len(self.categories_[-1]) + bool(missing.any()))
            is_categorical.append(categorical)
            has_missing.append(bool(missing.any()))
            empty.append(bool(missing.all()))
        self.is_categorical_ = np.array(is_categorical)
        self.has_missing_ = np.array(has_missing)
        self.n_codes_ = np.array(n_codes, dtype=np.intp)
        self._empty = np.array(empty)
        self._codes = [
            {category: code for code, category in enumerate(categories, start=1)}
            for categories in self.categories_
        ]
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Turn a table into numbers.

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_features)
            The table, with the columns of `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_columns)
            Numeric features, missing indicators, codes; float32 for an array of float32, else
            float64.

        Raises
        ------
        ValueError
            If a column that held numbers in `fit` holds text now.
        """
        check_is_fitted(self)
        table = self._check(X, reset=False)
        indicated = self._indicated()
        n_numbers = int((~self.is_categorical_).sum())
        if not self.categories_ and isinstance(table, np.ndarray) and table.dtype.kind == "f":
            return np.hstack([table, np.isnan(table[:, indicated])]).astype(table.dtype, copy=False)
        dtype = np.float32 if getattr(table, "dtype", None) == np.float32 else np.float64
        width = n_numbers + len(indicated) + len(self.categories_)
        Z = np.empty((table.shape[0], width), dtype)
        number = n_missing = category = 0
        for i, column in enumerate(_columns(table)):
            if self.is_categorical_[i]:
                Z[:, n_numbers + len(indicated) + category] = self._encode(column, i, category)
                category += 1
                continue
            Z[:, number] = np.nan if self._empty[i] else _numbers(column)
            if i in indicated:
                Z[:, n_numbers + n_missing] = np.isnan(Z[:, number])
                n_missing += 1
            number += 1
        return Z

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        """Name the columns.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the features; None: those seen in `fit`, or x0, x1 and so on.

        Returns
        -------
        ndarray of str
            The features' names, and those of the indicators, as in "age_missing".
        """
        check_is_fitted(self)
        names = input_names(self, input_features)
        indicators = [f"{names[i]}_missing" for i in self._indicated()]
        return np.array(
            [*names[~self.is_categorical_], *indicators, *names[self.is_categorical_]],
            dtype=object,
        )

    def _check(self, X: Any, *, reset: bool, copy: bool = False) -> Any:
        """Return a frame as it is, and an array of numbers, or of objects where it must be."""
        if is_frame(X):
            for axis, what in ((0, "sample(s)"), (1, "feature(s)")):
                if not X.shape[axis]:
                    raise ValueError(
                        f"Found a table with 0 {what} (shape={tuple(X.shape)}) while a minimum of "
                        "1 is required."
                    )
            return validate_data(self, X, reset=reset, skip_check_array=True)
        if not issparse(X):
            array = _as_array(X)
            large = has_large_integers(array)
            if (array.dtype.kind in "OUSM" or large) and array.ndim == 2 and array.size:
                try:
                    plain = array.dtype.kind != "M" and not large
                    X = array.astype(np.float64) if plain else None
                except (TypeError, ValueError, OverflowError):
                    X = None
                if X is None:
                    objects = np.asarray(array, dtype=object)
                    return validate_data(self, objects, reset=reset, skip_check_array=True)
        return super()._check(X, reset=reset, copy=copy)

    def _listed(self, X: Any) -> NDArray[np.bool_] | None:
        """Return a mask of the features that the user names, or None: none is named."""
        listed = self.categorical_features
        if listed is None or isinstance(listed, str):
            return None
        return features_mask(listed, X.shape[1], getattr(self, "feature_names_in_", None))

    def _is_categorical(self, column: Column, listed: Any, i: int) -> bool:
        if listed is not None:
            if column.kind == "category" and not listed[i]:
                _numbers(column, "categorical_features leaves this column out: ")
            return bool(listed[i]) or column.kind == "text"
        if self.categorical_features is None:
            _numbers(column, "categorical_features=None takes no categories: ")
            return False
        return column.kind != "number"

    def _indicated(self) -> NDArray[np.intp]:
        """Return the numbers of the features that have an indicator."""
        if not self.missing_indicator:
            return np.zeros(0, np.intp)
        return np.flatnonzero(self.has_missing_ & ~self.is_categorical_)

    def _encode(self, column: Column, i: int, category: int) -> NDArray[np.intp]:
        table = self._codes[category]
        missing = column.missing
        unseen = 0
        if_missing = len(table) + 1 if self.has_missing_[i] else unseen
        keys = (
            None if absent else category_key(value)
            for value, absent in zip(column.labels.tolist(), missing, strict=True)
        )
        codes = np.fromiter(
            (if_missing if key is None else table.get(key, unseen) for key in keys),
            np.intp,
            len(missing),
        )
        return codes


def _as_array(X: Any) -> NDArray[Any]:
    """Return what is no data frame as an array, or raise."""
    if hasattr(X, "collect"):
        raise TypeError(
            f"X must be a table whose rows are at hand, got a {type(X).__name__}: pass X.collect()."
        )
    try:
        array = rows_as_array(X)
    except ValueError as error:
        raise ValueError(f"X must be a table, with as many columns a row: {error}") from error
    if array.dtype.names:
        raise TypeError(
            f"X must be a table, got a structured array with the fields {array.dtype.names}: pass "
            "pandas.DataFrame(X)."
        )
    return array


def _columns(X: Any) -> Iterator[Column]:
    """Yield the columns of a checked table."""
    if isinstance(X, np.ndarray) and X.dtype.kind == "f":
        for i, values in enumerate(X.T):
            yield Column(str(i), "number", values)
    else:
        yield from read_columns(X)


def _numbers(column: Column, context: str = "") -> NDArray[Any]:
    """Return the column's numbers, or complain that there are none."""
    if column.kind == "number":
        return column.values
    numbers = np.full(len(column.values), np.nan)
    for i, value in enumerate(column.values):
        if value is not None:
            try:
                numbers[i] = as_float(value)
            except (TypeError, ValueError):
                context = context or "fit took this column for numbers: "
                raise ValueError(
                    f"{context}could not convert {value!r} to a number, in row {i} of column "
                    f"{column.name}."
                ) from None
    return finite(Column(column.name, "number", numbers)).values


def _looks_like_a_date(value: Any) -> bool:
    return re.match(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b", str(value)) is not None


def _refuse_free_text(name: str, values: NDArray[Any]) -> None:
    if is_free_text(values):
        raise ValueError(
            f"Column {name} holds free text: {len({str(value) for value in values})} different "
            f"values in {len(values)} rows, "
            f"such as {str(values[0])[:40]!r}. Text counts as categories where a value comes up "
            "twice on average. Drop the column, make features of it (for instance by "
            "sklearn.feature_extraction.text.TfidfVectorizer), or name it in "
            "categorical_features."
            + (" If these are dates: pandas.to_datetime." if _looks_like_a_date(values[0]) else "")
        )
