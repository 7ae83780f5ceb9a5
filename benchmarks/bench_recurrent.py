"""Recurrent layers and a transformer block beside PyTorch's: a forward and a backward pass.

Run as ``python -m benchmarks.bench_recurrent [wall]``. Without ``wall`` it compares processor time
on one thread each, which says something on a busy machine too; with it, wall-clock time with all
threads, for an idle one: there each of our products has BLAS's threads, or the samples are shared
by threads of ours, whichever of the two takes less time.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.timing import median_ratio, table
from skdeep.nn import GRU, LSTM, Layer, Mode, Network, SimpleRNN, TransformerBlock
from skdeep.nn.sharing import WorkShare
from skdeep.utils.threads import limit_blas_threads

# Samples, steps, features, units.
SHAPES = [(64, 28, 28, 128), (32, 100, 16, 64), (128, 50, 64, 256)]
CELLS: dict[str, tuple[type[Layer], type[torch.nn.Module]]] = {
    "LSTM": (LSTM, torch.nn.LSTM),
    "GRU": (GRU, torch.nn.GRU),
    "SimpleRNN": (SimpleRNN, torch.nn.RNN),
}
Pass = Callable[[], object]


def ours(layer: Layer, x: np.ndarray, share: WorkShare | None = None) -> Pass:
    """Return one forward and backward pass of ours, the gradient by the input included."""
    network = Network(layer, x.shape[1:], dtype=np.float32, random_state=0)
    network.share_work(share)
    mode = Mode(training=True)
    grad = np.ones_like(network.forward(x, mode))

    def run() -> None:
        network.forward(x, mode)
        network.backward(grad.copy(), wants_input=True)
        if share is not None:
            share.finish()

    return run


def theirs(module: torch.nn.Module, x: np.ndarray) -> Pass:
    """Return the same of PyTorch's."""
    leaf = torch.tensor(x, requires_grad=True)
    wanted = [leaf, *module.parameters()]
    y = module(leaf)
    grad = torch.ones_like(y[0] if isinstance(y, tuple) else y)

    def run() -> None:
        y = module(leaf)
        torch.autograd.grad(y[0] if isinstance(y, tuple) else y, wanted, grad)

    return run


def paired(
    runs: dict[str, Pass], clock: Callable[[], float], *, repeats: int = 15
) -> dict[str, list[float]]:
    """Run all in turn; idle threads of one library spin for a while, so pause in between."""
    for run in runs.values():
        run()
        run()
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            time.sleep(0.02)
            begin = clock()
            run()
            seconds[name].append(clock() - begin)
    return seconds


def pairs() -> list[tuple[str, Callable[..., Pass], Pass]]:
    """Return what is compared: a name, ours with or without threads, theirs."""
    rng = np.random.default_rng(0)
    found: list[tuple[str, Callable[..., Pass], Pass]] = []
    for name, (kind, peer) in CELLS.items():
        for n, n_steps, d, units in SHAPES:
            x = rng.standard_normal((n, n_steps, d), dtype=np.float32)
            found.append(
                (
                    f"{name}, {n} x {n_steps} x {d} -> {units}",
                    lambda share=None, kind=kind, units=units, x=x: ours(
                        kind(units, return_sequences=True), x, share
                    ),
                    theirs(peer(d, units, batch_first=True), x),
                )
            )
    x = rng.standard_normal((32, 64, 128), dtype=np.float32)
    block = torch.nn.TransformerEncoderLayer(128, 4, 512, 0.0, batch_first=True, norm_first=True)
    found.append(
        (
            "transformer block, 32 x 64 x 128, 4 heads",
            lambda share=None: ours(TransformerBlock(128, 4), x, share),
            theirs(block, x),
        )
    )
    return found


def processor_time() -> None:
    """Compare processor time, one thread each."""
    torch.set_num_threads(1)
    rows: list[list[object]] = []
    with limit_blas_threads(1):
        for name, mine, peer in pairs():
            seconds = paired({"ours": mine(), "theirs": peer}, time.thread_time)
            rows.append([name, *milliseconds(seconds), ratio(seconds, "ours")])
    print(table(["one thread, processor time", "skdeep", "PyTorch", "skdeep / PyTorch"], rows))


def wall_clock() -> None:
    """Compare wall-clock time with all threads."""
    n_threads = os.cpu_count() or 1
    torch.set_num_threads(n_threads)
    rows: list[list[object]] = []
    for name, mine, peer in pairs():
        with WorkShare(n_threads) as share:
            seconds = paired({"BLAS": mine(), "theirs": peer}, time.perf_counter)
            with limit_blas_threads(1):
                shared = paired({"shared": mine(share), "theirs": peer}, time.perf_counter)
                alone = paired({"alone": mine(), "theirs": peer}, time.perf_counter)
        cells = [milliseconds(s)[0] for s in (alone, shared, seconds)]
        best = min(ratio(seconds, "BLAS"), ratio(shared, "shared"), ratio(alone, "alone"))
        rows.append([name, *cells, milliseconds(seconds)[1], best])
    head = [f"{n_threads} threads", "one thread", "samples shared", "BLAS's threads", "PyTorch"]
    print(table([*head, "skdeep / PyTorch"], rows))


def milliseconds(seconds: dict[str, list[float]]) -> list[str]:
    """Return the medians."""
    return [f"{1e3 * statistics.median(values):.1f} ms" for values in seconds.values()]


def ratio(seconds: dict[str, list[float]], name: str) -> str:
    """Return how long ours takes over theirs."""
    return f"{1 / median_ratio(seconds['theirs'], seconds[name]):.2f}"


if __name__ == "__main__":
    wall_clock() if sys.argv[1:] == ["wall"] else processor_time()
