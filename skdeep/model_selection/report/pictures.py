"""A comparison as pictures inside a page: matplotlib's SVG, with the colours of the page's ground.

Each panel of the figure is a picture of its own, so that a narrow screen has them one below the
other, and names stand above their row, so that it has its whole width for what is drawn.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from typing import Any

from skdeep.model_selection.report.figure import draw_differences, draw_scores, draw_times
from skdeep.model_selection.scores import Scores

__all__ = ["DARK", "LIGHT", "pictures", "variables"]

LIGHT = {
    "paper": "#ffffff",
    "ink": "#1f2328",
    "soft": "#59636e",
    "line": "#d8dee4",
    "wrong": "#b3261e",
    "wash": "#f6f8fa",
}
DARK = {
    "paper": "#15181c",
    "ink": "#e6e9ec",
    "soft": "#a3adb8",
    "line": "#39414a",
    "wrong": "#ff8a80",
    "wash": "#1e2329",
}
_WIDTH, _ROW, _FRAME = 440, 46, 84  # of a picture, of its rows, and of title and axis around them
_LETTERS = 44  # of a name that there is room for


def variables() -> str:
    """Return the style that gives each colour its value on light and on dark ground."""
    light, dark = (
        " ".join(f"--{name}: {color};" for name, color in colors.items())
        for colors in (LIGHT, DARK)
    )
    return (
        f":root {{ color-scheme: light dark; {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
    )


def pictures(comparison: Scores) -> list[str]:
    """Return scores, differences and times as elements of HTML; none without matplotlib."""
    try:
        import matplotlib.figure
    except ImportError:
        return []
    settings: dict[Any, Any] = {
        "axes.edgecolor": LIGHT["soft"],
        "axes.facecolor": LIGHT["paper"],
        "axes.labelcolor": LIGHT["soft"],
        "font.size": 12.5,
        "grid.color": LIGHT["soft"],
        "svg.fonttype": "none",  # text stays text, in the reader's own letters
        "svg.hashsalt": "skdeep",  # the same comparison is the same page
        "text.color": LIGHT["ink"],
        "text.parse_math": False,  # a name may have dollars
        "xtick.color": LIGHT["soft"],
    }
    panels = {
        "Scores of the folds, their means and intervals": draw_scores,
        "Differences from the baseline and their intervals": draw_differences,
        "Times to fit and to predict": draw_times,
    }
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(settings)
        return [_picture(comparison, panel, said) for said, panel in panels.items()]


def _picture(comparison: Scores, panel: Callable[[Scores, Any], None], said: str) -> str:
    """Return one panel as an image that is its own source."""
    from matplotlib.figure import Figure

    height = _FRAME + _ROW * len(comparison.names)
    figure = Figure(figsize=(_WIDTH / 72, height / 72), layout="constrained")
    ax = figure.add_subplot()
    panel(comparison, ax)
    title = ax.get_title()
    ax.set_title("")
    ax.set_title(title, loc="left", fontweight="bold")
    ax.set_yticks([])
    for row, name in enumerate(comparison.ranking):
        shown = name if len(name) <= _LETTERS else name[: _LETTERS - 1] + "…"
        ax.text(0, row - 0.3, shown, va="bottom", transform=ax.get_yaxis_transform(), zorder=5)
    file = BytesIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    svg = file.getvalue().decode()
    for name, color in LIGHT.items():
        svg = svg.replace(color, f"var(--{name})")
    svg = svg.replace("<defs>", f"<style>{variables()}</style><defs>", 1)
    source = base64.b64encode(svg.encode()).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{source}" width="{_WIDTH}" height="{height}" '
        f'alt="{said}">'
    )
