"""Where a network looks, step by step."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from skdeep.inspection.displays.figure import Drawn, axes_grid
from skdeep.inspection.steps import attention_weights, step_names
from skdeep.inspection.unwrap import unwrap_fitted
from skdeep.neural_network import Seq2SeqTranslator

__all__ = ["AttentionDisplay"]


class AttentionDisplay(Drawn):
    """Attention weights as images: a row for each step that looks, a column for what it looks at.

    Parameters
    ----------
    weights : list of ndarray of shape (n_heads, n_steps, n_steps)
        What :func:`~skdeep.inspection.attention_weights` returns.
    looking, looked_at : list of str, default=None
        Names of the rows and of the columns.

    Attributes
    ----------
    ax_ : matplotlib Axes or array of Axes
        What was drawn into.
    axes_ : ndarray of Axes
        A panel for each head of each layer.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    GateDisplay : The gates of recurrent layers.

    Examples
    --------
    >>> from skdeep import TransformerClassifier
    >>> from skdeep.inspection import AttentionDisplay
    >>> words = ["aab", "bba", "ab"] * 5
    >>> net = TransformerClassifier(8, n_heads=2, n_layers=1, max_iter=2, random_state=0)
    >>> display = AttentionDisplay.from_estimator(net.fit(words, [0, 1, 1] * 5), "aab")
    >>> [axes.get_title(loc="left") for axes in display.axes_]
    ['layer 1, head 1', 'layer 1, head 2']
    """

    def __init__(
        self,
        weights: list[NDArray[Any]],
        *,
        looking: list[str] | None = None,
        looked_at: list[str] | None = None,
    ) -> None:
        self.weights, self.looking, self.looked_at = weights, looking, looked_at

    @classmethod
    def from_estimator(cls, estimator: Any, sequence: Any, *, ax: Any = None) -> Self:
        """Draw where a fitted network looks while it reads, or writes, one sequence.

        Parameters
        ----------
        estimator : estimator
            A fitted transformer, or a translator with attention, also at the end of a `Pipeline`
            or inside a search.
        sequence : array-like or str
            One sample, as `X` has many.
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        AttentionDisplay
            The display.
        """
        weights = attention_weights(estimator, sequence)
        read = step_names(estimator, sequence) or None
        written = read
        inner, _ = unwrap_fitted(estimator)
        if isinstance(inner, Seq2SeqTranslator):
            written = [*(str(token) for token in inner.predict([sequence])[0]), "end"]
        return cls(weights, looking=written, looked_at=read).plot(ax)

    def plot(self, ax: Any = None, *, cmap: str = "viridis") -> Self:
        """Draw a panel for each head of each layer.

        Parameters
        ----------
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.
        cmap : str, default='viridis'
            Colours from zero to the largest weight.

        Returns
        -------
        AttentionDisplay
            The display itself.
        """
        heads = [
            (f"layer {depth}, head {head}", weights)
            for depth, layer in enumerate(self.weights, start=1)
            for head, weights in enumerate(layer, start=1)
        ]
        alone = len(heads) == 1
        size = float(np.clip(0.25 * heads[0][1].shape[1], 2.2, 5.0))
        n_columns = max(len(layer) for layer in self.weights)
        axes = axes_grid(self, ax, len(heads), n_columns, (size, size + 0.3))
        for panel, (name, weights) in zip(axes, heads, strict=True):
            panel.imshow(weights, cmap=cmap, vmin=0)
            if not alone:
                panel.set_title(name, fontsize="medium", loc="left")
            for names, axis, n in (
                (self.looked_at, panel.xaxis, weights.shape[1]),
                (self.looking, panel.yaxis, weights.shape[0]),
            ):
                if names is not None and n <= 40:
                    axis.set_ticks(range(n), names[:n])
        axes[0].set_ylabel("written" if alone and self.looking != self.looked_at else "from step")
        axes[0].set_xlabel("read" if alone and self.looking != self.looked_at else "to step")
        return self
