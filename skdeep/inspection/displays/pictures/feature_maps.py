"""What the filters of a layer make of one picture."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skdeep.inspection.displays.figure import Drawn, axes_grid, bare, check_counts, check_drawable
from skdeep.inspection.displays.pictures.show import show_picture
from skdeep.inspection.inputs import one_sample
from skdeep.inspection.pictures.chain import Chain, pictures_of

__all__ = ["FeatureMapDisplay"]


class FeatureMapDisplay(Drawn):
    """A picture, and what each filter of a layer makes of it; bright is large.

    Parameters
    ----------
    picture : array-like of shape (height, width, channels)
        The picture.
    maps : array-like of shape (map_height, map_width, n_maps)
        The outputs of the layer.
    title : str, default=""
        What stands above.

    Attributes
    ----------
    ax_ : matplotlib Axes or array of Axes
        What was drawn into.
    axes_ : ndarray of Axes
        The picture and the maps.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    skdeep.inspection.feature_maps : The numbers.
    WeightsDisplay : The filters themselves.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdeep import ConvNetClassifier
    >>> from skdeep.inspection import FeatureMapDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> net = ConvNetClassifier("4 | 8", max_iter=1, random_state=0).fit(X[:100], y[:100])
    >>> FeatureMapDisplay.from_estimator(net, X[0]).maps.shape
    (8, 8, 4)
    """

    def __init__(self, picture: ArrayLike, maps: ArrayLike, *, title: str = "") -> None:
        self.picture, self.maps, self.title = np.asarray(picture), np.asarray(maps), title

    @classmethod
    def from_estimator(
        cls, estimator: Any, picture: Any, *, layer: int = 0, max_maps: int = 16, ax: Any = None
    ) -> Self:
        """Draw the feature maps of one picture.

        Parameters
        ----------
        estimator : estimator
            A fitted convolutional network, also at the end of a `Pipeline` or inside a search.
        picture : array-like
            One sample, a picture or a row of a table.
        layer : int, default=0
            Which, by its number in `summary()`.
        max_maps : int, default=16
            Draw those with the largest deviation, if there are more.
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        FeatureMapDisplay
            The display.
        """
        check_counts(cls.__name__, max_maps=max_maps)
        net, pictures = pictures_of(estimator, one_sample(picture), "FeatureMapDisplay")
        chain = Chain(net)
        at = chain.position(layer)
        maps = chain.maps(pictures, at)[0]
        if maps.ndim != 3:
            raise ValueError(
                f"The output of layer {chain.names[at]} is no picture any more; take one before."
            )
        if maps.shape[-1] > max_maps:
            liveliest = np.argsort(-maps.std(axis=(0, 1)), kind="stable")[:max_maps]
            maps = maps[..., np.sort(liveliest)]
        return cls(pictures[0], maps, title=f"layer {chain.names[at]}").plot(ax)

    def plot(self, ax: Any = None, *, cmap: str = "viridis") -> Self:
        """Draw the picture and the maps.

        Parameters
        ----------
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.
        cmap : str, default='viridis'
            Colours from small to large.

        Returns
        -------
        FeatureMapDisplay
            The display itself.
        """
        check_drawable(self, self.picture, self.maps)
        n = self.maps.shape[-1]
        axes = axes_grid(self, ax, n + 1, max(4, round((1.6 * n) ** 0.5)), (1.2, 1.2))
        show_picture(axes[0], self.picture)
        low, high = self.maps.min(), self.maps.max()
        for panel, values in zip(axes[1:], np.moveaxis(self.maps, -1, 0), strict=True):
            panel.imshow(values, cmap=cmap, vmin=low, vmax=high)
            bare(panel)
        if self.title and ax is None:
            self.figure_.suptitle(self.title, fontsize="medium")
        return self
