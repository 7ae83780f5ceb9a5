"""Show in the documentation how the accuracy of a benchmark's network grew.

``python -m benchmarks.curves`` draws the figure of all curves that were saved last.
"""

from __future__ import annotations

import csv
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
TABLE = DOCS / "accuracy.csv"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")


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
    """Save a figure with a panel for each network."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    curves = saved()
    figure, panels = plt.subplots(
        1, len(curves), figsize=(4.6 * len(curves), 3.4), layout="constrained", squeeze=False
    )
    for axes, (name, values), color in zip(panels[0], curves.items(), COLOURS, strict=False):
        axes.plot(range(1, len(values) + 1), values, color=color)
        axes.set(title=f"{name}: {values[-1]:.1%} in the end", xlabel="epoch")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.1%}")
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0][0].set_ylabel("validation accuracy")
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    draw(DOCS / "_static" / "accuracy.png")
