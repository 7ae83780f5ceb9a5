"""From the first convolutional network that worked to those that won ImageNet in 2012 and 2013."""

from __future__ import annotations

from skdeep.neural_network.images.stack import Stack
from skdeep.nn import AvgPool2D, Conv2D, Dense, Flatten, Layer, LocalResponseNorm, Tanh

__all__ = ["alexnet", "lenet5", "zfnet"]

Shape = tuple[int, int, int]


def lenet5(input_shape: Shape, n_outputs: int) -> Layer:
    """LeNet-5 on 32 x 32 pixels: maps of 28, 14, 10, 5 and 1; other sizes keep their borders.

    Its third layer sees all maps of the second; in the paper some connections are missing.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
    recognition", Proc. IEEE 86, 1998.
    """
    stack = Stack(input_shape)
    for filters in (6, 16):
        fits = min(stack.shape[:2]) >= 14 and not (stack.shape[0] % 2 or stack.shape[1] % 2)
        stack.add(Conv2D(filters, 5, padding="valid" if fits else "same"), Tanh())
        stack.pool(2, kind=AvgPool2D)
    stack.add(Flatten(), Dense(120), Tanh(), Dense(84), Tanh(), Dense(n_outputs))
    return stack.build()


def alexnet(input_shape: Shape, n_outputs: int) -> Layer:
    """AlexNet on 227 x 227 pixels, its two halves as groups.

    References
    ----------
    A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional neural
    networks", NIPS 2012.
    """
    stack = Stack(input_shape)
    if stack.is_small:
        stack.conv(96, 5)
    else:
        fits = not ((input_shape[0] - 11) % 4 or (input_shape[1] - 11) % 4)
        stack.conv(96, 11, stride=4, padding="valid" if fits else "same")
    stack.add(LocalResponseNorm()).pool(3, 2)
    stack.conv(256, 5, groups=2).add(LocalResponseNorm()).pool(3, 2)
    stack.conv(384, 3).conv(384, 3, groups=2).conv(256, 3, groups=2).pool(3, 2)
    return _classifier(stack, n_outputs, Stack(input_shape).is_small)


def zfnet(input_shape: Shape, n_outputs: int) -> Layer:
    """ZFNet on 224 x 224 pixels: AlexNet with a finer first layer and more filters.

    References
    ----------
    M. Zeiler, R. Fergus, "Visualizing and understanding convolutional networks", ECCV 2014.
    """
    stack = Stack(input_shape)
    if stack.is_small:
        stack.conv(96, 5).pool(3, 2).conv(256, 5)
    else:
        fits = input_shape[0] % 2 == 0 and input_shape[1] % 2 == 0
        stack.conv(96, 7, stride=2, padding=((1, 0), (1, 0)) if fits else "same").pool(3, 2)
        fits = stack.shape[0] % 2 == 1 and stack.shape[1] % 2 == 1
        stack.conv(256, 5, stride=2, padding="valid" if fits else "same")
    stack.pool(3, 2).conv(512, 3).conv(1024, 3).conv(512, 3).pool(3, 2)
    return _classifier(stack, n_outputs, Stack(input_shape).is_small)


def _classifier(stack: Stack, n_outputs: int, small: bool) -> Layer:
    units = 512 if small else 4096
    for _ in range(2):
        stack.dense(units, dropout=0.5)
    return stack.dense(n_outputs, activation=False).build()
