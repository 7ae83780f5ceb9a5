"""Measure a step of every optimizer beside one of Adam, in processor time on one thread.

Each optimizer moves the same vector of float32 parameters; the ratio is the median over rounds, in
each of which all take their turn. Muon is told of one square matrix in the vector of its own run,
and is limited by products; all others should take no more than 1.5 times as long as Adam.
"""

from __future__ import annotations

import statistics
import time

import numpy as np

from benchmarks.timing import save_rows, table
from skdeep.nn import (
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    AMSGrad,
    Lion,
    Momentum,
    Muon,
    NAdam,
    Nesterov,
    Optimizer,
    RMSProp,
)
from skdeep.utils.threads import limit_blas_threads

OPTIMIZERS = {
    "Adam": Adam,
    "SGD": SGD,
    "Momentum": Momentum,
    "Nesterov": Nesterov,
    "AdamW": AdamW,
    "AMSGrad": AMSGrad,
    "NAdam": NAdam,
    "AdaGrad": AdaGrad,
    "RMSProp": RMSProp,
    "RMSProp with momentum": lambda: RMSProp(momentum=0.9),
    "Lion": Lion,
    "Muon": Muon,
}
SIDE = 1000
SIZE, ROUNDS, STEPS = SIDE**2, 15, 3


def step_time(optimizer: Optimizer, params: np.ndarray, grad: np.ndarray) -> float:
    """Return the processor seconds of a step; the gradients are copied outside of it."""
    gradients = [grad.copy() for _ in range(STEPS)]
    begin = time.process_time()
    for own in gradients:
        optimizer.step(params, own, 1e-3)
    return (time.process_time() - begin) / STEPS


def main() -> None:
    """Print and keep the table."""
    random = np.random.default_rng(0)
    grad = random.normal(size=SIZE).astype(np.float32)
    walkers = {name: (make(), np.zeros(SIZE, np.float32)) for name, make in OPTIMIZERS.items()}
    for optimizer, _ in walkers.values():
        optimizer.settle(np, np.float32, SIZE, [(slice(0, SIZE), (1, SIDE, SIDE))])
    seconds: dict[str, list[float]] = {name: [] for name in walkers}
    with limit_blas_threads(1):
        for optimizer, params in walkers.values():
            step_time(optimizer, params, grad)
        for _ in range(ROUNDS):
            for name, (optimizer, params) in walkers.items():
                seconds[name].append(step_time(optimizer, params, grad))
    adam = seconds["Adam"]
    head = ["optimizer", "ns a parameter", "times Adam"]
    rows: list[list[object]] = []
    for name, mine in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(mine, adam, strict=True))
        rows.append([name, f"{statistics.median(mine) / SIZE * 1e9:.2f}", f"{ratio:.2f}"])
    print(table(head, rows))
    save_rows("optimizers", head, rows)


if __name__ == "__main__":
    main()
