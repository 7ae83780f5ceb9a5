"""What one look at all chunks tells before training, and how each chunk is checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from skdeep.data import Chunks
from skdeep.nn.shapes.inputs import cast, sample_shape
from skdeep.utils.weights import check_sample_weight

__all__ = ["Chunk", "Survey", "checked_chunks"]


class Chunk(NamedTuple):
    """A chunk that has been checked; where it is empty, `X` is None.

    Attributes
    ----------
    X : array, CSR matrix or None
    y : ndarray
    weight : ndarray of float64 of shape (n_samples,) or None
        All of one chunk may be zero.
    """

    X: Any
    y: Any
    weight: NDArray[Any] | None


def checked_chunks(
    estimator: Any, chunks: Chunks, order: NDArray[np.intp] | None = None, *, reset: bool = False
) -> Iterator[Chunk]:
    """Yield each chunk, checked; with `reset` the estimator learns from the first what `X` is."""
    for X, y, *rest in chunks.in_order(order):
        weight = rest[0] if rest else None
        if not _length(X) and (y is None or not _length(y)):
            yield Chunk(None, np.empty(0), None)
            continue
        X, y = estimator._check_data(X, y, reset=reset)
        reset = False
        if weight is not None:
            weight = check_sample_weight(weight, y) if np.any(weight) else np.zeros(y.shape[0])
        yield Chunk(X, y, weight)


def _length(given: Any) -> int:
    return int(given.shape[0]) if getattr(given, "shape", ()) else len(given)


class Survey:
    """What one look at all chunks tells.

    Parameters
    ----------
    estimator : BaseNetwork
    chunks : Chunks
    reset : bool
        Whether the estimator learns anew what `X` is.

    Attributes
    ----------
    sizes : list of int
        Rows of each chunk.
    classes : list of ndarray of shape (n_classes,)
        Labels of each column of `y`, of a matrix too; none of numbers and of sparse labels.
    class_counts : list of ndarray of shape (n_classes,)
        The weight of each label.
    low, high, mean, deviation : ndarray of shape (n_targets,)
        Of numbers; the last two are weighted.
    """

    def __init__(self, estimator: Any, chunks: Chunks, *, reset: bool) -> None:
        self.sizes: list[int] = []
        self.classes: list[NDArray[Any]] = []
        self.class_counts: list[NDArray[Any]] = []
        self._first: tuple[Any, Any, bool] | None = None
        self._total = 0.0
        dtypes: list[np.dtype[Any]] = []
        for chunk in checked_chunks(estimator, chunks, reset=reset):
            if chunk.X is not None:
                x, lengths = estimator._inputs(chunk.X)
                estimator._check_chunk(lengths)
                self._compare(chunk, sample_shape(x))
                dtypes.append(np.dtype(estimator._float_type(x)))
                if estimator._y_is_numeric:
                    estimator._check_targets(chunk.y, "y of a chunk")
                self._add(chunk.y, chunk.weight, numeric=estimator._y_is_numeric)
            self.sizes.append(chunk.y.shape[0])
        if self._first is None:
            raise ValueError("There are no samples: all chunks are empty.")
        if not self._total:
            raise ValueError(
                "sample_weight: those of all chunks are zero, at least one must be positive."
            )
        self._float_type: np.dtype[Any] = np.result_type(*dtypes)

    def _compare(self, chunk: Chunk, shape: Any) -> None:
        """Raise ValueError if a chunk, its samples of a shape, is not like the first."""
        weighted = chunk.weight is not None
        if self._first is None:
            self._first = shape, chunk.y, weighted
        (others_shape, y, others_weighted), n = self._first, len(self.sizes)
        if shape != others_shape:
            raise ValueError(
                f"X of chunk {n} has samples of shape {shape}, that of the first {others_shape}."
            )
        if weighted != others_weighted:
            raise ValueError(f"Chunk {n} has a sample_weight and others none, or the reverse.")
        if chunk.y.shape[1:] != y.shape[1:]:
            raise ValueError(
                f"y of chunk {n} has the shape {chunk.y.shape}, that of the first {y.shape}."
            )

    def _add(self, y: Any, weight: NDArray[Any] | None, *, numeric: bool) -> None:
        if not numeric and not issparse(y) and y.ndim < 3:
            self._count(y.reshape(len(y), -1).T, np.ones(len(y)) if weight is None else weight)
        more = float(y.shape[0] if weight is None else weight.sum())
        if numeric and more:
            self._add_moments(y.reshape(len(y), -1).astype(np.float64), weight, more)
        self._total += more

    def _count(self, columns: NDArray[Any], weight: NDArray[Any]) -> None:
        first = not self.classes
        if first:
            self.classes = [column[:0] for column in columns]
            self.class_counts = [np.zeros(0) for _ in columns]
        for i, column in enumerate(columns):
            known = self.classes[i]
            if not first and (column.dtype.kind in "OUST") != (known.dtype.kind in "OUST"):
                raise ValueError(
                    f"y of chunk {len(self.sizes)} is of type {column.dtype}, that of the others "
                    f"{known.dtype}; labels must be all text or all numbers."
                )
            labels = np.concatenate([known, column])
            weights = np.concatenate([self.class_counts[i], weight])
            self.classes[i], codes = np.unique(labels, return_inverse=True)
            self.class_counts[i] = np.bincount(codes, weights=weights)

    def _add_moments(
        self, columns: NDArray[np.float64], weight: NDArray[Any] | None, more: float
    ) -> None:
        """Merge in the moments of a chunk: Chan, Golub and LeVeque, 1979."""
        if weight is not None:
            columns, weight = columns[weight > 0], weight[weight > 0]
        low, high = columns.min(axis=0), columns.max(axis=0)
        mean = np.average(columns, axis=0, weights=weight)
        variance = np.average((columns - mean) ** 2, axis=0, weights=weight)
        if not self._total:
            self.low, self.high, self.mean, self._variance = low, high, mean, variance
        else:
            self.low, self.high = np.minimum(self.low, low), np.maximum(self.high, high)
            share, shift = more / (self._total + more), mean - self.mean
            self.mean = self.mean + share * shift
            between = share * (1 - share) * shift**2
            self._variance = (1 - share) * self._variance + share * variance + between
        self.deviation = np.sqrt(self._variance)

    def example(self, estimator: Any, chunks: Chunks) -> Any:
        """Return the first chunk as the network reads it, of the widest type of all."""
        full = (chunk.X for chunk in checked_chunks(estimator, chunks) if chunk.X is not None)
        if (first := next(full, None)) is None:
            raise ValueError(
                "The chunks can be read once only. Each call of read() must return a new iterable, "
                "such as a list or what a generator function returns."
            )
        x, _ = estimator._inputs(first)
        narrow = type(x) is np.ndarray and x.dtype.kind == "f" and x.dtype != self._float_type
        return cast(x, self._float_type) if narrow else x

    def teach(self, targets: Any) -> None:
        """Let targets that are standardized be so by the moments of all numbers."""
        if getattr(targets, "mean", None) is not None:
            targets.take_moments(self.mean, self.deviation, self.low, self.high)

    def targets(self) -> Any:
        """Return a small `y` that has all classes of the large one, or the ends of its numbers."""
        assert self._first is not None
        _, y, _ = self._first
        if self.classes:
            n = 2 * max(map(len, self.classes))  # each class twice: labels, not numbers
            labels = np.stack([np.resize(classes, n) for classes in self.classes], axis=1)
            return labels[:, 0] if y.ndim == 1 else labels
        if not hasattr(self, "low"):  # sparse labels
            return y
        ends = np.stack([self.low, self.high])
        return ends[:, 0] if y.ndim == 1 else ends
