"""Which pictures a classifier gets wrong."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.base import is_classifier
from sklearn.utils import check_consistent_length, column_or_1d

from skdeep.inspection.displays.figure import Drawn, axes_grid, check_counts
from skdeep.inspection.displays.pictures.show import show_picture
from skdeep.inspection.displays.weights import IMAGE_SHAPE, image_shape_of
from skdeep.inspection.unwrap import unwrap
from skdeep.utils.params import check_value

__all__ = ["ConfusionGalleryDisplay"]


class ConfusionGalleryDisplay(Drawn):
    """The pictures that a classifier gets wrong, the surest mistakes first.

    Parameters
    ----------
    pictures : array-like of shape (n, height, width, channels)
        The pictures.
    true, predicted : array-like of shape (n,)
        Their classes, and what they are taken for.
    probability : array-like of shape (n,), default=None
        Of what they are taken for.
    n_wrong, n_samples : int, default=None
        How many there are of all.

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
    sklearn.metrics.ConfusionMatrixDisplay : How many of which class are taken for which.
    EvidenceDisplay : Where the evidence in a picture is.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdeep import KNNClassifier
    >>> from skdeep.inspection import ConfusionGalleryDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = KNNClassifier().fit(X[:300], y[:300])
    >>> display = ConfusionGalleryDisplay.from_estimator(clf, X[300:], y[300:], max_pictures=12)
    >>> len(display.axes_), bool((display.true != display.predicted).all())
    (12, True)
    """

    def __init__(
        self,
        pictures: ArrayLike,
        true: ArrayLike,
        predicted: ArrayLike,
        *,
        probability: ArrayLike | None = None,
        n_wrong: int | None = None,
        n_samples: int | None = None,
    ) -> None:
        self.pictures = np.asarray(pictures)
        self.true, self.predicted = np.asarray(true), np.asarray(predicted)
        self.probability = None if probability is None else np.asarray(probability)
        self.n_wrong, self.n_samples = n_wrong, n_samples

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        image_shape: tuple[int, ...] | None = None,
        max_pictures: int = 24,
        ax: Any = None,
    ) -> Self:
        """Draw the mistakes of a fitted classifier, of any kind.

        Parameters
        ----------
        estimator : estimator
            A fitted classifier.
        X : array-like
            Pictures, or rows of a table that hold some.
        y : array-like of shape (n_samples,)
            Their classes.
        image_shape : tuple of int, default=None
            Height, width and channels of what a row holds; None guesses a square.
        max_pictures : int, default=24
            How many mistakes to draw, those with the largest probability.
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        ConfusionGalleryDisplay
            The display.

        Raises
        ------
        ValueError
            If there is no mistake to show.
        """
        check_counts(cls.__name__, max_pictures=max_pictures)
        if not is_classifier(estimator):
            raise TypeError(f"{cls.__name__} takes a classifier, got {type(estimator).__name__}.")
        predicted = np.asarray(estimator.predict(X))
        if predicted.ndim > 1:
            raise ValueError(f"{cls.__name__} draws one target; there are {predicted.shape[1]}.")
        true = column_or_1d(y)
        check_consistent_length(predicted, true)
        wrong = np.flatnonzero(predicted != true)
        if not len(wrong):
            raise ValueError(
                f"All of {len(true)} samples are predicted right; there is no mistake to show."
            )
        probability = None
        if hasattr(estimator, "predict_proba"):
            probability = np.asarray(estimator.predict_proba(X)).max(axis=1)
            wrong = wrong[np.argsort(-probability[wrong], kind="stable")]
        shown = wrong[:max_pictures]
        return cls(
            _pictures(estimator, _rows(X, shown), image_shape),
            true[shown],
            predicted[shown],
            probability=None if probability is None else probability[shown],
            n_wrong=len(wrong),
            n_samples=len(true),
        ).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the pictures, each with its class and what it is taken for.

        Parameters
        ----------
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        ConfusionGalleryDisplay
            The display itself.
        """
        axes = axes_grid(self, ax, len(self.pictures), 8, (1.2, 1.55))
        for i, panel in enumerate(axes):
            show_picture(panel, self.pictures[i])
            said = f"{self.true[i]} → {self.predicted[i]}"
            if self.probability is not None:
                said += f"\n{self.probability[i]:.0%}"
            panel.set_title(said, fontsize="small")
        if ax is None and self.n_wrong is not None:
            shown = "" if self.n_wrong == len(axes) else f", the surest {len(axes)}"
            self.figure_.suptitle(
                f"{self.n_wrong} of {self.n_samples} wrong{shown}: class → prediction",
                fontsize="medium",
            )
        return self


def _rows(X: Any, rows: NDArray[np.intp]) -> NDArray[Any]:
    """Return some samples as numbers."""
    return np.asarray(X.toarray() if issparse(X) else X)[rows]


def _pictures(estimator: Any, X: NDArray[Any], image_shape: tuple[int, ...] | None) -> NDArray[Any]:
    """Return samples as pictures with channels last."""
    net, _ = unwrap(estimator)
    first = getattr(net, "channels_first", False)
    if image_shape is not None:
        check_value("ConfusionGalleryDisplay", "image_shape", image_shape, [IMAGE_SHAPE])
        shape = tuple(image_shape)
    elif hasattr(net, "image_shape_"):
        height, width, channels = net.image_shape_
        shape = (channels, height, width) if first else (height, width, channels)
    elif X.ndim > 2:
        shape = X.shape[1:]
    else:
        shape = image_shape_of(X.shape[1])
    if int(np.prod(shape)) != int(np.prod(X.shape[1:])):
        raise ValueError(f"image_shape={shape} does not go with samples of shape {X.shape[1:]}.")
    pictures = X.reshape(-1, *shape)
    if pictures.ndim == 3:
        return pictures[..., None]
    return np.moveaxis(pictures, 1, -1) if first else pictures
