"""R2 in any unit: its squares neither overflow nor vanish."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import r2_score

from skdeep.utils.weights import check_sample_weight

__all__ = ["r2"]

# Squares of numbers between these, and sums of as many as there ever are, are ordinary numbers.
_SMALL, _LARGE = 1e-120, 1e120


def r2(y: ArrayLike, predictions: Any, sample_weight: ArrayLike | None = None) -> float:
    """Return the coefficient of determination, whatever the unit of `y`.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
    predictions : ndarray of the same shape
    sample_weight : array-like of shape (n_samples,) or None, default=None

    Returns
    -------
    float
        That of :func:`sklearn.metrics.r2_score`.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.utils.scores.r2 import r2
    >>> y = np.array([1.0, 2.0, 4.0])
    >>> print(round(r2(y, y + 0.5), 6), round(r2(1e200 * y, 1e200 * (y + 0.5)), 6))
    0.839286 0.839286
    """
    true, predicted = np.asarray(y), np.asarray(predictions)
    if true.dtype.kind in "biumM":
        true = true.astype(np.float64)
    if true.ndim == 2 and true.shape[1] == 1 and predicted.ndim == 1:
        true = true[:, 0]
    if sample_weight is not None and true.ndim:
        sample_weight = check_sample_weight(sample_weight, true)
    if true.dtype.kind != "f" or true.shape != predicted.shape or not _is_extreme(true, predicted):
        try:
            return float(r2_score(y, predictions, sample_weight=sample_weight))
        except OverflowError as error:  # of an integer in an array of objects
            raise ValueError(f"y has a number beyond all floats: {error}.") from error
    weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    shape = (len(true), -1)
    columns = zip(true.reshape(shape).T, predicted.reshape(shape).T, strict=True)
    scores = [_of_column(*column, weight) for column in columns]
    return float(sum(score / len(scores) for score in scores))  # whose sum may be no float


def _is_extreme(true: NDArray[Any], predicted: NDArray[Any]) -> bool:
    """Tell whether squares could be no numbers; not so of what is for `r2_score` to refuse."""
    if not true.size or not (np.isfinite(true).all() and np.isfinite(predicted).all()):
        return False
    largest = np.abs(true).astype(np.float64).max(axis=0)
    small = (largest > 0) & (largest < _SMALL)
    return bool(small.any() or max(largest.max(), float(np.abs(predicted).max())) > _LARGE)


def _of_column(
    true: NDArray[Any], predicted: NDArray[Any], weight: NDArray[np.float64] | None
) -> float:
    residual, of_residual = _squares(true, predicted, weight)
    spread, of_spread = _squares(true, None, weight)
    if spread == 0.0:  # as scikit-learn has it for a constant
        return float(residual == 0.0)
    with np.errstate(over="ignore"):
        share = np.ldexp(residual / spread, 2 * (of_residual - of_spread))
    return float(max(1.0 - share, -np.finfo(np.float64).max))


def _squares(
    true: NDArray[Any], from_what: NDArray[Any] | None, weight: NDArray[np.float64] | None
) -> tuple[float, int]:
    """Return the mean square of true - from_what (None: its mean) in units of 2**e, and e."""
    parts = [true] if from_what is None else [true, from_what]
    e = max(int(np.frexp(np.abs(part).max())[1]) for part in parts) + 1
    scaled = [np.ldexp(part.astype(np.float64), -e) for part in parts]
    difference = scaled[0] - (
        np.average(scaled[0], weights=weight) if len(parts) == 1 else scaled[1]
    )
    more = int(np.frexp(np.abs(difference).max())[1])
    return float(np.average(np.ldexp(difference, -more) ** 2, weights=weight)), e + more
