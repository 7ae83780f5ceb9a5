"""Where channels are few: several outputs that lie side by side as one with the filters of all.

Windows of a few numbers make long and narrow matrices, of which the gathering takes longer than
the product. But m outputs side by side are one output of m times as many filters, whose window has
m - 1 columns more and moves by m. With i < m and the entries k of a row of the window::

    y[m t + i] = sum over k of x[m t + i + k] W[k] = sum over l of x[m t + l] B[l, i],
    B[i + k, i] = W[k], and 0 elsewhere

so that the weights B of a strip are a band of those of a place. More is multiplied, by zeros, for
the window is wider by m - 1, and less gathered, for there are m times fewer windows. The gradient
of W is the sum of that of B along the band.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.convolution.columns import Columns
from skdeep.nn.convolution.geometry import Geometry
from skdeep.nn.convolution.workspace import BLOCK

__all__ = ["Strips"]

Floats = NDArray[Any]

_FEW = 8  # channels: with more of them products by columns are wide enough
_RATIO = 4  # so many times as much to gather backward, of filters, as to put back of channels
_WIDE = 80  # filters of a strip: with more the product is no faster


class Strips:
    """The path by columns for strips of outputs. One group, stride 1, no dilation.

    Parameters
    ----------
    geometry : Geometry
    length : int or None
        Outputs of a strip, which divides those of a row; None for what is fast.
    target : int
        Bytes of the columns of a block.
    """

    def __init__(self, geometry: Geometry, length: int | None = None, target: int = BLOCK) -> None:
        self.length = m = length or Strips.fastest(geometry)
        high, wide = geometry.places
        rows, columns = geometry.kernel
        self.strips = dataclasses.replace(
            geometry,
            kernel=(rows, columns + m - 1),
            stride=(1, m),
            places=(high, wide // m),
            filters=geometry.filters * m,
        )
        self.kernel, self.path = geometry.kernel, Columns(self.strips, target)

    @staticmethod
    def fastest(geometry: Geometry) -> int:
        """Return how long strips should be; 1 where there is none that a row is made of."""
        longest = min(geometry.kernel[1] + 1, max(2, _WIDE // geometry.filters))
        plain = geometry.groups == 1 and geometry.stride == geometry.dilation == (1, 1)
        fitting = (m for m in range(longest, 1, -1) if geometry.places[1] % m == 0)
        return next(fitting, 1) if plain and geometry.kernel[1] > 1 else 1

    @staticmethod
    def suits(geometry: Geometry) -> bool:
        """Whether the path can do it, and is the faster one."""
        high, wide, channels = geometry.input_shape
        rows, columns = geometry.places
        gathered, put_back = high * wide * geometry.filters, rows * columns * channels
        many_filters = channels <= _FEW and gathered >= _RATIO * put_back
        few_of_each = channels <= _FEW // 2 and geometry.filters <= _FEW
        return (many_filters or few_of_each) and Strips.fastest(geometry) > 1

    def forward(
        self,
        x: Floats,
        weight: Floats,
        y: Floats,
        bias: Floats | None = None,
        rectify: bool = False,
    ) -> None:
        """Write the convolution of x with the weight into y."""
        biases = None if bias is None else np.tile(bias, self.length)
        self.path.forward(x, self._banded(weight), self._in_strips(y), biases, rectify)

    def backward(
        self,
        x: Floats | None,
        weight: Floats,
        grad_y: Floats,
        grad_x: Floats | None = None,
        grad_weight: Floats | None = None,
        grad_bias: Floats | None = None,
        y: Floats | None = None,
    ) -> None:
        """Write the gradients that are wanted."""
        banded = self._banded(weight)
        grad_banded = None if grad_weight is None else np.empty_like(banded)
        grad_biases = None if grad_bias is None else np.empty(banded.shape[3:], banded.dtype)
        outputs = None if y is None else self._in_strips(y)
        self.path.backward(
            x, banded, self._in_strips(grad_y), grad_x, grad_banded, grad_biases, outputs
        )
        if grad_weight is not None and grad_banded is not None:
            grad_weight[...] = sum(self._band(grad_banded))
        if grad_bias is not None and grad_biases is not None:
            grad_bias[...] = grad_biases.reshape(self.length, -1).sum(axis=0)

    def _in_strips(self, y: Floats) -> Floats:
        """View outputs as strips of them."""
        return y.reshape(len(y), *self.strips.output_shape)

    def _banded(self, weight: Floats) -> Floats:
        """Return the weights B of a strip."""
        banded = np.zeros(self.strips.weight_shape, weight.dtype)
        for part in self._band(banded):
            part[...] = weight
        return banded

    def _band(self, banded: Floats) -> list[Floats]:
        """View the part of the band of each output, of the shape of W."""
        by_output = banded.reshape(*banded.shape[:3], self.length, -1)
        return [by_output[:, i : i + self.kernel[1], :, i] for i in range(self.length)]
