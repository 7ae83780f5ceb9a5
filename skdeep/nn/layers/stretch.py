"""Layers through which each thread takes its own part of a batch, from end to end.

Handing out the work of each layer by itself makes all threads wait for the slowest of them at every
layer, and leaves what is not handed out to one thread. In a stretch of layers that treat each
sample by itself, a thread needs no other one: it goes through all of them with replicas of its own,
which share the parameters and have their own buffers and gradients. The gradients are added up in
the end, in the order of the parts. Batch normalization needs sums over the whole batch: there the
threads meet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from skdeep.nn.layers.base import Layer, Mode
from skdeep.nn.meeting import Meeting, Seat
from skdeep.nn.memory import Array, Memory
from skdeep.nn.sharing import WorkShare, even_parts

__all__ = ["Plan", "Stretch", "back"]


class Plan:
    """How to go through a sequence of layers in training: layer by layer, but for stretches.

    Parameters
    ----------
    layers : list of Layer
    share : WorkShare or None
    """

    def __init__(self, layers: list[Layer], share: WorkShare | None) -> None:
        self.layers, self.share = layers, share
        stages: list[Any] = []
        together: list[Layer] = []
        for layer in [*layers, None]:
            if layer is not None and layer.by_sample:
                together.append(layer)
                continue
            # A convolution is worth it; where there is none, a step may be too short.
            worth = len(together) > 1 and any(_in_blocks(one) for one in together)
            if share is not None and worth and together[0].xp is np:
                stages.append(Stretch(together, share))
            else:
                stages += together
            together = []
            if layer is not None:
                stages.append(layer)
        self.stages = _paired(stages)


class Stretch:
    """Layers that treat each sample by itself, one after the other; called as a layer is.

    Parameters
    ----------
    layers : list of Layer
    share : WorkShare
    """

    parallel = False

    def __init__(self, layers: list[Layer], share: WorkShare) -> None:
        self.share = share
        self.learns = any(layer.learns for layer in layers)
        others = [[layer.replica() for layer in layers] for _ in range(share.n_threads - 1)]
        self.ways = [layers, *others]
        self.stages = [_paired(way) for way in self.ways]
        self.memory = Memory()
        self.memory.settle(layers[0].xp, layers[0].dtype)
        # Each gradient of the layers, with those of the replicas in order.
        self.gradients: list[tuple[Array, list[Array]]] = []
        for same in zip(*map(_nodes, self.ways), strict=True):
            for name in same[0].starts:
                gradient = getattr(same[0], "grad_" + name, None)
                if gradient is None:  # of a statistic
                    continue
                own = [self.memory.xp.zeros_like(gradient) for _ in others]
                self.gradients.append((gradient, own))
                for replica, array in zip(same[1:], own, strict=True):
                    setattr(replica, "grad_" + name, array)

    def forward(self, x: Array, mode: Mode) -> Array:
        """Map a batch, in parts where it is one of training that counts all samples alike."""
        plain = mode.training and mode.weight is None and mode.lengths is None
        n_parts = min(len(x), len(self.ways)) if plain else 1
        self.parts = even_parts(len(x), n_parts)
        if n_parts == 1:
            for stage in self.stages[0]:
                x = stage.forward(x, mode)
            return x

        def forward(i: int) -> Array:
            z = x[self.parts[i]]
            for stage in self.stages[i]:
                z = stage.forward(z, mode)
            return z

        return self._joined("y", self._in_threads(forward))

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Run the chain rule from the last layer to the first, in the same parts."""
        if len(self.parts) == 1:
            return back(self.stages[0], grad_y, wants_input)

        def backward(i: int) -> Array | None:
            return back(self.stages[i], grad_y[self.parts[i]], wants_input)

        found = self._in_threads(backward)
        for total, own in self.gradients:
            for array in own[: len(self.parts) - 1]:
                total += array
        return self._joined("grad_x", found) if wants_input else None

    def _in_threads(self, task: Callable[[int], Any]) -> list[Any]:
        """Return task(i) for all parts, each computed by a thread of its own."""
        n_parts = len(self.parts)
        meeting = Meeting(n_parts)
        found = [None] * n_parts

        def each(numbers: slice) -> None:
            i = numbers.start
            nodes = list(_nodes(self.ways[i]))
            for node in nodes:
                node.seat = seats[i]
            try:
                found[i] = task(i)
            except threading.BrokenBarrierError:
                pass  # for what another one has raised
            except BaseException:
                meeting.abandon()
                raise
            finally:
                for node in nodes:
                    node.seat = None

        seats = [Seat(meeting, i) for i in range(n_parts)]
        try:
            self.share.run(each, n_parts)
        except BaseException:  # Ctrl-C before the calling thread has taken its part, for one
            meeting.abandon()
            raise
        return found

    def _joined(self, name: str, arrays: list[Array]) -> Array:
        """Return the parts of the batch as one array."""
        shape = (self.parts[-1].stop, *arrays[0].shape[1:])
        joined = self.memory.buffer(name, shape)
        for part, array in zip(self.parts, arrays, strict=True):
            joined[part] = array
        return joined


class _Rectified:
    """A layer that can do the work of the ReLU behind it, and that; called as one layer is."""

    parallel = False

    def __init__(self, layer: Any, relu: Layer) -> None:
        self.layer, self.relu = layer, relu
        self.learns = layer.learns

    def forward(self, x: Array, mode: Mode) -> Array:
        y = self.layer.forward(x, mode, rectify=True)
        return y if self.layer.rectified else self.relu.forward(y, mode)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        grad: Array | None = grad_y
        if not self.layer.rectified:
            grad = self.relu.backward(grad_y)
        return self.layer.backward(grad, wants_input)


def _paired(layers: list[Any]) -> list[Any]:
    """Return the layers, those that can do the work of a ReLU behind them together with that."""
    stages: list[Any] = []
    for layer in layers:
        before = stages[-1] if stages else None
        if getattr(layer, "rectifies", False) and getattr(before, "can_rectify", False):
            stages[-1] = _Rectified(before, layer)
        else:
            stages.append(layer)
    return stages


def back(layers: list[Any], grad_y: Array, wants_input: bool) -> Array | None:
    """Run the chain rule from the last of several layers to the first, and return its gradient.

    Parameters
    ----------
    layers : list of Layer or Stretch
    grad_y : array
        Gradient by the last output.
    wants_input : bool
        Whether to return the gradient by the first input.
    """
    last = 0
    if not wants_input:  # nobody reads gradients below the first layer that learns
        while last < len(layers) - 1 and not layers[last].learns:
            last += 1
    # Of layers side by side there, those that do not learn read none.
    partly = (
        not wants_input
        and last + 1 < len(layers)
        and layers[last].parallel
        and isinstance(layers[last + 1], Layer)
    )
    grad: Array | None = grad_y
    for i in range(len(layers) - 1, last - 1, -1):
        if partly and i == last + 1:
            grad = layers[i].backward_of(layers[last].reads(), grad)
        else:
            grad = layers[i].backward(grad, wants_input or i > last)
    return grad if wants_input else None


def _nodes(layers: list[Layer]) -> Iterator[Layer]:
    """Yield the layers with all that is inside of them."""
    for layer in layers:
        yield layer
        yield from _nodes(list(layer.inside()))


def _in_blocks(layer: Layer) -> bool:
    return any(node.in_blocks for node in _nodes([layer]))
