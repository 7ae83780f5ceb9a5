"""Show in the documentation how the accuracy of a benchmark's network grew.

``python -m benchmarks.curves`` draws the figure of all curves that were saved last.
"""

from __future__ import annotations

import csv
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
TABLE = DOCS / "accuracy.csv"
COLOURS = ("#0072B2", "#D55E00", "#009E73")


def saved() -> dict[str, list[float]]:
    """Return the validation accuracy of each epoch of each network."""
    curves: dict[str, list[float]] = {}
    if TABLE.exists():
        with TABLE.open() as file:
            for row in csv.DictReader(file):
                curves.setdefault(row["network"], []).append(float(row["validation accuracy"]))
    return curves


def save(name: str, accuracies: list[float]) -> None:
    """Keep the curve of a network beside those of others, and draw the figure anew."""
    curves = saved() | {name: accuracies}
    with TABLE.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["network", "epoch", "validation accuracy"])
        for network, values in curves.items():
            table.writerows([network, i + 1, f"{value:.4f}"] for i, value in enumerate(values))
    draw(DOCS / "_static" / "accuracy.png")


def draw(path: Path) -> None:
    """Save a figure with a panel for each data set, and a curve for each of its networks.

    The network "MNIST, convolutions" is on the data set "MNIST".
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    panels: dict[str, dict[str, list[float]]] = {}
    for name, values in saved().items():
        data, _, network = name.partition(", ")
        panels.setdefault(data, {})[network or "fully connected"] = values
    figure, grid = plt.subplots(
        1, len(panels), figsize=(4.6 * len(panels), 3.6), layout="constrained", squeeze=False
    )
    for axes, (data, curves) in zip(grid[0], panels.items(), strict=True):
        for (network, values), color in zip(curves.items(), COLOURS, strict=False):
            label = f"{network}, {values[-1]:.1%} in the end"
            axes.plot(range(1, len(values) + 1), values, color=color, label=label)
        axes.set(title=data, xlabel="epoch")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.legend(frameon=False, loc="lower right")
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    grid[0][0].set_ylabel("validation accuracy")
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    draw(DOCS / "_static" / "accuracy.png")
