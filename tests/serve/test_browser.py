"""The page in a real browser, at the width of a desk and of a phone."""

import os
import shutil

import pytest

from tests.serve.conftest import running

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no chromium")


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=BROWSER, args=flags)
        yield browser
        browser.close()


@pytest.fixture(params=[1280, 390])
def visit(request, browser):
    """Return a function that opens an address; nothing may be said on the console."""
    context = browser.new_context(viewport={"width": request.param, "height": 800})
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda asked: said.append(asked.url) if page.url not in asked.url else None)

    def go(url):
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= request.param
        return page

    yield go
    context.close()
    assert [text for text in said if "/v2/models/" not in text and "127.0.0.1" not in text] == []


def test_a_filled_form_gives_the_probabilities(visit, wine):
    model, X = wine
    with running(model, "wine") as url:
        page = visit(url)
        for i, value in enumerate(X.iloc[0]):
            page.fill(f"[name=column-{i}]", str(value))
        page.click("text=Predict")
        page.wait_for_selector("#result .answer")
        assert page.inner_text("#result .answer") == model.predict(X[:1])[0]
        shown = [float(text.strip(" %")) for text in page.locator("#result dd").all_inner_texts()]
        assert shown == pytest.approx(100 * model.predict_proba(X[:1])[0], abs=0.06)
        page.fill("[name=column-0]", "much")
        page.click("text=Predict")
        page.wait_for_selector("#result .wrong")
        assert "alcohol: “much” is no number" in page.inner_text("#result")
        page.fill("[name=column-0]", "1970-02-01")
        page.click("text=Predict")
        page.wait_for_selector("text=the days since 1970: 31.")


def test_a_category_is_chosen(visit, rents):
    with running(rents[0], "rents") as url:
        page = visit(url)
        page.select_option("[name=column-1]", "Oslo")
        page.click("text=Predict")
        page.wait_for_selector("#result .answer")
        assert float(page.inner_text("#result .answer")) > 500


@pytest.mark.parametrize(
    ("digit", "strokes"),
    [
        ("1", [[(120, 100), (165, 60), (165, 270)]]),
        ("4", [[(170, 50), (90, 190), (230, 190)], [(190, 130), (190, 280)]]),
    ],
)
def test_a_drawn_digit_is_read(visit, digits, digit, strokes):
    with running(digits[0], "digits") as url:
        page = visit(url)
        box = page.locator("#pad").bounding_box()
        for stroke in strokes:
            points = [
                (box["x"] + x * box["width"] / 320, box["y"] + y * box["height"] / 320)
                for x, y in stroke
            ]
            page.mouse.move(*points[0])
            page.mouse.down()
            for point in points[1:]:
                page.mouse.move(*point, steps=4)
            page.mouse.up()
        sync_api.expect(page.locator("#result .answer")).to_have_text(digit)
        page.click("#clear")
        assert page.inner_text("#result") == "Nothing yet."
