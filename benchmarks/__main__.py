"""Run every benchmark of the folder, or those named: ``python -m benchmarks [NAME ...]``.

After ``mlp`` and ``conv`` the documentation's figures and tables of speed are made anew.
"""

import runpy
import sys
from pathlib import Path

from benchmarks import figure
from benchmarks.timing import machine


def main(names: list[str]) -> None:
    """Run the scripts ``bench_NAME.py``, all of them without names."""
    found = {
        path.stem.removeprefix("bench_"): path for path in Path(__file__).parent.glob("bench_*.py")
    }
    unknown = sorted(set(names) - set(found))
    if unknown:
        raise SystemExit(
            f"no benchmark named {', '.join(unknown)}; there are {', '.join(sorted(found))}"
        )
    print(machine(), flush=True)
    for name in names or sorted(found):
        print(f"\n## {name}\n", flush=True)
        del sys.argv[1:]  # or a script would take the names for its own options
        # As what is run, so that its functions are found by processes of its own.
        runpy.run_module(f"benchmarks.bench_{name}", run_name="__main__", alter_sys=True)
    if "mlp" in (names or found):
        figure.main()
    if "conv" in (names or found):
        figure.layers()


if __name__ == "__main__":
    main(sys.argv[1:])
