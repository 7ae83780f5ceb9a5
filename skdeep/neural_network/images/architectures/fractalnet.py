"""FractalNet: depth without residuals, by paths of many lengths side by side."""

from __future__ import annotations

from skdeep.neural_network.images.stack import Stack
from skdeep.nn import BatchNorm, Conv2D, Layer, ReLU, Sequence, fractal

__all__ = ["fractalnet"]

Shape = tuple[int, int, int]


def fractalnet(input_shape: Shape, n_outputs: int) -> Layer:
    """Blocks of three columns with 32, 64, 128 and 256 filters, each behind a pooling.

    References
    ----------
    G. Larsson, M. Maire, G. Shakhnarovich, "FractalNet: ultra-deep neural networks without
    residuals", ICLR 2017, with half of its filters.
    """
    stack = Stack(input_shape)
    for filters in (32, 64, 128, 256):

        def unit(filters: int = filters) -> Layer:
            conv = Conv2D(filters, 3, padding="same", use_bias=False, weight_init="he_normal")
            return Sequence(conv, BatchNorm(), ReLU())

        stack.add(fractal(3, unit, drop=0.15)).pool()
    return stack.dense(n_outputs, activation=False).build()
