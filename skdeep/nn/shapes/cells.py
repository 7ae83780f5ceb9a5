"""Rows of cells as a table, aligned in text and in HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

__all__ = ["aligned", "html_table"]

Row = Sequence[str]

# Light or dark, a notebook keeps its own colours.
_CELL = "padding: 2px 10px; border: 0; background: transparent; color: inherit;"
_RULE = " border-top: 1px solid rgba(128, 128, 128, 0.5);"


def aligned(rows: Sequence[Row], n_left: int = 1) -> list[str]:
    """Return a line of text for each row, its first cells to the left and the others to the right.

    Parameters
    ----------
    rows : sequence of sequence of str
        All of the same length.
    n_left : int, default=1
        How many columns are words.

    Examples
    --------
    >>> from skdeep.nn.shapes.cells import aligned
    >>> print(*aligned([("name", "size"), ("a", "10"), ("long one", "7")]), sep="\\n")
    name      size
    a           10
    long one     7
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [f"{cell:{'<' if i < n_left else '>'}{widths[i]}}" for i, cell in enumerate(row)]
        lines.append("  ".join(cells).rstrip())
    return lines


def html_table(head: Row, rows: Sequence[Row], last: Row | None = None, n_left: int = 1) -> str:
    """Return a table of HTML that brings its own style and no colours.

    Parameters
    ----------
    head : sequence of str
        What stands above the columns.
    rows : sequence of sequence of str
    last : sequence of str or None, default=None
        A row below a rule, such as sums.
    n_left : int, default=1
        How many columns are words.
    """

    def line(row: Row, tag: str, style: str = "") -> str:
        cells = []
        for i, cell in enumerate(row):
            side = "left" if i < n_left else "right"
            cells.append(f'<{tag} style="{_CELL}{style} text-align: {side}">{escape(cell)}</{tag}>')
        return f'<tr style="background: transparent">{"".join(cells)}</tr>'

    body = [line(row, "td") for row in rows]
    if last is not None:
        body.append(line(last, "td", _RULE))
    return (
        '<div style="overflow-x: auto"><table style="border-collapse: collapse; margin: 0; '
        f'font-size: 0.9em"><thead>{line(head, "th")}</thead><tbody>{"".join(body)}</tbody>'
        "</table></div>"
    )
