"""Does one estimator score higher than another, or do their folds only differ?

Scores of different folds are not independent: any two training sets share most of their rows. A
plain paired t-test takes them as independent, believes its variance to be smaller than it is, and
finds differences where there are none. Nadeau and Bengio replace its ``1 / J`` by
``1 / J + n_test / n_train``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from skdeep.utils.params import check_value, real

__all__ = ["PairedTest", "corrected_deviation", "corrected_ttest", "holm", "mean_interval"]

# Squares and their sums are ordinary numbers up to here.
_MOST = 1e150


@dataclass(frozen=True)
class PairedTest:
    """What a paired test found.

    Attributes
    ----------
    difference : float
        Mean of first minus second scores.
    low, high : float
        Ends of the confidence interval of the difference; NaN for fewer than two folds.
    statistic : float
        Student's t.
    p_value : float
        Two-sided; NaN for fewer than two folds, or where a score is NaN.
    df : int
        Degrees of freedom, one less than there are folds.

    Examples
    --------
    >>> from skdeep.model_selection import corrected_ttest
    >>> corrected_ttest([0.9, 0.8, 0.9], [0.7, 0.8, 0.8], n_train=20, n_test=10).df
    2
    """

    difference: float
    low: float
    high: float
    statistic: float
    p_value: float
    df: int


def corrected_ttest(
    first: ArrayLike,
    second: ArrayLike,
    *,
    n_train: ArrayLike,
    n_test: ArrayLike,
    confidence_level: float = 0.95,
) -> PairedTest:
    """Compare two estimators' scores on the same folds by the corrected resampled t-test.

    With the differences :math:`d_j` of J folds and their variance :math:`s^2`, taken with J - 1,

    .. math:: t = \\bar d \\; / \\sqrt{\\left(\\frac{1}{J} +
        \\frac{n_\\mathrm{test}}{n_\\mathrm{train}}\\right) s^2}

    is held against Student's distribution with J - 1 degrees of freedom.

    Parameters
    ----------
    first, second : array-like of shape (n_folds,)
        Scores of the two estimators, fold by fold.
    n_train, n_test : int or array-like of shape (n_folds,)
        Number of rows that the folds train on and test on; where folds differ, their ratios'
        mean counts.
    confidence_level : float, default=0.95
        Of the interval of the difference.

    Returns
    -------
    PairedTest
        Difference, its interval, statistic and two-sided p-value.

    Raises
    ------
    ValueError
        If the shapes differ, or a number of rows is not positive.

    See Also
    --------
    compare : Runs estimators on the same folds and tests their differences.

    References
    ----------
    .. [1] C. Nadeau and Y. Bengio, "Inference for the generalization error", Machine Learning
       52, 2003, pages 239-281.
    .. [2] R. Bouckaert and E. Frank, "Evaluating the replicability of significance tests for
       comparing learning algorithms", PAKDD 2004.

    Examples
    --------
    Ten folds that train on nine tenths: a plain paired t-test would say 0.023.

    >>> from skdeep.model_selection import corrected_ttest
    >>> ours = [0.91, 0.90, 0.93, 0.88, 0.92, 0.91, 0.94, 0.89, 0.92, 0.90]
    >>> theirs = [0.90, 0.88, 0.92, 0.88, 0.90, 0.92, 0.91, 0.89, 0.91, 0.89]
    >>> test = corrected_ttest(ours, theirs, n_train=90, n_test=10)
    >>> print(f"{test.difference:.3f} from {test.low:.3f} to {test.high:.3f}, p={test.p_value:.3f}")
    0.010 from -0.002 to 0.022, p=0.092
    """
    check_value("corrected_ttest", "confidence_level", confidence_level, [real(0, 1, "neither")])
    a, b = _numbers("first", first), _numbers("second", second)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(
            "first and second must be scores of the same folds, two arrays of the same shape "
            f"(n_folds,). Got the shapes {a.shape} and {b.shape} instead."
        )
    if np.abs(a).max(initial=0) > _MOST or np.abs(b).max(initial=0) > _MOST:
        raise ValueError(
            f"first and second must be at most {_MOST:g} in size, or squares would leave the range "
            "of floats. Divide them by a number."
        )
    difference = a - b
    deviation = corrected_deviation(difference, n_train, n_test)
    mean = float(difference.mean()) if len(difference) else np.nan
    df = max(len(difference) - 1, 0)
    low, high = mean_interval(difference, n_train, n_test, confidence_level)
    if np.isnan(deviation):
        return PairedTest(mean, low, high, np.nan, np.nan, df)
    if mean == 0:  # also where all differences are zero, as of an estimator with itself
        return PairedTest(mean, low, high, 0.0, 1.0, df)
    with np.errstate(divide="ignore"):
        statistic = float(np.divide(mean, deviation))
    return PairedTest(mean, low, high, statistic, float(2 * stats.t.sf(abs(statistic), df)), df)


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Adjust the p-values of several tests so that any false finding among them stays rare.

    Holm's step-down procedure: the smallest of m p-values is multiplied by m, the next by m - 1,
    and so on, and none may be smaller than one before it. It holds whatever the dependence between
    the tests.

    Parameters
    ----------
    p_values : array-like
        Of any shape; NaN stands for no test, and stays.

    Returns
    -------
    ndarray
        Adjusted p-values, of the same shape.

    See Also
    --------
    corrected_ttest : A p-value for two estimators' scores.

    References
    ----------
    .. [1] S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
       of Statistics 6, 1979, pages 65-70.

    Examples
    --------
    >>> from skdeep.model_selection import holm
    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    p = _numbers("p_values", p_values)
    if ((p < 0) | (p > 1)).any():
        raise ValueError(
            "p_values must be from 0 to 1, or NaN. "
            f"Got numbers from {np.nanmin(p):g} to {np.nanmax(p):g} instead."
        )
    adjusted = np.full(p.shape, np.nan)
    tests = np.flatnonzero(~np.isnan(p))
    order = tests[np.argsort(p.flat[tests], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted.flat[order] = np.minimum(np.maximum.accumulate(factors * p.flat[order]), 1.0)
    return adjusted


def _numbers(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return values as an array of floats."""
    try:
        given = np.asarray(values)
        if values is not None and given.dtype.kind != "c":
            return given.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError(f"{name} must be numbers. Got {values!r} instead.")


