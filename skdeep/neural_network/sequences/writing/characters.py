"""Texts as the indices of their characters, and as windows of tokens to learn from."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from skdeep.utils.columns import is_frame

__all__ = ["FIRST_CHARACTER", "START", "as_texts", "encoded", "windows"]

# Token indices as a network reads them: zero is padding.
START = 1
FIRST_CHARACTER = 2


def as_texts(X: Any) -> list[str]:
    """Return texts as a list of strings."""
    if not isinstance(X, Iterable) or issparse(X):
        raise ValueError(f"X must be a list of texts, got {type(X).__name__}.")
    if is_frame(X) or isinstance(X, Mapping):  # whose list would be that of the names
        raise ValueError(
            f"X must be a list of texts, got a {type(X).__name__}: give the column that holds "
            "them, as in X['text']."
        )
    texts = [X] if isinstance(X, str) else list(X)
    if not texts:
        raise ValueError("There must be at least one text.")
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"Text {i} must be a string, got {type(text).__name__}.")
    return texts


def encoded(texts: list[str], characters: list[str]) -> list[NDArray[np.intp]]:
    """Return the indices of the characters of each text.

    Raises
    ------
    ValueError
        If a text has another character.
    """
    places = {character: k for k, character in enumerate(characters)}
    found = []
    for i, text in enumerate(texts):
        unseen = [character for character in text if character not in places]
        if unseen:
            raise ValueError(
                f"Text {i}, of length {len(text)}, has the character {unseen[0]!r} at place "
                f"{text.index(unseen[0])}, which fit has not seen."
            )
        found.append(np.array([places[character] for character in text], dtype=np.intp))
    return found


def windows(
    texts: list[NDArray[np.intp]], end: int, size: int
) -> tuple[list[NDArray[np.intp]], list[NDArray[np.intp]]]:
    """Return pieces of texts as tokens, and what comes behind each step of them.

    Parameters
    ----------
    texts : list of ndarray of int
        Indices of characters.
    end : int
        The index for the end of a text.
    size : int
        Steps of a piece, at most.
    """
    pieces, following = [], []
    for text in texts:
        read = np.concatenate([[START], text + FIRST_CHARACTER])
        written = np.append(text, end)
        for start in range(0, len(read), size):
            pieces.append(read[start : start + size])
            following.append(written[start : start + size])
    return pieces, following
