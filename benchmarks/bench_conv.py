"""Layers for pictures beside PyTorch's: the same shapes, forward and backward, in float32.

A figure is the median over rounds of our time divided by PyTorch's in the same round, below one
where we are faster; PyTorch has the better of its two memory layouts. On one thread it is the
thread's processor time, which other jobs of the machine hardly touch; on two it is wall-clock time
and needs an idle machine.

    python -m benchmarks conv                             all rows, one thread
    python -m benchmarks.bench_conv --threads 2           the same on two
    python -m benchmarks.bench_conv 3x3 --quick           some rows, fewer rounds
    python -m benchmarks.bench_conv --shared              what two threads have to do each

The last one tells how evenly a training step of ours falls to two threads, also on a busy machine:
the processor time of the one that has more to do, beside that of one thread alone.
"""

from __future__ import annotations

import argparse
import copy
import math
import statistics
import time
from contextlib import nullcontext

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.timing import save_rows, table_line
from skdeep.nn import (
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    MaxPool2D,
    Mode,
    Momentum,
    Network,
    ReLU,
    Sequence,
    SoftmaxCrossEntropy,
    Tanh,
)
from skdeep.nn.memory import empty
from skdeep.nn.sharing import WorkShare

# name: batch, shape of a picture, our layer
LAYERS = {
    "3x3 28x28x32 to 32": (64, (28, 28, 32), Conv2D(32, 3, padding=1)),
    "3x3 32x32x32 to 32": (128, (32, 32, 32), Conv2D(32, 3, padding=1)),
    "3x3 14x14x32 to 64": (64, (14, 14, 32), Conv2D(64, 3, padding=1)),
    "3x3 16x16x64 to 64": (128, (16, 16, 64), Conv2D(64, 3, padding=1)),
    "3x3 8x8x128 to 128": (128, (8, 8, 128), Conv2D(128, 3, padding=1)),
    "first layer 3x3 28x28x1 to 32": (64, (28, 28, 1), Conv2D(32, 3, padding=1)),
    "first layer 5x5 28x28x1 to 32": (64, (28, 28, 1), Conv2D(32, 5, padding=2)),
    "first layer 3x3 32x32x3 to 32": (128, (32, 32, 3), Conv2D(32, 3, padding=1)),
    "1x1 14x14x64 to 128": (64, (14, 14, 64), Conv2D(128, 1)),
    "stride 2 32x32x32 to 64": (
        128,
        (32, 32, 32),
        Conv2D(64, 3, stride=2, padding=((1, 0), (1, 0))),
    ),
    "depthwise 28x28x32": (64, (28, 28, 32), Conv2D(32, 3, padding=1, groups=32)),
    "max pool 2x2 28x28x32": (64, (28, 28, 32), MaxPool2D()),
    "max pool 3x3 stride 2 28x28x32": (64, (28, 28, 32), MaxPool2D(3, stride=2, padding="same")),
    "average pool 2x2 28x28x32": (64, (28, 28, 32), AvgPool2D()),
    "batch norm 28x28x32": (64, (28, 28, 32), BatchNorm()),
}


def conv_norm_relu(filters):
    """Return the layers of one step of a network in the manner of VGG."""
    return [Conv2D(filters, 3, padding=1, use_bias=False), BatchNorm(), ReLU()]


# name: batch, shape of a picture, our layers; all end in ten classes
NETWORKS = {
    "step of a small VGG 32x32x3": (
        128,
        (32, 32, 3),
        [
            *(conv_norm_relu(32) + conv_norm_relu(32) + [MaxPool2D()]),
            *(conv_norm_relu(64) + conv_norm_relu(64) + [MaxPool2D()]),
            *(conv_norm_relu(128) + conv_norm_relu(128) + [MaxPool2D()]),
            Flatten(),
            Dense(10),
        ],
    ),
    "step of LeNet-5 28x28x1": (
        128,
        (28, 28, 1),
        [
            *[Conv2D(6, 5, padding=2), Tanh(), AvgPool2D()],
            *[Conv2D(16, 5), Tanh(), AvgPool2D(), Flatten()],
            *[Dense(120), Tanh(), Dense(84), Tanh(), Dense(10)],
        ],
    ),
}


