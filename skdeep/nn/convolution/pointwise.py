"""Convolution with a window of one pixel: a dense layer at every place.

There is nothing to gather: all pixels of all pictures are the rows of one product, taken in blocks
so that the bias meets the outputs while they are in the cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.convolution.geometry import Geometry
from skdeep.nn.convolution.patches import add_bias_gradient, finish, rectified
from skdeep.nn.convolution.pieces import add_gradient, multiply
from skdeep.nn.convolution.workspace import BLOCK, blocks

__all__ = ["Pointwise"]

Floats = NDArray[Any]


class Pointwise:
    """A window of one pixel, stride 1, no border, one group.

    Parameters
    ----------
    geometry : Geometry
    target : int
        Bytes of the rows of a block, inputs and outputs.
    """

    def __init__(self, geometry: Geometry, target: int = BLOCK) -> None:
        self.target = target

    @staticmethod
    def suits(geometry: Geometry) -> bool:
        """Whether the path can do it."""
        return (
            geometry.kernel == geometry.stride == (1, 1)
            and geometry.padding == ((0, 0), (0, 0))
            and geometry.groups == 1
        )

    def forward(
        self,
        x: Floats,
        weight: Floats,
        y: Floats,
        bias: Floats | None = None,
        rectify: bool = False,
    ) -> None:
        """Write the convolution of x with the weight into y."""
        matrix = weight[0, 0]
        rows, out = x.reshape(-1, len(matrix)), y.reshape(-1, matrix.shape[1])
        for part in self._blocks(rows, matrix):
            block = out[part]
            multiply(rows[part], matrix, block)
            finish(block, bias, rectify)

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
        matrix = weight[0, 0]
        channels, filters = matrix.shape
        for array in (grad_weight, grad_bias):
            if array is not None:
                array[...] = 0
        transposed = np.ascontiguousarray(matrix.T)
        grad = grad_y.reshape(-1, filters)
        outputs = None if y is None else y.reshape(-1, filters)
        for part in self._blocks(grad, matrix):
            block = rectified(grad[part], None if outputs is None else outputs[part])
            add_bias_gradient(grad_bias, block)
            if grad_weight is not None and x is not None:
                add_gradient(x.reshape(-1, channels)[part], block, grad_weight[0, 0])
            if grad_x is not None:
                multiply(block, transposed, grad_x.reshape(-1, channels)[part])

    def _blocks(self, rows: Floats, matrix: Floats) -> list[slice]:
        return blocks(len(rows), sum(matrix.shape) * rows.itemsize, self.target)
