"""Attributions of tables as bars, of pictures as images, of sequences over time."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdeep.inspection.attribution import attribute
from skdeep.inspection.displays.figure import (
    BLUE,
    GREY,
    ORANGE,
    Drawn,
    axes_grid,
    bare,
    check_counts,
    check_drawable,
    first_rows,
    pick_axes,
    tidy,
)
from skdeep.inspection.unwrap import unwrap, unwrap_fitted
from skdeep.neural_network.images.convnet import BaseConvNet
from skdeep.neural_network.sequences.reader import listed
from skdeep.neural_network.sequences.sequence_network import SequenceNetwork

__all__ = ["AttributionDisplay"]

_SAMPLES = 6  # pictures or sequences side by side


class AttributionDisplay(Drawn):
    """Where predictions come from.

    Of a table, bars for the features: of one sample its contributions, of several the mean of
    their sizes. Of pictures, each picture and below it what its pixels contribute, red for and
    blue against the class. Of sequences, the contribution of each step.

    Parameters
    ----------
    values : ndarray of shape (n_samples, ...)
        What `attribute` returns, in the shape of the samples: (n_features,), (height, width) or
        (n_steps,).
    kind : {'table', 'image', 'time'}, default='table'
        What the samples are.
    samples : ndarray or list, default=None
        The pictures, or the tokens of the sequences.
    names : list of str, default=None
        Of the features.
    titles : list of str, default=None
        Of the samples.
    method : str, default='integrated_gradients'
        What was computed.

    Attributes
    ----------
    ax_ : matplotlib Axes or array of Axes
        What was drawn into.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    skdeep.inspection.attribute : Computes the values.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skdeep import MLPClassifier
    >>> from skdeep.inspection import AttributionDisplay
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> clf = MLPClassifier((16,), max_iter=500, random_state=0).fit(X, y)
    >>> display = AttributionDisplay.from_estimator(clf, X)
    >>> display.ax_.get_yticklabels()[0].get_text()  # what counts most
    'petal length (cm)'
    """

    def __init__(
        self,
        values: ArrayLike,
        *,
        kind: str = "table",
        samples: Any = None,
        names: list[str] | None = None,
        titles: list[str] | None = None,
        method: str = "integrated_gradients",
    ) -> None:
        self.values, self.kind, self.samples = np.asarray(values), kind, samples
        self.names, self.titles, self.method = names, titles, method

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        method: str = "integrated_gradients",
        target: Any = None,
        baseline: Any = None,
        max_features: int = 20,
        ax: Any = None,
    ) -> Self:
        """Draw the attributions of some samples.

        Parameters
        ----------
        estimator : estimator
            A fitted network, also at the end of a `Pipeline` or inside a search.
        X : array-like
            Samples. Of pictures and sequences, the first six are drawn.
        method, target, baseline
            As for :func:`~skdeep.inspection.attribute`.
        max_features : int, default=20
            How many bars to draw, of the features that count most.
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        AttributionDisplay
            The display.
        """
        check_counts(cls.__name__, max_features=max_features)
        inner, _ = unwrap(estimator)
        pictures, sequences = isinstance(inner, BaseConvNet), isinstance(inner, SequenceNetwork)
        if pictures or sequences:
            X = first_rows(X, _SAMPLES)
            if target is not None and np.ndim(target):
                target = target[:_SAMPLES]
        found = attribute(estimator, X, method, target=target, baseline=baseline)
        titles = [str(one) for one in found.targets]
        if pictures:
            shape = inner.image_shape_
            if inner.channels_first:
                shape = (shape[2], *shape[:2])
            values = _channels_last(found.values.reshape(-1, *shape), inner).sum(axis=-1)
            _, seen = unwrap_fitted(estimator, X)
            samples = _channels_last(np.asarray(seen).reshape(-1, *shape), inner)
            made = cls(values, kind="image", samples=samples, titles=titles, method=method)
            return made.plot(ax)
        if sequences:
            values = found.values
            if values.ndim == 2 and inner.vocabulary_ is None:
                values = values.reshape(len(values), inner.n_steps_, -1)
            values = values.sum(axis=-1) if values.ndim == 3 else values
            labelled = inner.vocabulary_ is not None
            tokens = [list(one) for one in listed(X, "X")] if labelled else None
            made = cls(values, kind="time", samples=tokens, titles=titles, method=method)
            return made.plot(ax)
        values = found.values.reshape(len(found.values), -1)
        names = [str(name) for name in getattr(X, "columns", ())]
        if len(names) != values.shape[1]:
            names = _names(estimator, values.shape[1])
        made = cls(values, names=names, titles=titles, method=method)
        return made.plot(ax, max_features=max_features)

    def plot(self, ax: Any = None, *, max_features: int = 20) -> Self:
        """Draw the attributions.

        Parameters
        ----------
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw; None makes a figure.
        max_features : int, default=20
            How many bars to draw, of the features that count most.

        Returns
        -------
        AttributionDisplay
            The display itself.
        """
        check_counts(type(self).__name__, max_features=max_features)
        check_drawable(self, self.values)
        if self.kind == "image":
            return self._plot_images(ax)
        if self.kind == "time":
            return self._plot_time(ax)
        return self._plot_bars(ax, max_features)

    def _plot_bars(self, ax: Any, max_features: int) -> Self:
        one = len(self.values) == 1
        lengths = self.values[0] if one else np.abs(self.values).mean(axis=0)
        order = np.argsort(-np.abs(lengths), kind="stable")[:max_features]
        ax = pick_axes(self, ax, (6.0, 1.0 + 0.28 * len(order)))
        colors = [ORANGE if length >= 0 else BLUE for length in lengths[order]]
        places = np.arange(len(order))
        ax.barh(places, lengths[order], color=colors if one else BLUE, height=0.7)
        names = self.names or [f"feature {i}" for i in range(len(lengths))]
        ax.set_yticks(places, [names[i] for i in order])
        ax.set_ylim(len(order) - 0.4, -0.6)
        ax.axvline(0, color=GREY, lw=1)
        said = self.method.replace("_", " ")
        if one:
            title = f"{said} for {self.titles[0]}" if self.titles else said
        else:
            title = f"mean size of {said}, {len(self.values)} samples"
        ax.set_title(title, fontsize="medium", loc="left")
        ax.set_xlabel("gradient" if self.method == "saliency" else "share of the output")
        tidy(ax)
        ax.grid(visible=False, axis="y")
        return self

    def _plot_images(self, ax: Any) -> Self:
        n = len(self.values)
        axes = axes_grid(self, ax, 2 * n, n, (1.5, 1.6))
        for i, values in enumerate(self.values):
            picture, map_ = axes[i], axes[n + i]
            picture.imshow(*_shown(self.samples[i])[:1], **_shown(self.samples[i])[1])
            limit = np.quantile(np.abs(values), 0.995) or 1.0
            map_.imshow(values, cmap="RdBu_r", vmin=-limit, vmax=limit)
            bare(picture)
            bare(map_)
            if self.titles:
                picture.set_title(self.titles[i], fontsize="medium")
        return self

    def _plot_time(self, ax: Any) -> Self:
        n = len(self.values)
        axes = axes_grid(self, ax, n, 1, (7.0, 1.3))
        limit = np.abs(self.values).max() or 1.0
        for i, (panel, values) in enumerate(zip(axes, self.values, strict=True)):
            tokens = None if self.samples is None else self.samples[i]
            steps = np.arange(len(values) if tokens is None else len(tokens))
            values = values[: len(steps)]
            colors = [ORANGE if value >= 0 else BLUE for value in values]
            panel.bar(steps, values, color=colors, width=0.8)
            panel.axhline(0, color=GREY, lw=1)
            panel.set_ylim(-1.05 * limit, 1.05 * limit)
            if tokens is not None:
                panel.set_xticks(steps, [str(token) for token in tokens])
            if self.titles:
                panel.set_title(self.titles[i], fontsize="medium", loc="left")
            tidy(panel)
        if self.samples is None:
            axes[-1].set_xlabel("step")
        return self


def _shown(picture: NDArray[Any]) -> tuple[NDArray[Any], dict[str, Any]]:
    """Return what to draw of a picture, and how."""
    if picture.shape[-1] == 3:
        low, high = float(picture.min()), float(picture.max())
        return (picture - low) / ((high - low) or 1.0), {}
    return picture.mean(axis=-1), {"cmap": "gray"}


def _channels_last(pictures: NDArray[Any], net: Any) -> NDArray[Any]:
    return np.moveaxis(pictures, 1, -1) if net.channels_first else pictures


def _names(estimator: Any, n: int) -> list[str]:
    """Return names of features, those that the steps of a pipeline give if they do."""
    _, before = unwrap(estimator)
    for steps in reversed(before):
        try:
            return [str(name) for name in steps.get_feature_names_out()]
        except (AttributeError, ValueError):
            break
    return [f"feature {i}" for i in range(n)]
