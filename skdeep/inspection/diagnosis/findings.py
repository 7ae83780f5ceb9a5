"""What a diagnosis consists of, and how it reads."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

__all__ = ["Diagnosis", "Finding"]


@dataclass(frozen=True)
class Finding:
    """One thing that looks wrong.

    Attributes
    ----------
    name : str
        What it is called, such as 'dead units'.
    what : str
        What was seen, in a sentence with its numbers.
    advice : str
        What to try.
    evidence : dict from str to float
        The numbers.
    layer : str or None
        The layer where it was seen, as `summary()` names it.
    """

    name: str
    what: str
    advice: str
    evidence: dict[str, float] = field(default_factory=dict)
    layer: str | None = None

    @property
    def title(self) -> str:
        """The name, and the layer if there is one."""
        return self.name if self.layer is None else f"{self.name} in layer {self.layer}"


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """Findings about a fitted network, the gravest first; a sequence of them.

    Attributes
    ----------
    findings : list of Finding
        Empty where nothing looks wrong.
    about : str
        What was looked at.

    Examples
    --------
    >>> from skdeep.inspection import Diagnosis, Finding
    >>> found = Finding("too hot", "It has 41 degrees.", "Let it cool.", {"degrees": 41.0})
    >>> print(Diagnosis([found], "the soup"))
    1 finding about the soup:
    <BLANKLINE>
    too hot
      It has 41 degrees.
      Try: Let it cool.
    >>> Diagnosis([found], "the soup").names
    ['too hot']
    """

    findings: list[Finding]
    about: str

    @property
    def names(self) -> list[str]:
        """What was found, by name."""
        return [finding.name for finding in self.findings]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def __len__(self) -> int:
        return len(self.findings)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __getitem__(self, index: int) -> Finding:
        return self.findings[index]

    def _headline(self) -> str:
        n = len(self.findings)
        if not n:
            return f"Nothing looks wrong about {self.about}."
        return f"{n} finding{'s' if n > 1 else ''} about {self.about}:"

    def __repr__(self) -> str:
        parts = textwrap.wrap(self._headline(), 88)
        for finding in self.findings:
            parts += ["", finding.title]
            for text in (finding.what, f"Try: {finding.advice}"):
                parts += textwrap.wrap(text, 88, initial_indent="  ", subsequent_indent="  ")
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        items = "".join(
            f'<li style="margin: 0.4em 0"><b>{escape(one.title)}</b>. {escape(one.what)}'
            f"<br><i>Try:</i> {escape(one.advice)}</li>"
            for one in self.findings
        )
        return (
            f'<div style="max-width: 50em"><p style="margin: 0">{escape(self._headline())}</p>'
            f"{f'<ol>{items}</ol>' if items else ''}</div>"
        )
