"""A comparison drawn by matplotlib: scores, differences, times.

Colours of text, ground and grid are those of matplotlib's settings, so that the same functions draw
for light and for dark ground.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from skdeep.model_selection.report.columns import by_estimator, to_scale
from skdeep.model_selection.report.table import name_p, show_time
from skdeep.model_selection.report.verdict import percent
from skdeep.model_selection.scores import Scores

__all__ = ["draw", "draw_differences", "draw_scores", "draw_times"]

_BEST, _OTHER, _GREY = "#D55E00", "#0072B2", "0.55"  # told apart by every kind of colour vision

_BELOW = 0.24  # folds are drawn a little below their mean and its interval


def draw(comparison: Scores, ax: Any = None) -> Any:
    """Draw the scores into `ax`, or scores, differences and times into a new figure."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            'plot needs matplotlib, which is not installed; pip install "skdeep[plot]" brings it, '
            "and to_html has tables without it."
        ) from error
    if ax is not None:
        draw_scores(comparison, ax)
        return ax
    height = 1.6 + 0.45 * len(comparison.names)
    _, axes = plt.subplots(
        1, 3, figsize=(12, height), sharey=True, width_ratios=[4, 3, 2.4], layout="constrained"
    )
    for one, panel in zip((draw_scores, draw_differences, draw_times), axes, strict=True):
        one(comparison, panel)
    for panel in axes[1:]:
        panel.tick_params(axis="y", length=0)
    return axes


def draw_scores(comparison: Scores, ax: Any) -> None:
    """Draw each fold as a line from estimator to estimator, and each mean with its interval."""
    order, rows = comparison.ranking, np.arange(len(comparison.names))
    drawn = to_scale(comparison)
    scores = np.array(
        [comparison.scores[name] * (1 if name in drawn else np.nan) for name in order]
    )
    faint = float(np.clip(1.5 / np.sqrt(comparison.n_folds), 0.1, 0.6))
    for fold in scores.T:
        ax.plot(fold, rows + _BELOW, "-", color=_GREY, lw=0.8, alpha=faint, zorder=1)
    for row, name in enumerate(order):
        color, mean = _color(comparison, name), comparison.scores[name].mean()
        if name not in drawn:
            _note(ax, row, "failed" if comparison.error(name) else f"◂ {mean:.3g}")
            continue
        dots = np.full(scores.shape[1], row + _BELOW)
        ax.plot(scores[row], dots, "o", color=color, mew=0, alpha=faint, ms=5.5)
        _mean(ax, row, mean, comparison.interval(name), color)
    _finish(ax, order)
    level = percent(comparison.confidence_level)
    ax.set_title(f"mean with {level} interval; lines join a fold", fontsize="medium")
    ax.set_xlabel(comparison.metric)


def draw_differences(comparison: Scores, ax: Any) -> None:
    """Draw the paired differences from the baseline, which have less spread than the scores."""
    columns, drawn = by_estimator(comparison), to_scale(comparison)
    ax.axvline(0, color=_GREY, lw=1, ls="--", zorder=0)
    for row, name in enumerate(columns["estimator"]):
        color = _color(comparison, name)
        if name == comparison.baseline:
            _mean(ax, row, 0.0, (np.nan, np.nan), color)
            continue
        difference, p = columns["difference"][row], name_p(columns["p_holm"][row])
        if np.isnan(difference):
            continue
        if name not in drawn:
            _note(ax, row, f"◂ {difference:.3g}   {p}")
            continue
        ends = columns["difference_low"][row], columns["difference_high"][row]
        _mean(ax, row, difference, ends, color)
        if p:
            below = {"xytext": (0, -8), "textcoords": "offset points", "ha": "center", "va": "top"}
            ax.annotate(p, (difference, row), fontsize="small", **below)
    _finish(ax, columns["estimator"])
    ax.set_title("difference, p adjusted by Holm", fontsize="medium")
    ax.set_xlabel(f"score minus that of\n{comparison.baseline}")
    ax.margins(x=0.12)
    ax.locator_params(axis="x", nbins=5)


def draw_times(comparison: Scores, ax: Any) -> None:
    """Draw medians of the times over the folds, which differ by powers of ten."""
    import matplotlib
    from matplotlib.ticker import LogLocator, NullFormatter

    columns, ink = by_estimator(comparison), matplotlib.rcParams["text.color"]
    rows = np.arange(len(comparison.names))
    ax.plot(columns["fit_time"], rows, "s", color=ink, ms=7)
    ax.plot(columns["predict_time"], rows, "D", color=ink, mfc=_ground(), ms=6)
    _finish(ax, columns["estimator"])
    ax.set_title("median time: ■ fit, ◇ predict", fontsize="medium")
    known = [t for t in columns["fit_time"] + columns["predict_time"] if t > 0]
    if known:
        low, high = min(known) / 2, max(known) * 2
        ax.set_xscale("log")
        ax.set_xlim(low, high)
        ax.xaxis.set_major_locator(LogLocator(subs=(1.0,) if high > 100 * low else (1.0, 2.0, 5.0)))
        ax.xaxis.set_major_formatter(lambda t, _: show_time(t).replace(".00", "").replace(".0", ""))
        ax.xaxis.set_minor_formatter(NullFormatter())


def _mean(ax: Any, row: int, mean: float, ends: tuple[float, float], color: str) -> None:
    ax.plot(ends, [row, row], "-", color=color, lw=3, solid_capstyle="round")
    ax.plot(mean, row, "o", color=color, ms=10, mec=_ground(), mew=1.2, zorder=4)


def _finish(ax: Any, order: list[str]) -> None:
    ax.set_yticks(range(len(order)), order)
    ax.set_ylim(len(order) - 0.4, -0.6)
    ax.grid(axis="x", alpha=0.25)
    ax.spines[["top", "right", "left"]].set_visible(False)


def _note(ax: Any, row: int, text: str) -> None:
    """Write at the left end of a row of which nothing is drawn to scale."""
    ax.text(0.01, row, text, alpha=0.7, va="center", transform=ax.get_yaxis_transform())


def _ground() -> Any:
    import matplotlib

    return matplotlib.rcParams["axes.facecolor"]


def _color(comparison: Scores, name: str) -> str:
    return _BEST if name == comparison.baseline else _OTHER
