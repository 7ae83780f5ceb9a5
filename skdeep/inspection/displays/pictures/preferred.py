"""The pictures that excite units most."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skdeep.inspection.displays.figure import Drawn, axes_grid
from skdeep.inspection.displays.pictures.show import show_picture
from skdeep.inspection.pictures.preferred import preferred_inputs
from skdeep.inspection.unwrap import unwrap_fitted

__all__ = ["PreferredInputDisplay"]


class PreferredInputDisplay(Drawn):
    """For each unit a picture that excites it much, found by walking up its gradient.

    Parameters
    ----------
    pictures : array-like of shape (n_units, height, width, channels)
        What :func:`~skdeep.inspection.preferred_inputs` has found.
    titles : list of str, default=None
        Of the units.

    Attributes
    ----------
    ax_ : matplotlib Axes or array of Axes
        What was drawn into.
    axes_ : ndarray of Axes
        The pictures.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    skdeep.inspection.preferred_inputs : Finds the pictures.
    WeightsDisplay : What the units of the first layer weigh.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdeep import ConvNetClassifier
    >>> from skdeep.inspection import PreferredInputDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> net = ConvNetClassifier("4 | 8", max_iter=1, random_state=0).fit(X[:100], y[:100])
    >>> display = PreferredInputDisplay.from_estimator(net, X, n_steps=5)
    >>> display.titles
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']
    """

    def __init__(self, pictures: ArrayLike, *, titles: list[str] | None = None) -> None:
        self.pictures, self.titles = np.asarray(pictures), titles

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        layer: int | None = None,
        units: Any = None,
        n_steps: int = 60,
        random_state: Any = 0,
        ax: Any = None,
    ) -> Self:
        """Find and draw the pictures of a layer's units.

        Parameters
        ----------
        estimator : estimator
            A fitted convolutional network, also at the end of a `Pipeline` or inside a search.
        X : array-like
            Some pictures, which tell the range of the pixels.
        layer : int, default=None
            Which, by its number in `summary()`; None is the last, whose units are the classes.
        units : list of int, default=None
            Which units or filters of it; None takes the first 16.
        n_steps : int, default=60
            Steps up.
        random_state : int, RandomState or None, default=0
            Draws where the way begins.
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        PreferredInputDisplay
            The display.
        """
        pictures = preferred_inputs(
            estimator, X, layer, units, n_steps=n_steps, random_state=random_state
        )
        net, _ = unwrap_fitted(estimator)
        chosen = list(range(len(pictures)) if units is None else units)
        classes = getattr(net, "classes_", None)
        if layer is None and classes is not None and net.n_outputs_ == len(classes):
            titles = [str(classes[unit]) for unit in chosen]
        else:
            titles = [f"unit {unit}" for unit in chosen]
        return cls(pictures, titles=titles).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the pictures.

        Parameters
        ----------
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        PreferredInputDisplay
            The display itself.
        """
        n = len(self.pictures)
        axes = axes_grid(self, ax, n, 5 if n == 10 else 8, (1.2, 1.35))
        limits = float(self.pictures.min()), float(self.pictures.max())
        for i, (panel, picture) in enumerate(zip(axes, self.pictures, strict=True)):
            show_picture(panel, picture, limits)
            if self.titles:
                panel.set_title(self.titles[i], fontsize="medium")
        return self
