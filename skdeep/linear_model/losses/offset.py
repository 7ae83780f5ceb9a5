"""A loss whose logits start from given numbers instead of zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.losses.base import LogitLoss, LossPoint

__all__ = ["OffsetLoss"]

Array = NDArray[np.float64]


class OffsetLoss:
    """A loss of the logits plus an offset, which is not learned.

    Parameters
    ----------
    loss : LogitLoss
        The loss.
    offset : ndarray of shape (n_samples, n_outputs)
        What is added to the logits of each row.
    """

    def __init__(self, loss: LogitLoss, offset: Array) -> None:
        self.loss, self.offset = loss, offset
        self.n_outputs, self.shift_invariant = loss.n_outputs, loss.shift_invariant
        self.curvature_jumps = loss.curvature_jumps

    def value(self, logits: Array) -> float:
        """Return the weighted sum of the losses."""
        return self.loss.value(logits + self.offset)

    def at(self, logits: Array) -> LossPoint:
        """Return the loss with its derivatives."""
        return self.loss.at(logits + self.offset)

    def part(self, rows: NDArray[np.intp]) -> OffsetLoss:
        """Return the loss of some rows."""
        return OffsetLoss(self.loss.part(rows), self.offset[rows])
