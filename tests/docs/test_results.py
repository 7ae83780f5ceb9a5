"""The page of results has no number without a source, and no command that is not there."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
RESULTS = (ROOT / "docs" / "results.rst").read_text()
NOTEBOOKS = ROOT / "examples" / "notebooks"


def sources():
    """Return the text of all pages but the one of results, and what notebooks printed."""
    pages = [page for page in (ROOT / "docs").rglob("*.rst") if page.name != "results.rst"]
    texts = [page.read_text() for page in pages if "auto_examples" not in page.parts]
    for path in NOTEBOOKS.glob("*.ipynb"):
        outputs = [
            o for cell in json.loads(path.read_text())["cells"] for o in cell.get("outputs", [])
        ]
        texts += [
            "".join(o.get("text") or o.get("data", {}).get("text/plain", [])) for o in outputs
        ]
    return "\n".join(texts)


def test_every_result_stands_where_it_is_explained():
    text = sources()
    numbers = set(re.findall(r"(?<![\d.])\d+\.\d+%?", RESULTS))
    assert len(numbers) > 10
    for number in numbers:
        as_share = f"{float(number.rstrip('%')) / 100:.3f}"
        assert number in text or (number.endswith("%") and as_share in text), number


def test_every_command_and_notebook_is_there():
    commands = re.findall(r",``(?:\.bench_)?([a-z_0-9]+)(?: [^`]*)?``,", RESULTS)
    assert len(commands) > 12
    assert [c for c in commands if not (ROOT / "benchmarks" / f"bench_{c}.py").exists()] == []
    notebooks = set(re.findall(r":doc:`notebooks/(\w+)`", RESULTS))
    assert notebooks == {path.stem for path in NOTEBOOKS.glob("*.ipynb")}
