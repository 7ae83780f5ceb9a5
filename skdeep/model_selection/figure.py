"""A comparison as a figure of matplotlib: scores, differences, times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skdeep.model_selection.columns import to_scale
from skdeep.model_selection.table import name_p, percent

if TYPE_CHECKING:
    from skdeep.model_selection.comparison import Comparison

__all__ = ["draw"]

_BEST, _OTHER, _GREY = "#D55E00", "#0072B2", "0.55"  # told apart by every kind of colour vision

_BELOW = 0.24  # folds are drawn a little below their mean and its interval


def draw(comparison: Comparison, ax: Any = None) -> Any:
    """Draw the scores into `ax`, or scores, differences and times into a new figure."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            'plot needs matplotlib, which is not installed; pip install "skdeep[plot]" brings it, '
            "and to_html draws without it."
        ) from error
    if ax is not None:
        _draw_scores(comparison, ax)
        return ax
    height = 1.6 + 0.45 * len(comparison.names)
    _, axes = plt.subplots(
        1, 3, figsize=(12, height), sharey=True, width_ratios=[4, 3, 2.4], layout="constrained"
    )
    _draw_scores(comparison, axes[0])
    _draw_differences(comparison, axes[1])
    _draw_times(comparison, axes[2])
    for one in axes[1:]:
        one.tick_params(axis="y", length=0)
    return axes


def _draw_scores(comparison: Comparison, ax: Any) -> None:
    """Each fold is a line from estimator to estimator, with a dot for each score."""
    order, rows = comparison.ranking, np.arange(len(comparison.names))
    drawn = to_scale(comparison)
    scores = np.array(
        [comparison.scores[name] * (1 if name in drawn else np.nan) for name in order]
    )
    faint = float(np.clip(1.5 / np.sqrt(comparison.n_folds), 0.1, 0.6))
    for fold in scores.T:
        ax.plot(fold, rows + _BELOW, "-", color=_GREY, lw=0.8, alpha=faint, zorder=1)
    for row, name in enumerate(order):
        color = _color(comparison, name)
        if name not in drawn:
            mean = comparison.scores[name].mean()
            _note(ax, row, "failed" if comparison.error(name) else f"◂ {mean:.3g}")
            continue
        dots = np.full(scores.shape[1], row + _BELOW)
        ax.plot(scores[row], dots, "o", color=color, mew=0, alpha=faint, ms=5.5)
        low, high = comparison.interval(name)
        ax.plot([low, high], [row, row], "-", color=color, lw=3, solid_capstyle="round")
        ax.plot(scores[row].mean(), row, "o", color=color, ms=10, mec="white", mew=1.2, zorder=4)
    _finish(ax, order)
    level = percent(comparison.confidence_level)
    ax.set_title(f"mean with {level} interval; lines join a fold", fontsize=10)
    ax.set_xlabel(comparison.metric)


def _draw_differences(comparison: Comparison, ax: Any) -> None:
    """The paired difference from the baseline, which has less spread than the scores."""
    columns, drawn = comparison.to_dict(), to_scale(comparison)
    ax.axvline(0, color=_GREY, lw=1, ls="--", zorder=0)
    for row, name in enumerate(columns["estimator"]):
        if name == comparison.baseline:
            ax.plot(0, row, "o", color=_color(comparison, name), ms=10, mec="white", mew=1.2)
            continue
        color = _color(comparison, name)
        difference, p = columns["difference"][row], name_p(columns["p_holm"][row])
        if name not in drawn:
            _note(ax, row, "" if comparison.error(name) else f"◂ {difference:.3g}   {p}")
            continue
        ends = [columns["difference_low"][row], columns["difference_high"][row]]
        ax.plot(ends, [row, row], "-", color=color, lw=3, solid_capstyle="round")
        ax.plot(difference, row, "o", color=color, ms=10, mec="white", mew=1.2)
        if p and np.isfinite(difference):
            place = {"textcoords": "offset points", "ha": "center", "fontsize": 8.5}
            ax.annotate(p, (difference, row), (0, 8), **place)
    _finish(ax, columns["estimator"])
    ax.set_title("difference, p adjusted by Holm", fontsize=10)
    ax.set_xlabel(f"score minus that of\n{comparison.baseline}")
    ax.margins(x=0.12)
    ax.locator_params(axis="x", nbins=5)


def _draw_times(comparison: Comparison, ax: Any) -> None:
    """Medians over the folds, which differ by powers of ten."""
    columns = comparison.to_dict()
    rows = np.arange(len(comparison.names))
    ax.plot(columns["fit_time"], rows, "s", color="#333333", ms=7)
    ax.plot(columns["predict_time"], rows, "D", color="#333333", mfc="white", ms=6)
    _finish(ax, columns["estimator"])
    ax.set_title("median time: ■ fit, ◇ predict", fontsize=10)
    ax.set_xlabel("seconds")
    known = [t for t in columns["fit_time"] + columns["predict_time"] if t > 0]
    if known:
        ax.set_xscale("log")
        ax.set_xlim(min(known) / 2, max(known) * 2)


def _finish(ax: Any, order: list[str]) -> None:
    ax.set_yticks(range(len(order)), order)
    ax.set_ylim(len(order) - 0.4, -0.6)
    ax.grid(axis="x", alpha=0.25)
    ax.spines[["top", "right", "left"]].set_visible(False)


def _note(ax: Any, row: int, text: str) -> None:
    """Write at the left end of a row of which nothing is drawn to scale."""
    ax.text(0.01, row, text, color="0.35", va="center", transform=ax.get_yaxis_transform())


def _color(comparison: Comparison, name: str) -> str:
    return _BEST if name == comparison.baseline else _OTHER
