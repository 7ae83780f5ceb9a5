"""The exercises of the course can be solved, and their checks find wrong answers."""

import json
import re
import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "notebooks" / "exercises"
SCRIPTS = sorted(FOLDER.glob("chapter_*.py"))
WRITE = runpy.run_path(str(FOLDER / "write.py"))
by_chapter = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)


@by_chapter
def test_solutions_pass_their_checks_and_notebooks_are_what_the_script_gives(script):
    fresh = WRITE["notebooks"](script)
    assert len(fresh) == 2
    for path, text in fresh.items():
        assert WRITE["same"](path.read_text(), text), f"run {FOLDER.name}/write.py for {path.name}"


@by_chapter
def test_a_chapter_has_three_to_six_exercises_each_with_a_check(script):
    kinds = [cell.kind for cell in WRITE["cells"](script)]
    text = script.read_text()
    numbers = [int(number) for number in re.findall(r"^# \*\*(\d)\.\*\*", text, re.M)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert 3 <= len(numbers) <= 6
    assert kinds.count("solution") == kinds.count("check") == len(numbers)


@by_chapter
def test_the_notebook_of_exercises_opens_empty(script):
    path = FOLDER / script.name.replace("chapter", "exercise").replace(".py", ".ipynb")
    cells = json.loads(path.read_text())["cells"]
    solutions = [cell.source for cell in WRITE["cells"](script) if cell.kind == "solution"]
    empty = [cell for cell in cells if cell["source"] == ["# Your answer\n"]]
    assert len(empty) == len(solutions)
    assert not any(cell.get("outputs") for cell in cells)
    text = "".join("".join(cell["source"]) for cell in cells)
    assert not any(solution in text for solution in solutions)


def test_a_wrong_answer_is_told(tmp_path):
    text = (FOLDER / "chapter_3.py").read_text()
    wrong = tmp_path / "chapter_3.py"
    wrong.write_text(text.replace("return 2 * self.x * grad_y", "return self.x * grad_y"))
    with pytest.raises(AssertionError, match="The gradient is wrong"):
        WRITE["run"](wrong)


@pytest.mark.parametrize(
    ("fresh", "same"), [("0.97 right", True), ("0.99 right", True), ("0.85 right", False)]
)
def test_printed_numbers_may_move_a_little(fresh, same):
    assert WRITE["same"]("0.97 right", fresh) is same
