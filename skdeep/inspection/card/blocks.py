"""What a card is made of, each as HTML and as Markdown."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Block", "Folded", "Picture", "Preformatted", "Section", "Table", "Text", "plain"]


class Block:
    """A part of a section."""

    def to_html(self) -> str:
        """Return an element; what it says is escaped."""
        raise NotImplementedError

    def to_markdown(self) -> str:
        """Return lines of Markdown."""
        raise NotImplementedError


@dataclass(frozen=True)
class Text(Block):
    """A paragraph."""

    text: str

    def to_html(self) -> str:
        return f"<p>{escape(self.text)}</p>"

    def to_markdown(self) -> str:
        return plain(self.text)


@dataclass(frozen=True)
class Folded(Block):
    """A paragraph that is folded away below its title."""

    title: str
    text: str

    def to_html(self) -> str:
        title, text = escape(self.title), escape(self.text)
        return f"<details><summary>{title}</summary><p>{text}</p></details>"

    def to_markdown(self) -> str:
        return f"{plain(self.title)}: {plain(self.text)}"


@dataclass(frozen=True)
class Table(Block):
    """Rows of cells below a head; all but the first column are to the right if `numbers`."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: bool = False

    def to_html(self) -> str:
        head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in self.head)
        rows = []
        for first, *cells in self.rows:
            more = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
            rows.append(f'<tr><th scope="row">{escape(first)}</th>{more}</tr>')
        kind = ' class="numbers"' if self.numbers else ""
        return (
            f'<div class="wide"><table{kind}><thead><tr>{head}</tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table></div>"
        )

    def to_markdown(self) -> str:
        line = ["---", *(["---:" if self.numbers else "---"] * (len(self.head) - 1))]
        rows = [self.head, line, *self.rows]
        return "\n".join(
            f"| {' | '.join(cell if row is line else plain(cell) for cell in row)} |"
            for row in rows
        )


@dataclass(frozen=True)
class Preformatted(Block):
    """Text whose spaces count."""

    text: str

    def to_html(self) -> str:
        return f"<pre>{escape(self.text)}</pre>"

    def to_markdown(self) -> str:
        return "".join(f"    {line}\n" for line in self.text.splitlines()).rstrip("\n")


@dataclass(frozen=True)
class Picture(Block):
    """A picture inside the page. Markdown, which has no place for it, has its caption alone."""

    caption: str
    svg: bytes

    def to_html(self) -> str:
        data = base64.b64encode(self.svg).decode()
        caption = escape(self.caption)
        return (
            f'<div class="wide"><img alt="{caption}" src="data:image/svg+xml;base64,{data}"></div>'
        )

    def to_markdown(self) -> str:
        return f"({plain(self.caption)}: in the card as HTML.)"


@dataclass(frozen=True)
class Section:
    """Blocks below a title."""

    title: str
    blocks: Sequence[Block]

    def to_html(self) -> str:
        """Return a heading and what is below it."""
        return f"<h2>{escape(self.title)}</h2>\n" + "\n".join(b.to_html() for b in self.blocks)

    def to_markdown(self) -> str:
        """Return a heading and what is below it."""
        return "\n\n".join([f"## {plain(self.title)}", *(b.to_markdown() for b in self.blocks)])


def plain(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    text = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in text)
