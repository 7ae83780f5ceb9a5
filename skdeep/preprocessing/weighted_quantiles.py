"""Quantiles of weighted rows, for which a weight of two is the row twice."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["weighted_quantiles"]


def weighted_quantiles(
    x: NDArray[Any], probabilities: ArrayLike, weight: NDArray[Any] | None = None
) -> NDArray[Any]:
    """Return quantiles by the averaged inverse of the distribution function.

    Parameters
    ----------
    x : ndarray of shape (n_samples,)
        NaN is left out.
    probabilities : array-like of shape (n_quantiles,)
    weight : ndarray of shape (n_samples,) or None, default=None
        How often each row counts.

    Returns
    -------
    ndarray of shape (n_quantiles,)
        NaN if nothing is left to count.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.preprocessing.weighted_quantiles import weighted_quantiles
    >>> weighted_quantiles(np.array([1.0, 2.0, 3.0, 4.0]), [0.25, 0.5])
    array([1.5, 2.5])
    >>> weighted_quantiles(np.array([1.0, 5.0]), [0.5], np.array([3, 1]))
    array([1.])
    """
    probabilities = np.asarray(probabilities, dtype=np.float64)
    counted = ~np.isnan(x) if weight is None else ~np.isnan(x) & (weight > 0)
    x = x[counted]
    if not len(x):
        return np.full(len(probabilities), np.nan)
    if weight is None:
        x = np.sort(x)
        reached = np.arange(1.0, len(x) + 1)
    else:
        order = np.argsort(x, kind="stable")
        x = x[order]
        reached = np.cumsum(weight[counted][order], dtype=np.float64)
    wanted = probabilities * reached[-1]
    last = len(x) - 1
    # Where the distribution function equals the probability on a whole interval, its middle.
    low = np.minimum(np.searchsorted(reached, wanted, side="left"), last)
    high = np.minimum(np.searchsorted(reached, wanted, side="right"), last)
    low, high = x[low], x[high]
    with np.errstate(over="ignore"):
        middle = low + (high - low) / 2
    return np.where(np.isfinite(middle), middle, low / 2 + high / 2)
