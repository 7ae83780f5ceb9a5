"""Numbers as a network sees them, and back."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.utils.clean import as_numbers
from skdeep.utils.scores.r2 import r2

__all__ = ["NumberTargets"]


class NumberTargets:
    """Numbers, in the user's units outside and, if asked for, standardized inside.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
    weight : ndarray of shape (n_samples,) or None
        What each sample counts in mean and standard deviation.
    standardize : bool
        Whether the network sees (y - mean) / standard deviation, or y / mean.
    shifts : bool, default=True
        Whether a mean may be subtracted; not where the loss is for numbers above zero.

    Attributes
    ----------
    mean, scale : ndarray of shape (n_targets,) or None
        None where nothing is standardized; an output that has been constant so far has scale 1,
        where means may be subtracted.
    constant : ndarray of bool of shape (n_targets,)
        Which those are: whatever the network says, they are predicted as they are.
    n_targets : int
        Numbers of a sample.
    n_heads : int
        Outputs of the network for each: all first ones, then all second ones.
    n_outputs : int
        Outputs in all.
    """

    n_heads = 1

    def __init__(
        self,
        y: NDArray[Any],
        weight: NDArray[Any] | None,
        *,
        standardize: bool,
        shifts: bool = True,
    ) -> None:
        self.shifts = shifts
        self.n_targets = y.reshape(len(y), -1).shape[1]
        self.mean: NDArray[np.float64] | None = None
        self.scale: NDArray[np.float64] | None = None
        self.constant = np.zeros(self.n_targets, dtype=bool)
        if standardize:
            self._standardize(_columns(y), weight)

    @property
    def n_outputs(self) -> int:
        """Outputs of the network."""
        return self.n_targets * self.n_heads

    def is_like(self, other: NumberTargets) -> bool:
        """Tell whether a network that learned these can go on with the other ones."""
        return (
            type(self) is type(other)
            and self.n_heads == other.n_heads
            and (self.mean is None) == (other.mean is None)
            and (self.mean is None or self.shifts == other.shifts)
        )

    def _standardize(self, columns: NDArray[np.float64], weight: NDArray[Any] | None) -> None:
        """Learn mean and scale from targets of shape (n_samples, n_targets)."""
        counted = columns if weight is None else columns[weight > 0]
        ends = counted.min(axis=0), counted.max(axis=0)
        self.take_moments(*_moments(columns, weight), *ends)

    def take_moments(
        self,
        mean: NDArray[np.float64],
        deviation: NDArray[np.float64],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
    ) -> None:
        """Standardize by moments and ends of the targets, of shape (n_targets,)."""
        # A constant output has no scale of its own, and rounding must not invent one.
        constant = high == low
        mean = np.where(constant, high, mean)  # to the last digit
        self.constant = constant | (deviation <= 10 * np.finfo(np.float64).eps * np.abs(mean))
        if self.shifts:
            self.mean, self.scale = mean, np.where(self.constant, 1.0, deviation)
        else:
            self.mean, self.scale = np.zeros(self.n_targets), np.where(mean > 0, mean, 1.0)
            self.constant &= mean > 0  # no mean above zero says 0 and nothing else

    def going_on(self, y: NDArray[Any], weight: NDArray[Any] | None) -> NumberTargets:
        """Return the targets of a network that goes on with `y`: in the units that it has.

        An output that has been constant so far has none, and gets that of `y`.
        """
        self._check_outputs(y)
        if self.mean is None or self.scale is None or not self.constant.any():
            return self
        now = copy.copy(self)
        now._standardize(_columns(y), weight)
        assert now.mean is not None
        assert now.scale is not None
        if not self.shifts:  # what was constant has been divided by itself, which is a unit
            varies = self.constant & ~now.constant & (_columns(y).max(axis=0) > 0)
            stays = self.constant & now.constant & np.isclose(self.scale, now.scale, 1e-14, 0)
            now.scale, now.constant = np.where(varies, now.scale, self.scale), stays
            return now
        before, new = self.mean, now.mean
        moved = self.constant & now.constant & ~np.isclose(before, new, rtol=1e-14, atol=0)
        varies = self.constant & ~now.constant
        now.mean = np.where(varies, new, np.where(moved, before / 2 + new / 2, before))
        now.scale = np.where(varies, now.scale, np.where(moved, np.abs(before / 2 - new / 2), 1.0))
        now.scale = np.where(self.constant, now.scale, self.scale)
        now.constant = self.constant & ~varies & ~moved
        return now

    def encode(self, y: NDArray[Any], dtype: Any) -> NDArray[Any]:
        """Return the network's targets of shape (n_samples, n_targets).

        Raises
        ------
        ValueError
            If `dtype` cannot hold numbers of this size, or `y` has another number of outputs.
        """
        self._check_outputs(y)
        columns = _columns(y)
        _check_size(columns, dtype)
        if self.mean is not None and self.scale is not None:
            unit = _exponents(np.maximum(np.abs(self.mean), self.scale))
            mean, scale = np.ldexp(self.mean, -unit), np.ldexp(self.scale, -unit)
            columns = (np.ldexp(columns.astype(np.float64), -unit) - mean) / scale
        return columns.astype(dtype, copy=False)

    def decode(self, predictions: NDArray[Any]) -> NDArray[Any]:
        """Return predictions in the user's units, (n_samples,) if there is one target."""
        columns = self._in_units(predictions)
        return columns.ravel() if self.n_targets == 1 else columns

    def score(self, y: Any, predictions: NDArray[Any], weight: Any) -> float:
        """Return how good decoded predictions are, 1 at best: R2."""
        return r2(y, predictions, weight)

    @property
    def offset(self) -> NDArray[np.float64] | None:
        """What a prediction times `scale` is added to, in the user's units; of constants, all."""
        if self.shifts or self.mean is None or self.scale is None:
            return self.mean
        return np.where(self.constant, self.scale, self.mean)

    def _in_units(self, columns: NDArray[Any]) -> NDArray[Any]:
        """Return numbers with an entry a target along the last axis, in the user's units."""
        if self.mean is None or self.scale is None:
            return columns
        with np.errstate(over="ignore"):  # far beyond the training targets
            varying = columns * self.scale + self.mean
            found = np.where(self.constant, self.offset, varying)  # type: ignore[arg-type]
            return found.astype(columns.dtype)

    def _check_outputs(self, y: NDArray[Any]) -> None:
        n_targets = 1 if y.ndim == 1 else y.shape[1]
        if n_targets != self.n_targets:
            raise ValueError(
                f"y has {n_targets} outputs, but the network was built for {self.n_targets}."
            )


