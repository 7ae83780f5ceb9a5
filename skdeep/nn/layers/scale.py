"""Learned factors of each feature."""

from __future__ import annotations

import math
from typing import Any

from skdeep.nn.initializers import ones
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter, Shape
from skdeep.nn.memory import Array
from skdeep.nn.products import sum_rows

__all__ = ["Scale", "sum_leading"]


class Scale(Layer):
    """Multiply each feature by a learned factor.

    With factors s, one for each feature and all one in the beginning::

        y = s x,    grad_s = sum over rows of x grad_y,    grad_x = s grad_y

    In front of a network on a table, it lets the network find out soon which features count.

    Parameters
    ----------
    n_axes : int, default=1
        How many of the last axes have factors of their own: 1 is one for each feature, 2 one for
        each feature of each member or step.
    rate : float > 0, default=1.0
        How many times as fast as other parameters the factors learn with Adam, whose steps have
        the same size for all: the factors are kept divided by it.

    References
    ----------
    Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and boosted
    trees on tabular data", NeurIPS 2024.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Network, Scale
    >>> Network(Scale(), input_shape=(3,)).forward(np.array([[1.0, 2.0, 3.0]]))
    array([[1., 2., 3.]])
    """

    factor: Array
    grad_factor: Array

    def __init__(self, n_axes: int = 1, *, rate: float = 1.0) -> None:
        if n_axes < 1:
            raise ValueError(f"Scale takes n_axes of 1 or more, got {n_axes!r}.")
        if not rate > 0:
            raise ValueError(f"Scale takes a rate above 0, got {rate!r}.")
        self.n_axes, self.rate = n_axes, rate

    def config(self) -> dict[str, Any]:
        """Return what is not the default."""
        return {} if self.n_axes == 1 else {"n_axes": self.n_axes}

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare the factors, of the shape of the last `n_axes` axes."""

        def start(shape: Any, fans: Any, random_state: Any) -> Any:
            return ones(shape, fans, random_state) / self.rate

        return {"factor": Parameter(tuple(input_shape[-self.n_axes :]), start)}

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` reads the input alone."""
        return True

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return s x."""
        self.x = x
        y = self.xp.multiply(x, self.factor, out=self.buffer("y", tuple(x.shape)))
        if self.rate != 1.0:
            y *= self.rate
        return y

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Fill grad_factor, return s grad_y."""
        if self.rate != 1.0:
            grad_y *= self.rate
        product = self.xp.multiply(self.x, grad_y, out=self.buffer("product", tuple(grad_y.shape)))
        sum_leading(self, product, out=self.grad_factor)
        if not wants_input:
            return None
        grad_y *= self.factor
        return grad_y


def sum_leading(layer: Any, x: Array, out: Array) -> None:
    """Write the sum of `x` over its leading axes into `out`, which has the last ones."""
    size = math.prod(out.shape)
    sum_rows(layer, x.reshape(-1, size), out.reshape(-1))
