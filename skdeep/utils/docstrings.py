"""Numpydoc docstrings, completed: a class's by its bases', a method's by one that is like it."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["complete_docstring", "documented_like"]

Function = TypeVar("Function", bound=Callable[..., Any])

_HEADING = re.compile(r"^([A-Z][A-Za-z ]+)\n-{3,}$", re.MULTILINE)


def complete_docstring(cls: type, parameters: list[tuple[str, str, str]]) -> None:
    """Complete the Parameters and Attributes sections of a class's docstring.

    Parameters
    ----------
    cls : type
        Its docstring is replaced. What it says itself stays as it is.
    parameters : list of (name, kind, text)
        In the order that the section shall have. What has neither a text here nor an entry in the
        docstring is left out.
    """
    summary, sections = _split(inspect.cleandoc(cls.__doc__ or ""))
    own = _entries(sections.pop("Parameters", ""))
    shown = []
    for name, kind, text in parameters:
        entry = _entry_of(name, own)
        if entry is None and text:
            entry = f"{name} : {kind}\n{_indented(text)}"
        if entry is not None and entry not in shown:
            shown.append(entry)
    attributes = _entries(sections.pop("Attributes", ""))
    attributes += _inherited_attributes(cls.__mro__[1:-1], _names(attributes))
    completed = {
        "Parameters": "\n".join(shown),
        "Attributes": "\n".join(entry for _, entry in attributes),
        **sections,
    }
    cls.__doc__ = _joined(summary, completed)


def documented_like(other: Callable[..., Any]) -> Callable[[Function], Function]:
    """Complete a function's docstring by that of another one.

    Its parameters without an entry of their own are documented as the other's are, and what it
    returns and raises, too, where it says nothing of that. It is the innermost decorator, since
    those outside of it copy the docstring.

    Parameters
    ----------
    other : callable
        Takes the same parameters in the same sense.

    Examples
    --------
    >>> from skdeep.utils.docstrings import documented_like
    >>> def fit(X):
    ...     '''Train.
    ...
    ...     Parameters
    ...     ----------
    ...     X : ndarray
    ...         Samples.
    ...     '''
    >>> @documented_like(fit)
    ... def partial_fit(X):
    ...     '''Train for one epoch.'''
    >>> print(partial_fit.__doc__)
    Train for one epoch.
    <BLANKLINE>
    Parameters
    ----------
    X : ndarray
        Samples.
    <BLANKLINE>
    """

    def complete(function: Function) -> Function:
        summary, own = _split(inspect.cleandoc(function.__doc__ or ""))
        _, theirs = _split(inspect.cleandoc(other.__doc__ or ""))
        mine, known = (_entries(sections.pop("Parameters", "")) for sections in (own, theirs))
        names = inspect.signature(function).parameters
        entries = [_entry_of(name, mine) or _entry_of(name, known) for name in names]
        shown = "\n".join(dict.fromkeys(entry for entry in entries if entry))
        function.__doc__ = _joined(summary, {"Parameters": shown} | (own or theirs))
        return function

    return complete


def _joined(summary: str, sections: dict[str, str]) -> str:
    """Return a docstring of what stands before the first section, and the sections."""
    titled = [f"{title}\n{'-' * len(title)}\n{body}" for title, body in sections.items() if body]
    return "\n\n".join(part for part in (summary, *titled) if part) + "\n"


def _split(doc: str) -> tuple[str, dict[str, str]]:
    """Return what stands before the first section, and the sections by their titles."""
    summary, *rest = _HEADING.split(doc)
    sections = {title: body.strip("\n") for title, body in zip(rest[::2], rest[1::2], strict=True)}
    return summary.strip(), sections


def _entries(section: str) -> list[tuple[set[str], str]]:
    """Return the names ("a, b : int" are two) and the text of each entry."""
    entries = re.split(r"\n(?=\S)", section) if section else []
    return [({*re.findall(r"\w+", entry.split(" : ")[0])}, entry) for entry in entries]


def _inherited_attributes(bases: tuple[type, ...], known: set[str]) -> list[tuple[set[str], str]]:
    """Return what bases document and the class does not, what each introduces together."""
    found: list[tuple[set[str], str]] = []
    for base in reversed(bases):
        doc = base.__doc__ or ""
        if "Attributes\n" not in doc:
            continue
        entries = _entries(_split(inspect.cleandoc(doc))[1].get("Attributes", ""))
        known_now = known | _names(found)
        found = [(names, entry) for names, entry in entries if not names & known_now] + found
    return found


def _names(entries: list[tuple[set[str], str]]) -> set[str]:
    return {name for names, _ in entries for name in names}


def _entry_of(name: str, entries: list[tuple[set[str], str]]) -> str | None:
    return next((entry for names, entry in entries if name in names), None)


def _indented(text: str) -> str:
    """Return the text of an entry, with long lines (lists of names, put in) broken."""
    lines = [part for line in text.splitlines() for part in _broken(line)]
    return "\n".join(f"    {line}" if line else "" for line in lines)


def _broken(line: str) -> list[str]:
    return textwrap.wrap(line, 92, break_on_hyphens=False) if len(line) > 92 else [line]
