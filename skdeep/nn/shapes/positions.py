"""Positions: the steps of a sequence and the pixels of an image count as rows of a batch.

A batch of shape (n_samples, ..., d) has a row for each sample and position. What is averaged over
samples, as batch statistics and losses are, is averaged over rows: each valid position counts what
its sample counts, and steps behind the end of a sequence count nothing.
"""

from __future__ import annotations

import math
from typing import Any

from skdeep.nn.memory import Array, Memory
from skdeep.nn.shapes.inputs import cast

__all__ = ["row_weights", "valid_steps"]


def valid_steps(memory: Memory, lengths: Array, n_steps: int) -> Array:
    """Return an array of shape (n_samples, n_steps): 1 for the valid steps, 0 behind them.

    Parameters
    ----------
    memory : Memory
        Whose namespace and type the array has.
    lengths : array of int of shape (n_samples,)
    n_steps : int
    """
    xp = memory.xp
    mask = xp.arange(n_steps)[None, :] < lengths[:, None]
    return cast(mask, memory.dtype)


def row_weights(
    memory: Memory, shape: tuple[int, ...], weight: Array | None, lengths: Array | None
) -> tuple[Array | None, float | None]:
    """Return what each row of a batch counts, with sum 1, and how many positions a sample has.

    Parameters
    ----------
    memory : Memory
        Whose namespace and type the array has.
    shape : tuple of int
        Of the batch, (n_samples, ..., d).
    weight : array of shape (n_samples,) or None
        What each sample counts, with sum 1; None counts all alike.
    lengths : array of int of shape (n_samples,) or None
        How many of the steps, the second axis, are valid; None are all.

    Returns
    -------
    weight : array of shape (n_rows,) or None
        None where all rows count alike.
    n_positions : float or None
        Valid positions of a sample in the (weighted) mean; None where `weight` is None.
    """
    if lengths is None or len(shape) < 3:
        if weight is None:
            return None, None
        n, places = shape[0], math.prod(shape[1:-1])
        if weight.ndim > 1:
            return weight.reshape(-1), float(places)
        if places == 1:
            return weight, 1.0
        spread: Any = memory.xp.broadcast_to((weight / places)[:, None], (n, places))
        return spread.reshape(-1), float(places)
    n, n_steps = shape[:2]
    counts = valid_steps(memory, lengths, n_steps)
    counts = counts / n if weight is None else counts * weight[:, None]
    rest = math.prod(shape[2:-1])
    total = float(counts.sum()) * rest
    spread = memory.xp.broadcast_to((counts / total)[:, :, None], (n, n_steps, rest))
    return spread.reshape(-1), total
