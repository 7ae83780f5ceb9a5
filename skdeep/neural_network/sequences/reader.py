"""Sequences as users have them, and as a network reads them: padded, with their lengths."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from skdeep.nn import Batch
from skdeep.utils.columns import is_frame, rows_of_frame

__all__ = ["Buckets", "SequenceReader", "Sequences", "is_flat", "listed", "pad", "trim"]


@dataclass(frozen=True)
class Sequences:
    """Sequences of different lengths in one array.

    Attributes
    ----------
    values : ndarray of shape (n_samples, n_steps, n_features), or of int (n_samples, n_steps)
        Zero behind the end of a sequence; integers are tokens, from one on, zero if not known.
    lengths : ndarray of int of shape (n_samples,) or None
        None where all have `n_steps`.
    """

    values: NDArray[Any]
    lengths: NDArray[np.intp] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the values."""
        return self.values.shape

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: Any) -> Sequences:
        """Return some of them."""
        return Sequences(self.values[rows], None if self.lengths is None else self.lengths[rows])

    def trimmed(self) -> Sequences:
        """Return them without the steps that are behind the end of each."""
        if self.lengths is None:
            return self
        return Sequences(self.values[:, : int(self.lengths.max())], self.lengths)


class SequenceReader:
    """What sequences were like at fit, and how others like them are read.

    Parameters
    ----------
    X : sequences in one of the forms below
        - an array of shape (n_samples, n_steps, n_features);
        - a list of arrays of shape (n_steps, n_features), or (n_steps,) for one feature, that may
          differ in length;
        - strings, whose characters are tokens, or lists of strings;
        - with ``tokens``, lists or rows of integers or other labels.
    tokens : bool
    name : str, default="X"
        For messages.
    reads_unknown : bool or None, default=None
        Whether tokens that are not among these are read, as 0; None where there is no choice.

    Attributes
    ----------
    n_features : int or None
        At each step; None for tokens.
    n_steps : int
        Of the longest sequence.
    vocabulary : ndarray or None
        The tokens, sorted; token i is read as i + 1.

    Raises
    ------
    ValueError
        Names the sequence that is at fault.
    """

    reads_unknown: bool | None = None  # as those of older files

    def __init__(
        self, X: Any, *, tokens: bool, name: str = "X", reads_unknown: bool | None = None
    ) -> None:
        self.reads_unknown = reads_unknown
        self.tokens = tokens or _are_strings(X)
        self.vocabulary: NDArray[Any] | None = None
        self.n_features: int | None = None
        self.n_steps = 0
        if self.tokens:
            lists = _token_lists(X, name)
            self.vocabulary = _unique([token for one in lists for token in one], name)
        self.n_steps = self.read(X, name).shape[1]

    @property
    def n_tokens(self) -> int:
        """The number of token indices, zero included."""
        assert self.vocabulary is not None
        return len(self.vocabulary) + 1

    def read(self, X: Any, name: str = "X") -> Sequences:
        """Return them padded, with their lengths."""
        if self.tokens:
            return self._read_tokens(X, name)
        if _are_strings(X):
            raise ValueError(f"{name} holds strings, but fit saw numbers.")
        if getattr(X, "ndim", 0) == 3:
            values = _as_floats(X, name)
            bad = ~np.isfinite(values).all(axis=(1, 2))
            if bad.any():
                raise ValueError(_not_finite(name, int(bad.argmax()), values.shape[1]))
            self._check_features(values.shape[2], name, 0, values.shape[1])
            if not values.shape[1]:
                raise ValueError(f"{name} has sequences of no steps, shape {values.shape}.")
            return Sequences(values)
        arrays = [self._steps(one, name, i) for i, one in enumerate(listed(X, name))]
        return pad(arrays, np.result_type(*arrays))

    def _steps(self, one: Any, name: str, i: int) -> NDArray[Any]:
        """Return a sequence as (n_steps, n_features)."""
        steps = _as_floats(one, f"Sequence {i} of {name}")
        if steps.ndim == 1:
            steps = steps[:, None]
        if steps.ndim != 2:
            raise ValueError(
                f"Sequence {i} of {name} must be of shape (n_steps, n_features), got {steps.shape}."
            )
        if not len(steps):
            raise ValueError(_empty(name, i))
        self._check_features(steps.shape[1], name, i, len(steps))
        if not np.isfinite(steps).all():
            raise ValueError(_not_finite(name, i, len(steps)))
        return steps

    def _check_features(self, d: int, name: str, i: int, length: int) -> None:
        if self.n_features is None:
            self.n_features = d
        if d != self.n_features:
            raise ValueError(
                f"Sequence {i} of {name}, of length {length}, has {d} features at each step, where "
                f"{self.n_features} are expected."
            )

    def _read_tokens(self, X: Any, name: str) -> Sequences:
        vocabulary = self.vocabulary
        assert vocabulary is not None
        indices = []
        for i, tokens in enumerate(_token_lists(X, name)):
            if not len(tokens):
                raise ValueError(_empty(name, i))
            given = _as_tokens(tokens, vocabulary.dtype)
            if given.ndim != 1:
                raise ValueError(
                    f"Sequence {i} of {name} must be a list of tokens, got {type(tokens).__name__} "
                    f"of shape {given.shape}."
                )
            try:
                places = np.searchsorted(vocabulary, given).clip(max=len(vocabulary) - 1)
            except TypeError as error:
                raise ValueError(
                    f"Sequence {i} of {name} has tokens that cannot be among those that fit saw, "
                    f"such as {vocabulary[0]!r}: {error}."
                ) from error
            unseen = vocabulary[places] != given
            if unseen.any() and not self.reads_unknown:
                place = int(unseen.argmax())
                token = tokens[place]
                remedy = "with handle_unknown='ignore' it reads others as zeros"
                if self.reads_unknown is None:
                    remedy = "leave it out, or put a token that fit saw in its place"
                raise ValueError(
                    f"Sequence {i} of {name}, of length {len(tokens)}, has the token "
                    f"{token.item() if isinstance(token, np.generic) else token!r} at step "
                    f"{place}, which fit has not seen; it saw {len(vocabulary)} tokens; {remedy}."
                )
            indices.append(np.where(unseen, 0, places + 1))
        return pad(indices, np.intp)


