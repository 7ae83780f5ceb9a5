"""The vectors that tokens are turned into."""

from functools import partial

from skdeep.nn import Embedding
from skdeep.nn.initializers import normal

__all__ = ["token_vectors"]


def token_vectors(n_tokens: int, size: int) -> Embedding:
    """Return the embedding of tokens 0, padding, to n_tokens - 1.

    Vectors start with entries of variance one, as scaled features have.
    """
    return Embedding(n_tokens, size, weight_init=partial(normal, std=1.0))
