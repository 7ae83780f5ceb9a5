"""The page: whole, with pictures or tables, and nothing that it would have to load."""

import base64
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

from tests.model_selection.scored import fixed


class Page(HTMLParser):
    """Notes what a page has open, loads and says."""

    VOID = {"meta", "br", "link", "img"}

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.words = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_the_page_is_whole_and_loads_nothing(failing):
    text = failing.to_html("Title <i>", details={"command": "python <x>"})
    page = Page(text)
    assert not page.open
    assert not {"script", "link", "iframe", "i>"} & set(page.tags)
    assert not {"href", "srcset"} & {name for name, _ in page.attributes}
    assert all(value.startswith("data:") for name, value in page.attributes if name == "src")
    assert "http" not in text
    assert "url(" not in text
    assert "@import" not in text
    words = " ".join(page.words)
    for said in ("Title <i>", "<b>&amp;", "<script>alert(1)</script>", "python <x>", "Nadeau"):
        assert said in words


def svgs(text):
    """Return the pictures of a page."""
    sources = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', text)
    return [base64.b64decode(source).decode() for source in sources]


def test_the_page_has_pictures_that_follow_its_ground_and_load_nothing(failing):
    drawn = svgs(failing.to_html())
    assert len(drawn) == 3
    for picture in drawn:
        root = ElementTree.fromstring(picture)
        words = " ".join(root.itertext())
        assert "<b>&amp;" in words
        assert "prefers-color-scheme: dark" in words
        loaded = {key: value for node in root.iter() for key, value in node.items()}
        links = [value for key, value in loaded.items() if key.endswith("href")]
        assert all(link.startswith("#") for link in links)
    scores, differences, times = drawn
    assert "failed" in scores
    assert "p adjusted by Holm" in differences
    assert "median time" in times
    assert svgs(fixed().to_html())[0] == svgs(fixed().to_html())[0]


def test_without_matplotlib_the_page_has_a_table_instead(without):
    comparison = fixed()
    without("matplotlib.figure")
    text = comparison.to_html()
    assert "<img" not in text
    words = " ".join(Page(text).words)
    assert "lowest fold" in words
    low, high = comparison.interval("close")
    assert f"{low:.3f} to {high:.3f}" in words


def test_the_page_shows_every_pair_and_number(failing):
    text = fixed().to_html()
    assert "Every pair" in text
    assert "<i>J</i> = 4" in text
    assert "nan" not in text
    assert "nan" not in failing.to_html()
    assert "chosen by these same scores" in text
    assert "was named before" in fixed(baseline="good").to_html()
