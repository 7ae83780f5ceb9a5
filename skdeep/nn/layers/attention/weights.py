"""Attention weights: a softmax over the positions that may be looked at."""

from __future__ import annotations

from skdeep.nn.memory import Array, Memory
from skdeep.nn.shapes.positions import valid_steps

__all__ = ["attention_mask", "attention_softmax", "softmax_gradient"]

# Scores that differ by less need no shift of their own for each row of a softmax.
_SAFE_RANGE = 50.0


def attention_mask(
    memory: Memory, n_queries: int, n_keys: int, lengths: Array | None, *, causal: bool
) -> Array | None:
    """Return 1 where a query may look at a key and 0 where not, or None where it always may.

    Parameters
    ----------
    memory : Memory
        Whose namespace and type the array has.
    n_queries, n_keys : int
    lengths : array of int of shape (n_samples,) or None
        Valid keys of each sample.
    causal : bool
        Whether query t sees the keys up to t alone.

    Returns
    -------
    array of shape (n_samples or 1, n_queries or 1, n_keys), or None
    """
    mask = None
    if lengths is not None:
        mask = valid_steps(memory, lengths, n_keys)[:, None, :]
    if causal:
        past = memory.xp.tril(memory.constant(1.0, (n_queries, n_keys)))[None]
        mask = past if mask is None else mask * past
    return mask


def attention_softmax(memory: Memory, scores: Array, mask: Array | None) -> Array:
    """Turn scores into weights along the last axis, in place.

    Parameters
    ----------
    memory : Memory
    scores : array of shape (..., n_queries, n_keys)
        Contiguous.
    mask : array or None
        Broadcasts against `scores`; each query has a key that it may look at.
    """
    xp, n_keys = memory.xp, scores.shape[-1]
    high = scores.max()
    if high - scores.min() < _SAFE_RANGE:  # one constant is safe for all rows, and found faster
        scores -= high
    else:
        if mask is not None:
            scores += (mask - 1.0) * 1e30
        scores -= xp.amax(scores, -1, keepdims=True)
    xp.exp(scores, out=scores)
    if mask is not None:
        scores *= mask
    rows = scores.reshape(-1, n_keys)
    total = xp.matmul(
        rows, memory.constant(1.0, (n_keys,)), out=memory.buffer("total", (rows.shape[0],))
    )
    rows /= total[:, None]
    return scores


def softmax_gradient(grad: Array, weights: Array, shift: Array) -> None:
    """Turn the gradient by attention weights into that by the scores, in place.

    ::

        grad_score = weight (grad - shift),    shift = sum over keys of weight grad

    Parameters
    ----------
    grad, weights : array of shape (..., n_queries, n_keys)
    shift : array of shape (..., n_queries)
    """
    grad -= shift[..., None]
    grad *= weights
