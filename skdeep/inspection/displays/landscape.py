"""The loss along a line, or over a plane, through the solution that a fit has found."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from skdeep.inspection.displays.figure import (
    BLUE,
    GREY,
    ORANGE,
    Drawn,
    check_counts,
    check_drawable,
    pick_axes,
    tidy,
)
from skdeep.inspection.inputs import network_inputs, require_network
from skdeep.inspection.landscape import filter_normalized_direction, loss_along
from skdeep.inspection.unwrap import unwrap_fitted
from skdeep.neural_network import GenerativeAdversarialNetwork
from skdeep.utils.params import boolean, check_value, integer, real
from skdeep.utils.params import random_state as seed

__all__ = ["LossLandscapeDisplay"]


class LossLandscapeDisplay(Drawn):
    """The loss of some samples around the weights of a fitted network.

    Along a line it is a curve, over a plane a map of contours. Directions are drawn at random and
    normalized filter by filter, so that 1 on an axis is a step as long as the weights themselves,
    whatever their scale; or they lead to the weights of another network.

    Parameters
    ----------
    steps : array-like of shape (n_points,)
        Where along each direction.
    loss : array-like of shape (n_points,) or (n_points, n_points)
        There; rows are steps along the second direction.
    toward : bool, default=False
        Whether 1 is another network.

    Attributes
    ----------
    ax_ : matplotlib Axes
        What was drawn into.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    TrainingCurveDisplay : The loss along the way that the training took.

    References
    ----------
    H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, "Visualizing the loss landscape of neural
    nets", NeurIPS 2018.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skdeep import MLPClassifier
    >>> from skdeep.inspection import LossLandscapeDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier(max_iter=500, random_state=0).fit(X, y)
    >>> display = LossLandscapeDisplay.from_estimator(clf, X, y, n_points=11)
    >>> int(display.loss.argmin()), display.loss.shape  # the solution is in the middle
    (5, (11,))
    """

    def __init__(self, steps: ArrayLike, loss: ArrayLike, *, toward: bool = False) -> None:
        self.steps, self.loss = np.asarray(steps), np.asarray(loss)
        self.toward = toward

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any = None,
        *,
        plane: bool = False,
        toward: Any = None,
        span: float = 1.0,
        n_points: int = 25,
        n_samples: int = 500,
        random_state: Any = 0,
        ax: Any = None,
    ) -> Self:
        """Draw the loss around the solution of a fitted network.

        Parameters
        ----------
        estimator : estimator
            A fitted network, also at the end of a `Pipeline` or inside a search. It stays as it
            is.
        X, y : array-like
            Samples and targets, as for `fit`.
        plane : bool, default=False
            Whether to draw a map along two directions instead of a curve along one.
        toward : estimator, default=None
            Another fitted network of the same layers, to which the line leads: it is at 1.
        span : float, default=1.0
            How far to go both ways, in lengths of the weights.
        n_points : int, default=25
            Along each direction; a plane takes their square.
        n_samples : int, default=500
            How many samples to take at most, evenly spread.
        random_state : int, RandomState or None, default=0
            Draws the directions.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        LossLandscapeDisplay
            The display.
        """
        check_counts(cls.__name__, n_samples=n_samples)
        for name, value, allowed in (
            ("plane", plane, boolean()),
            ("span", span, real(0, 1e6, closed="right")),
            ("n_points", n_points, integer(2)),
            ("random_state", random_state, seed()),
        ):
            check_value(cls.__name__, name, value, [allowed])
        inner, X = unwrap_fitted(estimator, X)
        inner = require_network(inner, "LossLandscapeDisplay")
        if isinstance(inner, GenerativeAdversarialNetwork):
            raise TypeError(f"{cls.__name__} draws one loss; the sides of a game have one each.")
        if plane and toward is not None:
            raise ValueError("The way to another network is a line; give plane=True or toward.")
        reading = network_inputs(inner, X, y)
        if reading is None or reading.target is None:
            raise ValueError("LossLandscapeDisplay needs y, the targets of the loss.")
        network: Any = inner.network_
        at = loss_along(network, inner._loss.replica(), reading.some(n_samples))
        start = np.asarray(network.params, dtype=np.float64)
        steps = np.linspace(-span, span, n_points)
        if toward is not None:
            end = require_network(unwrap_fitted(toward)[0], "toward").network_
            if repr(end.root) != repr(network.root) or end.n_parameters != len(start):
                raise ValueError(
                    f"toward must be a network of the same layers, {network.root!r}; got "
                    f"{end.root!r}."
                )
            steps = np.linspace(-0.25, 1.25, n_points)
            way = np.asarray(end.params, dtype=np.float64) - start
            return cls(steps, [at(start + a * way) for a in steps], toward=True).plot(ax)
        random_state = check_random_state(random_state)
        one = filter_normalized_direction(network, random_state)
        if not plane:
            return cls(steps, [at(start + a * one) for a in steps]).plot(ax)
        other = filter_normalized_direction(network, random_state)
        loss = [[at(start + a * one + b * other) for a in steps] for b in steps]
        return cls(steps, loss).plot(ax)

    def plot(self, ax: Any = None, *, cmap: str = "viridis") -> Self:
        """Draw the curve, or the map.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.
        cmap : str, default='viridis'
            Colours of a map.

        Returns
        -------
        LossLandscapeDisplay
            The display itself.
        """
        if not np.isfinite(self.loss).any():
            raise ValueError(
                f"{type(self).__name__}: the loss is not finite at any point; features or targets "
                "are too large. Scale them."
            )
        check_drawable(self, self.loss)
        if self.loss.ndim == 1:
            return self._plot_line(ax)
        from matplotlib.ticker import MaxNLocator

        alone = ax is None
        ax = pick_axes(self, ax, (5.8, 4.8))
        if alone:
            title = "loss on a plane through the solution"
            ax.set_title(title, fontsize="medium", loc="left")
        known = np.isfinite(self.loss)
        loss = np.where(known, self.loss, self.loss[known].max())
        # Equal steps of the logarithm, where the loss spans powers of ten.
        logarithmic = loss.min() > 0 and loss.max() > 30 * loss.min()
        height = np.log10(loss) if logarithmic else loss
        levels = MaxNLocator(16).tick_values(height.min(), height.max())
        filled = ax.contourf(self.steps, self.steps, height, levels=levels, cmap=cmap)
        ax.contour(self.steps, self.steps, height, levels=levels, colors="white", linewidths=0.4)
        ax.plot(0, 0, "o", color=ORANGE, mec="white", ms=9)
        bar = self.figure_.colorbar(filled, ax=ax)
        bar.set_label("loss")
        if logarithmic:
            bar.ax.yaxis.set_major_formatter(lambda power, _: f"{10**power:.2g}")
        ax.set_aspect("equal")
        ax.set_xlabel("first direction, in lengths of the weights")
        ax.set_ylabel("second direction")
        return self

    def _plot_line(self, ax: Any) -> Self:
        alone = ax is None
        ax = pick_axes(self, ax)
        if alone:
            where = "between two networks" if self.toward else "along a line through the solution"
            ax.set_title(f"loss {where}", fontsize="medium", loc="left")
        ax.plot(self.steps, self.loss, color=BLUE, lw=2)
        marks = [0.0, 1.0] if self.toward else [0.0]
        for mark in marks:
            ax.axvline(mark, color=GREY, lw=1, ls="--", zorder=0)
            there = np.interp(mark, self.steps, self.loss)
            ax.plot(mark, there, "o", color=ORANGE, ms=8)
        known = self.loss[np.isfinite(self.loss)]
        if known.min() > 0 and known.max() > 30 * known.min():
            ax.set_yscale("log")
        ax.set_ylabel("loss")
        if self.toward:
            ax.set_xlabel("from one network (0) to the other (1)")
        else:
            ax.set_xlabel("along a random direction, in lengths of the weights")
        tidy(ax)
        return self
