"""The paths of optimizers over the contours of a function of two variables."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdeep.inspection.displays.figure import pick_axes, tidy
from skdeep.nn import Optimizer

__all__ = ["OptimizerPathDisplay"]

Floats = NDArray[np.float64]
Function = Callable[[Floats], tuple[float, Floats]]

# Colours and dashes both tell paths apart.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B8860B", "#56B4E9", "#000000")
_DASHES = ("-", "--", ":")
# Entries of the grid along each axis.
_GRID = 161


class OptimizerPathDisplay:
    """The paths that optimizers take on a function of two variables, over its contours.

    It is made by :meth:`from_function`.

    Parameters
    ----------
    paths : dict of str to array-like of shape (n_steps + 1, 2)
        Where each optimizer was, the start first.
    values : dict of str to array-like of shape (n_steps + 1,)
        The function there.
    grid : (array-like, array-like, array-like)
        Coordinates of shape (n_x,) and (n_y,), and the function on their grid, (n_y, n_x).
    minimum : array-like of shape (2,), default=None
        A point to mark.

    Attributes
    ----------
    ax_ : matplotlib Axes
        What was drawn into.
    figure_ : matplotlib Figure
        The figure.
    colors : list of str
        The colour of each path, in their order.

    See Also
    --------
    skdeep.nn.Optimizer : The rules.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.inspection import OptimizerPathDisplay
    >>> from skdeep.nn import SGD, Momentum
    >>> curvature = np.array([1.0, 30.0])
    >>> def valley(w):
    ...     return curvature @ w**2 / 2, curvature * w
    >>> display = OptimizerPathDisplay.from_function(
    ...     valley, {"descent": (SGD(), 0.02), "momentum": (Momentum(), 0.02)}, start=(2.0, 1.0)
    ... )
    >>> bool(display.values["momentum"][-1] < display.values["descent"][-1])
    True
    """

    def __init__(
        self,
        paths: Mapping[str, ArrayLike],
        values: Mapping[str, ArrayLike],
        grid: tuple[ArrayLike, ArrayLike, ArrayLike],
        *,
        minimum: ArrayLike | None = None,
    ) -> None:
        self.paths = {name: np.asarray(path, float) for name, path in paths.items()}
        self.values = {name: np.asarray(value, float) for name, value in values.items()}
        self.grid = tuple(np.asarray(part, float) for part in grid)
        self.minimum = minimum
        self.colors = [_COLOURS[i % len(_COLOURS)] for i in range(len(self.paths))]

    @classmethod
    def from_function(
        cls,
        function: Function,
        optimizers: Mapping[str, tuple[Optimizer, float] | ArrayLike],
        start: ArrayLike,
        *,
        n_steps: int = 200,
        bounds: tuple[tuple[float, float], tuple[float, float]] | None = None,
        minimum: ArrayLike | None = None,
        ax: Any = None,
    ) -> Self:
        """Walk with each optimizer from the same start, and draw the paths.

        Parameters
        ----------
        function : callable
            ``function(w) -> (value, gradient)`` of a point of shape (2,).
        optimizers : dict
            By name an optimizer of :mod:`skdeep.nn` with its learning rate, or a path of shape
            (n, 2) that something else took. A walk ends early where it leaves finite numbers.
        start : array-like of shape (2,)
            Where all begin.
        n_steps : int, default=200
            How many steps each takes.
        bounds : ((float, float), (float, float)), default=None
            What to show along both axes; None shows all paths.
        minimum : array-like of shape (2,), default=None
            A point to mark.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        OptimizerPathDisplay
            The display.
        """
        first = np.array(start, dtype=np.float64)
        if first.shape != (2,):
            raise ValueError(f"start must be a point of shape (2,), got shape {first.shape}.")
        paths: dict[str, Floats] = {}
        for name, given in optimizers.items():
            if isinstance(given, tuple) and isinstance(given[0], Optimizer):
                paths[name] = _walk(function, given[0], given[1], first, n_steps)
            else:
                paths[name] = np.asarray(given, dtype=np.float64)
        values = {name: np.array([function(w)[0] for w in path]) for name, path in paths.items()}
        if bounds is None:
            every = np.concatenate(list(paths.values()))
            margin = 0.15 * np.ptp(every, axis=0) + 1e-9
            low, high = every.min(axis=0) - margin, every.max(axis=0) + margin
        else:
            low, high = np.transpose(bounds)
        x, y = (np.linspace(low[i], high[i], _GRID) for i in (0, 1))
        heights = np.array([[function(np.array([one, other]))[0] for one in x] for other in y])
        return cls(paths, values, (x, y, heights), minimum=minimum).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw contours and paths.

        Contours lie at equal distances of the logarithm of the height above the lowest.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        OptimizerPathDisplay
            The display itself.
        """
        ax = pick_axes(self, ax)
        x, y, heights = self.grid
        above = heights - heights.min()
        shades = np.log10(above + max(float(np.ptp(heights)), 1e-300) * 1e-5)
        ax.contourf(x, y, shades, levels=24, cmap="Greys_r", alpha=0.45)
        ax.contour(x, y, shades, levels=24, colors="0.45", linewidths=0.4, linestyles="solid")
        for i, (name, path) in enumerate(self.paths.items()):
            colour, dash = self.colors[i], _DASHES[i // len(_COLOURS) % len(_DASHES)]
            ax.plot(*path.T, color=colour, ls=dash, lw=1.8, label=name)
            ax.plot(*path[-1], "o", color=colour, ms=5, mec="white", mew=0.8)
        start = next(iter(self.paths.values()))[0]
        ax.plot(*start, "s", color="black", ms=6, mec="white", label="start")
        if self.minimum is not None:
            x_low, y_low = np.asarray(self.minimum, float)
            ax.plot(x_low, y_low, "*", color="#F0E442", ms=14, mec="black", label="minimum")
        ax.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), xlabel="$w_1$", ylabel="$w_2$")
        tidy(ax)
        ax.grid(visible=False)
        ax.legend(fontsize="small", framealpha=0.9)
        return self


def _walk(
    function: Function, optimizer: Optimizer, rate: float, start: Floats, n_steps: int
) -> Floats:
    """Return where the optimizer was, for as long as the numbers are finite."""
    optimizer = copy.deepcopy(optimizer)
    optimizer.settle(np, np.float64, start.size)
    w, path = start.copy(), [start]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(n_steps):
            _, gradient = function(w)
            optimizer.step(w, np.array(gradient, dtype=np.float64), rate)
            if not np.isfinite(w).all():
                break
            path.append(w.copy())
    return np.array(path)