def theirs_of(layer, shape):
    """Return PyTorch's layer for one of ours."""
    import torch

    if isinstance(layer, Conv2D):
        (above, below), (left, right) = layer.geometry(shape).padding
        # PyTorch takes no more zeros on one side; so many rows and columns are cut off by stride.
        return torch.nn.Conv2d(
            shape[2],
            layer.filters,
            layer.kernel_size,
            layer.stride,
            (max(above, below), max(left, right)),
            groups=layer.groups,
            bias=layer.use_bias,
        )
    if isinstance(layer, (MaxPool2D, AvgPool2D)):
        kind = torch.nn.MaxPool2d if isinstance(layer, MaxPool2D) else torch.nn.AvgPool2d
        border = 1 if layer.padding == "same" else 0
        return kind(layer.pool_size, layer.stride or layer.pool_size, border)
    if isinstance(layer, BatchNorm):
        return torch.nn.BatchNorm2d(shape[2])
    if isinstance(layer, Dense):
        return torch.nn.Linear(shape[0], layer.units)
    return {ReLU: torch.nn.ReLU, Tanh: torch.nn.Tanh, Flatten: torch.nn.Flatten}[type(layer)]()


def normal(shape, seed=0):
    """Return normal numbers that begin at a cache line, as what layers make does here and there."""
    flat = empty(np, math.prod(shape), np.dtype(np.float32))
    np.random.default_rng(seed).standard_normal(dtype=np.float32, out=flat)
    return flat.reshape(shape)


def layer_pair(name, share):
    """Return what runs one layer forward and backward, ours and PyTorch's in both layouts."""
    import torch

    n, shape, layer = LAYERS[name]
    first = name.startswith("first")
    network = Network(layer, shape, dtype=np.float32, random_state=0)
    network.share_work(share)
    x, mode = normal((n, *shape)), Mode(training=True)
    grad_y = normal((n, *network.output_shape), seed=1)

    def ours():
        network.forward(x, mode)
        network.backward(grad_y, wants_input=not first)

    def theirs(layout):
        module = theirs_of(layer, shape).to(memory_format=layout)
        pictures = torch.from_numpy(x.transpose(0, 3, 1, 2)).contiguous(memory_format=layout)
        pictures.requires_grad_(not first)
        grad = torch.from_numpy(grad_y.transpose(0, 3, 1, 2)).contiguous(memory_format=layout)

        def run():
            module.zero_grad()
            pictures.grad = None
            y = module(pictures)
            y.backward(grad[:, :, : y.shape[2], : y.shape[3]])

        return run

    return {
        "ours": ours,
        "channels last": theirs(torch.channels_last),
        "channels first": theirs(torch.contiguous_format),
    }


def network_pair(name, share):
    """Return what takes one training step, ours and PyTorch's in both layouts."""
    import torch

    n, shape, layers = NETWORKS[name]
    x, y = normal((n, *shape)), np.arange(n) % 10

    def theirs(layout):
        modules, current = [], shape
        for layer in layers:
            modules.append(theirs_of(layer, current))
            current = layer.output_shape(current)
        model = torch.nn.Sequential(*modules).to(memory_format=layout)
        pictures = torch.from_numpy(x.transpose(0, 3, 1, 2)).contiguous(memory_format=layout)
        labels = torch.from_numpy(y)
        theirs = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)

        def run():
            theirs.zero_grad()
            torch.nn.functional.cross_entropy(model(pictures), labels).backward()
            theirs.step()

        return run

    return {
        "ours": our_step(name, share),
        "channels last": theirs(torch.channels_last),
        "channels first": theirs(torch.contiguous_format),
    }


