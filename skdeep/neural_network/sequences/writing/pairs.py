"""Pairs of sequences: what is read, and what has been written before each step."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pairs"]


@dataclass(frozen=True)
class Pairs:
    """What the encoder reads and what the decoder has written before each of its steps.

    Attributes
    ----------
    source, written : ndarray of int of shape (n_samples, n_steps), each with its own steps
        Token indices, zero behind the end.
    lengths : ndarray of int of shape (n_samples,)
        Of what is written.
    """

    source: NDArray[np.intp]
    written: NDArray[np.intp]
    lengths: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, rows: Any) -> "Pairs":
        """Return some of them."""
        return Pairs(self.source[rows], self.written[rows], self.lengths[rows])

    def trimmed(self) -> "Pairs":
        """Return them without steps that are behind the end of each."""
        read = int((self.source != 0).sum(axis=1).max())
        return Pairs(
            self.source[:, :read], self.written[:, : int(self.lengths.max())], self.lengths
        )
