"""Compare two versions of skdeep: processor time of a fit or a prediction, new against old.

    python -m benchmarks.against OLD_CHECKOUT                  every row
    python -m benchmarks.against OLD_CHECKOUT iris predict     rows with one of these in their name

The old version is a folder with another checkout, such as ``git worktree add ../old v1.0`` makes.
One worker process of each version lives for the whole comparison, with BLAS on one thread. In every
round both run the row, in turn the one or the other first, as often as makes up some hundredths of
a second; the ratio is the median over the rounds of new by old, in processor time, which other
processes of a busy machine disturb little. Below 1 the new version is faster. The spread is that of
the middle half of the rounds, and "same" tells whether weights and predictions agree to the last
bit.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.timing import table_line

WORKER = Path(__file__).with_name("against_rows.py")


class Worker:
    """A process that runs rows with the skdeep of one checkout.

    Parameters
    ----------
    checkout : Path
    """

    def __init__(self, checkout: Path) -> None:
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        self.process = subprocess.Popen(
            [sys.executable, "-P", str(WORKER)],  # -P: without the folder of the script
            cwd=checkout,
            env=os.environ | threads | {"PYTHONPATH": str(checkout)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        imported = Path(self.answer())
        if imported.parents[1] != checkout:
            self.end()
            raise SystemExit(f"{checkout} has no skdeep: the worker imported {imported}")

    def end(self) -> None:
        """End the process, and close what was said to it and by it."""
        self.process.kill()
        self.process.communicate()

    def answer(self) -> Any:
        """Return what the worker says next."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("a worker has died; its error stands above")
        return json.loads(line)

    def run(self, row: str, calls: int) -> dict[str, Any]:
        """Return the processor seconds of so many calls, and the digest of the last result."""
        assert self.process.stdin is not None
        print(json.dumps({"row": row, "calls": calls}), file=self.process.stdin, flush=True)
        return self.answer()


@contextmanager
def workers(old: Path, new: Path) -> Iterator[tuple[Worker, Worker]]:
    """Have a worker of each version inside the block."""
    started: list[Worker] = []
    try:
        started.append(Worker(old.resolve()))
        started.append(Worker(new.resolve()))
        yield started[0], started[1]
    finally:
        for worker in started:
            worker.end()


def ratios(
    old: Worker, new: Worker, row: str, *, rounds: int, seconds: float
) -> tuple[list[float], float, bool]:
    """Return new by old of every round, the seconds of an old call, and whether both agree."""
    first = [worker.run(row, 1) for worker in (old, new)]  # with the data and what is cached
    once = old.run(row, 1)["seconds"]
    calls = max(1, round(seconds / max(once, 1e-6)))
    for worker in (old, new):
        worker.run(row, calls)
    found, olds = [], []
    for i in range(rounds):
        took = {}
        for worker in (old, new) if i % 2 else (new, old):
            took[worker] = worker.run(row, calls)["seconds"]
        found.append(took[new] / took[old])
        olds.append(took[old] / calls)
    return found, statistics.median(olds), first[0]["digest"] == first[1]["digest"]


def main() -> None:
    """Print a line for each row as soon as it is measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against", description=__doc__)
    parser.add_argument("old", type=Path, help="the other checkout")
    parser.add_argument("rows", nargs="*", help="parts of the names of rows; all without")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.05, help="of a turn, at least a call")
    args = parser.parse_args()
    from benchmarks.against_rows import ROWS

    wanted = [row for row in ROWS if not args.rows or any(part in row for part in args.rows)]
    print(table_line(["row", "old", "new / old", "middle half", "same"]))
    print(table_line(["---"] * 5), flush=True)
    with workers(args.old, Path(__file__).parents[1]) as (old, new):
        for row in wanted:
            found, seconds, same = ratios(old, new, row, rounds=args.rounds, seconds=args.seconds)
            low, middle, high = statistics.quantiles(found, n=4)
            print(
                table_line(
                    [
                        row,
                        f"{seconds * 1e3:.3g} ms",
                        f"{middle:.3f}",
                        f"{low:.2f} to {high:.2f}",
                        "yes" if same else "no",
                    ]
                ),
                flush=True,
            )


if __name__ == "__main__":
    main()