def our_step(name, share):
    """Return what takes one training step of ours."""
    n, shape, layers = NETWORKS[name]
    network = Network(Sequence(*copy.deepcopy(layers)), shape, dtype=np.float32, random_state=0)
    network.share_work(share)
    x, y = normal((n, *shape)), np.arange(n) % 10
    loss, optimizer = SoftmaxCrossEntropy(), Momentum(0.9)
    loss.settle(np, np.float32)
    optimizer.settle(np, np.float32, network.n_parameters)
    mode = Mode(training=True)

    def ours():
        z = network.forward(x, mode)
        _, grad_z = loss.value_and_gradient(z, y, None)
        network.backward(grad_z)
        if share is not None:
            share.finish()
        optimizer.step(network.params, network.grad, 0.01, n_penalized=network.n_penalized)

    return ours


def print_shared(rounds):
    """Print a line for each network: one thread's processor time, and the busier one's of two."""
    print(table_line(["network", "one thread, ms", "the busier of two, ms", "times less"]))
    print(table_line(["---"] * 4))
    with threadpool_limits(1, user_api="blas"), WorkShare(2) as share:
        for name in NETWORKS:
            alone, shared = our_step(name, None), our_step(name, share)
            ones, busier = [], []
            for round_ in range(-2, rounds):
                own = time.thread_time()
                alone()
                one = time.thread_time() - own
                own, all_ = time.thread_time(), time.process_time()
                shared()
                own = time.thread_time() - own
                other = time.process_time() - all_ - own
                if round_ >= 0:
                    ones.append(one)
                    busier.append(max(own, other))
            medians = statistics.median(ones), statistics.median(busier)
            milliseconds = (f"{1000 * seconds:.1f}" for seconds in medians)
            print(table_line([name, *milliseconds, f"{medians[0] / medians[1]:.2f}"]), flush=True)


def measure(competitors, *, threads, rounds):
    """Return the seconds of each run of each competitor, in turn."""
    clock = time.thread_time if threads == 1 else time.perf_counter
    seconds = {name: [] for name in competitors}
    for round_ in range(-2, rounds):
        for name, run in competitors.items():
            if threads > 1:
                time.sleep(0.02)  # until PyTorch's threads have ended their spinning
            begin = clock()
            run()
            if round_ >= 0:
                seconds[name].append(clock() - begin)
    return seconds


def main(argv=None):
    """Print a line for each row, and keep them."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", help="beginnings of the rows to measure; all if none")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--shared", action="store_true", help="what two threads have to do each")
    options = parser.parse_args(argv)
    rounds = 5 if options.quick else 15
    if options.shared:
        print_shared(rounds)
        return
    torch.set_num_threads(options.threads)
    wanted = [
        name
        for name in [*LAYERS, *NETWORKS]
        if not options.rows or any(name.startswith(row) for row in options.rows)
    ]
    head = ["row", "ours, ms", "PyTorch, ms", "ours / PyTorch"]
    print(table_line(head))
    print(table_line(["---"] * len(head)))
    rows = []
    shared = WorkShare(options.threads) if options.threads > 1 else nullcontext()
    with threadpool_limits(1, user_api="blas"), shared as share:
        for name in wanted:
            pair = layer_pair if name in LAYERS else network_pair
            seconds = measure(pair(name, share), threads=options.threads, rounds=rounds)
            ours = seconds.pop("ours")
            best = min(seconds.values(), key=statistics.median)
            ratio = statistics.median(a / b for a, b in zip(ours, best, strict=True))
            milliseconds = (f"{1000 * statistics.median(times):.1f}" for times in (ours, best))
            rows.append([name, *milliseconds, f"{ratio:.2f}"])
            print(table_line(rows[-1]), flush=True)
    if not options.rows:
        save_rows(f"conv_{options.threads}", head, rows)


if __name__ == "__main__":
    main()
