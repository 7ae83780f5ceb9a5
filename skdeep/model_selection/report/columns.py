"""A comparison as columns: a row for each estimator, each fold or each pair."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.model_selection.corrected_test import PairedTest, holm
from skdeep.model_selection.scores import Scores

__all__ = ["by_estimator", "by_fold", "pairwise", "to_scale"]


def by_estimator(comparison: Scores) -> dict[str, list[Any]]:
    """Return means, tests against the baseline and times, from the best to the worst."""
    order, baseline = comparison.ranking, comparison.baseline
    tests = {name: comparison.test(name, baseline) for name in order if name != baseline}
    p_holm = _p_holm(comparison, tests)

    def tested(field: str) -> list[float]:
        return [getattr(tests[name], field) if name in tests else np.nan for name in order]

    def means(scores: Mapping[str, NDArray[np.float64]]) -> list[float]:
        return [float(scores[name].mean()) for name in order]

    return {
        "estimator": order,
        "mean_score": means(comparison.scores),
        "std_score": [float(comparison.scores[name].std()) for name in order],
        "difference": tested("difference"),
        "difference_low": tested("low"),
        "difference_high": tested("high"),
        "p_value": tested("p_value"),
        "p_holm": [p_holm.get(name, np.nan) for name in order],
        "fit_time": [_median(comparison.fit_times[name]) for name in order],
        "predict_time": [_median(comparison.predict_times[name]) for name in order],
        "error": [comparison.error(name) or None for name in order],
        **{
            f"mean_{metric}": means(scores)
            for metric, scores in comparison.all_scores.items()
            if metric != comparison.metric
        },
    }


def by_fold(comparison: Scores) -> dict[str, list[Any]]:
    """Return every score and time that was measured."""
    order, folds = comparison.ranking, range(comparison.n_folds)

    def stacked(values: Mapping[str, Any]) -> list[Any]:
        return [value for name in order for value in np.asarray(values[name], object).tolist()]

    return {
        "estimator": [name for name in order for _ in folds],
        "fold": [fold for _ in order for fold in folds],
        **{metric: stacked(scores) for metric, scores in comparison.all_scores.items()},
        "fit_time": stacked(comparison.fit_times),
        "predict_time": stacked(comparison.predict_times),
        "n_train": comparison.n_train.tolist() * len(order),
        "n_test": comparison.n_test.tolist() * len(order),
        "error": stacked(comparison.errors),
    }


def pairwise(comparison: Scores) -> dict[str, list[Any]]:
    """Return the tests of all pairs, the better of two first."""
    pairs = list(combinations(comparison.ranking, 2))
    tests = [comparison.test(*pair) for pair in pairs]
    p_values = [test.p_value for test in tests]
    return {
        "estimator": [name for name, _ in pairs],
        "other": [other for _, other in pairs],
        "difference": [test.difference for test in tests],
        "difference_low": [test.low for test in tests],
        "difference_high": [test.high for test in tests],
        "p_value": p_values,
        "p_holm": holm(p_values).tolist(),
    }


def to_scale(comparison: Scores) -> list[str]:
    """Return the estimators to draw to scale: all, or the best if the others are far off.

    A dummy at 0.4 would otherwise press all that lies between 0.95 and 0.97 into one spot.
    """
    names = [name for name in comparison.ranking if not comparison.error(name)]
    ends = {}
    for name in names:
        reached = [*comparison.scores[name], *comparison.interval(name)]
        ends[name] = np.nanmin(reached), np.nanmax(reached)
    for k in range(2, len(names)):
        low, high = (f(ends[name][i] for name in names[:k]) for i, f in enumerate((min, max)))
        gap = low - max(ends[name][1] for name in names[k:])
        if gap > high - low and comparison.baseline in names[:k]:
            return names[:k]
    return names


def _p_holm(comparison: Scores, tests: Mapping[str, PairedTest]) -> dict[str, float]:
    """Return adjusted p-values of the tests against the baseline."""
    if comparison.baseline_given is not None:
        adjusted = holm([test.p_value for test in tests.values()])
        return dict(zip(tests, adjusted.tolist(), strict=True))
    # The best was chosen by the same scores, which is a look at all pairs.
    pairs = pairwise(comparison)
    rows = zip(pairs["estimator"], pairs["other"], pairs["p_holm"], strict=True)
    return {other: p for name, other, p in rows if name == comparison.baseline}


def _median(times: NDArray[np.float64]) -> float:
    """Return the median of the times that there are."""
    known = times[~np.isnan(times)]
    return float(np.median(known)) if len(known) else np.nan
