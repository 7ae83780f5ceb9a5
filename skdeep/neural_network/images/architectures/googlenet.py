"""GoogLeNet: windows of several sizes side by side, behind single pixels that save products."""

from __future__ import annotations

from skdeep.neural_network.images.stack import Stack
from skdeep.nn import (
    AuxiliaryHeads,
    AvgPool2D,
    Branches,
    Conv2D,
    Dropout,
    GlobalAvgPool2D,
    Layer,
    LocalResponseNorm,
    MaxPool2D,
    Sequence,
)

__all__ = ["googlenet", "inception"]

Shape = tuple[int, int, int]


def inception(one: int, reduce3: int, three: int, reduce5: int, five: int, pool: int) -> Layer:
    """Return a module: 1 x 1, 3 x 3 and 5 x 5 windows and a pool, joined along channels.

    Parameters
    ----------
    one, three, five, pool : int
        Filters of each branch.
    reduce3, reduce5 : int
        Filters of the 1 x 1 windows before 3 x 3 and 5 x 5.
    """
    return Branches(
        _conv(one, 1),
        Sequence(_conv(reduce3, 1), _conv(three, 3)),
        Sequence(_conv(reduce5, 1), _conv(five, 5)),
        Sequence(MaxPool2D(3, stride=1, padding="same"), _conv(pool, 1)),
    )


def _conv(filters: int, size: int) -> Layer:
    return Conv2D(filters, size, padding="same", activation="relu", weight_init="he_normal")


def googlenet(input_shape: Shape, n_outputs: int) -> Layer:
    """GoogLeNet on 224 x 224 pixels, with its two auxiliary heads.

    References
    ----------
    C. Szegedy et al., "Going deeper with convolutions", CVPR 2015.
    """
    first = Stack(input_shape)
    if first.is_small:
        first.conv(64, 3)
    else:
        first.conv(64, 7, stride=2).pool(3, 2).add(LocalResponseNorm())
    first.conv(64, 1).conv(192, 3).add(LocalResponseNorm()).pool(3, 2)
    first.add(inception(64, 96, 128, 16, 32, 32), inception(128, 128, 192, 32, 96, 64)).pool(3, 2)
    first.add(inception(192, 96, 208, 16, 48, 64))
    second = Stack(first.shape).add(
        inception(160, 112, 224, 24, 64, 64),
        inception(128, 128, 256, 24, 64, 64),
        inception(112, 144, 288, 32, 64, 64),
    )
    last = Stack(second.shape).add(inception(256, 160, 320, 32, 128, 128)).pool(3, 2)
    last.add(inception(256, 160, 320, 32, 128, 128), inception(384, 192, 384, 48, 128, 128))
    last.add(GlobalAvgPool2D(), Dropout(0.4)).dense(n_outputs, activation=False)
    return AuxiliaryHeads(
        first.build(),
        second.build(),
        last.build(),
        heads=[_head(first.shape, n_outputs), _head(second.shape, n_outputs)],
    )


def _head(shape: tuple[int, ...], n_outputs: int) -> Layer:
    head = Stack(shape).pool(5, 3, kind=AvgPool2D).conv(128, 1)
    return head.dense(1024, dropout=0.7).dense(n_outputs, activation=False).build()
