"""The columns of a raw table: numbers, categories or text, whatever library holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from numbers import Integral, Number, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Column",
    "as_float",
    "category_key",
    "features_mask",
    "finite",
    "has_large_integers",
    "is_frame",
    "is_free_text",
    "read_columns",
    "rows_as_array",
    "rows_of_frame",
    "sorted_categories",
]

# A text column of no more different values than this is categories, however short the table.
_FEW = 30

# Up to here all integers are numbers in float64.
_LARGEST = 2**53

_DAY_IN_MS = 86_400_000.0


@dataclass
class Column:
    """One column of a table, read.

    Attributes
    ----------
    name : str
        As an error calls it.
    kind : {"number", "category", "text"}
        A category is what the table's own types call so; text may become one.
    values : ndarray of shape (n_samples,)
        Numbers in float64, NaN where missing; else objects, None where missing.
    exact : ndarray of shape (n_samples,) or None
        Numbers as objects, None where missing, where float64 cannot tell some integers apart.
    """

    name: str
    kind: str
    values: NDArray[Any]
    exact: NDArray[Any] | None = None

    @property
    def labels(self) -> NDArray[Any]:
        """The values as categories are made of them, of shape (n_samples,)."""
        return self.values if self.exact is None else self.exact

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Where there is no value, of shape (n_samples,)."""
        if self.kind == "number":
            return np.isnan(self.values)
        return np.fromiter((value is None for value in self.values), bool, len(self.values))


def is_frame(X: Any) -> bool:
    """Return whether `X` is a table whose columns have types: pandas, polars, pyarrow ..."""
    if isinstance(X, np.ndarray) or not hasattr(X, "shape"):
        return False
    import narwhals

    return bool(narwhals.dependencies.is_into_dataframe(X))


def rows_of_frame(X: Any) -> list[tuple[Any, ...]]:
    """Return the rows of such a table."""
    if hasattr(X, "itertuples"):  # of pandas, where columns may have the same name
        return list(X.itertuples(index=False, name=None))
    import narwhals

    return narwhals.from_native(X, eager_only=True).rows()


def rows_as_array(X: Any) -> NDArray[Any]:
    """Return a table that is no frame as an array, of objects where lists hold numbers and text.

    NumPy makes text of all, and of a missing value "nan".
    """
    array = np.asarray(X)
    if array.dtype.kind in "US" and not hasattr(X, "dtype"):
        return np.array(X, dtype=object)
    return array


def has_large_integers(values: NDArray[Any]) -> bool:
    """Return whether there are integers, such as identifiers, that float64 may merge."""
    if values.dtype.kind in "iu":
        return bool((values > _LARGEST).any() or (values < -_LARGEST).any())
    if values.dtype.kind != "O":
        return False
    return any(isinstance(value, Integral) and abs(int(value)) > _LARGEST for value in values.flat)


def is_free_text(values: NDArray[Any]) -> bool:
    """Return whether these texts repeat too little to be categories: not twice on average."""
    return len({str(value) for value in values}) > max(_FEW, len(values) / 2)


def read_columns(X: Any) -> Iterator[Column]:
    """Read a table, column by column.

    Parameters
    ----------
    X : data frame or ndarray of shape (n_samples, n_features)
        A data frame of any library that narwhals knows; or an array, of objects if need be.

    Yields
    ------
    Column
        Numbers of any type, booleans (0 and 1), dates and periods (days since 1970, of the start),
        durations and times of day (days) are numbers. In an array, text that reads as numbers is
        numbers. Bytes are text.

    Raises
    ------
    TypeError
        If a value is no number, text, date or missing value.
    ValueError
        If a number is infinite.
    """
    if is_frame(X):
        import narwhals

        frame = narwhals.from_native(X, eager_only=True)
        for series in frame.iter_columns():
            yield finite(_from_series(series))
    else:
        for i, values in enumerate(np.asarray(X).T):
            yield finite(_from_objects(str(i), values.astype(object), text_may_be_numbers=True))


def finite(column: Column) -> Column:
    """Return a column, or raise ValueError if it holds an infinite number."""
    if column.kind == "number" and np.isinf(column.values).any():
        raise ValueError(
            f"Input X contains infinity or a value too large, in column {column.name}."
        )
    return column


def _from_series(series: Any) -> Column:
    import narwhals

    name, dtype = repr(series.name), series.dtype
    if dtype in (narwhals.Categorical, narwhals.Enum):
        return Column(name, "category", _none_where_missing(series.to_list()))
    if dtype.is_numeric() or dtype == narwhals.Boolean:
        numbers = series.cast(narwhals.Float64)
    elif dtype in (narwhals.Datetime, narwhals.Date):
        numbers = series.dt.timestamp("ms").cast(narwhals.Float64) / _DAY_IN_MS
    elif dtype == narwhals.Duration:
        numbers = series.dt.total_milliseconds().cast(narwhals.Float64) / _DAY_IN_MS
    else:
        return _from_objects(name, series.to_list())
    values = np.array(numbers.to_numpy(), dtype=np.float64)
    if dtype.is_integer() and (np.abs(values) >= _LARGEST).any():
        return Column(name, "number", values, _none_where_missing(series.to_list()))
    return Column(name, "number", values)


