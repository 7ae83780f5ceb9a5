"""The layers of a convolutional network one after the other, to stop at any of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.inspection.gradient_problems import in_float64
from skdeep.inspection.unwrap import unwrap_fitted
from skdeep.neural_network.images.convnet import BaseConvNet
from skdeep.neural_network.images.pictures import Pixels
from skdeep.nn import Layer, Sequence
from skdeep.utils.params import integer

__all__ = ["Chain", "in_range", "pictures_of"]

Floats = NDArray[np.float64]


def pictures_of(estimator: Any, X: Any, who: str) -> tuple[Any, NDArray[Any]]:
    """Return the fitted convolutional network, and `X` as pictures with channels last.

    Raises
    ------
    TypeError
        If it is another estimator.
    """
    inner, X = unwrap_fitted(estimator, X)
    if not isinstance(inner, BaseConvNet):
        raise TypeError(f"{who} takes a convolutional network, got {type(inner).__name__}.")
    pictures, _ = inner._inputs(inner._check_X(X, reset=False))
    return inner, np.moveaxis(pictures, 1, -1) if inner.channels_first else pictures


class Chain:
    """The layers of a float64 copy, those of nested sequences in one row.

    Parameters
    ----------
    net : BaseConvNet
        Fitted.

    Attributes
    ----------
    layers : list of Layer
    names : list of str
        Their number, without what brings pixels into order, and their class.
    """

    def __init__(self, net: BaseConvNet) -> None:
        self.first_axis = net.channels_first
        network = in_float64(net.network_)
        self._input_shape = network.input_shape
        self.layers = list(_flat(network.root))
        shift = int(isinstance(self.layers[0], Pixels))
        self.names = [f"{i - shift} {type(one).__name__}" for i, one in enumerate(self.layers)]
        if shift:
            self.names[0] = "input"
        self.shift = shift

    def position(self, layer: int) -> int:
        """Return where a layer stands, by the number that `summary()` gives it.

        Raises
        ------
        ValueError
            If there is no such layer.
        """
        last = len(self.layers) - self.shift - 1
        if not integer(0, last).allows(layer):
            raise ValueError(
                f"layer must be a number from 0 to {last}, as in summary(); got {layer!r}."
            )
        return layer + self.shift

    def forward(self, pictures: Any, until: int | None = None, start: int = 0) -> Floats:
        """Return what the layers make of pictures, or of what came out before `start`."""
        y = np.array(pictures, dtype=np.float64)
        if start == 0 and self.first_axis:
            y = np.ascontiguousarray(np.moveaxis(y, -1, 1))
        for layer in self.layers[start : None if until is None else until + 1]:
            y = layer.forward(y)
        return np.array(y)

    def maps(self, pictures: Any, position: int) -> Floats:
        """Return what that layer makes of pictures; raise ValueError if it is beyond all floats."""
        with np.errstate(over="ignore", invalid="ignore"):
            return in_range("maps", self.forward(pictures, until=position))

    def backward(self, grad: Floats, since: int | None = None, to: int = 0) -> Floats:
        """Return the gradient by the input of layer `to`, after `forward` through the same ones."""
        grad = grad.copy()
        for layer in reversed(self.layers[to : None if since is None else since + 1]):
            grad = layer.backward(grad, True)
        return np.moveaxis(grad, 1, -1) if to == 0 and self.first_axis else np.array(grad)

    def last_pictures(self) -> int:
        """Return the last layer whose output is a picture, and no pool's."""
        found, shape = 0, self._input_shape
        for i, layer in enumerate(self.layers):
            shape = layer.output_shape(shape)
            is_picture = len(shape) == 3 and shape[0] * shape[1] > 1
            if is_picture and not type(layer).__name__.endswith("Pool2D"):
                found = i
        return found


def in_range(what: str, found: NDArray[Any]) -> NDArray[Any]:
    """Return what was found of pictures, or raise ValueError where it is no number."""
    if not np.isfinite(found).all():
        raise ValueError(f"The {what} leave the range of floats: the pixels of X are too large.")
    return found


def _flat(layer: Layer) -> Any:
    if isinstance(layer, Sequence):
        for one in layer.layers:
            yield from _flat(one)
    else:
        yield layer
