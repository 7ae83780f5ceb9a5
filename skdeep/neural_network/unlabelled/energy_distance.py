"""How far two samples are from each other, by distances alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

__all__ = ["energy_distance"]


def energy_distance(x: NDArray[Any], y: NDArray[Any]) -> float:
    """Return the energy distance of two samples in any number of dimensions.

    ::

        D^2 = 2 E|x - y| - E|x - x'| - E|y - y'|

    with means over all pairs, those of a row with itself included; it is zero for the same
    rows and, for many rows, for the same distribution only [1]_. In one dimension it is
    :func:`scipy.stats.energy_distance`.

    Parameters
    ----------
    x, y : ndarray of shape (n_samples, n_features)

    References
    ----------
    .. [1] G. J. Székely, M. L. Rizzo, "Energy statistics: a class of statistics based on
       distances", Journal of Statistical Planning and Inference 143, 2013.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.neural_network.unlabelled.energy_distance import energy_distance
    >>> energy_distance(np.array([[0.0], [2.0]]), np.array([[1.0]]))
    1.0
    """
    x, y = x.astype(np.float64), y.astype(np.float64)
    # Of unit size, so that no square overflows or vanishes; the unit is a square itself.
    largest = max(float(np.abs(x).max()), float(np.abs(y).max()))
    e = math.frexp(largest)[1] // 2
    x, y = np.ldexp(x, -2 * e), np.ldexp(y, -2 * e)
    square = 2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean()
    return math.ldexp(math.sqrt(max(0.0, float(square))), e)
