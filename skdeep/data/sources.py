"""Chunks of other libraries' data: functions that read one part each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import issparse

__all__ = ["array_parts", "arrow_parts", "dask_parts"]

Part = Callable[[], tuple[Any, ...]]


def array_parts(*arrays: Any, n_rows: int) -> list[Part]:
    """Return what takes so many rows of each array; frames stay frames, and sparse ones sparse."""
    taken = [array.tocsr() if issparse(array) else array for array in arrays]
    named = zip(("X", "y", "sample_weight"), taken, strict=False)
    lengths = [_length(name, array) for name, array in named if array is not None]
    if len(set(lengths)) > 1:
        raise ValueError(f"X, y and sample_weight differ in length: {lengths}.")
    if not lengths[0]:
        raise ValueError("X has no rows.")

    def rows(start: int) -> tuple[Any, ...]:
        part = slice(start, start + n_rows)
        return tuple(_sliced(array, part) for array in taken)

    return [partial(rows, start) for start in range(0, lengths[0], n_rows)]


def _length(name: str, array: Any) -> int:
    shape = getattr(array, "shape", None)
    if shape == () or (shape is None and not hasattr(array, "__len__")):
        raise TypeError(f"{name} must have rows, got {array!r}.")
    return int(len(array) if shape is None else shape[0])


def _sliced(array: Any, rows: slice) -> Any:
    if array is None:
        return None
    if hasattr(array, "iloc"):
        return array.iloc[rows]
    part = array[rows]
    return part if issparse(part) or hasattr(part, "columns") else np.asarray(part)


def dask_parts(*collections: Any) -> list[Part]:
    """Return what computes the blocks of rows of dask arrays or data frames, side by side."""
    for given in collections:
        if given is not None and not hasattr(given, "to_delayed"):
            raise TypeError(
                f"of_dask takes dask arrays and data frames. Got {type(given).__name__}."
            )
    import dask

    blocks: list[list[Any]] = []
    for given in collections:
        if given is None:  # as many as X has, which comes first
            blocks.append([None] * len(blocks[0]))
            continue
        if getattr(given, "ndim", 1) > 1 and hasattr(given, "rechunk"):  # rows stay whole
            given = given.rechunk(dict.fromkeys(range(1, given.ndim), -1))
        delayed = given.to_delayed()
        blocks.append(delayed.ravel().tolist() if hasattr(delayed, "ravel") else list(delayed))
    counts = [len(of_one) for of_one in blocks]
    if len(set(counts)) > 1:
        raise ValueError(
            f"X, y and sample_weight have {counts} blocks of rows; rechunk or repartition them "
            "alike."
        )
    return [partial(dask.compute, *of_part) for of_part in zip(*blocks, strict=True)]


def arrow_parts(
    source: Any,
    target: str | list[str] | None,
    columns: list[str] | None,
    sample_weight: str | None,
    format: str,
) -> list[Part]:
    """Return what reads each row group of Parquet files, or record batch of Arrow files.

    Raises
    ------
    ImportError
        If pyarrow or pandas is absent.
    ValueError
        If a column is not there, or `format` is another.
    """
    try:
        import pandas  # noqa: F401
        import pyarrow.dataset
    except ImportError as error:
        raise ImportError(
            "Chunks.of_arrow needs pyarrow and pandas: pip install 'skdeep[distributed]'"
        ) from error
    if format not in ("parquet", "arrow"):
        raise ValueError(f"format must be 'parquet' or 'arrow'. Got {format!r} instead.")
    given = source
    if not isinstance(source, pyarrow.dataset.Dataset):
        paths = [str(path) for path in source] if isinstance(source, list) else str(source)
        given = pyarrow.dataset.dataset(paths, format=format)
    targets = [target] if isinstance(target, str) else list(target or [])
    apart = [*targets, *([] if sample_weight is None else [sample_weight])]
    names = list(given.schema.names)
    wanted = [name for name in names if name not in apart] if columns is None else list(columns)
    absent = [name for name in [*wanted, *apart] if name not in names]
    if absent:
        raise ValueError(f"There are no columns {absent}; there are {names}.")

    def chunk(read: Callable[[list[str]], Any]) -> tuple[Any, ...]:
        table = read([*wanted, *apart]).to_pandas()
        y = None if target is None else table[target].to_numpy()
        weight = () if sample_weight is None else (table[sample_weight].to_numpy(),)
        return (table[wanted], y, *weight)

    readers = [reader for fragment in given.get_fragments() for reader in _readers(fragment)]
    return [partial(chunk, reader) for reader in readers]


def _readers(fragment: Any) -> list[Callable[[list[str]], Any]]:
    """Return what reads each piece of a file, given the names of columns."""
    if hasattr(fragment, "split_by_row_group"):
        groups = fragment.split_by_row_group()
        return [partial(_read_group, group) for group in groups]
    import pyarrow

    with pyarrow.memory_map(fragment.path) as file:
        n = pyarrow.ipc.open_file(file).num_record_batches
    return [partial(_read_batch, fragment.path, i) for i in range(n)]


def _read_group(group: Any, columns: list[str]) -> Any:
    return group.to_table(columns=columns)


def _read_batch(path: str, i: int, columns: list[str]) -> Any:
    import pyarrow

    with pyarrow.memory_map(path) as file:
        return pyarrow.ipc.open_file(file).get_batch(i).select(columns)
