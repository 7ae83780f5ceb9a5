"""A comparison as drawings in SVG, which need no library and no file besides the page they are in.

Colours are classes that the page's style gives, so that they follow its light or dark ground. Names
stand above their row, so that a narrow screen has its whole width for the drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from skdeep.model_selection.columns import to_scale
from skdeep.model_selection.table import name_p, percent, score_format, show_time

if TYPE_CHECKING:
    from skdeep.model_selection.comparison import Comparison

__all__ = ["differences", "scores", "times"]

_WIDTH, _ROW, _TOP, _BOTTOM, _MARGIN = 440, 46, 26, 44, 12
_LETTERS = 42  # of a name that there is room for


def scores(comparison: Comparison) -> str:
    """Return the scores by fold, the means and their intervals."""
    order, drawn = comparison.ranking, to_scale(comparison)
    intervals = {name: comparison.interval(name) for name in order}
    ends = [end for name in drawn for end in intervals[name]]
    known = _known([*(v for name in drawn for v in comparison.scores[name]), *ends])
    x, axis = _linear(known, comparison.metric, len(order))
    faint = f'opacity="{np.clip(1.5 / np.sqrt(comparison.n_folds), 0.12, 0.7):.2f}"'
    marks, notes = [], {}
    for fold in range(comparison.n_folds):
        path = " ".join(
            f"{x(comparison.scores[name][fold]):.1f},{_y(row) + 9}"
            for row, name in enumerate(order)
            if name in drawn
        )
        marks.append(f'<polyline class="join" {faint} points="{path}"/>')
    for row, name in enumerate(order):
        mean = float(comparison.scores[name].mean())
        kind = _kind(comparison, name)
        if not np.isnan(mean):
            notes[name] = f"{mean:{score_format(comparison)}}"
        if name not in drawn:
            marks += [] if np.isnan(mean) else [_off(kind, row)]
            continue
        marks += [
            f'<circle class="{kind}" {faint} cx="{x(v):.1f}" cy="{_y(row) + 9}" r="3"/>'
            for v in comparison.scores[name]
        ]
        marks += _mean(kind, x, row, mean, *intervals[name])
    level = percent(comparison.confidence_level)
    title = f"Mean with {level} interval; small dots are folds"
    return _drawing(comparison, title, [*axis, *marks], notes)


def differences(comparison: Comparison) -> str:
    """Return the paired differences from the baseline with their intervals."""
    columns, drawn = comparison.to_dict(), to_scale(comparison)
    order = columns["estimator"]
    shown = [at for at, name in enumerate(order) if name in drawn]
    fields = ("difference", "difference_low", "difference_high")
    known = _known([0.0, *(columns[field][at] for field in fields for at in shown)])
    label = f"{comparison.metric} minus that of {comparison.baseline}"
    x, axis = _linear(known, label, len(order))
    end = _TOP + _ROW * len(order)
    marks = [f'<line class="zero" x1="{x(0):.1f}" x2="{x(0):.1f}" y1="{_TOP}" y2="{end}"/>']
    notes = {}
    for row, name in enumerate(order):
        kind = _kind(comparison, name)
        middle, *ends = (columns[field][row] for field in fields)
        if name == comparison.baseline:
            marks += _mean(kind, x, row, np.nan if comparison.error(name) else 0.0, np.nan, np.nan)
            continue
        if np.isnan(middle):
            continue
        parts = [f"{middle:+{score_format(comparison)}}", name_p(columns["p_holm"][row])]
        notes[name] = ", ".join(filter(None, parts))
        marks += _mean(kind, x, row, middle, *ends) if name in drawn else [_off(kind, row)]
    title = "Difference from the baseline, p adjusted by Holm"
    return _drawing(comparison, title, [*axis, *marks], notes)


def times(comparison: Comparison) -> str:
    """Return the median times to fit and to predict a fold, on a logarithmic axis."""
    columns = comparison.to_dict()
    known = [t for t in _known([*columns["fit_time"], *columns["predict_time"]]) if t > 0]
    low, high = np.log10([min(known) / 1.5, max(known) * 1.5]) if known else (-3, 0)
    x = _scale(low, high)
    decades = 10.0 ** np.arange(np.ceil(low), np.floor(high) + 1)
    ticks = [(x(np.log10(t)), show_time(t).replace(".00", "").replace(".0", "")) for t in decades]
    marks = _axis(ticks, "fit (filled) and predict (hollow)", len(comparison.names))
    notes = {}
    for row, name in enumerate(columns["estimator"]):
        both = [show_time(columns[field][row]) for field in ("fit_time", "predict_time")]
        notes[name] = ", ".join(filter(None, both))
        for field, style in (("fit_time", "time"), ("predict_time", "time hollow")):
            if columns[field][row] > 0:
                at = x(np.log10(columns[field][row])) - 5
                marks.append(
                    f'<rect class="{style}" x="{at:.1f}" y="{_y(row) - 5}" width="10" height="10"/>'
                )
    return _drawing(comparison, "Time for a fold, median", marks, notes)


def _drawing(
    comparison: Comparison, title: str, marks: Iterable[str], notes: dict[str, str]
) -> str:
    """Return the drawing, with each row's name and number above it."""
    height = _TOP + _ROW * len(comparison.names) + _BOTTOM
    words = []
    for row, name in enumerate(comparison.ranking):
        failed = ' <tspan class="wrong">failed</tspan>' if comparison.error(name) else ""
        note = escape(notes.get(name, ""))
        shown = name if len(name) <= _LETTERS else name[: _LETTERS - 1] + "…"
        words += [
            f'<text class="name" x="0" y="{_y(row) - 12}">{escape(shown)}{failed}</text>',
            f'<text class="note" x="{_WIDTH}" y="{_y(row) - 12}">{note}</text>',
        ]
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f'<text class="title" x="0" y="12">{escape(title)}</text>'
        f"{''.join(marks)}{''.join(words)}</svg>"
    )


