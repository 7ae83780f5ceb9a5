"""Residual networks: every block adds to what it is given, so that depth does no harm."""

from __future__ import annotations

from collections.abc import Callable

from skdeep.neural_network.images.stack import Stack
from skdeep.nn import (
    BatchNorm,
    Conv2D,
    GlobalAvgPool2D,
    Layer,
    PaddedShortcut,
    ReLU,
    Residual,
    Sequence,
)

__all__ = ["resnet", "resnet18", "resnet34", "resnet50"]

Shape = tuple[int, int, int]


def resnet(depth: int, *, plain: bool = False) -> Callable[[Shape, int], Layer]:
    """Return the builder of a network of the CIFAR family, of 6 n + 2 layers with weights.

    Three stages of n blocks with 16, 32 and 64 filters; shortcuts have no parameters.

    Parameters
    ----------
    depth : int
        20, 32, 44, 56 or 110 in the paper.
    plain : bool, default=False
        Whether to leave the shortcuts out, which is what the paper compares with.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016.
    """
    n_blocks, rest = divmod(depth - 2, 6)
    if rest or n_blocks < 1:
        raise ValueError(f"A residual network of this family has 6 n + 2 layers, not {depth}.")

    def build(input_shape: Shape, n_outputs: int) -> Layer:
        stack = Stack(input_shape).conv(16, 3, norm=True)
        for filters in (16, 32, 64):
            for i in range(n_blocks):
                stride = 2 if filters > 16 and i == 0 else 1
                body = Sequence(*_conv(filters, 3, stride), ReLU(), *_conv(filters, 3))
                if plain:
                    stack.add(body, ReLU())
                    continue
                changes = stride > 1
                shortcut = PaddedShortcut(filters, stride) if changes else None
                stack.add(Residual(body, shortcut), ReLU())
        return _end(stack, n_outputs)

    return build


def resnet18(input_shape: Shape, n_outputs: int) -> Layer:
    """18 layers on 224 x 224 pixels."""
    return _resnet(input_shape, n_outputs, (2, 2, 2, 2))


def resnet34(input_shape: Shape, n_outputs: int) -> Layer:
    """34 layers on 224 x 224 pixels."""
    return _resnet(input_shape, n_outputs, (3, 4, 6, 3))


def resnet50(input_shape: Shape, n_outputs: int) -> Layer:
    """50 layers on 224 x 224 pixels, in blocks with a bottleneck."""
    return _resnet(input_shape, n_outputs, (3, 4, 6, 3), bottleneck=True)


def _resnet(
    input_shape: Shape, n_outputs: int, repeats: tuple[int, ...], bottleneck: bool = False
) -> Layer:
    stack = Stack(input_shape)
    if stack.is_small:
        stack.conv(64, 3, norm=True)
    else:
        stack.conv(64, 7, norm=True, stride=2).pool(3, 2)
    for stage, n in enumerate(repeats):
        filters = 64 * 2**stage
        for i in range(n):
            stride = 2 if stage and i == 0 else 1
            if bottleneck:
                width = 4 * filters
                body = Sequence(
                    *(*_conv(filters, 1), ReLU()),
                    *(*_conv(filters, 3, stride), ReLU()),
                    *_conv(width, 1),
                )
            else:
                width = filters
                body = Sequence(*_conv(filters, 3, stride), ReLU(), *_conv(filters, 3))
            changes = stride > 1 or stack.shape[2] != width
            shortcut = Sequence(*_conv(width, 1, stride)) if changes else None
            stack.add(Residual(body, shortcut), ReLU())
    return _end(stack, n_outputs)


def _conv(filters: int, size: int, stride: int = 1) -> tuple[Layer, Layer]:
    conv = Conv2D(
        filters, size, stride=stride, padding="same", use_bias=False, weight_init="he_normal"
    )
    return conv, BatchNorm()


def _end(stack: Stack, n_outputs: int) -> Layer:
    return stack.add(GlobalAvgPool2D()).dense(n_outputs, activation=False).build()
