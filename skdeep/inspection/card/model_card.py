"""A model card of a fitted estimator, as HTML and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from types import NoneType
from typing import Any

from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from skdeep.inspection.card.blocks import Section, Text, plain
from skdeep.inspection.card.sections import sections
from skdeep.inspection.unwrap import unwrap
from skdeep.model_selection.report.pictures import variables

__all__ = ["ModelCard", "model_card"]

_STYLE = """
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 52rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .75rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
th:first-child { padding-left: 0; white-space: nowrap; }
tbody th { font-weight: 400; color: var(--soft); }
.numbers th + th, .numbers td { text-align: right; white-space: nowrap; }
.wide, pre { overflow-x: auto; }
pre { background: var(--wash); padding: .75rem; font-size: .85rem; overflow-wrap: normal; }
img { width: 100%; min-width: 32rem; height: auto; margin-top: 1rem; background: #ffffff; }
summary { cursor: pointer; color: var(--soft); }
details, .wide { margin-bottom: 1rem; }
"""


@dataclass(frozen=True)
class ModelCard:
    """What one has to know of a fitted estimator; a notebook shows it.

    It is made by :func:`model_card`.

    Parameters
    ----------
    title : str
        Its heading.
    sections : tuple of Section
        What it says, in order.
    """

    title: str
    sections: tuple[Section, ...]

    def to_html(self) -> str:
        """Return a page that loads nothing, for light and dark ground and for any width.

        Returns
        -------
        str
            HTML.
        """
        body = "\n".join(section.to_html() for section in self.sections)
        return (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(self.title)}</title><style>{variables()}{_STYLE}</style></head>\n"
            f"<body><h1>{escape(self.title)}</h1>\n{body}\n</body></html>\n"
        )

    def to_markdown(self) -> str:
        """Return the card for a README; pictures are in the HTML alone.

        Returns
        -------
        str
            Markdown.
        """
        return (
            "\n\n".join([f"# {plain(self.title)}", *(s.to_markdown() for s in self.sections)])
            + "\n"
        )

    def __str__(self) -> str:
        """Return the card as Markdown, so that printing it shows it."""
        return self.to_markdown()

    def _repr_html_(self) -> str:
        page = escape(self.to_html())
        return f'<iframe srcdoc="{page}" style="width: 100%; height: 40rem; border: 0"></iframe>'


def model_card(
    estimator: Any,
    X: Any = None,
    y: Any = None,
    *,
    title: str | None = None,
    notes: Mapping[str, str] | None = None,
) -> ModelCard:
    """Describe a fitted estimator: data, scores, parameters, architecture, training.

    Parameters
    ----------
    estimator : fitted estimator
        Also a pipeline, or a search that has found one.
    X, y : array-like, default=None
        Data that it was not fitted on, to score it; `X` alone where there are no targets.
    title : str, default=None
        The heading; None is the name of the estimator.
    notes : dict of str to str, default=None
        Sections of your own, title and text, which come first: what the model is for, where its
        data come from, what it must not be used for. A blank line begins a paragraph.

    Returns
    -------
    ModelCard
        With `to_html` and `to_markdown`. Curves of the training need matplotlib.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ValueError
        If there is an `X` without its `y`, or the other way round, or there is no score.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skdeep import MLPClassifier
    >>> from skdeep.inspection import model_card
    >>> X, y = load_wine(return_X_y=True)
    >>> X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    >>> net = MLPClassifier((20,), learning_rate_init=0.01, random_state=0)
    >>> pipe = make_pipeline(StandardScaler(), net).fit(X, y)
    >>> card = model_card(pipe, X_test, y_test, notes={"Use": "Tells three grapes apart."})
    >>> print(card.to_markdown())
    # MLPClassifier
    <BLANKLINE>
    ## Use
    <BLANKLINE>
    Tells three grapes apart.
    ...
    """
    check_is_fitted(estimator)
    inner, _ = unwrap(estimator)
    wants_y = get_tags(inner).target_tags.required
    if (X is None) != (y is None) and (wants_y or X is None):
        raise ValueError(f"model_card scores by X and y; {'X' if X is None else 'y'} is missing.")
    if X is not None and not hasattr(estimator, "score"):
        raise ValueError(f"{type(inner).__name__} has no score; leave X and y out.")
    own = [Section(head, _paragraphs(text)) for head, text in _checked(title, notes).items()]
    name = type(inner).__name__ if title is None else title
    return ModelCard(name, (*own, *sections(estimator, X, y)))


def _checked(title: Any, notes: Any) -> Mapping[str, str]:
    """Return the notes; raise TypeError for what is no text."""
    if not isinstance(title, (str, NoneType)):
        raise TypeError(f"title must be text, got {title!r}.")
    if notes is None:
        return {}
    if not isinstance(notes, Mapping):
        raise TypeError(f"notes must be a dict of titles and texts, got {notes!r}.")
    for part in (part for item in notes.items() for part in item):
        if not isinstance(part, str):
            raise TypeError(f"notes must have titles and texts alone, got {part!r} among them.")
    return notes


def _paragraphs(text: str) -> list[Text]:
    """Return the parts of a text between blank lines."""
    return [Text(part) for part in re.split(r"\n\s*\n", text.strip())]
