"""What stands beyond the border of a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.memory import Memory

__all__ = ["check_fill", "padded"]


def check_fill(owner: Any, fill: Any) -> None:
    """Raise ValueError unless `fill` is a finite number or "edge"."""
    is_number = isinstance(fill, (int, float, np.number)) and not isinstance(fill, bool)
    if fill == "edge" if isinstance(fill, str) else is_number and np.isfinite(fill):
        return
    raise ValueError(f"{type(owner).__name__} takes a fill of 'edge' or a number, got {fill!r}.")


def padded(
    memory: Memory,
    x: NDArray[Any],
    before: tuple[int, int],
    after: tuple[int, int],
    fill: float | str,
) -> NDArray[Any]:
    """Return pictures with a border.

    Parameters
    ----------
    memory : Memory
        Has the array.
    x : ndarray of shape (n, height, width, channels)
    before, after : (int, int)
        Rows above and columns left, rows below and columns right.
    fill : float or "edge"
        A number, or the nearest pixel.

    Returns
    -------
    ndarray of shape (n, rows, columns, channels)
    """
    n, height, width, channels = x.shape
    shape = (n, before[0] + height + after[0], before[1] + width + after[1], channels)
    out = memory.buffer("padded", shape, x.dtype)
    top, left = before
    bottom, right = top + height, left + width
    out[:, top:bottom, left:right] = x
    if fill == "edge":
        out[:, top:bottom, :left] = x[:, :, :1]
        out[:, top:bottom, right:] = x[:, :, -1:]
        out[:, :top] = out[:, top : top + 1]
        out[:, bottom:] = out[:, bottom - 1 : bottom]
    else:
        out[:, :top] = fill
        out[:, bottom:] = fill
        out[:, top:bottom, :left] = fill
        out[:, top:bottom, right:] = fill
    return out
