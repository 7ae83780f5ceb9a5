"""The comparison notebooks are stored as they were executed, and checked for what they show.

`make check-notebooks` executes them; here is what can be told without.
"""

import json
import re
import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(scope="module")
def execute():
    pytest.importorskip("nbclient")
    return runpy.run_path(str(FOLDER / "execute.py"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_as_executed_from_top_to_bottom(path):
    cells = [c for c in json.loads(path.read_text())["cells"] if c["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    kinds = {output["output_type"] for cell in cells for output in cell["outputs"]}
    assert kinds <= {"stream", "display_data", "execute_result"}
    assert "image/png" in path.read_text()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_names_no_place_of_the_machine_it_ran_on(path):
    text = re.sub(r'"image/png": "[^"]*"', "", path.read_text())
    assert not re.search(r"/(home|root|tmp|Users|usr|work)/", text)
    assert not re.search(r" at 0x[0-9a-f]+", text)


@pytest.mark.parametrize(
    ("fresh", "differs"),
    [
        ("score 0.97 of svm", False),
        ("score 0.99 of svm", False),
        ("score 0.85 of svm", True),
        ("score 0.97 of knn", True),
        ("score nan of svm", True),
        ("score 0.97 of svm 1", True),
    ],
)
def test_numbers_may_move_a_little_and_words_not_at_all(execute, fresh, differs):
    assert execute["differ"]("score 0.97 of svm", fresh) is differs


def test_a_check_finds_changed_cells_warnings_and_other_results(execute):
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    def notebook(source, text, name="stdout", tags=()):
        shown = new_output("stream", name=name, text=text)
        return new_notebook(
            cells=[new_code_cell(source, outputs=[shown], metadata={"tags": list(tags)})]
        )

    stored = notebook("print(1)", "1")
    problems = execute["problems"]
    assert not problems(stored, notebook("print(1)", "1"))
    assert problems(stored, notebook("print(2)", "2"))
    assert problems(stored, notebook("print(1)", "1", name="stderr"))
    timed = notebook("print(1)", "1 s", tags=["times"])
    assert not problems(timed, notebook("print(1)", "99 s", tags=["times"]))


def test_it_does_not_matter_in_how_many_pieces_something_is_printed(execute):
    from nbformat.v4 import new_code_cell, new_output

    def printed(*pieces):
        return new_code_cell(outputs=[new_output("stream", name="stdout", text=t) for t in pieces])

    assert execute["texts"](printed("one\ntwo")) == execute["texts"](printed("one\n", "two"))
