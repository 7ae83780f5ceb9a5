"""What a table looks like to the networks: scaled numbers, further columns, category codes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdeep.preprocessing import PiecewiseLinearEncoder, RobustSmoothScaler, TableEncoder

__all__ = ["Features", "TableFeatures"]

# Rows of an array that are scaled at a time, so that no further copy of a large table is made.
_BLOCK = 2**16


class Features(NamedTuple):
    """Rows of a table.

    Attributes
    ----------
    numbers : ndarray of shape (n_samples, n_numbers)
        Scaled; a missing value is 0, the median.
    others : ndarray of shape (n_samples, n_others)
        Missing indicators, and categories of two values as -1 and 1, 0 where unseen.
    codes : ndarray of int of shape (n_samples, n_categories)
        Categories: 0 is unseen.
    """

    numbers: NDArray[Any]
    others: NDArray[Any]
    codes: NDArray[np.intp]

    def rows(self, chosen: Any) -> Features:
        """Return some rows, a view where `chosen` is a slice."""
        return Features(*(part[chosen] for part in self))

    @property
    def n_samples(self) -> int:
        """The number of rows."""
        return len(self.numbers)


class TableFeatures:
    """Learns how to scale a table's numbers and to count its categories.

    Constant numbers are left out: they tell nothing, and in the network they would only add to the
    biases.

    Parameters
    ----------
    encoder : TableEncoder
        Fitted.
    table : ndarray of shape (n_samples, n_columns)
        What the encoder makes of the training rows.
    weight : ndarray of shape (n_samples,) or None
        How often each row counts.

    Attributes
    ----------
    sizes : tuple of int
        How many codes each category has, 0 included.
    sources : (ndarray, ndarray, ndarray)
        For each number, each further column and each code, the feature it comes from.
    """

    def __init__(
        self, encoder: TableEncoder, table: NDArray[Any], weight: NDArray[Any] | None
    ) -> None:
        numeric = np.flatnonzero(~encoder.is_categorical_)
        categorical = np.flatnonzero(encoder.is_categorical_)
        indicated = numeric[encoder.has_missing_[numeric]]
        self.n_numeric, self.n_indicated = len(numeric), len(indicated)
        counted = slice(None) if weight is None else weight > 0
        self.kept = np.array(
            [_varies(column[counted]) for column in table[:, : self.n_numeric].T], dtype=bool
        )
        self.scaler = RobustSmoothScaler()
        if self.kept.any():
            self.scaler.fit(table[:, : self.n_numeric][:, self.kept], sample_weight=weight)
        n_codes = encoder.n_codes_
        self.two = n_codes == 3  # unseen, and two values
        self.sizes = tuple(int(n) for n in n_codes[~self.two])
        others = np.concatenate([indicated, categorical[self.two]])
        if not self.kept.any() and not len(others) and not self.sizes:
            others = np.zeros(1, np.intp)
        self.sources = (numeric[self.kept], others, categorical[~self.two])

    def transform(self, table: NDArray[Any], dtype: Any) -> Features:
        """Turn what the encoder makes of rows into `Features` of that type."""
        n, p = len(table), int(self.kept.sum())
        numbers = np.zeros((n, p), dtype)
        if p:
            for start in range(0, n, _BLOCK):
                rows = slice(start, start + _BLOCK)
                part = self.scaler.transform(table[rows, : self.n_numeric][:, self.kept])
                numbers[rows] = np.nan_to_num(part, copy=False)
        codes = table[:, self.n_numeric + self.n_indicated :]
        indicators = table[:, self.n_numeric : self.n_numeric + self.n_indicated]
        signs = np.where(codes[:, self.two] > 0, 2 * codes[:, self.two] - 3, 0)
        others = np.hstack([indicators, signs]).astype(dtype)
        if not p and not others.shape[1] and not self.sizes:
            others = np.zeros((n, 1), dtype)  # a network needs something to look at
        return Features(numbers, others, codes[:, ~self.two].astype(np.intp))


def bin_edges(
    numbers: NDArray[Any], weight: NDArray[Any] | None, n_bins: int
) -> list[NDArray[Any]]:
    """Return the edges of quantile bins of each number; of few values, none."""
    encoder = PiecewiseLinearEncoder(n_bins).fit(numbers, sample_weight=weight)
    # One bin is the number itself, up to scale.
    return [edges if len(edges) > 2 else edges[:1] for edges in encoder.bin_edges_]


def _varies(column: NDArray[Any]) -> bool:
    present = column[~np.isnan(column)]
    return bool(len(present)) and present.min() < present.max()