def _columns(y: NDArray[Any]) -> NDArray[Any]:
    """Return numbers of shape (n_samples, n_targets)."""
    numbers = y if y.dtype.kind == "f" else as_numbers(y, "A regressor")
    return numbers.reshape(len(y), -1)


def _exponents(numbers: NDArray[np.float64]) -> NDArray[np.int_]:
    """Return e with abs(x) < 2**e: in units of 2**e nothing is rounded, and squares are safe."""
    return np.frexp(numbers)[1]


def _moments(
    columns: NDArray[np.float64], weight: NDArray[Any] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation of each column, whatever its unit."""
    if weight is not None:
        columns, weight = columns[weight > 0], weight[weight > 0]
    unit = _exponents(np.abs(columns).max(axis=0))
    columns = np.ldexp(columns, -unit)
    mean = np.average(columns, axis=0, weights=weight)
    variance = np.average((columns - mean) ** 2, axis=0, weights=weight)
    return np.ldexp(mean, unit), np.ldexp(np.sqrt(variance), unit)


def _check_size(columns: NDArray[Any], dtype: Any) -> None:
    """Raise ValueError if a column is too large or too small for `dtype`."""
    limits = np.finfo(dtype)
    if np.finfo(columns.dtype if columns.dtype.kind == "f" else np.float64).bits <= limits.bits:
        return
    largest = np.abs(columns).max(axis=0)
    wrong = (largest > limits.max) | ((largest < limits.tiny) & (largest > 0))
    if wrong.any():
        raise ValueError(
            f"y has numbers of up to {largest[wrong][0]:g} in a column, and those of the network, "
            f"of {np.dtype(dtype)}, go from {limits.tiny:.0e} to {limits.max:.0e}. Set "
            "dtype='float64', or change the unit of y."
        )
