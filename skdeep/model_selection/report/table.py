"""A comparison as a table, in text and in HTML."""

from __future__ import annotations

import textwrap
from html import escape
from typing import Any

import numpy as np

from skdeep.model_selection.report.columns import by_estimator
from skdeep.model_selection.report.verdict import percent, score_format, verdict
from skdeep.model_selection.scores import Scores

__all__ = [
    "html_table",
    "name_p",
    "percent",
    "score_format",
    "show_p",
    "show_time",
    "text_table",
]


def text_table(comparison: Scores) -> str:
    """Return the comparison as text of fixed width."""
    header, rows = _cells(comparison)
    good = [row for row in rows if len(row) > 2]
    widths = [max(map(len, column)) for column in zip(header, *good, strict=True)]
    widths[0] = max(len(row[0]) for row in [header, *rows])

    def line(row: list[str]) -> str:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        return "  ".join(cells).rstrip()

    lines = [_caption(comparison), "", line(header), "-" * (sum(widths) + 2 * len(widths) - 2)]
    for row in rows:
        if len(row) > 2:
            lines.append(line(row))
        else:
            margin = " " * (widths[0] + 2)
            text = textwrap.fill(row[1], 100, initial_indent=margin, subsequent_indent=margin)
            lines.append(row[0].ljust(widths[0]) + text[widths[0] :])
    return "\n".join([*lines, "", *textwrap.wrap(verdict(comparison), 100)])


def html_table(comparison: Scores) -> str:
    """Return the comparison as an HTML table, which scrolls where it is too wide."""
    header, rows = _cells(comparison)
    caption = escape(_caption(comparison)).replace("\n", "<br>")
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = []
    for row in rows:
        name = f'<th scope="row">{escape(row[0])}</th>'
        if len(row) > 2:
            cells = "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        else:
            cells = f'<td class="error" colspan="{len(header) - 1}">{escape(row[1])}</td>'
        body.append(f"<tr>{name}{cells}</tr>")
    return (
        '<div style="overflow-x: auto"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
        f'<p class="caption">{caption}</p>'
    )


def show_p(p_value: float) -> str:
    """Return a p-value to be read; "" for none."""
    if np.isnan(p_value):
        return ""
    return "<0.001" if p_value < 0.001 else f"{p_value:.3f}"


def name_p(p_value: float) -> str:
    """Return a p-value with its name, as "p = 0.012" or "p <0.001"; "" for none."""
    shown = show_p(p_value)
    return shown and (f"p {shown}" if shown.startswith("<") else f"p = {shown}")


def show_time(seconds: float) -> str:
    """Return a time with three digits and its unit; "" for none."""
    if np.isnan(seconds):
        return ""
    value, unit = seconds * 1e6, "µs"
    if seconds >= 1e-3:
        value, unit = seconds * 1e3, "ms"
    if seconds >= 1:
        value, unit = seconds, "s"
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f} {unit}"


def _caption(comparison: Scores) -> str:
    train, test = (
        f"{rows.min()}" if rows.min() == rows.max() else f"{rows.min()} to {rows.max()}"
        for rows in (comparison.n_train, comparison.n_test)
    )
    folds = "1 fold" if comparison.n_folds == 1 else f"{comparison.n_folds} folds"
    said = (
        f"{comparison.metric}, {folds}, {train} rows to fit and {test} to score; "
        f"difference from {comparison.baseline}"
    )
    if comparison.preparation:
        said += f"\ncolumns prepared for {comparison.preparation}"
    return said


def _cells(comparison: Scores) -> tuple[list[str], list[list[str]]]:
    """Return a header and, for each estimator, its cells, or its name and its error."""
    columns = by_estimator(comparison)
    shown = score_format(comparison)
    level = percent(comparison.confidence_level)
    others = [metric for metric in comparison.metrics if metric != comparison.metric]
    header = ["estimator", "mean ± std", f"difference, {level} interval", "p", "p, Holm"]
    header += ["fit", "predict", *others]
    rows = []
    for at, name in enumerate(columns["estimator"]):
        row: dict[str, Any] = {key: values[at] for key, values in columns.items()}
        if row["error"]:
            rows.append([name, textwrap.shorten(row["error"], 400, placeholder=" ...")])
            continue
        difference = ""
        if not np.isnan(row["difference"]):
            difference = f"{row['difference']:+{shown}}"
        if not np.isnan(row["difference_low"]):
            low, high = (f"{row[f'difference_{end}']:+{shown}}" for end in ("low", "high"))
            difference += f" ({low} to {high})"
        cells = [f"{row['mean_score']:{shown}} ± {row['std_score']:{shown}}", difference]
        cells += [show_p(row["p_value"]), show_p(row["p_holm"])]
        cells += [show_time(row["fit_time"]), show_time(row["predict_time"])]
        rows.append([name, *cells, *(f"{row[f'mean_{metric}']:.4g}" for metric in others)])
    return header, rows