def pad(arrays: list[NDArray[Any]], dtype: Any) -> Sequences:
    """Return arrays of different lengths in one, zeros behind their ends."""
    lengths = np.array([len(one) for one in arrays], dtype=np.intp)
    longest = int(lengths.max())
    values = np.zeros((len(arrays), longest, *arrays[0].shape[1:]), dtype)
    for row, one in zip(values, arrays, strict=True):
        row[: len(one)] = one
    return Sequences(values, None if (lengths == longest).all() else lengths)


class Buckets:
    """Orders of epochs in which batches have sequences of similar lengths.

    The rows are shuffled, those of some twenty batches sorted by length, and the batches shuffled;
    each epoch anew.

    Parameters
    ----------
    lengths : ndarray of int of shape (n_samples,)
    rows : ndarray of int or None
        The rows to order, None for all.
    batch_size : int
    random_state : RandomState
    """

    def __init__(
        self,
        lengths: NDArray[np.intp],
        rows: NDArray[np.intp] | None,
        batch_size: int,
        random_state: np.random.RandomState,
    ) -> None:
        self.lengths, self.batch_size, self.random_state = lengths, batch_size, random_state
        self.rows = np.arange(len(lengths)) if rows is None else rows

    def __call__(self) -> NDArray[np.intp]:
        """Return the rows of the next epoch."""
        size, n = self.batch_size, len(self.rows)
        shuffled = self.rows[self.random_state.permutation(n)]
        pools = [shuffled[start : start + 20 * size] for start in range(0, n, 20 * size)]
        by_length = [pool[np.argsort(self.lengths[pool], kind="stable")] for pool in pools]
        joined = np.concatenate(by_length)
        n_whole = n // size
        whole = joined[: n_whole * size].reshape(n_whole, size)
        whole = whole[self.random_state.permutation(n_whole)]
        return np.concatenate([whole.ravel(), joined[n_whole * size :]])


def trim(
    batch: Batch,
    rng: Any = None,
    *,
    per_step: bool,
    then: Callable[[Batch, Any], Batch] | None = None,
) -> Batch:
    """Leave out the steps behind the end of the longest sequence of a batch; then do another."""
    batch = _trimmed(batch, per_step)
    return batch if then is None else then(batch, rng)


