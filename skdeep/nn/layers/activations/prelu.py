"""PReLU: a slope below zero that is learned."""

from __future__ import annotations

from typing import Any

from skdeep.nn.initializers import ones
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter, Shape
from skdeep.nn.layers.scale import sum_leading
from skdeep.nn.memory import Array

__all__ = ["PReLU"]


class PReLU(Layer):
    """ReLU with a learned slope for negative inputs of each unit.

    ::

        y = max(x, 0) + a min(x, 0),    grad_a = sum over rows of min(x, 0) grad_y

    so that each unit finds its place between a line (a = 1) and a kink (a = 0). Slopes are no
    weights: no penalty acts on them.

    Parameters
    ----------
    slope : float, default=0.25
        Where each a begins.
    n_axes : int, default=1
        How many of the last axes have slopes of their own: 1 is one for each unit, 2 one for each
        unit of each member.
    rate : float > 0, default=1.0
        How many times as fast as other parameters the slopes learn with Adam.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", ICCV 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Network, PReLU
    >>> Network(PReLU(), input_shape=(2,)).forward(np.array([[-2.0, 3.0]]))
    array([[-0.5,  3. ]])
    """

    slope: Array
    grad_slope: Array

    def __init__(self, slope: float = 0.25, *, n_axes: int = 1, rate: float = 1.0) -> None:
        if n_axes < 1:
            raise ValueError(f"PReLU takes n_axes of 1 or more, got {n_axes!r}.")
        if not rate > 0:
            raise ValueError(f"PReLU takes a rate above 0, got {rate!r}.")
        self.start, self.n_axes, self.rate = slope, n_axes, rate

    def config(self) -> dict[str, Any]:
        """Return where the slopes begin."""
        return {"slope": self.start}

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare the slopes, of the shape of the last `n_axes` axes."""

        def start(shape: Any, fans: Any, random_state: Any) -> Any:
            return ones(shape, fans, random_state) * (self.start / self.rate)

        return {"slope": Parameter(tuple(input_shape[-self.n_axes :]), start)}

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` reads the input alone."""
        return True

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return max(x, 0) + a min(x, 0)."""
        xp, shape = self.xp, tuple(x.shape)
        zero = self.constant(0.0, shape)
        negative = self.negative = xp.minimum(x, zero, out=self.buffer("negative", shape))
        y = xp.maximum(x, zero, out=self.buffer("y", shape))
        factor = xp.multiply(self.slope, self.rate, out=self.buffer("a", self.slope.shape))
        below = xp.multiply(negative, factor, out=self.buffer("below", shape))
        y += below
        return y

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Fill grad_slope, return grad_y where x > 0 and a grad_y elsewhere."""
        xp, shape = self.xp, tuple(grad_y.shape)
        below = xp.multiply(self.negative, grad_y, out=self.buffer("below", shape))
        sum_leading(self, below, out=self.grad_slope)
        self.grad_slope *= self.rate
        if not wants_input:
            return None
        # a where x < 0, 1 elsewhere: grad_y + (a - 1) grad_y there.
        factor = xp.multiply(self.slope, self.rate, out=self.buffer("a", self.slope.shape))
        factor -= 1.0
        mask = self.buffer("mask", shape, bool)
        xp.less(self.negative, self.constant(0.0, shape), out=mask)
        xp.multiply(mask, factor, out=below)
        below += 1.0
        grad_y *= below
        return grad_y
