"""The table that statisticians expect of a least-squares fit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = ["coefficient_table"]

Array = NDArray[np.float64]


def coefficient_table(
    names: list[str], coef: Array, errors: Array, degrees_of_freedom: float
) -> list[str]:
    """Return the lines of the table of coefficients.

    Parameters
    ----------
    names : list of str
        What each coefficient belongs to.
    coef, errors : ndarray of shape (n_coefficients,)
        Coefficients and their standard errors.
    degrees_of_freedom : float
        Of the residual, for Student's t.

    Returns
    -------
    list of str
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        t = coef / errors
    freedom = degrees_of_freedom if degrees_of_freedom > 0 else np.nan
    p = 2.0 * stats.t.sf(np.abs(t), freedom)
    reach = stats.t.ppf(0.975, freedom) * errors
    head = ["", "coef", "std err", "t", "P>|t|", "[0.025", "0.975]"]
    rows = [
        [
            name,
            f"{coef[i]:.6g}",
            f"{errors[i]:.4g}",
            f"{t[i]:.3f}",
            f"{p[i]:.3f}",
            f"{coef[i] - reach[i]:.5g}",
            f"{coef[i] + reach[i]:.5g}",
        ]
        for i, name in enumerate(names)
    ]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [
        row[0].ljust(widths[0])
        + "".join("  " + cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        for row in [head, *rows]
    ]
    return [lines[0], "-" * len(lines[0]), *lines[1:]]
