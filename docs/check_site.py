"""Check the built site as a reader without a network would: python docs/check_site.py FOLDER.

Every link within the site leads to a file and, behind a #, to an element of it; every image, style
sheet and script that a page shows itself with lies in the folder; every page can be reached from
the first one; "G. Hinton" is not point G of a list. Links to other sites are left to ``make
linkcheck``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import unquote, urlsplit

LINKS = {("a", "href"), ("area", "href"), ("form", "action")}
LOADED = {"stylesheet", "icon", "preload", "modulepreload"}  # what <link rel=...> fetches
IN_STYLES = re.compile(r"""(?:url\(\s*|@import\s+)["']?([^"')\s;]+)""")


class Reference(NamedTuple):
    """An address on a page: to click, shown with the page, or a hint to the browser."""

    address: str
    use: Literal["click", "show", "hint"]


class Page(HTMLParser):
    """The ids of a page, and what it refers to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.references: list[Reference] = []
        self.lettered = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what a tag is called and what it points to."""
        values = {name: value for name, value in attrs if value is not None}
        self.ids |= {values[name] for name in ("id", "name") if name in values}
        self.references += references(tag, values)
        if tag == "ol" and re.search(r"upper(alpha|roman)", values.get("class", "")):
            self.lettered = True


def references(tag: str, values: dict[str, str]) -> Iterator[Reference]:
    """Yield what the attributes of a tag refer to."""
    for name, value in values.items():
        if (tag, name) in LINKS:
            yield Reference(value, "click")
        elif name in {"src", "poster", "data"} or (tag, name) == ("use", "href"):
            yield Reference(value, "show")
        elif name == "srcset":
            yield from (Reference(part.split()[0], "show") for part in value.split(","))
        elif name == "style":
            yield from (Reference(found, "show") for found in IN_STYLES.findall(value))
    if tag == "link" and "href" in values:
        loaded = LOADED & set(values.get("rel", "").split())
        yield Reference(values["href"], "show" if loaded else "hint")


def broken(site: Path) -> Iterator[str]:
    """Yield a line for everything that is wrong with the site in a folder."""
    files = {path for path in site.rglob("*") if path.is_file()}
    pages = {
        path: Page(path.read_text(encoding="utf-8"))
        for path in sorted(files)
        if path.suffix == ".html" and "_static" not in path.parts
    }
    leads_to: dict[Path, set[Path]] = {path: set() for path in pages}
    for path, page in pages.items():
        if page.lettered:
            yield f"{path.relative_to(site)} has a list by letters; was it an author's initial?"
        for address, use in dict.fromkeys(page.references):
            where = f"{path.relative_to(site)}: {address}"
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                if use == "show" and parts.scheme != "data":
                    yield f"{where} is loaded from elsewhere"
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target not in files:
                yield f"{where} leads nowhere"
            elif target in pages:
                if use == "click":
                    leads_to[path].add(target)
                if parts.fragment and unquote(parts.fragment) not in pages[target].ids:
                    yield f"{where} has no such element"
    for path in sorted(files):
        if path.suffix == ".css":
            yield from broken_styles(site, path, files)
    reached, ahead = set(), [site / "index.html"]
    while ahead:
        path = ahead.pop()
        if path not in reached:
            reached.add(path)
            ahead += leads_to.get(path, ())
    for path in sorted(set(pages) - reached):
        yield f"{path.relative_to(site)} cannot be reached from index.html"


def broken_styles(site: Path, path: Path, files: set[Path]) -> Iterator[str]:
    """Yield a line for everything that a style sheet asks for and does not get."""
    for address in dict.fromkeys(IN_STYLES.findall(path.read_text(encoding="utf-8"))):
        parts = urlsplit(address)
        if parts.scheme == "data" or not parts.path:
            continue
        where = f"{path.relative_to(site)}: {address}"
        if parts.scheme or parts.netloc:
            yield f"{where} is loaded from elsewhere"
        elif (path.parent / unquote(parts.path)).resolve() not in files:
            yield f"{where} leads nowhere"


def main(folder: str) -> None:
    """Print what is wrong and exit with 1, or say that all is well."""
    site = Path(folder).resolve()
    if not (site / "index.html").exists():
        raise SystemExit(f"{site} has no index.html; `make docs` builds the site")
    problems = list(broken(site))
    print(*problems, sep="\n")
    if problems:
        raise SystemExit(f"{len(problems)} things are wrong with the site")
    print(f"All links within {folder} lead somewhere, and nothing is loaded from elsewhere.")


if __name__ == "__main__":
    main(*sys.argv[1:])
