"""A text read piece by piece, with the state that a language model keeps in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn import Network, SoftmaxCrossEntropy
from skdeep.utils.threads import limit_blas_threads

__all__ = ["TextStream"]


class TextStream:
    """Reads a text, and tells what comes next at any place.

    Parameters
    ----------
    network : Network
        From token indices to the outputs of the next character. It is not changed.
    encode : callable
        ``encode([text])`` returns a list with the indices of the characters.
    start : int
        The token before the first character.
    offset : int
        What is added to the index of a character to make its token.
    window : int or None
        How many steps a network without a state sees; None for recurrent ones, whose state holds
        all that was read.
    """

    def __init__(
        self,
        network: Network,
        encode: Callable[[list[str]], list[NDArray[np.intp]]],
        start: int,
        offset: int,
        window: int | None,
    ) -> None:
        self._network = network.replica()
        self._encode, self._offset, self._window = encode, offset, window
        self._loss = SoftmaxCrossEntropy()
        self._loss.settle(np, network.dtype)
        self._pending = np.array([start])  # read, but not by the network
        self._last: NDArray[Any] | None = None
        self._seen = np.array([], dtype=np.intp)  # what a network without a state reads again

    def feed(self, text: str) -> NDArray[Any]:
        """Read on.

        Parameters
        ----------
        text : str

        Returns
        -------
        ndarray of shape (n_characters + 1,)
            The probability of each character, and of the end, to come next.
        """
        return self.feed_indices(self._encode([text])[0])

    def feed_indices(self, indices: NDArray[np.intp]) -> NDArray[Any]:
        """Read characters by their indices, and return the same."""
        tokens = self._unread(indices)
        if len(tokens):
            # Through the whole window, so that the pieces in which a text comes do not matter.
            self._last = self._probabilities(tokens, at_once=len(tokens))[-1]
        assert self._last is not None
        return self._last

    def every(self, indices: NDArray[np.intp]) -> NDArray[Any]:
        """Return the probabilities before each of these characters, and behind the last.

        A network without a state reads half of its window anew at a time, and sees the other half
        before it.
        """
        tokens = self._unread(indices)
        told = [] if self._last is None else [self._last[None]]
        if len(tokens):
            told.append(self._probabilities(tokens, at_once=max(1, (self._window or 0) // 2)))
        self._last = told[-1][-1]
        return np.vstack(told)

    def write(
        self,
        read: NDArray[np.intp],
        length: int,
        temperature: float,
        random: np.random.RandomState,
    ) -> list[int]:
        """Read on, and then write, each character drawn by its probability.

        Parameters
        ----------
        read : ndarray of int
            Indices of characters.
        length : int
            How many to write at most; the end of the text is not one of them.
        temperature : float >= 0
            Log-probabilities are divided by it; zero always takes the most probable character.
        random : numpy.random.RandomState

        Returns
        -------
        list of int
            Indices of what is written.
        """
        probabilities = self.feed_indices(read)
        written: list[int] = []
        while len(written) < length:
            if temperature == 0:
                k = int(probabilities.argmax())
            else:
                with np.errstate(divide="ignore"):
                    logits = np.log(probabilities.astype(np.float64)) / temperature
                weights = np.exp(logits - logits.max())
                k = int(random.choice(len(weights), p=weights / weights.sum()))
            if k == len(probabilities) - 1:
                break
            written.append(k)
            probabilities = self.feed_indices(np.array([k]))
        return written

    def _unread(self, indices: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the tokens that the network has to read for these characters."""
        tokens = np.concatenate([self._pending, indices + self._offset])
        self._pending = tokens[:0]
        return tokens

    def _probabilities(self, tokens: NDArray[np.intp], at_once: int) -> NDArray[Any]:
        """Return what may come behind each token; behind the last ones, if they fill a window."""
        with limit_blas_threads():
            if self._window is None:
                return self._loss.predict(self._step(tokens))
            return self._loss.predict(self._look_back(tokens, self._window, at_once))

    def _step(self, tokens: NDArray[np.intp]) -> NDArray[Any]:
        """Let a recurrent network go on from its state."""
        outputs = self._network.forward(tokens[None])[0].copy()
        for node in self._network.nodes():
            node.layer.resume()
        return outputs

    def _look_back(self, tokens: NDArray[np.intp], window: int, at_once: int) -> NDArray[Any]:
        """Let a network without a state read what its window holds."""
        rows = []
        for start in range(0, len(tokens), at_once):
            new = tokens[start : start + at_once]
            seen = np.concatenate([self._seen, new])[-window:]
            rows.append(self._network.forward(seen[None])[0, -len(new) :].copy())
            self._seen = seen
        return np.vstack(rows)
