"""A target for every step of a sequence."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.neural_network.sequences.reader import Sequences, listed

__all__ = ["StepTargets", "StepValues", "StepsAsSamples"]


class StepValues:
    """What a user gives for every step, checked against the sequences that it is for.

    Parameters
    ----------
    y : array-like of shape (n_samples, n_steps) or (n_samples, n_steps, n_outputs), or list of them
        A list has an array of shape (n_steps,) or (n_steps, n_outputs) for each sequence.
    sequences : Sequences
        Of as many samples and steps.
    numeric : bool
        Whether targets are numbers, or labels.

    Attributes
    ----------
    valid : ndarray of shape (n_valid_steps,) or (n_valid_steps, n_outputs)
        The targets of all valid steps, sequence after sequence.
    mask : ndarray of bool of shape (n_samples, n_steps)
        Which steps are valid.

    Raises
    ------
    ValueError
        Names the sequence whose targets do not fit.
    """

    def __init__(self, y: Any, sequences: Sequences, *, numeric: bool) -> None:
        n, n_steps = sequences.shape[:2]
        y = listed(y, "y")
        if len(y) != n:
            raise ValueError(
                f"Found input variables with inconsistent numbers of samples: X has {n} sequences, "
                f"y has targets for {len(y)}."
            )
        lengths = np.full(n, n_steps) if sequences.lengths is None else sequences.lengths
        rows = []
        for i, (one, length) in enumerate(zip(y, lengths, strict=True)):
            row = np.asarray(list(one) if isinstance(one, str) else one)
            if row.ndim == 0 or len(row) != length:
                raise ValueError(
                    f"Sequence {i} of X has {length} steps, but y has targets of shape {row.shape} "
                    "for it; with per_step=True there is one for each step."
                )
            if numeric:
                row = row.astype(np.float64)
                if not np.isfinite(row).all():
                    raise ValueError(f"The targets of sequence {i} contain NaN or infinity.")
            rows.append(row)
        self.valid = np.concatenate(rows)
        self.mask = np.arange(n_steps) < lengths[:, None]

    @property
    def shape(self) -> tuple[int, ...]:
        """As an array padded to the longest sequence."""
        return (*self.mask.shape, *self.valid.shape[1:])

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __len__(self) -> int:
        return len(self.mask)

    def of_steps(self, weight: NDArray[Any] | None) -> NDArray[Any] | None:
        """Return the weight of every valid step, given those of sequences."""
        return None if weight is None else np.repeat(weight, self.mask.sum(axis=1))

    def __getitem__(self, rows: Any) -> StepValues:
        """Return those of some sequences."""
        chosen = object.__new__(StepValues)
        starts = np.concatenate([[0], np.cumsum(self.mask.sum(axis=1))])
        kept = np.arange(len(self))[rows]
        chosen.mask = self.mask[kept]
        chosen.valid = np.concatenate([self.valid[starts[i] : starts[i + 1]] for i in kept])
        return chosen


class StepTargets:
    """Targets of every step, encoded as those of samples are.

    Parameters
    ----------
    inner : ClassTargets or NumberTargets
        Learned from the targets of all valid steps.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_inner":  # as copying and pickling ask
            raise AttributeError(name)
        return getattr(self._inner, name)

    def going_on(self, y: StepValues, weight: Any) -> StepTargets:
        """Return the targets of a network that goes on with `y`."""
        return StepTargets(self._inner.going_on(y.valid, y.of_steps(weight)))

    def encode(self, y: StepValues, dtype: Any) -> NDArray[Any]:
        """Return indices of shape (n_samples, n_steps), or numbers with an axis of outputs."""
        encoded = self._inner.encode(y.valid, dtype)
        padded = np.zeros((*y.mask.shape, *encoded.shape[1:]), encoded.dtype)
        padded[y.mask] = encoded
        return padded

    def decode(self, predictions: NDArray[Any]) -> NDArray[Any]:
        """Return the targets of rows, or of every step of sequences."""
        return _by_rows(self._inner.decode, predictions)

    def deviations(self, predictions: NDArray[Any]) -> NDArray[Any]:
        """Return the standard deviations of rows, or of every step of sequences."""
        return _by_rows(self._inner.deviations, predictions)


class StepsAsSamples:
    """An estimator as scorers take it: what it says of sequences, one step below the other.

    Parameters
    ----------
    estimator : estimator
        Fitted, with a target for every step.
    """

    _ANSWERS = frozenset({"predict", "predict_proba", "predict_log_proba", "decision_function"})

    def __init__(self, estimator: Any) -> None:
        self._estimator = estimator

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._estimator, name)
        if name not in self._ANSWERS:
            return found

        @wraps(found)  # scorers ask a method for its name
        def of_steps(X: Any) -> NDArray[Any]:
            return np.concatenate(list(found(X)))

        return of_steps


def _by_rows(function: Callable[[NDArray[Any]], Any], predictions: NDArray[Any]) -> NDArray[Any]:
    """Apply a function of rows to those of an array of two axes or more."""
    if predictions.ndim == 2:
        return function(predictions)
    found = function(predictions.reshape(-1, predictions.shape[-1]))
    return found.reshape(*predictions.shape[:-1], *found.shape[1:])
