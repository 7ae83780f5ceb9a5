"""Every formula of the pages becomes MathML, and loses nothing on the way."""

import re
import runpy
from pathlib import Path

import pytest

pytest.importorskip("docutils.utils.math.latex2mathml")

DOCS = Path(__file__).parents[2] / "docs"
mathml = runpy.run_path(str(DOCS / "formulas.py"))["mathml"]
PAGES = [
    page
    for page in sorted(DOCS.rglob("*.rst"))
    if not {"_build", "auto_examples", "generated"} & set(page.relative_to(DOCS).parts)
]
INLINE = re.compile(r":math:`([^`]+)`")
BLOCK = re.compile(r"^\.\. math:: *(.*(?:\n(?: .*)?)*)", re.M)


def formulas(page):
    """Yield the formulas of a page, and whether they have lines of their own."""
    text = page.read_text()
    yield from ((formula, False) for formula in INLINE.findall(text))
    yield from ((formula, True) for formula in BLOCK.findall(text))


WITH_FORMULAS = [page for page in PAGES if any(formulas(page))]


@pytest.mark.parametrize("page", WITH_FORMULAS, ids=lambda page: str(page.relative_to(DOCS)))
def test_formulas_become_mathml_with_all_their_scripts(page):
    for formula, as_block in formulas(page):
        shown = mathml(formula, as_block=as_block)
        scripts = len(re.findall(r"(?<!\\)[_^]", formula))
        kept = len(re.findall(r"<m(?:sub|sup|under|over)>", shown))
        both = len(re.findall(r"<m(?:subsup|underover)>", shown))
        assert kept + 2 * both == scripts, formula


def test_both_bars_of_a_norm_keep_their_size():
    bars = re.findall(r"<mo([^>]*)>‖", mathml(r"\lVert W \rVert_2^2"))
    assert bars == [f' form="{form}" stretchy="false"' for form in ("prefix", "postfix")]


@pytest.mark.parametrize(
    ("formula", "before", "after"),
    [
        (r"\log p", "0", ".17em"),
        (r"-z \log p", ".17em", ".17em"),
        (r"g \min(1, c)", ".17em", "0"),
        (r"\operatorname{sign}(\max(x, 0))", "0", "0"),
        (r"f(x) \tanh y", ".17em", ".17em"),
        ("1/n", "0", "0"),
        ("f'", "0", "0"),
    ],
)
def test_what_is_close_to_its_neighbours_and_what_is_not(formula, before, after):
    assert f'lspace="{before}" rspace="{after}">' in mathml(formula)


def test_a_sign_is_told_from_a_difference():
    assert 'form="prefix">−' in mathml("(2, -3)")
    assert 'form="prefix"' not in mathml("f(x) - 3")
