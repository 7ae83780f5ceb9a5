"""Batches: rows of a data set, gathered into the same memory again and again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.layers.base import Mode
from skdeep.nn.memory import Memory
from skdeep.nn.shapes.inputs import is_sparse, n_rows, sample_shape, size_of, take_rows

__all__ = ["Batch", "Batches"]

# So many numbers are gathered in one go, and lie in a core's cache until the last is used.
_AT_ONCE = 2**15


class Batch(NamedTuple):
    """Some samples.

    Attributes
    ----------
    x : array, CSR matrix, or tuple of them
        With a row for each sample.
    target : array
        As the loss takes it.
    weight : array of shape (n_samples,) or None
        What each sample counts, of any sum; None counts all alike.
    lengths : array of int of shape (n_samples,) or None
        Valid steps of each sequence; None where all are.
    """

    x: Any
    target: Any
    weight: Any = None
    lengths: Any = None

    def mode(self, **more: Any) -> tuple[Mode, float]:
        """Return the mode with these weights, of sum 1, and what they summed to before."""
        if self.weight is None:
            return Mode(lengths=self.lengths, **more), float(n_rows(self.x))
        total = float(self.weight.sum())
        weight = self.weight / total if total else self.weight
        return Mode(weight=weight, count=total, lengths=self.lengths, **more), total

    def in_pieces(self, size: int) -> Iterator[Batch]:
        """Yield batches of so many samples, views of this one; the last may be smaller."""
        x, target, weight, lengths = self
        n = len(target)
        if n <= size:
            yield self
            return
        for start in range(0, n, size):
            rows = slice(start, start + size)
            yield Batch(
                take_rows(x, rows),
                target[rows],
                None if weight is None else weight[rows],
                None if lengths is None else lengths[rows],
            )


class _Column:
    """One array of a data set, whose rows are gathered into the same memory, and converted.

    Parameters
    ----------
    array : ndarray or CSR matrix
    dtype : dtype or None, default=None
        The type to convert rows to, None to leave them as they are.
    """

    def __init__(self, array: Any, dtype: np.dtype[Any] | None = None) -> None:
        self.array, self.is_sparse = array, is_sparse(array)
        self._found, self._converted = Memory(), None
        self._found.settle(np, array.dtype)
        if dtype is not None and array.dtype != dtype:
            self._converted = Memory()
            self._converted.settle(np, dtype)

    def rows(self, rows: slice | NDArray[np.intp]) -> Any:
        """Return those rows, which are good until the next ones."""
        if self.is_sparse or type(rows) is slice:
            found = self.array[rows]
        else:
            found = self._found.buffer("rows", rows.shape + self.array.shape[1:])
            # mode="clip" takes straight into `out`; the rows are known to be there.
            self.array.take(rows, axis=0, out=found, mode="clip")
        if self._converted is None:
            return found
        if self.is_sparse:
            return found.astype(self._converted.dtype)
        converted = self._converted.buffer("rows", found.shape)
        converted[...] = found
        return converted


class Batches:
    """Rows of a data set, gathered batch by batch into the same memory.

    Parameters
    ----------
    x : ndarray of shape (n_samples, ...), CSR matrix, or tuple of them
        Never copied as a whole; of any type, such as the bytes of images.
    target : ndarray of shape (n_samples,), (n_samples, n_outputs) or (n_samples, ..., n_outputs)
        Integers stay integers, such as the indices of classes.
    weight : ndarray of shape (n_samples,) or None
    batch_size : int
    dtype : dtype
        Type of the batches' floating arrays.
    lengths : ndarray of int of shape (n_samples,) or None, default=None
        Valid steps of each sequence.
    input_dtype : str, tuple of str or None, default=None
        Type of each input where it is not `dtype`: `Layer.input_dtype`.
    """

    def __init__(
        self,
        x: Any,
        target: NDArray[Any],
        weight: NDArray[Any] | None,
        batch_size: int,
        dtype: Any,
        *,
        lengths: NDArray[Any] | None = None,
        input_dtype: Any = None,
    ) -> None:
        self.x, self.target, self.weight, self.lengths = x, target, weight, lengths
        self.batch_size = batch_size
        self.input_dtype = input_dtype
        self.dtype = np.dtype(dtype)
        self.n_samples = n_rows(x)
        self._several = isinstance(x, tuple)
        parts = x if self._several else (x,)
        kinds = input_dtype if isinstance(input_dtype, tuple) else (input_dtype,) * len(parts)
        self._parts = [
            _Column(part, self.dtype if kind is None else np.dtype(kind))
            for part, kind in zip(parts, kinds, strict=True)
        ]
        # Class indices stay integers; anything else is compared with floating outputs.
        self._target = _Column(target, None if target.dtype.kind in "iu" else self.dtype)
        self._weight = None if weight is None else _Column(weight)
        self._lengths = None if lengths is None else _Column(lengths)
        # Samples that are gathered in one go. To cut sparse rows in pieces takes as long as that.
        numbers = size_of(sample_shape(x)) + size_of(target.shape[1:])
        is_dense = not any(part.is_sparse for part in self._parts)
        self._at_once = _AT_ONCE // max(1, numbers) if is_dense else 0

    def epoch(self, order: NDArray[np.intp] | None = None, at_a_time: int = 1) -> Iterator[Batch]:
        """Yield the batches, the rows in the given order.

        None takes them as they stand, and without copying where the type is right. A batch is
        good until the next.

        Parameters
        ----------
        order : ndarray of int or None, default=None
        at_a_time : int, default=1
            How many batches are yielded as one.

        Raises
        ------
        IndexError
            If `order` has a row that is not there.
        """
        n = self.n_samples if order is None else len(order)
        # A negative number, read as one without a sign, is larger than all rows.
        if order is not None and n and order.view(f"u{order.itemsize}").max() >= self.n_samples:
            raise IndexError(
                f"order must hold rows from 0 to {self.n_samples - 1}, got some from "
                f"{order.min()} to {order.max()}."
            )
        size = self.batch_size * at_a_time
        if order is None:
            for start in range(0, n, size):
                yield self.rows(slice(start, min(start + size, n)))
            return
        several = size * max(1, self._at_once // size)
        for start in range(0, n, several):
            yield from self.rows(order[start : start + several]).in_pieces(size)

    def rows(self, rows: slice | NDArray[np.intp]) -> Batch:
        """Return the batch of those rows."""
        parts = self._parts
        return Batch(
            tuple(part.rows(rows) for part in parts) if self._several else parts[0].rows(rows),
            self._target.rows(rows),
            None if self._weight is None else self._weight.rows(rows),
            None if self._lengths is None else self._lengths.rows(rows),
        )
