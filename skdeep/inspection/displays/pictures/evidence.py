"""Where in a picture the evidence for its class is, as three methods see it."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdeep.inspection.attribution import attribute
from skdeep.inspection.displays.figure import Drawn, axes_grid, bare, check_counts, first_rows
from skdeep.inspection.displays.pictures.show import show_picture
from skdeep.inspection.pictures.chain import pictures_of
from skdeep.inspection.pictures.maps import class_activation_map, occlusion_map
from skdeep.utils.params import check_value, one_of, sequence_of

__all__ = ["EvidenceDisplay"]

_MAPS = ("saliency", "occlusion", "class_activation")


class EvidenceDisplay(Drawn):
    """Pictures, and below each where the evidence for its class is.

    - saliency: the largest gradient of the class's output by the channels of a pixel;
    - occlusion: how much of the probability is lost when a square there is hidden, red, or won,
      blue;
    - class activation: where the last feature maps speak for the class.

    Parameters
    ----------
    pictures : array-like of shape (n, height, width, channels)
        The pictures.
    maps : dict from str to ndarray of shape (n, height, width)
        What is drawn below them.
    titles : list of str, default=None
        Of the pictures.

    Attributes
    ----------
    ax_ : matplotlib Axes or array of Axes
        What was drawn into.
    axes_ : ndarray of Axes
        The pictures, then each kind of map.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    AttributionDisplay : Shares of the output, pixel by pixel.
    skdeep.inspection.occlusion_map, skdeep.inspection.class_activation_map : The numbers.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdeep import ConvNetClassifier
    >>> from skdeep.inspection import EvidenceDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> net = ConvNetClassifier("4 | 8", max_iter=1, random_state=0).fit(X[:100], y[:100])
    >>> len(EvidenceDisplay.from_estimator(net, X[:3]).axes_)
    12
    """

    def __init__(
        self,
        pictures: ArrayLike,
        maps: dict[str, NDArray[Any]],
        *,
        titles: list[str] | None = None,
    ) -> None:
        self.pictures, self.maps, self.titles = np.asarray(pictures), maps, titles

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        maps: tuple[str, ...] = _MAPS,
        target: Any = None,
        max_pictures: int = 6,
        ax: Any = None,
    ) -> Self:
        """Draw the evidence in some pictures.

        Parameters
        ----------
        estimator : estimator
            A fitted convolutional classifier, also at the end of a `Pipeline` or inside a search.
        X : array-like
            Pictures, as for `predict`.
        maps : tuple of str, default=('saliency', 'occlusion', 'class_activation')
            Which to draw.
        target : label or array-like, default=None
            A class, or one for each picture; None for the predicted ones.
        max_pictures : int, default=6
            How many of the pictures to draw, the first ones.
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        EvidenceDisplay
            The display.
        """
        check_value(cls.__name__, "maps", maps, [sequence_of(one_of(*_MAPS), min_length=1)])
        check_counts(cls.__name__, max_pictures=max_pictures)
        X = first_rows(X, max_pictures)
        if target is not None and np.ndim(target):
            target = target[:max_pictures]
        net, pictures = pictures_of(estimator, X, "EvidenceDisplay")
        saliency = attribute(estimator, X, "saliency", target=target)
        found: dict[str, NDArray[Any]] = {}
        for name in maps:
            if name == "saliency":
                shape = net.network_.input_shape
                values = saliency.values.reshape(-1, *shape)
                found[name] = values.max(axis=1 if net.channels_first else -1)
            elif name == "occlusion":
                found[name] = occlusion_map(estimator, X, target=target)
            else:
                found[name] = class_activation_map(estimator, X, target=target)
        titles = [str(one) for one in saliency.targets]
        return cls(pictures, found, titles=titles).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw pictures and maps.

        Parameters
        ----------
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        EvidenceDisplay
            The display itself.
        """
        n = len(self.pictures)
        axes = axes_grid(self, ax, n * (1 + len(self.maps)), n, (1.4, 1.4))
        for i in range(n):
            show_picture(axes[i], self.pictures[i])
            if self.titles:
                axes[i].set_title(self.titles[i], fontsize="medium")
        for row, (name, maps) in enumerate(self.maps.items(), start=1):
            signed = name == "occlusion"
            limit = float(np.abs(maps).max()) or 1.0
            for i in range(n):
                panel = axes[row * n + i]
                if signed:
                    panel.imshow(maps[i], cmap="RdBu_r", vmin=-limit, vmax=limit)
                else:
                    panel.imshow(maps[i], cmap="inferno", vmin=0)
                bare(panel)
            axes[row * n].set_ylabel(name.replace("_", "\n"), fontsize="medium")
        return self
