"""The shortcut without parameters around a block that makes pictures smaller and deeper."""

from __future__ import annotations

from typing import Any

from skdeep.nn.layers.base import PREDICT, Layer, Mode, Shape
from skdeep.nn.memory import Array

__all__ = ["PaddedShortcut"]


class PaddedShortcut(Layer):
    """Every `stride`-th pixel, and channels of zeros behind those that are there.

    Parameters
    ----------
    filters : int
        Channels of the output, not fewer than of the input.
    stride : int, default=1

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016,
    option A.

    Examples
    --------
    >>> from skdeep.nn import PaddedShortcut
    >>> PaddedShortcut(32, stride=2).output_shape((9, 8, 16))
    (5, 4, 32)
    """

    by_sample = True

    def __init__(self, filters: int, stride: int = 1) -> None:
        self.filters, self.stride = filters, stride

    def config(self) -> dict[str, Any]:
        """Return filters and stride."""
        return {"filters": self.filters, "stride": self.stride}

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: it is a copy."""
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (ceil(height / stride), ceil(width / stride), filters)."""
        if len(input_shape) != 3 or input_shape[2] > self.filters:
            raise ValueError(
                f"PaddedShortcut makes pictures of {self.filters} channels of those with as many "
                f"or fewer; got samples of shape {input_shape}."
            )
        high, wide = (-(-size // self.stride) for size in input_shape[:2])
        return high, wide, self.filters

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return the pixels and the zeros."""
        self.x_shape = tuple(x.shape)
        channels = x.shape[3]
        y = self.buffer("y", (len(x), *self.output_shape(self.x_shape[1:])))
        y[..., :channels] = x[:, :: self.stride, :: self.stride]
        y[..., channels:] = 0
        return y

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Send each pixel's gradient back to where it was."""
        if not wants_input:
            return None
        grad_x = self.buffer("grad_x", self.x_shape)
        if self.stride > 1:
            grad_x[...] = 0
        grad_x[:, :: self.stride, :: self.stride] = grad_y[..., : self.x_shape[3]]
        return grad_x
