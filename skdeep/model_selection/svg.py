"""A comparison as drawings in SVG, which need no library and no file besides the page they are in.

Colours are classes that the page's style gives, so that they follow its light or dark ground.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from skdeep.model_selection.table import percent, show_p, show_time

if TYPE_CHECKING:
    from skdeep.model_selection.comparison import Comparison

__all__ = ["differences", "scores", "times"]

_WIDTH, _ROW, _TOP, _BOTTOM = 440, 36, 26, 44
_LEFT, _RIGHT = 128, 16
_NAME = 17  # letters of a name that there is room for


def scores(comparison: Comparison) -> str:
    """Return the scores by fold, the means and their intervals."""
    order = comparison.ranking
    values = np.array([comparison.scores[name] for name in order])
    intervals = [comparison.interval(name) for name in order]
    known = _known([*values.ravel(), *np.ravel(intervals)])
    x, axis = _linear(known, comparison.metric, len(order))
    faint = f'opacity="{np.clip(1.5 / np.sqrt(comparison.n_folds), 0.12, 0.7):.2f}"'
    marks = []
    for fold in values.T:
        points = [(x(v), _y(row) + 9) for row, v in enumerate(fold) if np.isfinite(v)]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        marks.append(f'<polyline class="join" {faint} points="{path}"/>')
    for row, name in enumerate(order):
        kind = _kind(comparison, name)
        marks += [
            f'<circle class="{kind}" {faint} cx="{x(v):.1f}" cy="{_y(row) + 9}" r="3"/>'
            for v in values[row]
            if np.isfinite(v)
        ]
        marks += _mean(kind, x, row, float(values[row].mean()), *intervals[row])
    level = percent(comparison.confidence_level)
    title = f"Mean with {level} interval; small dots are folds"
    return _drawing(comparison, title, [*axis, *marks])


def differences(comparison: Comparison) -> str:
    """Return the paired differences from the baseline with their intervals."""
    columns = comparison.to_dict()
    known = _known(
        [0.0, *columns["difference"], *columns["difference_low"], *columns["difference_high"]]
    )
    order = columns["estimator"]
    x, axis = _linear(known, f"{comparison.metric} minus that of the baseline", len(order))
    end = _TOP + _ROW * len(order)
    marks = [f'<line class="zero" x1="{x(0):.1f}" x2="{x(0):.1f}" y1="{_TOP}" y2="{end}"/>']
    for row, name in enumerate(order):
        kind = _kind(comparison, name)
        if name == comparison.baseline and not comparison.error(name):
            marks.append(f'<circle class="{kind} mean" cx="{x(0):.1f}" cy="{_y(row)}" r="6"/>')
            continue
        ends = columns["difference_low"][row], columns["difference_high"][row]
        middle = columns["difference"][row]
        marks += _mean(kind, x, row, middle, *ends)
        p = show_p(columns["p_holm"][row])
        if p:
            text = f"p {escape(p)}" if p.startswith("<") else f"p = {p}"
            at = float(np.clip(x(middle), _LEFT + 30, _WIDTH - _RIGHT - 30))
            marks.append(f'<text class="note" x="{at:.1f}" y="{_y(row) + 18}">{text}</text>')
    title = f"Difference from {_short(comparison.baseline)}, p adjusted by Holm"
    return _drawing(comparison, title, [*axis, *marks])


def times(comparison: Comparison) -> str:
    """Return the median times to fit and to predict a fold, on a logarithmic axis."""
    columns = comparison.to_dict()
    known = [t for t in _known([*columns["fit_time"], *columns["predict_time"]]) if t > 0]
    low, high = np.log10([min(known) / 1.5, max(known) * 1.5]) if known else (-3, 0)
    x = _scale(low, high)
    decades = 10.0 ** np.arange(np.ceil(low), np.floor(high) + 1)
    ticks = [(x(np.log10(t)), show_time(t).replace(".00", "").replace(".0", "")) for t in decades]
    marks = _axis(ticks, "fit (filled) and predict (hollow)", len(comparison.names))
    for row in range(len(comparison.names)):
        for field, style in (("fit_time", "time"), ("predict_time", "time hollow")):
            if columns[field][row] > 0:
                at = x(np.log10(columns[field][row])) - 5
                marks.append(
                    f'<rect class="{style}" x="{at:.1f}" y="{_y(row) - 5}" width="10" height="10"/>'
                )
    return _drawing(comparison, "Time for a fold, median", marks)


def _drawing(comparison: Comparison, title: str, marks: Iterable[str]) -> str:
    """Return the drawing, with the estimators' names on the left."""
    height = _TOP + _ROW * len(comparison.names) + _BOTTOM
    names = []
    for row, name in enumerate(comparison.ranking):
        failed = "<tspan> (failed)</tspan>" if comparison.error(name) else ""
        shown = escape(_short(name, _NAME - 9 if failed else _NAME))
        names.append(
            f'<text class="name" x="{_LEFT - 12}" y="{_y(row) + 4}">'
            f"<title>{escape(name)}</title>{shown}{failed}</text>"
        )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f'<text class="title" x="0" y="14">{escape(title)}</text>'
        f"{''.join(names)}{''.join(marks)}</svg>"
    )


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
    digits = max(0, -int(np.floor(np.log10(step))))
    values_at = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    ticks = [(x(value), f"{value + 0.0:.{digits}f}") for value in values_at]
    return x, _axis(ticks, label, n_rows)


def _axis(ticks: list[tuple[float, str]], label: str, n_rows: int) -> list[str]:
    end = _TOP + _ROW * n_rows
    marks = [
        f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{end}"/>'
        f'<text class="tick" x="{at:.1f}" y="{end + 15}">{escape(text)}</text>'
        for at, text in ticks
    ]
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    return [*marks, f'<text class="tick" x="{middle}" y="{end + 34}">{escape(label)}</text>']


def _scale(low: float, high: float) -> Callable[[float], float]:
    """Return the map from values to the width of a drawing."""
    width = _WIDTH - _LEFT - _RIGHT
    return lambda value: float(_LEFT + width * (value - low) / (high - low))


def _y(row: int) -> int:
    return _TOP + _ROW * row + _ROW // 2 - 4


def _kind(comparison: Comparison, name: str) -> str:
    return "baseline" if name == comparison.baseline else "other"


def _short(name: str, length: int = _NAME) -> str:
    return name if len(name) <= length else name[: length - 1] + "…"


def _known(values: Iterable[float]) -> list[float]:
    return [float(value) for value in values if np.isfinite(value)]
