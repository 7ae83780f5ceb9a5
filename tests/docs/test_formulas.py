"""Every formula of the pages becomes MathML, and loses nothing on the way."""

import re
from pathlib import Path

import pytest

latex2mathml = pytest.importorskip("docutils.utils.math.latex2mathml")

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [
    page
    for page in sorted(DOCS.rglob("*.rst"))
    if not {"_build", "auto_examples", "generated"} & set(page.relative_to(DOCS).parts)
]
INLINE = re.compile(r":math:`([^`]+)`")
BLOCK = re.compile(r"^\.\. math:: *(.*(?:\n(?: .*)?)*)", re.M)


def formulas(page):
    """Yield the formulas of a page, as docs/conf.py hands them on."""
    text = page.read_text()
    found = INLINE.findall(text) + [f"{block}\n" for block in BLOCK.findall(text)]
    for formula in found:
        one = re.sub(r"\s+", " ", formula).strip()
        yield re.sub(r"frac(\d)(\d)", r"frac{\1}{\2}", one), formula.endswith("\n")


WITH_FORMULAS = [page for page in PAGES if any(formulas(page))]


@pytest.mark.parametrize("page", WITH_FORMULAS, ids=lambda page: str(page.relative_to(DOCS)))
def test_formulas_become_mathml_with_all_their_scripts(page):
    for formula, as_block in formulas(page):
        mathml = latex2mathml.tex2mathml(formula, as_block=as_block)
        scripts = len(re.findall(r"(?<!\\)[_^]", formula))
        kept = len(re.findall(r"<m(?:sub|sup|under|over)>", mathml))
        both = len(re.findall(r"<m(?:subsup|underover)>", mathml))
        assert kept + 2 * both == scripts, formula
