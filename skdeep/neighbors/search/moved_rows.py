"""Rows moved to an origin amid them, or made of length one, and the exact distances of pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skdeep.neighbors.search.blocks import spans

__all__ = ["EXACT_BYTES", "MovedRows", "directions"]

# Rows that are compared in float64 at a time: so many that their differences stay in cache.
EXACT_BYTES = 1 << 19
# Rows from which the origin and the scale are taken.
SAMPLE = 256


class MovedRows:
    """Points as a product takes them, and their distances as float64 has them.

    Parameters
    ----------
    X : ndarray of shape (n_points, n_features)
    metric : {"euclidean", "sqeuclidean", "cosine", "correlation"}
    """

    def __init__(self, X: NDArray, metric: str = "euclidean") -> None:
        self.X, self.metric = X, metric
        self.unit = metric in ("cosine", "correlation")
        n_points, n_features = X.shape
        self.center = np.zeros(n_features)
        self.scale = 1.0
        if not self.unit:
            sample = np.asarray(X[:: -(-n_points // SAMPLE)], dtype=np.float64)
            with np.errstate(over="ignore", invalid="ignore"):
                center = np.median(sample, axis=0)
                if X.dtype == np.float32:
                    center = center.astype(np.float32).astype(np.float64)
                spread = float(np.abs(sample - center).max(initial=0.0))
            if np.isfinite(center).all() and np.isfinite(spread):
                self.center = center
                # A power of two, so that scaling rounds nothing.
                if spread > 0 and not 2.0**-20 < spread < 2.0**20:
                    self.scale = float(2.0 ** -np.clip(np.frexp(spread)[1], -900, 900))
        # Rows of this type can be moved in it without another rounding of the origin.
        self._single = X.dtype == np.float32

    def _move(self, rows: NDArray, out: NDArray) -> None:
        """Write rows, moved to the origin and scaled, or made of length one, into `out`."""
        if self.unit:
            out[:] = directions(rows, self.metric)[0]
            return
        if self._single and rows.dtype == out.dtype == np.float32:
            np.subtract(rows, self.center.astype(np.float32), out=out)
        else:
            np.subtract(rows, self.center, out=out, casting="same_kind")
        if self.scale != 1.0:
            out *= out.dtype.type(self.scale)

    def _norms(self, rows: NDArray) -> NDArray:
        """Return the squared norms of moved rows."""
        norms = np.einsum("ij,ij->i", rows, rows)
        if self.unit:
            # A row without direction is zero here, and acts as one at a right angle to all.
            norms[norms == 0] = 1
        return norms

    def distances(
        self, Q: NDArray, column: NDArray[np.intp], row: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """Return the distance of each pair of a query and a point, from the stored values.

        Parameters
        ----------
        Q : ndarray of shape (n_queries, n_features)
        column, row : ndarrays of shape (n_pairs,)
            The indices of the pair's query and point.

        Returns
        -------
        ndarray of shape (n_pairs,)
        """
        value = np.empty(len(row))
        for begin, end in spans(0, len(row), self._exact_rows()):
            points = self.X.take(row[begin:end], axis=0)
            queries = Q.take(column[begin:end], axis=0)
            self._half_or_whole_squares(points, queries, value[begin:end])
        return self._finished(value)

    def _exact_rows(self) -> int:
        return max(1, EXACT_BYTES // (8 * self.X.shape[1]))

    @np.errstate(over="ignore", invalid="ignore")
    def _half_or_whole_squares(self, points: NDArray, queries: NDArray, out: NDArray) -> None:
        """Write the squared distances of rows to rows, or to a single one, halved for angles."""
        if self.unit:
            points, has_point = directions(points, self.metric)
            queries, has_query = directions(queries, self.metric)
        difference = np.subtract(points, queries, dtype=np.float64)
        if self.scale != 1.0:
            difference *= self.scale
        np.einsum("ij,ij->i", difference, difference, out=out)
        if self.unit:
            out *= 0.5
            out[~(has_point & has_query)] = 1.0

    def _finished(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn squares of scaled differences into distances, in place."""
        if self.metric == "euclidean":
            np.sqrt(value, out=value)
        if self.scale != 1.0:
            with np.errstate(over="ignore"):
                value /= self.scale
                if self.metric == "sqeuclidean":
                    value /= self.scale
        return value

    @np.errstate(over="ignore", under="ignore", invalid="ignore")
    def _compare(self, row: NDArray, out: NDArray[np.float64]) -> None:
        """Write the distances of all points to a single query, of shape (1, n_features)."""
        for begin, end in spans(0, len(self.X), self._exact_rows()):
            self._half_or_whole_squares(self.X[begin:end], row, out[begin:end])
        self._finished(out)


def directions(rows: NDArray, metric: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return rows of length one, and which rows have a direction at all.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features)
    metric : {"cosine", "correlation"}
        For "correlation" each row loses its mean first.

    Returns
    -------
    unit : ndarray of shape (n_rows, n_features)
        Zeros where there is no direction.
    exists : ndarray of shape (n_rows,)
    """
    unit = np.array(rows, dtype=np.float64)
    largest = np.abs(unit).max(axis=1, keepdims=True, initial=0.0)
    exists = largest > 0
    # By the largest entry first, so that no square overflows or vanishes.
    unit /= np.where(exists, largest, 1.0)
    if metric == "correlation":
        unit -= unit.mean(axis=1, keepdims=True)
        # What rounding leaves of a constant row is no direction.
        exists &= np.abs(unit).max(axis=1, keepdims=True, initial=0.0) > 1e-14
    norms = np.sqrt(np.einsum("ij,ij->i", unit, unit))[:, None]
    unit /= np.where(exists, norms, 1.0)
    unit *= exists
    return unit, exists[:, 0]
