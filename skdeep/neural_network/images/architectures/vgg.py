"""VGG: nothing but 3 x 3 windows, and twice the filters wherever the picture is halved."""

from __future__ import annotations

from skdeep.neural_network.images.stack import Stack
from skdeep.nn import Layer

__all__ = ["vgg11", "vgg16"]

Shape = tuple[int, int, int]


def vgg11(input_shape: Shape, n_outputs: int) -> Layer:
    """VGG with 8 convolutions, on 224 x 224 pixels.

    References
    ----------
    K. Simonyan, A. Zisserman, "Very deep convolutional networks for large-scale image recognition",
    ICLR 2015, column A.
    """
    return _vgg(input_shape, n_outputs, (1, 1, 2, 2, 2))


def vgg16(input_shape: Shape, n_outputs: int) -> Layer:
    """VGG with 13 convolutions, column D of the paper, on 224 x 224 pixels."""
    return _vgg(input_shape, n_outputs, (2, 2, 3, 3, 3))


def _vgg(input_shape: Shape, n_outputs: int, repeats: tuple[int, ...]) -> Layer:
    stack = Stack(input_shape)
    small = stack.is_small
    for n, filters in zip(repeats, (64, 128, 256, 512, 512), strict=True):
        for _ in range(n):
            # The paper trains the deep one from the shallow one's weights; where pictures are
            # small, batch normalization does that service.
            stack.conv(filters, 3, norm=small)
        stack.pool()
    for _ in range(2):
        stack.dense(512 if small else 4096, dropout=0.5)
    return stack.dense(n_outputs, activation=False).build()