def _off(kind: str, row: int) -> str:
    """Return an arrow to where a value lies that is too low to be drawn to scale."""
    y = _y(row)
    return f'<polygon class="{kind}" points="0,{y} 10,{y - 6} 10,{y + 6}"/>'


def _mean(
    kind: str, x: Callable[[float], float], row: int, mean: float, low: float, high: float
) -> list[str]:
    """Return a mean and its interval, as far as there are any."""
    marks = []
    if np.isfinite(low) and np.isfinite(high):
        ends = f'x1="{x(low):.1f}" x2="{x(high):.1f}" y1="{_y(row)}" y2="{_y(row)}"'
        marks.append(f'<line class="{kind} interval" {ends}/>')
    if np.isfinite(mean):
        marks.append(f'<circle class="{kind} mean" cx="{x(mean):.1f}" cy="{_y(row)}" r="6"/>')
    return marks


def _linear(
    values: list[float], label: str, n_rows: int
) -> tuple[Callable[[float], float], list[str]]:
    """Return the scale that shows all values, and its axis."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    margin = 0.04 * (high - low) or 0.05 * abs(high) or 0.5
    low, high = low - margin, high + margin
    x = _scale(low, high)
    # Steps of 1, 2 or 5 times a power of ten, about four of them.
    rough = (high - low) / 4
    power = 10 ** np.floor(np.log10(rough))
    step = power * min((1, 2, 5, 10), key=lambda factor: abs(factor * power - rough))
    digits = -int(np.floor(np.log10(step)))
    shown = f".{max(digits, 0)}f"
    if not -9 < digits < 10:
        shown = f".{digits + int(np.floor(np.log10(max(abs(low), abs(high)))))}e"
    values_at = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    ticks = [(x(value), f"{value + 0.0:{shown}}") for value in values_at]
    return x, _axis(ticks, label, n_rows)


def _axis(ticks: list[tuple[float, str]], label: str, n_rows: int) -> list[str]:
    end = _TOP + _ROW * n_rows
    marks = [
        f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{end}"/>'
        f'<text class="tick" x="{at:.1f}" y="{end + 15}">{escape(text)}</text>'
        for at, text in ticks
    ]
    return [*marks, f'<text class="tick" x="{_WIDTH / 2}" y="{end + 34}">{escape(label)}</text>']


def _scale(low: float, high: float) -> Callable[[float], float]:
    """Return the map from values to the width of a drawing."""
    width = _WIDTH - 2 * _MARGIN
    return lambda value: float(_MARGIN + width * (value - low) / (high - low))


def _y(row: int) -> int:
    return _TOP + _ROW * row + 27


def _kind(comparison: Comparison, name: str) -> str:
    return "baseline" if name == comparison.baseline else "other"


def _known(values: Iterable[float]) -> list[float]:
    return [float(value) for value in values if np.isfinite(value)]
