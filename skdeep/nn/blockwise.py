"""Predictions for any number of samples, block by block, so that memory stays bounded."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any, Self

import numpy as np

from skdeep.nn.layers.base import PREDICT, Layer, Mode
from skdeep.nn.memory import Array
from skdeep.nn.shapes.inputs import convert, n_rows, sample_shape, size_of, take_rows
from skdeep.nn.shapes.layout import Node

__all__ = ["BlockwisePrediction", "block_size"]

# Numbers of a block of samples that stay in a core's second-level cache, and how many may be in the
# largest array of a prediction so that a block of 256 rows, for the products' sake, is no waste.
_CACHED = 2**18
_BOUNDED = 2**22


class BlockwisePrediction:
    """A network that maps blocks of `block_size` samples."""

    root: Layer
    xp: ModuleType
    dtype: Any
    block_size: int

    def replica(self) -> Self:
        """Return a network with the same parameters but its own buffers, for another thread."""
        raise NotImplementedError

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Map a batch."""
        raise NotImplementedError

    def outputs(self, x: Any, lengths: Array | None = None, *, n_threads: int = 1) -> Array:
        """Predict any number of samples in blocks, so that memory stays bounded.

        Other threads may do the same at the same time.

        Parameters
        ----------
        x : array or CSR matrix of shape (n_samples, *input_shape), or tuple of arrays
            Of any type; converted block by block.
        lengths : array of int of shape (n_samples,) or None, default=None
            How many steps of each sequence are valid.
        n_threads : int, default=1
            How many threads map blocks at the same time.

        Returns
        -------
        array of shape (n_samples, *output_shape)
            The caller's own.
        """
        n = n_rows(x)
        # Sequences may have other lengths than those that the network was made for.
        shape = self.root.output_shape(sample_shape(x))
        out = self.xp.empty((n, *shape), dtype=self.dtype)

        def predict(first: int, stopped: threading.Event | None = None) -> None:
            replica = self.replica()
            for rows, part, mode in self.blocks(x, lengths, first=first, every=n_threads):
                if stopped is not None and stopped.is_set():
                    return
                out[rows] = replica.forward(part, mode)

        if n_threads > 1 and n > self.block_size:
            errors, stopped = np.geterr(), threading.Event()  # each thread has its own errors

            def predict_in_thread(first: int) -> None:
                with np.errstate(**errors):
                    predict(first, stopped)

            with ThreadPoolExecutor(n_threads) as pool:
                try:
                    list(pool.map(predict_in_thread, range(n_threads)))
                finally:  # after Ctrl-C, the other threads do not go on to the end
                    stopped.set()
        else:
            n_threads = 1
            predict(0)
        return out

    def blocks(
        self, x: Any, lengths: Array | None = None, *, first: int = 0, every: int = 1
    ) -> Iterator[tuple[slice, Any, Mode]]:
        """Yield any number of samples in blocks of `block_size`, ready for a layer's `forward`.

        Parameters
        ----------
        x, lengths : as for `outputs`
        first, every : int, default=0 and 1
            Which of the blocks: that number, and then each so many further on.

        Yields
        ------
        rows : slice
            Which samples they are.
        part : array, CSR matrix or tuple of arrays
            They, in the network's type; a view of `x` where that has it.
        mode : Mode
            That of prediction.
        """
        size = self.block_size
        for start in range(first * size, n_rows(x), every * size):
            rows = slice(start, start + size)
            part = convert(take_rows(x, rows), self.xp, self.dtype, self.root.input_dtype)
            yield rows, part, PREDICT if lengths is None else Mode(lengths=lengths[rows])


def block_size(nodes: list[Node]) -> int:
    """Return how many samples to predict at a time.

    The widest array of a block is to stay in a core's second-level cache. But products gain from
    some hundred rows, which are taken as long as they need not much memory.
    """
    widest = 1
    for _, layer, shape in nodes:
        widest = max(widest, size_of(shape), size_of(layer.output_shape(shape)))
    return max(1, min(256, _BOUNDED // widest), _CACHED // widest)