def _from_objects(name: str, values: Any, *, text_may_be_numbers: bool = False) -> Column:
    """Find out what a column of objects holds."""
    values = _none_where_missing(values)
    present = [value for value in values if value is not None]
    for value in present:
        if isinstance(value, (complex, np.complexfloating)):
            raise ValueError(f"Complex data not supported, in column {name}.")
        if not isinstance(value, (str, Number, Decimal, np.generic)) and not _is_time(value):
            raise TypeError(
                f"Column {name} holds {value!r}: argument must be a string or a number, not "
                f"{type(value).__name__!r}."
            )
    if any(map(_is_time, present)):
        if not all(map(_is_time, present)):
            raise TypeError(f"Column {name} mixes dates with other values; make all of them dates.")
        return Column(name, "number", _days(values))
    if text_may_be_numbers or not any(isinstance(value, str) for value in present):
        try:
            numbers = [np.nan if value is None else as_float(value) for value in values]
            exact = values if has_large_integers(values) else None
            return Column(name, "number", np.array(numbers, dtype=np.float64), exact)
        except ValueError:
            pass
    return Column(name, "text", values)


def as_float(value: Any) -> float:
    """Return a number, or text that reads as one; infinity for an integer beyond all floats."""
    try:
        return float(value)
    except OverflowError:
        return np.inf


def _none_where_missing(values: Any) -> NDArray[Any]:
    """Return an array of numbers, text and dates, with None for NaN, NaT and NA."""
    found = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        if not _is_missing(value):
            plain = _PLAIN.get(type(value).__name__)
            found[i] = value if plain is None else plain(value)
    return found


def _of_day(time: Any) -> float:
    seconds = 3600 * time.hour + 60 * time.minute + time.second + time.microsecond / 1e6
    return float(seconds / 86_400.0)


# What other objects in a table say, by the name of their type, as pandas need not be there.
_PLAIN: dict[str, Callable[[Any], Any]] = {
    "bytes": lambda value: value.decode(errors="replace"),
    "bytes_": lambda value: value.decode(errors="replace"),
    "time": _of_day,
    "timedelta": lambda value: value / timedelta(days=1),
    "Timedelta": lambda value: value / timedelta(days=1),
    "timedelta64": lambda value: value / np.timedelta64(1, "D"),
    "Period": lambda value: value.start_time,
    "Interval": str,
}


def _is_missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, np.generic):
        value = value.item()  # None for NumPy's own NaT
    return value is None or (isinstance(value, (float, Decimal)) and value != value)


def _is_time(value: Any) -> bool:
    return isinstance(value, np.datetime64) or hasattr(value, "toordinal")


def _days(times: NDArray[Any]) -> NDArray[np.float64]:
    """Return days since 1970 of date and datetime objects, those with a zone in UTC."""
    if any(getattr(time, "tzinfo", None) is not None for time in times):
        return np.array([np.nan if t is None else t.timestamp() / 86_400.0 for t in times])
    found = np.array(times, dtype="datetime64[ms]")
    days = found.astype(np.int64) / _DAY_IN_MS
    return np.where(np.isnat(found), np.nan, days)


def category_key(value: Any) -> Any:
    """Return what categories are compared by: 1, 1.0 and True are the same, 1 and "1" are not."""
    if isinstance(value, Integral) and abs(int(value)) > _LARGEST:
        return int(value)  # as a float it may be another
    return float(value) if isinstance(value, (Real, Decimal, np.bool_)) else str(value)


def sorted_categories(values: NDArray[Any]) -> NDArray[Any]:
    """Return the different categories among values, by their keys: numbers, then text."""
    found = {category_key(value) for value in values.tolist()}
    ordered = sorted(found, key=lambda key: (isinstance(key, str), key))
    categories = np.empty(len(ordered), dtype=object)
    categories[:] = ordered
    return categories


def features_mask(listed: Any, n_features: int, names: NDArray[Any] | None) -> NDArray[np.bool_]:
    """Return which features a user means.

    Parameters
    ----------
    listed : array-like of bool, int or str
        A mask, column numbers or names, given as `categorical_features`.
    n_features : int
    names : ndarray of shape (n_features,), or None
        The names that the features have.

    Returns
    -------
    ndarray of shape (n_features,)

    Raises
    ------
    ValueError
        If the mask has another length, or a number or name is no feature's.
    """
    listed = np.asarray(listed)
    mask = np.zeros(n_features, dtype=bool)
    if not listed.size:
        return mask
    if listed.dtype.kind == "b":
        if listed.shape != (n_features,):
            raise ValueError(
                f"categorical_features as a mask must have one entry a feature, {n_features}. "
                f"Got {len(listed)}."
            )
        return listed
    if listed.dtype.kind in "iu":
        if listed.min() < 0 or listed.max() >= n_features:
            raise ValueError(
                "categorical_features as column numbers must lie between 0 and "
                f"{n_features - 1}. Got {listed.tolist()}."
            )
        mask[listed] = True
        return mask
    if names is None:
        raise ValueError(
            "categorical_features holds names, but the table has none; give column numbers or "
            "a mask."
        )
    strange = [name for name in listed.tolist() if name not in set(names)]
    if strange:
        raise ValueError(
            f"categorical_features names {strange[0]!r}, which is no column of the table. Its "
            f"columns are {list(names)}."
        )
    return np.isin(names, listed)
