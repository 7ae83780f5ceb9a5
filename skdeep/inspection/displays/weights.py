"""The weights of a layer as images, one a unit."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdeep.inspection.displays.figure import Drawn, axes_grid, bare, check_counts, check_drawable
from skdeep.inspection.inputs import require_network
from skdeep.inspection.unwrap import unwrap_fitted
from skdeep.utils.params import check_value, integer, none, rule

__all__ = ["IMAGE_SHAPE", "WeightsDisplay", "image_shape_of"]

IMAGE_SHAPE = rule(
    "a tuple of height, width and perhaps channels, all of them 1 or more",
    lambda shape: (
        isinstance(shape, (tuple, list))
        and len(shape) in (2, 3)
        and all(map(integer(1).allows, shape))
    ),
)


def image_shape_of(n: int) -> tuple[int, ...]:
    """Return the square, of one channel or of three, that n numbers fill; else one row."""
    for channels in (1, 3):
        side = round((n / channels) ** 0.5)
        if channels * side * side == n:
            return (side, side) if channels == 1 else (side, side, 3)
    return 1, n


class WeightsDisplay(Drawn):
    """What each unit of a layer looks for: its weights as an image.

    Red adds to the unit, blue takes from it, and what is pale does not matter to it. All images
    have one scale. Filters of three channels are drawn in their own colours, around grey.

    Parameters
    ----------
    weights : array-like of shape (n_units, height, width) or (n_units, height, width, 3)
        An image for each unit.
    title : str, default=""
        What stands above.

    Attributes
    ----------
    ax_ : matplotlib Axes or array of Axes
        What was drawn into.
    axes_ : ndarray of Axes
        The images.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    ActivationDisplay : What the units do.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdeep import MLPClassifier
    >>> from skdeep.inspection import WeightsDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = MLPClassifier((16,), max_iter=20, tol=1e-2, random_state=0).fit(X / 16, y)
    >>> WeightsDisplay.from_estimator(clf).weights.shape
    (16, 8, 8)
    """

    def __init__(self, weights: ArrayLike, *, title: str = "") -> None:
        self.weights, self.title = np.asarray(weights), title

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        layer: int = 0,
        image_shape: tuple[int, ...] | None = None,
        max_units: int = 64,
        ax: Any = None,
    ) -> Self:
        """Draw the weights of one layer of a fitted network.

        Parameters
        ----------
        estimator : estimator
            A fitted network, also at the end of a `Pipeline` or inside a search.
        layer : int, default=0
            Which of the dense and convolutional layers.
        image_shape : tuple of int, default=None
            Height, width and perhaps 3, of what the layer reads; None guesses a square. Filters of
            a convolution have a shape of their own; those of other than three channels are drawn
            by the mean over the channels.
        max_units : int, default=64
            Draw those with the largest weights, if there are more.
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        WeightsDisplay
            The display.
        """
        check_counts(cls.__name__, max_units=max_units)
        check_value(cls.__name__, "image_shape", image_shape, [IMAGE_SHAPE, none()])
        inner = require_network(unwrap_fitted(estimator)[0], cls.__name__)
        layers = [one for one in inner.network_.layers() if one.linear]
        check_value(cls.__name__, "layer", layer, [integer(-len(layers), len(layers) - 1)])
        images = _images(layers[layer], image_shape)
        if len(images) > max_units:
            strongest = np.argsort([-np.abs(image).sum() for image in images])[:max_units]
            images = images[np.sort(strongest)]
        name = type(layers[layer]).__name__
        return cls(images, title=f"weights of layer {layer} ({name})").plot(ax)

    def plot(self, ax: Any = None, *, cmap: str = "RdBu_r") -> Self:
        """Draw the images.

        Parameters
        ----------
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.
        cmap : str, default='RdBu_r'
            Colours of negative and positive weights.

        Returns
        -------
        WeightsDisplay
            The display itself.
        """
        check_drawable(self, self.weights)
        images, n = self.weights, len(self.weights)
        n_columns = min(n, max(4, round((1.6 * n) ** 0.5)))
        wide = images.shape[2] > 4 * images.shape[1]
        size = (2.4, 0.5) if wide else (0.8, 0.8)
        axes = axes_grid(self, ax, n, n_columns, size)
        limit = np.abs(images).max() or 1.0
        for panel, image in zip(axes, images, strict=True):
            if image.ndim == 3:
                panel.imshow(0.5 + image / (2 * limit))
            else:
                panel.imshow(
                    image, cmap=cmap, vmin=-limit, vmax=limit, aspect="auto" if wide else None
                )
            bare(panel)
        if self.title and ax is None:
            self.figure_.suptitle(self.title, fontsize="medium")
        return self


def _images(layer: Any, image_shape: tuple[int, ...] | None) -> NDArray[Any]:
    """Return an image for each unit of a dense layer or filter of a convolution."""
    weight = np.asarray(layer.weight, dtype=np.float64)
    if weight.ndim == 4:
        images = np.moveaxis(weight, -1, 0)
        return images if images.shape[-1] == 3 else images.mean(axis=-1)
    shape = image_shape_of(len(weight)) if image_shape is None else tuple(image_shape)
    if int(np.prod(shape)) != len(weight):
        raise ValueError(
            f"image_shape={shape} has {int(np.prod(shape))} numbers, but the layer reads "
            f"{len(weight)}."
        )
    images = weight.T.reshape(-1, *shape)
    return images[..., 0] if len(shape) == 3 and shape[2] == 1 else images