def _trimmed(batch: Batch, per_step: bool) -> Batch:
    if batch.lengths is None:
        return batch
    longest = int(batch.lengths.max())
    if longest == batch.x.shape[1]:
        return batch
    target = batch.target[:, :longest] if per_step else batch.target
    return batch._replace(x=batch.x[:, :longest], target=target)


def is_flat(X: Any, *, tokens: bool) -> bool:
    """Tell whether `X` is a table with a sequence in each row."""
    if tokens or _are_strings(X):
        return False
    if hasattr(X, "shape"):
        return len(X.shape) != 3 and not (len(X.shape) == 1 and X.dtype == object)
    if isinstance(X, (list, tuple)) and not len(X):
        return False
    shapes = {np.shape(one) for one in X if hasattr(one, "__len__")} if _is_list(X) else set()
    return len(shapes) <= 1 and all(len(shape) < 2 for shape in shapes)


def _is_list(X: Any) -> bool:
    return isinstance(X, (list, tuple)) or (isinstance(X, np.ndarray) and X.dtype == object)


def _are_strings(X: Any) -> bool:
    """Tell whether `X` holds strings, or lists of strings."""
    first = _first(X)
    if isinstance(first, str):
        return True
    return isinstance(first, (list, tuple, np.ndarray)) and isinstance(_first(first), str)


def _first(X: Any) -> Any:
    if isinstance(X, (list, tuple)):
        return X[0] if X else None
    if isinstance(X, np.ndarray):
        return X.flat[0] if X.size and X.dtype.kind in "OUT" else None
    if hasattr(X, "iloc") and len(getattr(X, "shape", ())) == 1:  # a Series
        return X.iloc[0] if len(X) else None
    return None


def listed(X: Any, name: str) -> list[Any]:
    """Return sequences as a list; those of a table are its rows, as those of an array.

    Raises
    ------
    ValueError
        If there are none, or `X` holds something else.
    """
    table = is_frame(X)
    if isinstance(X, (str, Mapping, Set)) or not (table or hasattr(X, "__iter__")) or issparse(X):
        raise ValueError(f"{name} must be a list of sequences, got {type(X).__name__}.")
    if table:  # of which Python's list would be that of the names, or of the columns
        listed = rows_of_frame(X)
    else:
        listed = list(np.asarray(X) if isinstance(X, np.matrix) else X)
    if not listed:
        raise ValueError(f"{name} has no sequences.")
    return listed


def _token_lists(X: Any, name: str) -> list[Any]:
    """Return the tokens of each sequence: the characters of a string, the entries of a list."""
    lists = []
    for i, one in enumerate(listed(X, name)):
        try:
            len(one)  # sparse matrices and arrays without axes have none, though they seem to
        except TypeError as error:
            raise ValueError(
                f"Sequence {i} of {name} must be a string or a list of tokens, got {one!r}."
            ) from error
        lists.append(list(one) if isinstance(one, str) else one)
    return lists


def _unique(tokens: list[Any], name: str) -> NDArray[Any]:
    if not tokens:
        raise ValueError(f"All sequences of {name} are empty.")
    try:
        return np.unique(_as_tokens(tokens, None))
    except TypeError as error:
        kinds = sorted({type(token).__name__ for token in tokens})
        raise ValueError(
            f"The tokens of {name} must be of one kind, strings or numbers; got {kinds}."
        ) from error


def _as_tokens(tokens: Any, dtype: np.dtype[Any] | None) -> NDArray[Any]:
    """Return tokens as an array; strings of any length keep theirs."""
    strings = dtype.kind == "O" if dtype is not None else isinstance(tokens[0], str)
    return np.array(tokens, dtype=object) if strings else np.asarray(tokens)


def _as_floats(x: Any, what: str) -> NDArray[Any]:
    try:
        array = np.asarray(x)
        if array.dtype.kind == "c":
            raise TypeError("complex numbers are not supported")
        if array.dtype not in (np.float32, np.float64):
            array = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what} must hold numbers: {error}") from error
    return array


def _empty(name: str, i: int) -> str:
    return f"Sequence {i} of {name} is empty; a sequence has at least one step."


def _not_finite(name: str, i: int, length: int) -> str:
    return f"Sequence {i} of {name}, of length {length}, contains NaN or infinity."
