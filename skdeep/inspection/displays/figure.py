"""What all displays share: where they draw, their colours, and that matplotlib is an extra."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from skdeep.utils.params import check_value, integer, rule

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "ORANGE",
    "Drawn",
    "axes_grid",
    "bare",
    "check_counts",
    "check_drawable",
    "first_rows",
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


def check_counts(owner: str, **counts: Any) -> None:
    """Raise ValueError unless each is a number of things to take or to draw, at least one."""
    for name, count in counts.items():
        check_value(owner, name, count, [integer(1)])


# Beyond it, what an axis adds as a margin leaves the range of floats.
_LARGEST = 1e300


def check_drawable(owner: Any, *arrays: Any) -> None:
    """Raise ValueError if there is a finite number that no axis has room for."""
    for array in arrays:
        size = np.abs(np.asarray(array, dtype=np.float64))
        largest = size.max(initial=0.0, where=np.isfinite(size))
        if largest > _LARGEST:
            raise ValueError(
                f"{type(owner).__name__} draws numbers of up to {_LARGEST:g}, got one of size "
                f"{largest:.3g}: features or targets are too large. Scale them."
            )


def first_rows(X: Any, n: int) -> Any:
    """Return the first n samples; all that there is, where nothing can be taken from it."""
    X = X.tocsr() if issparse(X) else X
    try:
        return X[:n]
    except (TypeError, KeyError, IndexError):  # what reads it says what is wrong with it
        return X


def _is_axes(ax: Any) -> bool:
    from matplotlib.axes import Axes

    return isinstance(ax, Axes)


def _are_axes(ax: Any) -> bool:
    return isinstance(ax, np.ndarray) and bool(ax.size) and all(map(_is_axes, ax.flat))


_ONE = rule("matplotlib Axes or None", lambda ax: ax is None or _is_axes(ax))
_SEVERAL = rule("an array of them", _are_axes)


def pick_axes(owner: Any, ax: Any, figsize: tuple[float, float] = (6.4, 4.4)) -> Any:
    """Return the given axes or new ones, and remember them and their figure."""
    plt = pyplot(owner)
    check_value(type(owner).__name__, "ax", ax, [_ONE])
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
    check_value(type(owner).__name__, "ax", ax, [_ONE, _SEVERAL])
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
