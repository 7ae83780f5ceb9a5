"""Time competitors in turn, so that a machine that speeds up or slows down does so for all."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

RESULTS = Path(__file__).parent / "results"  # of the last run of each benchmark that keeps them


def interleaved(
    competitors: dict[str, Callable[[], object]],
    *,
    repeats: int = 5,
    warmup: int = 1,
    pause: float = 0.3,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Run every competitor `warmup` times, then all in turn `repeats` times (A B C A B C ...).

    The idle threads of one library spin for a while after its last call, for cores that the next
    competitor needs; so each waits for `pause` seconds first. Returns the seconds of each run, by
    `clock`: :func:`time.process_time` leaves out what other processes take.
    """
    for _ in range(warmup):
        for run in competitors.values():
            run()
    seconds: dict[str, list[float]] = {name: [] for name in competitors}
    for _ in range(repeats):
        for name, run in competitors.items():
            time.sleep(pause)
            begin = clock()
            run()
            seconds[name].append(clock() - begin)
    return seconds


def median_ratio(peer: list[float], ours: list[float]) -> float:
    """Return the median over the rounds of how many times longer the peer took."""
    return statistics.median(a / b for a, b in zip(peer, ours, strict=True))


def table(head: list[str], rows: list[list[object]]) -> str:
    """Return a Markdown table."""
    return "\n".join(map(table_line, [head, ["---"] * len(head), *rows]))


def table_line(cells: list[object]) -> str:
    """Return a line of a Markdown table, to be printed as soon as it is measured."""
    return "| " + " | ".join(map(str, cells)) + " |"


def save_rows(name: str, head: list[str], rows: list[list[object]]) -> None:
    """Keep the rows of a table, with the machine that they were measured on."""
    RESULTS.mkdir(exist_ok=True)
    cells = [dict(zip(head, map(str, row), strict=True)) for row in rows]
    text = json.dumps({"machine": machine(), "rows": cells}, indent=1)
    (RESULTS / f"{name}.json").write_text(text + "\n")


def load_rows(name: str) -> tuple[str, list[dict[str, str]]]:
    """Return the machine and the rows that `save_rows` kept."""
    path = RESULTS / f"{name}.json"
    if not path.exists():
        raise SystemExit(f"nothing is measured yet; `python -m benchmarks {name}` writes {path}")
    kept = json.loads(path.read_text())
    return kept["machine"], kept["rows"]


def machine() -> str:
    """Return one line about the processor and the versions that were measured."""
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    parts = [f"{os.cpu_count()} cores of {model}", f"Python {platform.python_version()}"]
    for package in ("numpy", "scipy", "scikit-learn", "torch", "faiss-cpu"):
        try:
            parts.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(parts)


def data_folder() -> Path | None:
    """Return the folder of downloaded data that SKDEEP_DATA names, or None.

    Only the accuracy benchmarks on MNIST and CIFAR-10 need it; the timings make their own data.
    """
    folder = os.environ.get("SKDEEP_DATA")
    return Path(folder) if folder else None
