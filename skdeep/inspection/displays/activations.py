"""What the layers of a network do: once, or epoch by epoch."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from skdeep.inspection.displays.figure import (
    BLUE,
    GREY,
    ORANGE,
    Drawn,
    axes_grid,
    check_drawable,
    pyplot,
    tidy,
)
from skdeep.inspection.statistics import ActivationMonitor, LayerStatistics, activation_statistics

__all__ = ["ActivationDisplay"]


class ActivationDisplay(Drawn):
    """Spread, dead units and gradients of the layers, by epoch, or their histograms.

    With one look at the layers a histogram each is drawn; with several, as a monitor keeps them,
    curves over the epochs, a colour for each layer from the input, dark, to the output, light.

    Parameters
    ----------
    statistics : list of list of LayerStatistics
        Of every look, those of every layer.
    epochs : list of int, default=None
        After which epoch each look was; None counts from one.

    Attributes
    ----------
    ax_ : matplotlib Axes or array of Axes
        What was drawn into.
    axes_ : ndarray of Axes
        The panels.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    ActivationMonitor : Keeps the statistics during `fit`.
    skdeep.inspection.activation_statistics : The numbers.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skdeep import MLPClassifier
    >>> from skdeep.inspection import ActivationDisplay, ActivationMonitor
    >>> X, y = load_iris(return_X_y=True)
    >>> monitor = ActivationMonitor()
    >>> clf = MLPClassifier((8, 8), max_iter=5, random_state=0).set_callbacks(monitor).fit(X, y)
    >>> len(ActivationDisplay.from_monitor(monitor).axes_)  # spread, dead units, gradients
    3
    >>> len(ActivationDisplay.from_estimator(clf, X, y).axes_)  # a histogram a layer
    3
    """

    def __init__(
        self, statistics: list[list[LayerStatistics]], *, epochs: list[int] | None = None
    ) -> None:
        self.statistics, self.epochs = statistics, epochs

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: Any = None, *, n_samples: int = 500, ax: Any = None
    ) -> Self:
        """Draw a histogram of what each layer of a fitted network makes of some samples.

        Parameters
        ----------
        estimator : estimator
            A fitted network, also at the end of a `Pipeline` or inside a search.
        X : array-like
            Samples, as for `fit`.
        y : array-like, default=None
            Their targets, for the gradients.
        n_samples : int, default=500
            How many of them to take at most.
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        ActivationDisplay
            The display.
        """
        return cls([activation_statistics(estimator, X, y, n_samples=n_samples)]).plot(ax)

    @classmethod
    def from_monitor(cls, monitor: ActivationMonitor, *, ax: Any = None) -> Self:
        """Draw what a monitor has kept, over the epochs.

        Parameters
        ----------
        monitor : ActivationMonitor
            After a `fit`.
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        ActivationDisplay
            The display.
        """
        if not monitor.statistics:
            raise ValueError("The monitor has seen no epoch; set it by set_callbacks before fit.")
        return cls(monitor.statistics, epochs=monitor.epochs).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw histograms of one look, or curves of several.

        Parameters
        ----------
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        ActivationDisplay
            The display itself.
        """
        if len(self.statistics) == 1:
            return self._plot_histograms(ax)
        return self._plot_curves(ax)

    def _plot_histograms(self, ax: Any) -> Self:
        layers = self.statistics[0]
        check_drawable(self, *(one.edges for one in layers))
        axes = axes_grid(self, ax, len(layers), 3, (3.2, 2.3))
        for panel, one in zip(axes, layers, strict=True):
            panel.stairs(one.counts / one.counts.sum(), one.edges, fill=True, color=BLUE, alpha=0.8)
            panel.axvline(0, color=GREY, lw=1, zorder=0)
            notes = [f"{one.mean:.2g} ± {one.deviation:.2g}"]
            ills = ((one.dead, "dead"), (one.saturated, "saturated"))
            notes += [f"{share:.0%} {ill}" for share, ill in ills if share == share]
            if one.gradient == one.gradient:
                notes.append(f"gradient {one.gradient:.1e}")
            bad = max((share for share, _ in ills if share == share), default=0) >= 0.5
            panel.set_title(one.layer, fontsize="medium", loc="left")
            panel.text(
                0.97,
                0.95,
                "\n".join(notes),
                transform=panel.transAxes,
                ha="right",
                va="top",
                fontsize="small",
                color=ORANGE if bad else None,
            )
            panel.set_yticks([])
            panel.set_xlabel("output of a unit")
            tidy(panel)
            panel.spines["left"].set_visible(False)
        return self

    def _plot_curves(self, ax: Any) -> Self:
        epochs = self.epochs or list(range(1, len(self.statistics) + 1))
        names = [one.layer for one in self.statistics[0]]
        panels = [("deviation", "standard deviation of the outputs", True)]
        for field, title in (("dead", "dead units"), ("saturated", "saturated outputs")):
            if np.isfinite(self._curves(field)).any():
                panels.append((field, title, False))
        if np.isfinite(self._curves("gradient")).any():
            panels.append(("gradient", "gradient by the outputs", True))
        check_drawable(self, *(self._curves(field) for field, *_ in panels))
        axes = axes_grid(self, ax, len(panels), 3, (4.0, 3.2))
        colors = pyplot(self).colormaps["viridis"](np.linspace(0.15, 0.85, len(names)))
        for panel, (field, title, logarithmic) in zip(axes, panels, strict=True):
            for name, values, color in zip(names, self._curves(field).T, colors, strict=True):
                if np.isfinite(values).any():
                    panel.plot(epochs, values, color=color, lw=2, label=name)
            if logarithmic:
                panel.set_yscale("log")
            else:
                panel.set_ylim(-0.03, 1.03)
                panel.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
            panel.set_title(title, fontsize="medium", loc="left")
            panel.set_xlabel("epoch")
            tidy(panel)
        handles, labels = axes[0].get_legend_handles_labels()
        beside = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)}
        axes[-1].legend(handles, labels, frameon=False, fontsize="small", **beside)
        return self

    def _curves(self, field: str) -> Any:
        """Return one number of every layer at every look, of shape (n_looks, n_layers)."""
        return np.array([[getattr(one, field) for one in layers] for layers in self.statistics])
