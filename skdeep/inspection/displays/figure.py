"""What all displays share: where they draw, their colours, and that matplotlib is an extra."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "ORANGE",
    "Drawn",
    "axes_grid",
    "bare",
    "pick_axes",
    "pyplot",
    "tidy",
]

# Told apart by every kind of colour vision, on light ground and on dark.
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "0.55"


class Drawn:
    """What a display has once it is drawn."""

    ax_: Any
    axes_: NDArray[Any]
    figure_: Any


def pyplot(owner: Any) -> Any:
    """Return matplotlib's pyplot, or say what brings it.

    Parameters
    ----------
    owner : object
        Whose `plot` it is.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            f"{type(owner).__name__}.plot needs matplotlib, which is not installed; pip install "
            '"skdeep[plot]" brings it.'
        ) from error
    return plt


def pick_axes(owner: Any, ax: Any, figsize: tuple[float, float] = (6.4, 4.4)) -> Any:
    """Return the given axes or new ones, and remember them and their figure."""
    plt = pyplot(owner)
    if ax is None:
        _, ax = plt.subplots(figsize=figsize, layout="constrained")
    owner.ax_, owner.figure_ = ax, ax.figure
    return ax


def axes_grid(
    owner: Any, ax: Any, n: int, n_columns: int, size: tuple[float, float]
) -> NDArray[Any]:
    """Return an array of n axes in rows, and remember them and their figure.

    Parameters
    ----------
    owner : object
    ax : Axes, array of Axes or None
        Axes to put a grid into, or the axes themselves; None makes a figure.
    n : int
    n_columns : int
    size : (float, float)
        Width and height of one, in inches, in a new figure.
    """
    plt = pyplot(owner)
    n_columns = max(1, min(n, n_columns))
    n_rows = -(-n // n_columns)
    if ax is None:
        width, height = size
        figure, axes = plt.subplots(
            n_rows,
            n_columns,
            figsize=(width * n_columns, height * n_rows),
            layout="constrained",
            squeeze=False,
        )
    elif isinstance(ax, np.ndarray):
        if ax.size < n:
            raise ValueError(f"{type(owner).__name__} draws {n} panels, got {ax.size} axes.")
        axes, figure = ax, ax.flat[0].figure
    else:
        ax.axis("off")
        figure = ax.figure
        cells = ax.get_subplotspec()
        if cells is None:
            raise ValueError(f"{type(owner).__name__} needs axes of a grid, as plt.subplots makes.")
        inner = cells.subgridspec(n_rows, n_columns)
        axes = np.array([figure.add_subplot(cell) for cell in inner])
    for spare in list(axes.flat)[n:]:
        spare.axis("off")
    owner.ax_, owner.figure_ = ax if ax is not None else axes, figure
    owner.axes_ = np.array(list(axes.flat)[:n], dtype=object)
    return owner.axes_


def tidy(ax: Any) -> None:
    """Leave out the frame above and to the right, and draw a faint grid."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.25)


def bare(ax: Any) -> None:
    """Leave out ticks and frame, around pictures."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
