"""Maps over a picture: what a layer makes of it, and where the evidence for a class is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.inspection.attribution import explained
from skdeep.inspection.inputs import class_indices
from skdeep.inspection.pictures.chain import Chain, in_range, pictures_of
from skdeep.utils.params import check_value, integer

__all__ = ["class_activation_map", "feature_maps", "occlusion_map"]

Floats = NDArray[np.float64]


def feature_maps(estimator: Any, X: Any, layer: int = 0) -> Floats:
    """Return what a layer of a convolutional network makes of pictures.

    Parameters
    ----------
    estimator : estimator
        A fitted convolutional network, also at the end of a `Pipeline` or inside a search.
    X : array-like
        Pictures, as for `predict`.
    layer : int, default=0
        Which, by its number in `summary()`; of a nested block, the block as a whole.

    Returns
    -------
    ndarray of shape (n_samples, height, width, n_maps)
        The outputs of the layer, or (n_samples, n_units) behind the pictures.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdeep import ConvNetClassifier
    >>> from skdeep.inspection import feature_maps
    >>> X, y = load_digits(return_X_y=True)
    >>> net = ConvNetClassifier("4 | 8", max_iter=1, random_state=0).fit(X[:100], y[:100])
    >>> feature_maps(net, X[:2]).shape
    (2, 8, 8, 4)
    """
    net, pictures = pictures_of(estimator, X, "feature_maps")
    chain = Chain(net)
    return chain.maps(pictures, chain.position(layer))


def class_activation_map(estimator: Any, X: Any, *, target: Any = None) -> Floats:
    """Return where in pictures the last feature maps speak for a class (Grad-CAM).

    With A_k the maps of the last layer that still is a picture, and f the raw output of the
    class::

        w_k = mean over places of df / dA_k,    map = max(sum_k w_k A_k, 0)

    enlarged to the size of the picture. Of a network that ends in the mean over all places these
    are the class activation maps.

    Parameters
    ----------
    estimator : estimator
        A fitted convolutional network, also at the end of a `Pipeline` or inside a search.
    X : array-like
        Pictures, as for `predict`.
    target : label, int or array-like, default=None
        A class, or one for each picture, None for the predicted ones; of a regressor the number
        of an output.

    Returns
    -------
    ndarray of shape (n_samples, height, width)
        Not negative.

    References
    ----------
    R. R. Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based
    localization", ICCV 2017.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdeep import ConvNetClassifier
    >>> from skdeep.inspection import class_activation_map
    >>> X, y = load_digits(return_X_y=True)
    >>> net = ConvNetClassifier("4 | 8", max_iter=1, random_state=0).fit(X[:100], y[:100])
    >>> class_activation_map(net, X[:2]).shape
    (2, 8, 8)
    """
    net, pictures = pictures_of(estimator, X, "class_activation_map")
    chain = Chain(net)
    last = chain.last_pictures()
    with np.errstate(over="ignore", invalid="ignore"):
        maps = chain.forward(pictures, until=last)
        outputs = in_range("outputs", chain.forward(maps, start=last + 1))
        directions, _ = explained(net, outputs, target)
        grad = chain.backward(directions, to=last + 1)
        weights = grad.mean(axis=(1, 2), keepdims=True)
        found = np.maximum((weights * maps).sum(axis=-1), 0)
        return in_range("maps", _enlarged(found, pictures.shape[1:3]))


def occlusion_map(
    estimator: Any, X: Any, *, target: Any = None, size: int | None = None, stride: int = 1
) -> Floats:
    """Return how much of the probability of a class is lost when a part of a picture is hidden.

    A square of the mean colour is laid over the picture at every place. A pixel gets the mean loss
    over the squares that hide it.

    Parameters
    ----------
    estimator : estimator
        A fitted convolutional classifier, also at the end of a `Pipeline` or inside a search.
    X : array-like
        Pictures, as for `predict`.
    target : label or array-like, default=None
        A class, or one for each picture; None for the predicted ones.
    size : int, default=None
        Side of the square; None is a quarter of the picture's height.
    stride : int, default=1
        Pixels between neighbouring squares.

    Returns
    -------
    ndarray of shape (n_samples, height, width)
        Positive where hiding takes from the probability.

    References
    ----------
    M. D. Zeiler, R. Fergus, "Visualizing and understanding convolutional networks", ECCV 2014.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdeep import ConvNetClassifier
    >>> from skdeep.inspection import occlusion_map
    >>> X, y = load_digits(return_X_y=True)
    >>> net = ConvNetClassifier("4 | 8", max_iter=1, random_state=0).fit(X[:100], y[:100])
    >>> occlusion_map(net, X[:2], stride=2).shape
    (2, 8, 8)
    """
    net, pictures = pictures_of(estimator, X, "occlusion_map")
    if not hasattr(net, "predict_proba"):
        raise TypeError(f"occlusion_map takes a classifier, got {type(net).__name__}.")
    n, height, width = pictures.shape[:3]
    size = max(1, height // 4) if size is None else size
    check_value("occlusion_map", "size", size, [integer(1, min(height, width))])
    check_value("occlusion_map", "stride", stride, [integer(1)])
    pictures = pictures.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        colour = in_range("mean colours", pictures.mean(axis=(0, 1, 2)))

    def probabilities(shown: Floats) -> Floats:
        given = np.moveaxis(shown, -1, 1) if net.channels_first else shown
        return net.predict_proba(given.reshape(len(given), -1))

    whole = probabilities(pictures)
    if target is None:
        index = whole.argmax(axis=1)
    else:
        index = class_indices(target, net.classes_, n)
    each = np.arange(n)
    lost, count = np.zeros((n, height, width)), np.zeros((height, width))
    for top in _starts(height, size, stride):
        for left in _starts(width, size, stride):
            hidden = pictures.copy()
            hidden[:, top : top + size, left : left + size] = colour
            loss = (whole - probabilities(hidden))[each, index]
            lost[:, top : top + size, left : left + size] += loss[:, None, None]
            count[top : top + size, left : left + size] += 1
    return lost / np.maximum(count, 1)


def _starts(length: int, size: int, stride: int) -> list[int]:
    """Return where squares begin, the last at the edge."""
    starts = list(range(0, length - size + 1, stride))
    return starts if starts[-1] == length - size else [*starts, length - size]


def _enlarged(maps: Floats, shape: tuple[int, int]) -> Floats:
    """Return maps in another size, linear between the centres of their pixels."""
    for axis, length in ((1, shape[0]), (2, shape[1])):
        n = maps.shape[axis]
        at = np.clip((np.arange(length) + 0.5) * n / length - 0.5, 0, n - 1)
        low = np.floor(at).astype(int)
        high = np.minimum(low + 1, n - 1)
        part = (at - low).reshape((-1, 1) if axis == 1 else (-1,))
        maps = np.take(maps, low, axis) * (1 - part) + np.take(maps, high, axis) * part
    return maps
