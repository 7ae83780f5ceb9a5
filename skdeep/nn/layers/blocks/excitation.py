"""Squeeze and excitation: a picture as a whole says which of its channels count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from skdeep.nn.layers.activations import Logistic, ReLU
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Shape
from skdeep.nn.layers.composite import Sequence
from skdeep.nn.layers.dense import Dense
from skdeep.nn.layers.pooling import GlobalAvgPool2D
from skdeep.nn.memory import Array

__all__ = ["SqueezeExcitation"]


class SqueezeExcitation(Layer):
    """Multiply each channel by a factor in (0, 1) that the means of all channels decide.

    With the means m of a picture's c channels, and two dense layers::

        g = logistic(W2 relu(W1 m + b1) + b2),    y = x g

    Parameters
    ----------
    ratio : int, default=16
        The layer between has c / ratio units, one at least.

    References
    ----------
    J. Hu, L. Shen, G. Sun, "Squeeze-and-excitation networks", CVPR 2018.

    Examples
    --------
    >>> from skdeep.nn import Network, SqueezeExcitation
    >>> network = Network(SqueezeExcitation(4), input_shape=(5, 5, 8), random_state=0)
    >>> network.output_shape, network.n_parameters
    ((5, 5, 8), 42)
    """

    def __init__(self, ratio: int = 16) -> None:
        if ratio < 1:
            raise ValueError(f"SqueezeExcitation takes a ratio of 1 or more, got {ratio!r}.")
        self.ratio = ratio
        self._channels = 0
        self.gate = Sequence()  # until the channels are known

    def config(self) -> dict[str, Any]:
        """Return the ratio."""
        return {"ratio": self.ratio}

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` reads the input alone."""
        return True

    def children(self, input_shape: Shape) -> Iterator[tuple[str, Layer, Shape]]:
        """Yield what makes factors of a picture."""
        channels = input_shape[-1]
        if channels != self._channels:
            self._channels = channels
            self.gate = Sequence(
                GlobalAvgPool2D(),
                Dense(max(1, channels // self.ratio), weight_init="he_uniform"),
                ReLU(),
                Dense(channels),
                Logistic(),
            )
        yield "gate", self.gate, input_shape

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input shape, which must be (height, width, channels)."""
        GlobalAvgPool2D().output_shape(input_shape)
        return input_shape

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return x g."""
        self.x = x
        self.g = self.gate.forward(x, mode)[:, None, None]
        return self.xp.multiply(x, self.g, out=self.buffer("y", tuple(x.shape)))

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Send the gradient through the picture and through the factors."""
        xp, x = self.xp, self.x
        n, height, width, channels = x.shape
        through = xp.multiply(grad_y, x, out=self.buffer("through", tuple(x.shape)))
        ones = self.constant(1.0, (1, height * width))
        grad_g = self.buffer("grad_g", (n, 1, channels))
        xp.matmul(ones, through.reshape(n, height * width, channels), out=grad_g)
        grad_x = self.gate.backward(grad_g.reshape(n, channels), wants_input)
        if not wants_input:
            return None
        grad_y *= self.g
        grad_y += grad_x
        return grad_y