def corrected_deviation(
    values: NDArray[np.float64], n_train: ArrayLike, n_test: ArrayLike
) -> float:
    """Return the standard deviation of a mean over folds, NaN for fewer than two."""
    train, test = _numbers("n_train", n_train), _numbers("n_test", n_test)
    if not (train.size and test.size and np.all(train > 0) and np.all(test > 0)):
        raise ValueError(
            "n_train and n_test must be positive numbers of rows. "
            f"Got n_train={n_train!r} and n_test={n_test!r} instead."
        )
    if len(values) < 2:
        return np.nan
    with np.errstate(over="ignore", invalid="ignore"):  # of scores beyond all use
        spread = values - values.mean()
        largest = np.abs(spread).max()
        if largest == 0:
            return 0.0
        deviation = largest * np.std(spread / largest, ddof=1)  # tiny scores have no squares
        return float(np.sqrt(1 / len(values) + np.mean(test / train)) * deviation)


def mean_interval(
    values: NDArray[np.float64],
    n_train: ArrayLike,
    n_test: ArrayLike,
    confidence_level: float = 0.95,
) -> tuple[float, float]:
    """Return the ends of the confidence interval of a mean over folds."""
    deviation = corrected_deviation(values, n_train, n_test)
    if np.isnan(deviation):
        return np.nan, np.nan
    reach = stats.t.ppf((1 + float(confidence_level)) / 2, len(values) - 1) * deviation
    return float(values.mean() - reach), float(values.mean() + reach)
