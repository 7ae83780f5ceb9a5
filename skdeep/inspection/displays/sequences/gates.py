"""The gates of a recurrent layer while it reads."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from skdeep.inspection.displays.figure import Drawn, axes_grid
from skdeep.inspection.steps import gate_activations, step_names

__all__ = ["GateDisplay"]


class GateDisplay(Drawn):
    """Gates and states of a recurrent layer, a row for each unit and a column for each step.

    Gates go from closed, dark, to open, bright; states and cells from negative, blue, to positive,
    red. Units are sorted by when their state moves most, so that they read as a diagonal.

    Parameters
    ----------
    activations : dict from str to ndarray of shape (n_steps, n_units)
        What :func:`~skdeep.inspection.gate_activations` returns.
    names : list of str, default=None
        Of the steps.

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
    AttributionDisplay : What each step contributes to the output.
    AttentionDisplay : Where a transformer looks.

    Examples
    --------
    >>> from skdeep import RecurrentClassifier
    >>> from skdeep.inspection import GateDisplay
    >>> words = ["aab", "bba", "ab"] * 5
    >>> net = RecurrentClassifier((4,), max_iter=2, random_state=0).fit(words, [0, 1, 1] * 5)
    >>> display = GateDisplay.from_estimator(net, "aab")
    >>> list(display.activations)
    ['input gate', 'forget gate', 'output gate', 'cell', 'state']
    """

    def __init__(
        self, activations: dict[str, NDArray[Any]], *, names: list[str] | None = None
    ) -> None:
        self.activations, self.names = activations, names

    @classmethod
    def from_estimator(
        cls, estimator: Any, sequence: Any, *, layer: int = 0, ax: Any = None
    ) -> Self:
        """Draw the gates while a fitted network reads one sequence.

        Parameters
        ----------
        estimator : estimator
            A fitted recurrent network, also at the end of a `Pipeline` or inside a search.
        sequence : array-like or str
            One sample, as `X` has many.
        layer : int, default=0
            Which of the recurrent layers.
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        GateDisplay
            The display.
        """
        found = gate_activations(estimator, sequence, layer)
        return cls(found, names=step_names(estimator, sequence) or None).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw a panel for each kind of gate, and for cells and states.

        Parameters
        ----------
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        GateDisplay
            The display itself.
        """
        state = self.activations["state"]
        moves = np.abs(np.diff(state, axis=0, prepend=0.0))
        order = np.argsort(moves.argmax(axis=0), kind="stable")
        n_steps, n_units = state.shape
        width = float(np.clip(0.2 * n_steps, 4, 9))
        height = float(np.clip(0.06 * n_units, 1.2, 2.2))
        axes = axes_grid(self, ax, len(self.activations), 1, (width, height))
        for panel, (name, values) in zip(axes, self.activations.items(), strict=True):
            if name.endswith("gate"):
                image = panel.imshow(values.T[order], cmap="viridis", vmin=0, vmax=1, aspect="auto")
            else:
                limit = 1.0 if name == "state" else float(np.abs(values).max()) or 1.0
                image = panel.imshow(
                    values.T[order], cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto"
                )
            panel.set_title(name, fontsize="medium", loc="left")
            panel.set_yticks([])
            panel.set_ylabel("units")
            panel.set_xticks([])
            self.figure_.colorbar(image, ax=panel, pad=0.01)
        last = axes[-1]
        if self.names and n_steps <= 60:
            last.set_xticks(range(n_steps), self.names)
        else:
            last.xaxis.set_major_locator(_whole_steps())
            last.set_xlabel("step")
        return self


def _whole_steps() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(10, integer=True)
