"""The next token as a target: what a network that writes is trained on."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from skdeep.neural_network.sequences.reader import Sequences

__all__ = ["TokenTargets"]


class TokenTargets:
    """The next token to write, as its index among the classes; the last class is the end.

    Parameters
    ----------
    n_tokens : int
        Tokens, or characters, without the end.
    """

    kind = "multiclass"

    def __init__(self, n_tokens: int) -> None:
        self.n_outputs = n_tokens + 1

    def going_on(self, y: Sequences, weight: Any) -> TokenTargets:
        """Return the same for a network that goes on."""
        return self

    def encode(self, y: Sequences, dtype: Any) -> NDArray[Any]:
        """Return them as they are."""
        return y.values
