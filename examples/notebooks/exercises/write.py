"""Write the notebooks of exercises and of solutions from the scripts beside this one.

    python examples/notebooks/exercises/write.py           run the scripts, write the notebooks
    python examples/notebooks/exercises/write.py --check   compare with what is stored

``chapter_N.py`` has cells that begin with ``# %%``: text ("[markdown]"), code, solutions
("[solution]") and what checks them ("[check]"). ``exercise_N.ipynb`` has an empty cell in place of
each solution; ``solution_N.ipynb`` has all, with what it printed.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import types
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent
_MARK = re.compile(r"^# %%(?: \[(\w+)\])?\n", re.M)
_NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?")
_TOLERANCE = 0.05  # another processor rounds otherwise, and training enlarges that


class Cell(NamedTuple):
    """One cell of a script."""

    kind: str
    source: str


def cells(script: Path) -> list[Cell]:
    """Return the cells of a script."""
    _, *parts = _MARK.split(script.read_text())
    return [
        Cell(kind or "code", text.strip("\n"))
        for kind, text in zip(parts[::2], parts[1::2], strict=True)
    ]


def run(script: Path) -> list[str]:
    """Return what each cell printed."""
    names = vars(types.ModuleType("exercises"))
    printed = []
    for kind, source in cells(script):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            if kind != "markdown":
                exec(compile(source, f"{script.name}, a cell of kind {kind}", "exec"), names)
        printed.append(out.getvalue())
    return printed


def lines(text: str) -> list[str]:
    """Return text as a notebook stores it."""
    return text.splitlines(keepends=True)


def notebook(script: Path, printed: list[str] | None) -> dict[str, Any]:
    """Return the notebook with solutions and outputs, or with empty cells if there are none."""
    stored: list[dict[str, Any]] = []
    for number, (kind, source) in enumerate(cells(script)):
        cell: dict[str, Any] = {"id": f"cell-{number}", "metadata": {}}
        if kind == "markdown":
            text = re.sub(r"^# ?", "", source, flags=re.M)
            if printed:
                text = text.replace("# Exercises to", "# Solutions to")
            stored.append(cell | {"cell_type": "markdown", "source": lines(text)})
            continue
        output = printed[number] if printed else ""
        empty = kind == "solution" and printed is None
        stored.append(
            cell
            | {
                "cell_type": "code",
                "execution_count": None,
                "outputs": [{"name": "stdout", "output_type": "stream", "text": lines(output)}]
                if output
                else [],
                "source": lines("# Your answer\n" if empty else source),
            }
        )
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": stored, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def notebooks(script: Path) -> dict[Path, str]:
    """Return the two notebooks of a chapter as text."""
    number = script.stem.removeprefix("chapter_")
    both = {"exercise": None, "solution": run(script)}
    return {
        FOLDER / f"{name}_{number}.ipynb": json.dumps(notebook(script, printed), indent=1) + "\n"
        for name, printed in both.items()
    }


def same(stored: str, fresh: str) -> bool:
    """Tell whether two notebooks are the same, but for what rounding does to printed numbers."""
    if _NUMBER.sub("#", stored) != _NUMBER.sub("#", fresh):
        return False
    pairs = zip(_NUMBER.findall(stored), _NUMBER.findall(fresh), strict=True)
    return all(abs(float(a) - float(b)) <= _TOLERANCE for a, b in pairs)


def main(arguments: list[str]) -> int:
    """Write or check all; return how many differ."""
    differ = 0
    for script in sorted(FOLDER.glob("chapter_*.py")):
        for path, text in notebooks(script).items():
            if "--check" not in arguments:
                path.write_text(text)
            elif not path.exists() or not same(path.read_text(), text):
                print(f"{path.name} is not what {script.name} gives")
                differ += 1
    return differ


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
