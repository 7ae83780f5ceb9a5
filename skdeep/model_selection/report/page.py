"""A comparison as one page of HTML that loads nothing."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from html import escape

import numpy as np

from skdeep.model_selection.report.columns import pairwise
from skdeep.model_selection.report.pictures import pictures, variables
from skdeep.model_selection.report.table import html_table, show_p
from skdeep.model_selection.report.verdict import percent, score_format, verdict
from skdeep.model_selection.scores import Scores
from skdeep.utils.versions import versions

__all__ = ["page"]

_STYLE = """
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 66rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; }
p, dd { max-width: 46rem; }
.verdict { font-size: 1.1rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr));
  gap: 1rem 2rem; margin: 1.5rem 0; }
img { width: 100%; max-width: 34rem; height: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.caption { color: var(--soft); font-size: .9rem; margin-top: .5rem; }
th, td { padding: .35rem .75rem; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; }
@media (max-width: 40rem) { th, td { padding: .35rem .4rem; }
  th:first-child { white-space: normal; min-width: 8rem; overflow-wrap: anywhere; } }
td.error { text-align: left; color: var(--wrong); white-space: normal; }
td.clear { font-weight: 600; }
dt { font-weight: 600; margin-top: .75rem; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { background: var(--wash); padding: .75rem; margin: .25rem 0; font-size: .85rem;
  white-space: pre-wrap; overflow-wrap: anywhere; }
summary { font-weight: 600; margin-top: .75rem; cursor: pointer; }
.wrong { color: var(--wrong); }
"""


def page(comparison: Scores, title: str, details: Mapping[str, str] | None = None) -> str:
    """Return the page; `details` are further entries under "What was run"."""
    figures = "".join(pictures(comparison))
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="verdict">{escape(verdict(comparison))}</p>',
        html_table(comparison),
        f'<div class="figures">{figures}</div>' if figures else _spread(comparison),
        _pairs(comparison),
        _explanation(comparison),
        _errors(comparison),
        _what_was_run(comparison, details or {}),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{variables()}{_STYLE}</style></head>\n"
        "<body>\n" + "\n".join(part for part in parts if part) + "\n</body></html>\n"
    )


def _spread(comparison: Scores) -> str:
    """Return a table of how the folds' scores spread, for a page without pictures."""
    names = [name for name in comparison.ranking if not comparison.error(name)]
    shown, level = score_format(comparison), percent(comparison.confidence_level)
    heads = ("estimator", "mean", f"{level} interval", "lowest fold", "median fold", "highest fold")
    rows = []
    for name in names:
        scores = comparison.scores[name]
        low, high = comparison.interval(name)
        cells = [f"{scores.mean():{shown}}", f"{low:{shown}} to {high:{shown}}"]
        cells[1] = "" if np.isnan(low) else cells[1]
        cells += [f"{score:{shown}}" for score in np.quantile(scores, [0, 0.5, 1])]
        cells = [f"<td>{cell}</td>" for cell in cells]
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{"".join(cells)}</tr>')
    head = "".join(f'<th scope="col">{cell}</th>' for cell in heads)
    return (
        '<h2>Scores of the folds</h2><div style="overflow-x: auto"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        '<p class="caption">matplotlib, where it is installed, draws them.</p>'
    )


def _pairs(comparison: Scores) -> str:
    """Return the difference and the adjusted p-value of every pair, as a square table."""
    names = [name for name in comparison.ranking if not comparison.error(name)]
    if len(names) < 3 or comparison.n_folds < 2:
        return ""
    pairs, shown = pairwise(comparison), score_format(comparison)
    found = {}
    for at, pair in enumerate(zip(pairs["estimator"], pairs["other"], strict=True)):
        found[pair] = pairs["difference"][at], pairs["p_holm"][at]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names[1:])
    rows = []
    for i, name in enumerate(names[:-1]):
        cells = ["<td></td>"] * i
        for other in names[i + 1 :]:
            difference, p = found[name, other]
            clear = ' class="clear"' if p <= 1 - comparison.confidence_level else ""
            p_text = escape(show_p(p))
            p_text = p_text if p_text.startswith("&lt;") else f"= {p_text}"
            cells.append(f"<td{clear}>{difference:+{shown}}<br>p {p_text}</td>")
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{"".join(cells)}</tr>')
    level = percent(1 - comparison.confidence_level)
    return (
        '<h2>Every pair</h2><div style="overflow-x: auto"><table>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        '<p class="caption">Row minus column, p adjusted for all pairs; bold where it is at most '
        f"{level}.</p>"
    )


def _explanation(comparison: Scores) -> str:
    n_folds = comparison.n_folds
    ratio = float(np.mean(comparison.n_test / comparison.n_train))
    if n_folds < 2:
        test = "One fold gives no idea of chance: there is no test. Use more folds."
    else:
        test = (
            "All estimators were fitted and scored on the same folds, so that their differences "
            "can be looked at fold by fold. Folds share most of their training rows; a plain "
            "paired t-test takes them as independent and finds differences where there are none. "
            "The corrected test of Nadeau and Bengio (Machine Learning 52, 2003) holds "
            "<i>t</i> = <i>d̄</i> / √((1/<i>J</i> + <i>n</i><sub>test</sub>/<i>n</i>"
            "<sub>train</sub>) <i>s</i>²) against Student's distribution with <i>J</i> − 1 degrees "
            "of freedom, where <i>d̄</i> and <i>s</i>² are mean and variance of the differences. "
            f"Here <i>J</i> = {n_folds} and <i>n</i><sub>test</sub>/<i>n</i><sub>train</sub> = "
            f"{ratio:.3g}. Intervals use the same variance."
        )
    chosen = (
        f"The baseline, {escape(comparison.baseline)}, was named before; Holm's procedure adjusts "
        "p for the number of estimators that are compared with it."
        if comparison.baseline_given is not None
        else "The baseline is the best, chosen by these same scores; so Holm's procedure adjusts p "
        "for all pairs."
    )
    return (
        f"<h2>How to read p</h2><p>{test}</p><p>{chosen} A large p does not say that two "
        "estimators are equally good, only that these folds cannot tell them apart.</p>"
    )


def _errors(comparison: Scores) -> str:
    parts = [
        f'<dt class="wrong">{escape(name)}, fold {fold}</dt><dd><pre>{escape(text)}</pre></dd>'
        for name in comparison.names
        for fold, text in enumerate(comparison.errors[name], 1)
        # What every fold says is said once.
        if text and text not in comparison.errors[name][: fold - 1]
    ]
    return f"<h2>What failed</h2><dl>{''.join(parts)}</dl>" if parts else ""


def _what_was_run(comparison: Scores, details: Mapping[str, str]) -> str:
    entries = {name: f"<pre>{escape(text)}</pre>" for name, text in details.items()}
    entries["folds"] = f"<pre>{escape(str(comparison.cv))}</pre>"
    entries["versions"] = escape(versions())
    entries["machine"] = escape(f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs")
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{text}</dd>" for name, text in entries.items())
    estimators = "".join(
        f"<details><summary>{escape(name)}</summary>"
        f"<pre>{escape(repr(comparison.estimators[name]))}</pre></details>"
        for name in comparison.names
    )
    return f"<h2>What was run</h2><dl>{listed}</dl><h2>Estimators</h2>{estimators}"
