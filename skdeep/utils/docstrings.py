"""A class's numpydoc docstring, completed with what its bases document."""

from __future__ import annotations

import inspect
import re
import textwrap

__all__ = ["complete_docstring"]

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
    parts = [summary]
    parts += [f"{t}\n{'-' * len(t)}\n{body}" for t, body in completed.items() if body]
    cls.__doc__ = "\n\n".join(part for part in parts if part) + "\n"


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
