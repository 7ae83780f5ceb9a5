"""A comparison in a sentence or two, and the numbers in it as they are written everywhere."""

from __future__ import annotations

import numpy as np

from skdeep.model_selection.report.columns import by_estimator
from skdeep.model_selection.scores import Scores

__all__ = ["percent", "score_format", "verdict"]


def verdict(comparison: Scores) -> str:
    """Return what the comparison comes to, in a few words."""
    good = [name for name in comparison.ranking if not comparison.error(name)]
    if not good:
        return "All estimators failed."
    if len(good) == 1:
        return _alone(comparison, good[0])
    leaders, baseline = _leaders(comparison, good), comparison.baseline
    has = "has" if len(leaders) == 1 else "tie for"
    said = f"{_joined(leaders)} {has} the highest mean {comparison.metric}"
    if comparison.error(baseline):
        return f"{said}. The baseline {baseline} failed, so nothing was compared with it."
    columns = by_estimator(comparison)
    difference, p = (
        dict(zip(columns["estimator"], columns[field], strict=True))
        for field in ("difference", "p_holm")
    )
    if all(np.isnan(p[name]) for name in good):
        return f"{said}. One fold alone cannot tell whether differences are more than chance."
    tied = leaders if baseline in leaders else [baseline]
    others = [name for name in good if name not in tied]
    if not others:
        return f"{said}."

    level = 1 - comparison.confidence_level
    at_level = f"(at the {percent(level)} level)"
    higher = [name for name in others if p[name] <= level and difference[name] > 0]
    lower = [name for name in others if p[name] <= level and difference[name] < 0]
    unclear = [name for name in others if p[name] > level]
    if not higher and not lower:
        of = "such differences"
        if comparison.baseline_given is not None:
            of = f"the differences from {baseline}"
        return f"{said}, but chance alone could make {of} {at_level}."
    parts = [
        f"{_joined(names)} {'scores' if len(names) == 1 else 'score'} {how}"
        for names, how in ((higher, "higher"), (lower, "lower"))
        if names
    ]
    said += f". {' and '.join(parts)} than {baseline}, by more than chance {at_level}"
    return (
        f"{said}; the difference may be chance for {_joined(unclear)}." if unclear else f"{said}."
    )


def score_format(comparison: Scores) -> str:
    """Return the format that shows three digits of the scores, or all before the point.

    It has an exponent where there would be more than nine zeros.
    """
    values = np.concatenate([scores[~np.isnan(scores)] for scores in comparison.scores.values()])
    largest = np.abs(values).max(initial=0.0)
    digits = 3 if largest == 0 else 3 - int(np.ceil(np.log10(largest)))
    return f".{max(digits, 0)}f" if -9 < digits < 10 else ".2e"


def percent(share: float) -> str:
    """Return 0.05 as 5%."""
    return f"{100 * share:.3g}%"


def _alone(comparison: Scores, name: str) -> str:
    if len(comparison.names) > 1:
        return f"Only {name} could be scored."
    shown, (low, high) = score_format(comparison), comparison.interval(name)
    said = f"{name} has a mean {comparison.metric} of {comparison.scores[name].mean():{shown}}"
    if not np.isnan(low):
        level = percent(comparison.confidence_level)
        said += f" ({level} interval {low:{shown}} to {high:{shown}})"
    return f"{said}. It is alone; a second estimator would show what that is worth."


def _leaders(comparison: Scores, good: list[str]) -> list[str]:
    """Return who has the highest mean, which may be several."""
    means = np.array([comparison.scores[name].mean() for name in good])
    return [
        name for name, near in zip(good, np.isclose(means, means[0], 1e-9, 0), strict=True) if near
    ]


def _joined(names: list[str]) -> str:
    """Return names as a sentence lists them."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
