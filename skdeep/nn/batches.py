"""Batches: rows of a data set, gathered into the same memory again and again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.layers.base import Mode
from skdeep.nn.memory import Memory
from skdeep.nn.shapes.inputs import is_sparse, n_rows

__all__ = ["Batch", "Batches"]


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


class Batches(Memory):
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
        self.settle(np, np.dtype(dtype))
        self.n_samples = n_rows(x)
        parts = x if isinstance(x, tuple) else (x,)
        kinds = input_dtype if isinstance(input_dtype, tuple) else (input_dtype,) * len(parts)
        self._parts = [
            (f"x {i}", part, self.dtype if kind is None else np.dtype(kind))
            for i, (part, kind) in enumerate(zip(parts, kinds, strict=True))
        ]
        self._memory: dict[str, NDArray[Any]] = {}  # of the last batch, by name
        # Class indices stay integers; anything else is compared with floating outputs.
        self._target_type = None if target.dtype.kind in "iu" else self.dtype

    def epoch(self, order: NDArray[np.intp] | None = None) -> Iterator[Batch]:
        """Yield the batches, the rows in the given order.

        None takes them as they stand, and without copying where the type is right. A batch is
        good until the next.

        Raises
        ------
        IndexError
            If `order` has a row that is not there.
        """
        n = self.n_samples if order is None else len(order)
        if order is not None and n and not 0 <= order.min() <= order.max() < self.n_samples:
            raise IndexError(
                f"order must hold rows from 0 to {self.n_samples - 1}, got some from "
                f"{order.min()} to {order.max()}."
            )
        for start in range(0, n, self.batch_size):
            stop = min(start + self.batch_size, n)
            yield self.rows(slice(start, stop) if order is None else order[start:stop])

    def rows(self, rows: slice | NDArray[np.intp]) -> Batch:
        """Return the batch of those rows."""
        found = [self._gather(name, part, rows, dtype) for name, part, dtype in self._parts]
        return Batch(
            tuple(found) if isinstance(self.x, tuple) else found[0],
            self._gather("target", self.target, rows, self._target_type),
            None if self.weight is None else self._gather("weight", self.weight, rows),
            None if self.lengths is None else self._gather("lengths", self.lengths, rows),
        )

    def _gather(
        self,
        name: str,
        array: Any,
        rows: slice | NDArray[np.intp],
        dtype: np.dtype[Any] | None = None,
    ) -> Any:
        if type(rows) is slice or is_sparse(array):
            found = array[rows]
        else:
            # mode="clip" takes straight into `out`; the rows are known to be there.
            found = self._memory.get(name)
            if found is None or found.shape[: rows.ndim] != rows.shape:
                found = self.buffer(name, (*rows.shape, *array.shape[1:]), array.dtype)
                self._memory[name] = found
            array.take(rows, axis=0, out=found, mode="clip")
        if dtype is None or found.dtype == dtype:
            return found
        if is_sparse(found):
            return found.astype(dtype)
        converted = self.buffer(name + " converted", found.shape, dtype)
        converted[...] = found
        return converted
