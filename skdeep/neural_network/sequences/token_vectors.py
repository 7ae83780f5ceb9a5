"""The vectors that tokens are turned into."""

from functools import partial
from typing import Any

from numpy.typing import NDArray

from skdeep.nn import Embedding
from skdeep.nn.initializers import normal

__all__ = ["token_vectors"]


def token_vectors(n_tokens: int, size: int, *, reads_unknown: bool = False) -> Embedding:
    """Return the embedding of tokens 0, padding, to n_tokens - 1.

    Vectors start with entries of variance one, as scaled features have, but for that of 0 where it
    stands for tokens that are not known, too: it starts with zeros, the mean of all others.
    """
    draw = partial(_unknown_first if reads_unknown else normal, std=1.0)
    return Embedding(n_tokens, size, weight_init=draw)


def _unknown_first(*given: Any, std: float) -> NDArray[Any]:
    drawn = normal(*given, std=std)
    drawn[0] = 0.0
    return drawn
