"""Show in the documentation what ``python -m benchmarks mlp`` and ``conv`` measured last.

``python -m benchmarks.figure [FOLDER]`` writes the rows of networks as a figure, a table and the
name of the machine. A bar is the time of the same training relative to skdeep's: the shorter, the
faster. Layers for pictures have a figure and a table of their own, beside PyTorch alone.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from benchmarks.timing import load_rows

DOCS = Path(__file__).parents[1] / "docs"
SIDES = {"skdeep": "#0072B2", "scikit-learn": "#D55E00", "PyTorch": "#7A7A7A"}


def times_ours(row: dict[str, str]) -> dict[str, float]:
    """Return each side's time relative to skdeep's, without those that were not measured."""
    ratios = {side: row[side].removesuffix("x") for side in SIDES if row.get(side)}
    return {"skdeep": 1.0} | {side: float(ratio) for side, ratio in ratios.items()}


def draw(rows: list[dict[str, str]], path: Path) -> None:
    """Save the figure of the rows in float32."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    rows = [row for row in rows if row["type"] == "float32"]
    figure, axes = plt.subplots(figsize=(6.4, 1.5 + 0.75 * len(rows)), layout="constrained")
    names, middles, y = [], [], 0.0
    for row in rows:
        names.append(row["network"].replace(", batch", "\nbatch"))
        sides = times_ours(row)
        middles.append(y + (len(sides) - 1) / 2)
        for side, times in sides.items():
            axes.barh(y, times, height=0.9, color=SIDES[side])
            note = (
                row["a batch"].replace("us", "µs a batch") if side == "skdeep" else f"{times:.2f}"
            )
            right = max(times, 1.0)  # not across the line of skdeep
            axes.annotate(note, (right, y), (4, 0), textcoords="offset points", va="center")
            y += 1
        y += 1
    axes.set_yticks(middles, names)
    axes.invert_yaxis()
    axes.axvline(1, color=SIDES["skdeep"], linewidth=1)
    axes.set(
        title="Training the same network with Adam, float32",
        xlabel="times as long as skdeep; shorter is faster",
    )
    axes.margins(x=0.12, y=0.02)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    handles = [plt.Rectangle((0, 0), 1, 1, color=color) for color in SIDES.values()]
    figure.legend(handles, SIDES, loc="outside lower center", ncols=len(SIDES), frameon=False)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main(folder: str | Path = DOCS) -> None:
    """Write the figure, the table and the machine's name into a folder as that of the docs."""
    machine, rows = load_rows("mlp")
    path = Path(folder) / "_static" / "speed.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    draw(rows, path)
    _write(rows, Path(folder) / "speed.csv")
    (Path(folder) / "speed.txt").write_text(machine.replace(", ", "\n") + "\n")
    print(f"The figure is {path}")


def draw_layers(rows: list[dict[str, str]], path: Path) -> None:
    """Save the figure of layers for pictures: our time as a part or a multiple of PyTorch's."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6.4, 1 + 0.28 * len(rows)), layout="constrained")
    ratios = [float(row["ours / PyTorch"]) for row in rows]
    colors = [SIDES["skdeep" if ratio <= 1 else "PyTorch"] for ratio in ratios]
    axes.barh([row["row"] for row in rows], ratios, color=colors)
    for y, ratio in enumerate(ratios):
        # Behind the bar, or within it where that would be on the line at one.
        within = ratio <= 1
        axes.annotate(
            f"{ratio:.2f}",
            (ratio, y),
            (-4 if within else 4, 0),
            textcoords="offset points",
            va="center",
            ha="right" if within else "left",
            color="white" if within else "black",
        )
    axes.invert_yaxis()
    axes.axvline(1, color="black", linewidth=1)
    figure.suptitle("Layers for pictures, forward and backward, float32, one thread")
    axes.set(xlabel="times as long as PyTorch; blue where skdeep is faster")
    axes.margins(x=0.12, y=0.01)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def layers(folder: str | Path = DOCS) -> None:
    """Write the figure and the table of layers for pictures into a folder as that of the docs."""
    _, rows = load_rows("conv_1")
    path = Path(folder) / "_static" / "conv.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    draw_layers(rows, path)
    _write(rows, Path(folder) / "conv.csv")
    print(f"The figure is {path}")


def _write(rows: list[dict[str, str]], path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
