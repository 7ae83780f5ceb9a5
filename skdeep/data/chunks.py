"""Samples in chunks, which are read again for each epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from numbers import Integral
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from skdeep.data.sources import array_parts, arrow_parts, dask_parts

__all__ = ["Chunks"]


class Chunks:
    """Samples that are read a chunk at a time, anew in each epoch.

    It takes the place of `X` and `y` in `fit` of a network: ``clf.fit(chunks)``. Iterating yields
    the chunks, for `partial_fit` of any estimator.

    Parameters
    ----------
    read : callable
        ``read(i)`` returns chunk `i`; or, without `n_chunks`, ``read()`` returns a new iterable of
        all chunks. A chunk is ``(X, y)`` or ``(X, y, sample_weight)`` as `fit` takes them, and is
        the same each time.
    n_chunks : int or None, default=None
        How many there are, if any can be read by its number. Epochs then shuffle their order.
    mix : int, default=4
        Chunks whose rows epochs mix: that many are in memory twice. A network with
        ``shuffle=False`` reads all as they stand, and has one in memory.

    Notes
    -----
    Rows of one chunk come near each other in an epoch. Where a file is sorted, by class or by
    day, take many small chunks and a larger `mix`.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep import MLPClassifier
    >>> from skdeep.data import Chunks
    >>> def read(i):
    ...     rng = np.random.default_rng(i)  # or a file of that number
    ...     X = rng.normal(size=(1000, 3))
    ...     return X, (X.sum(axis=1) > 0).astype(int)
    >>> chunks = Chunks(read, n_chunks=5)
    >>> clf = MLPClassifier((10,), max_iter=20, learning_rate_init=0.01, random_state=0)
    >>> clf.fit(chunks).score(*read(5)) > 0.95
    True
    """

    def __init__(
        self, read: Callable[..., Any], n_chunks: int | None = None, *, mix: int = 4
    ) -> None:
        if not callable(read):
            raise TypeError(
                "Chunks takes a function: read(i) that returns a chunk, with n_chunks, or read() "
                f"that returns a new iterable of all. Got {type(read).__name__}."
            )
        for name, value in (("n_chunks", 1 if n_chunks is None else n_chunks), ("mix", mix)):
            if not isinstance(value, Integral) or value < 1:
                raise ValueError(f"{name} must be an integer of at least 1. Got {value!r} instead.")
        self.read, self.n_chunks, self.mix = read, n_chunks, mix

    # Where chunks come from

    @classmethod
    def of_arrays(
        cls, X: Any, y: Any = None, sample_weight: Any = None, *, n_rows: int = 2**16, mix: int = 4
    ) -> Chunks:
        """Return slices of arrays, such as `numpy.memmap`, or data sets of h5py or zarr.

        Parameters
        ----------
        X, y, sample_weight : array
            Whatever a slice can be taken of, data frames and sparse matrices too; `y` may be None
            for estimators without targets, and the last.
        n_rows : int, default=65536
            Rows of a chunk.
        mix : int, default=4
        """
        if not isinstance(n_rows, Integral) or n_rows < 1:
            raise ValueError(f"n_rows must be an integer of at least 1. Got {n_rows!r} instead.")
        parts = array_parts(X, y, *_given(sample_weight), n_rows=n_rows)
        return cls(lambda i: parts[i](), len(parts), mix=mix)

    @classmethod
    def of_dask(cls, X: Any, y: Any = None, sample_weight: Any = None, *, mix: int = 4) -> Chunks:
        """Return the blocks of dask arrays, or the partitions of dask data frames.

        Parameters
        ----------
        X, y, sample_weight : dask.array.Array, dask.dataframe.DataFrame or Series
            With the same blocks or partitions of rows; `y` and the last may be None.
        mix : int, default=4
        """
        parts = dask_parts(X, y, *_given(sample_weight))
        return cls(lambda i: parts[i](), len(parts), mix=mix)

    @classmethod
    def of_arrow(
        cls,
        source: Any,
        target: str | list[str] | None = None,
        *,
        columns: list[str] | None = None,
        sample_weight: str | None = None,
        format: str = "parquet",
        mix: int = 4,
    ) -> Chunks:
        """Return the row groups of Parquet files, or the record batches of Arrow files.

        `X` of a chunk is a pandas data frame.

        Parameters
        ----------
        source : path, list of paths, or pyarrow.dataset.Dataset
            A folder is read with all files in it.
        target : str, list of str or None, default=None
            Columns that are `y`; None for estimators without targets.
        columns : list of str or None, default=None
            Columns that are `X`, None for all others.
        sample_weight : str or None, default=None
            The column of weights.
        format : {'parquet', 'arrow'}, default='parquet'
        mix : int, default=4
        """
        parts = arrow_parts(source, target, columns, sample_weight, format)
        return cls(lambda i: parts[i](), len(parts), mix=mix)

    # What chunks become

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.in_order(None))

    def in_order(self, order: NDArray[np.intp] | None) -> Iterator[tuple[Any, ...]]:
        """Yield the chunks, by their numbers; None is all as they come."""
        if self.n_chunks is None:
            found: Iterable[Any] = self.read()
            if not isinstance(found, Iterable):
                raise TypeError(
                    "read() must return an iterable of chunks, for there are no n_chunks. Got "
                    f"{type(found).__name__}."
                )
        else:
            found = map(self.read, range(self.n_chunks) if order is None else map(int, order))
        for chunk in found:
            if not isinstance(chunk, tuple) or len(chunk) not in (2, 3):
                raise TypeError(
                    "A chunk must be a tuple (X, y) or (X, y, sample_weight). Got "
                    f"{type(chunk).__name__}"
                    + (f" of {len(chunk)} entries." if isinstance(chunk, tuple) else ".")
                )
            yield chunk

    def map(self, function: Callable[[Any], Any]) -> Chunks:
        """Return chunks with ``function(X)`` in place of `X`, such as `transform` of a scaler."""

        def changed(chunk: tuple[Any, ...]) -> tuple[Any, ...]:
            return (function(chunk[0]), *chunk[1:])

        if self.n_chunks is None:
            return Chunks(lambda: map(changed, self.in_order(None)), mix=self.mix)
        return Chunks(lambda i: changed(self.read(i)), self.n_chunks, mix=self.mix)

    def split(self, share: float = 0.1, *, random_state: Any = None) -> tuple[Chunks, Chunks]:
        """Return most chunks, and some at random for validation.

        Parameters
        ----------
        share : float, default=0.1
            Of the chunks for validation; at least one.
        random_state : int, RandomState or None, default=None
            Draws which.
        """
        n = self.n_chunks
        if n is None or n < 2:
            raise ValueError(
                f"split needs at least two chunks that can be read by number; n_chunks={n}."
            )
        if not 0 < share < 1:
            raise ValueError(f"share must be a number in (0, 1). Got {share!r} instead.")
        n_held_out = min(max(1, round(share * n)), n - 1)
        drawn = check_random_state(random_state).permutation(n)

        def some(numbers: NDArray[np.intp]) -> Chunks:
            return Chunks(lambda i: self.read(int(numbers[i])), len(numbers), mix=self.mix)

        return some(np.sort(drawn[n_held_out:])), some(np.sort(drawn[:n_held_out]))

    def __repr__(self) -> str:
        n = "" if self.n_chunks is None else f"n_chunks={self.n_chunks}, "
        return f"Chunks({n}mix={self.mix})"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        raise TypeError(
            "Chunks are read one at a time and make no array. fit of multilayer perceptrons, of "
            "networks of pictures and of sequences, and of autoencoders takes them; give other "
            "estimators each chunk: for X, y in chunks: estimator.partial_fit(X, y)."
        )


def _given(sample_weight: Any) -> tuple[Any, ...]:
    return () if sample_weight is None else (sample_weight,)
