"""From pictures to vectors."""

from __future__ import annotations

import math

from skdeep.nn.layers.base import PREDICT, Layer, Mode
from skdeep.nn.memory import Array

__all__ = ["Flatten"]


class Flatten(Layer):
    """All numbers of a sample in one vector, in the order of memory: rows, columns, channels.

    Examples
    --------
    >>> from skdeep.nn import Flatten
    >>> Flatten().output_shape((7, 7, 64))
    (3136,)
    """

    by_sample = True

    @property
    def frees_output(self) -> bool:
        """Whether the output, which is the input's memory, may be overwritten."""
        return self.may_overwrite

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return (how many numbers there are,)."""
        return (math.prod(input_shape),)

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return the same memory as a matrix."""
        self.x_shape = tuple(x.shape)
        return x.reshape(x.shape[0], -1)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Return the gradient in the shape of the input."""
        return grad_y.reshape(self.x_shape)
