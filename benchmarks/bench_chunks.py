"""What an epoch costs whose rows come from a disk in chunks, beside one in memory.

For each source, in a process of its own: seconds of the look at all rows before training, rows a
second of an epoch (the best of three), and the most memory of the fit beyond what the process
had before, without what the system caches of files. ``python -m benchmarks.bench_chunks [ROWS]``.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from benchmarks.timing import table_line
from skdeep import MLPClassifier
from skdeep.data import Chunks

N_FEATURES, SLICE = 50, 2**16
HEAD = ["rows from", "hidden layer", "look, s", "rows a second", "memory, MB", "of the data's"]


def write(folder: Path, n_rows: int) -> None:
    """Write the data as arrays and as a Parquet file, a slice at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    X = np.lib.format.open_memmap(
        folder / "X.npy", mode="w+", dtype=np.float32, shape=(n_rows, N_FEATURES)
    )
    y = np.lib.format.open_memmap(folder / "y.npy", mode="w+", dtype=np.int64, shape=(n_rows,))
    names = [*(f"x{i}" for i in range(N_FEATURES)), "y"]
    types = [pa.float32()] * N_FEATURES + [pa.int64()]
    schema = pa.schema(list(zip(names, types, strict=True)))
    rng = np.random.default_rng(0)
    with pq.ParquetWriter(folder / "rows.parquet", schema) as file:
        for start in range(0, n_rows, SLICE):
            rows = slice(start, start + SLICE)
            X[rows] = rng.standard_normal(X[rows].shape, dtype=np.float32)
            y[rows] = X[rows, :10].sum(axis=1) > 0
            columns = [*X[rows].T.copy(), np.asarray(y[rows])]
            file.write_table(pa.table(columns, schema=schema))


def opened(folder: Path) -> tuple[Any, Any]:
    """Return the arrays, mapped."""
    return tuple(np.load(folder / name, mmap_mode="r") for name in ("X.npy", "y.npy"))  # type: ignore[return-value]


def of_dask(folder: Path) -> Chunks:
    """Return the blocks of dask arrays."""
    import dask.array as da

    X, y = opened(folder)
    blocks = da.from_array(X, chunks=(SLICE, -1)), da.from_array(y, chunks=SLICE)
    return Chunks.of_dask(*blocks)


SOURCES: dict[str, Callable[[Path], Any]] = {
    "memory": lambda folder: tuple(map(np.array, opened(folder))),
    "memory map": opened,
    "chunks of the map": lambda folder: Chunks.of_arrays(*opened(folder), n_rows=SLICE),
    "Parquet": lambda folder: Chunks.of_arrow(folder / "rows.parquet", "y"),
    "dask arrays": of_dask,
}


def held() -> int:
    """Return the bytes of this process that are its own, not those of mapped files."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) * 1024
    return 0


def measure(name: str, folder: Path, units: int) -> list[object]:
    """Return a row of the table."""
    warnings.simplefilter("ignore", ConvergenceWarning)
    clf = MLPClassifier((units,), max_iter=3, n_iter_no_change=3, random_state=0)
    small = np.random.default_rng(0).normal(size=(1000, N_FEATURES)).astype(np.float32)
    clf.fit(small, (small[:, 0] > 0).astype(int))
    before, most, done = held(), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            most[0] = max(most[0], held())

    watcher = threading.Thread(target=watch)
    watcher.start()
    begin = time.perf_counter()
    data = SOURCES[name](folder)
    clf.fit(*(data if isinstance(data, tuple) else (data,)))
    total = time.perf_counter() - begin
    done.set()
    watcher.join()
    seconds = clf.history_["seconds"]
    n_rows, size = len(opened(folder)[1]), (folder / "X.npy").stat().st_size
    used = most[0] - before
    look = total - sum(seconds)
    rate = f"{n_rows / min(seconds):,.0f}"
    return [name, units, f"{look:.1f}", rate, f"{used / 1e6:.0f}", f"{used / size:.0%}"]


def main(n_rows: int) -> None:
    """Measure all sources and print the table."""
    print(table_line(HEAD))
    print(table_line(["---"] * len(HEAD)))
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), n_rows)
        for units in (100, 512):
            for name in SOURCES:
                with get_context("spawn").Pool(1) as pool:
                    print(table_line(pool.apply(measure, (name, Path(folder), units))), flush=True)


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if argument.isdigit()]
    main(int(given[0]) if given else 1_000_000)
