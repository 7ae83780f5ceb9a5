"""The check of the built site finds what a reader without a network would miss."""

import runpy
from pathlib import Path

import pytest

CHECK = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "check_site.py"))
SOUND = {
    "index.html": '<a href="guide/page.html#part">Guide</a> <img src="figure.png">',
    "guide/page.html": '<h2 id="part">Part</h2> <a href="../index.html">Home</a>'
    ' <a href="https://scikit-learn.org">elsewhere</a> <link rel="stylesheet" href="../site.css">',
    "site.css": "body { background: url(figure.png) }",
    "figure.png": "",
}


@pytest.fixture
def problems(tmp_path):
    def found(**changed):
        for name, text in (SOUND | {k.replace("__", "."): v for k, v in changed.items()}).items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text)
        return list(CHECK["broken"](tmp_path))

    return found


def test_a_sound_site_has_no_problems(problems):
    assert problems() == []


@pytest.mark.parametrize(
    ("tag", "problem"),
    [
        ('<a href="gone.html">', "gone.html leads nowhere"),
        ('<a href="guide/page.html#other">', "guide/page.html#other has no such element"),
        ('<a href="#here">', "#here has no such element"),
        ('<img src="gone.png">', "gone.png leads nowhere"),
        ('<img src="figure.png" srcset="figure.png, gone.png 2x">', "gone.png leads nowhere"),
        ('<script src="https://cdn.org/a.js">', "https://cdn.org/a.js is loaded from elsewhere"),
        ('<link rel="stylesheet" href="//cdn.org/a.css">', "//cdn.org/a.css is loaded from else"),
        ('<p style="background: url(gone.png)">', "gone.png leads nowhere"),
    ],
)
def test_what_is_broken_on_a_page_is_named(problems, tag, problem):
    (line,) = problems(index__html=SOUND["index.html"] + tag)
    assert line.startswith(f"index.html: {problem}")


def test_a_style_sheet_that_loads_a_font_from_elsewhere_is_named(problems):
    (line,) = problems(site__css='@import "https://fonts.org/font.css";')
    assert line == "site.css: https://fonts.org/font.css is loaded from elsewhere"


def test_a_page_that_only_links_away_is_out_of_reach(problems):
    hint = '<link rel="next" href="lonely.html">'  # not what a reader clicks on
    (line,) = problems(
        index__html=SOUND["index.html"] + hint, lonely__html='<a href="index.html">Home</a>'
    )
    assert line == "lonely.html cannot be reached from index.html"


def test_an_initial_that_became_the_letter_of_a_list_is_named(problems):
    text = '<ol class="upperalpha simple" start="7"><li>E. Hinton</li></ol>'
    (line,) = problems(index__html=SOUND["index.html"] + text)
    assert line.startswith("index.html has a list by letters")
