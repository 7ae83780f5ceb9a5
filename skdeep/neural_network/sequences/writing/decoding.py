"""Writing with a decoder: always the most probable token, or several ways at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from skdeep.nn import EncoderDecoder

__all__ = ["beam_search", "greedy_search"]


def greedy_search(
    layer: EncoderDecoder, source: NDArray[np.intp], longest: int, *, start: int, end: int
) -> list[list[int]]:
    """Write the most probable token at each step.

    Parameters
    ----------
    layer : EncoderDecoder
        Of outputs that are classes; the token of a class is one more.
    source : ndarray of int of shape (n_samples, n_steps)
    longest : int
        Tokens at most.
    start : int
        The token before the first.
    end : int
        The class that ends a sequence.

    Returns
    -------
    list of list of int
        Classes, without the end.
    """
    layer.begin(source)
    tokens = np.full(len(source), start)
    written: list[list[int]] = [[] for _ in source]
    going = np.ones(len(source), dtype=bool)
    for _ in range(longest):
        classes = layer.step(tokens).argmax(axis=1)
        going &= classes != end
        if not going.any():
            break
        for i in np.flatnonzero(going):
            written[i].append(int(classes[i]))
        tokens = np.where(going, classes + 1, 0)
    return written


def beam_search(
    layer: EncoderDecoder,
    source: NDArray[np.intp],
    longest: int,
    width: int,
    *,
    start: int,
    end: int,
) -> list[list[int]]:
    """Keep the `width` most probable beginnings at each step; return the best in the end.

    Parameters
    ----------
    layer, source, longest, start, end
        As for `greedy_search`.
    width : int

    Returns
    -------
    list of list of int
        Classes, without the end.
    """
    n = len(source)
    layer.begin(source)
    layer.choose(np.repeat(np.arange(n), width))
    tokens = np.full(n * width, start)
    # At first all beginnings of a sample are the same, and one of them goes on.
    scores = np.full((n, width), -np.inf)
    scores[:, 0] = 0.0
    ended = np.zeros((n, width), dtype=bool)
    written = np.zeros((n, width, 0), dtype=np.intp)
    for _ in range(longest):
        steps = log_softmax(layer.step(tokens).astype(np.float64), axis=1)
        n_classes = steps.shape[1]
        steps = steps.reshape(n, width, n_classes)
        steps[ended] = -np.inf
        steps[ended, end] = 0.0  # what has ended stays as it is
        total = (scores[:, :, None] + steps).reshape(n, -1)
        best = np.argsort(-total, axis=1, kind="stable")[:, :width]
        scores = np.take_along_axis(total, best, axis=1)
        origin, classes = best // n_classes, best % n_classes
        rows = np.arange(n)[:, None]
        written = np.concatenate([written[rows, origin], classes[:, :, None]], axis=2)
        ended = ended[rows, origin] | (classes == end)
        if ended[:, 0].all():  # nothing that goes on can become more probable than the best
            break
        layer.choose((rows * width + origin).ravel())
        tokens = np.where(ended, 0, classes + 1).ravel()
    return [[int(k) for k in row if k != end] for row in written[:, 0]]
