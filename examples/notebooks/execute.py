"""Execute the notebooks of this folder, or check that what they show is what the code gives.

    python examples/notebooks/execute.py              execute all, and store their outputs
    python examples/notebooks/execute.py choosing_k   this one
    python examples/notebooks/execute.py --check      execute all, compare with what is stored

A check compares printed text and tables, whose numbers may differ by what another processor's
rounding does to a training. Cells tagged "times" or "progress" show what differs from run to run;
they have to run, and are not compared. No cell may fail or warn.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).parent
VOLATILE = {"times", "progress"}
ABSOLUTE, RELATIVE = 0.05, 0.1  # how far a number may move

_WIDGET = "application/vnd.jupyter.widget-view+json"
_NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?")


def execute(path):
    """Return the notebook with fresh outputs."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(FOLDER)}},
    )
    client.execute()
    for cell in notebook.cells:
        if "progress" in tags(cell):
            keep_how_it_ended(cell, notebook.metadata)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def tags(cell):
    """Return what a cell is tagged with."""
    return set(cell.metadata.get("tags", ()))


def keep_how_it_ended(cell, metadata):
    """Keep the last picture of a progress bar, which lives in a widget, as plain output."""
    state = metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    views = [output.get("data", {}).get(_WIDGET) for output in cell.outputs]
    cell.outputs = [
        state[view["model_id"]]["state"]["outputs"][-1] for view in views if view is not None
    ]


def texts(cell):
    """Return what a cell printed and showed, pictures as their kind alone."""
    shown = []
    printing = None
    for output in cell.get("outputs", ()):
        name = output.get("name")
        if output.output_type == "stream" and name == printing:
            shown[-1] += output.text  # what is printed at one go may come in pieces
        elif output.output_type == "stream":
            shown.append(f"{name}: {output.text}")
        else:
            shown.append(output.data.get("text/plain", ""))
            shown.extend(kind for kind in output.data if kind.startswith("image/"))
        printing = name
    return "\n".join(shown)


def differ(stored, fresh):
    """Tell whether two texts differ by more than what rounding explains."""
    if _NUMBER.sub("#", stored).split() != _NUMBER.sub("#", fresh).split():
        return True
    pairs = zip(_NUMBER.findall(stored), _NUMBER.findall(fresh), strict=True)
    return any(abs(float(a) - float(b)) > max(ABSOLUTE, RELATIVE * abs(float(a))) for a, b in pairs)


def problems(stored, fresh):
    """Return a sentence for each cell that does not show what it should."""
    found = []
    if [cell.source for cell in stored.cells] != [cell.source for cell in fresh.cells]:
        found.append("the cells are not the same")
    for at, (old, new) in enumerate(zip(stored.cells, fresh.cells, strict=False)):
        found += [
            f"cell {at} warns: {output.text.strip()}"
            for output in new.get("outputs", ())
            if output.output_type == "stream" and output.name == "stderr"
        ]
        if not tags(new) & VOLATILE and differ(texts(old), texts(new)):
            found.append(f"cell {at} is stored with\n{texts(old)}\nand now shows\n{texts(new)}")
    return found


def main(arguments=None):
    """Execute or check; return how many notebooks have a problem."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="which notebooks; all by default")
    parser.add_argument("--check", action="store_true", help="compare, and store nothing")
    options = parser.parse_args(arguments)
    there = {path.stem: path for path in sorted(FOLDER.glob("*.ipynb"))}
    unknown = [name for name in options.names if name not in there]
    if unknown:
        parser.error(f"no notebook {', '.join(unknown)}; there are {', '.join(there)}")
    paths = [there[name] for name in options.names or there]
    # Kernels that one process talks to from several threads lose messages.
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return sum(pool.map(partial(attempt, check=options.check), paths))


def attempt(path, *, check):
    """Execute one, print what is wrong with it, store it if it is to be; tell whether it failed."""
    begin = time.perf_counter()
    stored = nbformat.read(path, as_version=4)
    try:
        fresh = execute(path)
        found = problems(stored if check else fresh, fresh)
    except CellExecutionError as error:
        found = [str(error)]
    print(f"{path.stem}: {time.perf_counter() - begin:.0f} s", *found, sep="\n  ", flush=True)
    if not (check or found):
        nbformat.write(fresh, path)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main() > 0)
