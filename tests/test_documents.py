"""Every block of Python in README, CONTRIBUTING and the documentation runs as it stands.

The blocks of one page share their names, from top to bottom. A block with prompts is a doctest.
"""

import doctest
import re
import sys
import textwrap
import types
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

ROOT = Path(__file__).parents[1]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(
        page
        for page in (ROOT / "docs").rglob("*.rst")
        if not {"_build", "auto_examples", "generated"} & set(page.parts)
    ),
]
FENCED = re.compile(r"^```(python|pycon)\n(.*?)^```$", re.M | re.S)
DIRECTIVE = re.compile(r"^\.\. code-block:: (python|pycon)\n\n((?:(?:   .*)?\n)+)", re.M)
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def blocks(page):
    """Yield the line number and the text of every block of Python on a page."""
    text = page.read_text() + "\n"
    for found in (FENCED if page.suffix == ".md" else DIRECTIVE).finditer(text):
        yield text.count("\n", 0, found.start(2)) + 1, textwrap.dedent(found[2])


PAGES_WITH_CODE = [page for page in PAGES if any(blocks(page))]


@pytest.mark.parametrize("page", PAGES_WITH_CODE, ids=lambda page: str(page.relative_to(ROOT)))
@pytest.mark.filterwarnings("error::sklearn.exceptions.ConvergenceWarning")
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = types.ModuleType("page_under_test")  # a module, so that its classes can be pickled
    monkeypatch.setitem(sys.modules, module.__name__, module)
    names = vars(module)
    for line, block in blocks(page):
        where = f"{page.name}, line {line}"
        if ">>> " in block:
            example = doctest.DocTestParser().get_doctest(block, {}, where, str(page), line - 1)
            example.globs = names  # not a copy
            runner = doctest.DocTestRunner(optionflags=FLAGS)
            runner.run(example, clear_globs=False)
            assert runner.failures == 0, f"{where}: see the output above"
        else:
            # Padded, so that a traceback shows the page's own line.
            exec(compile("\n" * (line - 1) + block, str(page), "exec"), names)
    plt.close("all")


def test_the_readme_is_tested():
    assert ROOT / "README.md" in PAGES_WITH_CODE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_repository_lead_somewhere(page):
    if page.suffix != ".md":
        return
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
