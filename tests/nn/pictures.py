"""Every layer for pictures, with the shape of one sample that the tests try it on.

A new one joins by one line here.
"""

from skdeep.nn import (
    AuxiliaryHeads,
    Average,
    AvgPool2D,
    BatchNorm,
    Branches,
    Conv1D,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Flatten,
    GlobalAvgPool2D,
    Identity,
    LocalResponseNorm,
    MaxPool2D,
    PaddedShortcut,
    ReLU,
    Residual,
    Sequence,
    SpatialDropout,
    SqueezeExcitation,
    StochasticDepth,
    Tanh,
    fractal,
)


def conv(filters=2, size=3):
    return Conv2D(filters, size, padding="same")


WINDOWS = [
    (Conv2D(3, 3), (6, 5, 2)),
    (Conv2D(4, (2, 3), padding="same", stride=2), (5, 4, 3)),
    (Conv2D(2, 3, padding=1, activation="relu"), (4, 5, 5)),
    (Conv2D(4, 3, padding=((1, 0), (0, 2)), groups=2, use_bias=False), (4, 3, 2)),
    (Conv2D(3, 3, padding="same", dilation=2, groups=3), (5, 6, 3)),
    (Conv2D(3, 2, padding="same", stride=2, dilation=3), (5, 6, 2)),
    (Conv2D(6, 2, groups=3, stride=(1, 2)), (3, 4, 3)),
    (Conv2D(5, 1), (2, 3, 4)),
    (Conv2D(2, 1, stride=2, padding="same"), (3, 4, 6)),
    (Conv2D(1, 5, padding=2), (1, 1, 1)),
    (Conv1D(3, 3), (7, 2)),
    (Conv1D(4, 2, padding="same", stride=3, activation="relu"), (8, 5)),
    (Conv1D(2, 3, padding="causal", dilation=2), (6, 3)),
    (Conv1D(2, 3, padding="causal", stride=2), (6, 5)),
    (Conv1D(4, 4, padding=(1, 3), groups=2), (5, 6)),
    (ConvTranspose2D(3, 3), (3, 2, 4)),
    (ConvTranspose2D(2, 4, stride=2, padding=1), (3, 4, 5)),
    (ConvTranspose2D(4, (2, 3), stride=(3, 2), padding="same", use_bias=False), (2, 3, 2)),
    (ConvTranspose2D(4, 3, dilation=2, groups=2), (2, 3, 4)),
    (MaxPool2D(), (4, 6, 3)),
    (MaxPool2D(3, stride=2), (7, 5, 2)),
    (MaxPool2D((2, 3), stride=1, padding="same"), (4, 5, 1)),
    (MaxPool2D(2, stride=3), (5, 8, 2)),
    (MaxPool2D(3, stride=2, padding=1), (5, 5, 1)),
    (AvgPool2D(), (4, 6, 3)),
    (AvgPool2D(3, stride=2, padding="same"), (6, 5, 2)),
    (AvgPool2D((3, 2), stride=(1, 3)), (4, 5, 1)),
    (GlobalAvgPool2D(), (3, 4, 2)),
    (Flatten(), (3, 4, 2)),
    (Flatten(), (5,)),
]

BLOCKS = [
    (PaddedShortcut(5, stride=2), (3, 4, 2)),
    (PaddedShortcut(3), (2, 2, 2)),
    (LocalResponseNorm(), (3, 2, 7)),
    (LocalResponseNorm(4, alpha=0.5, beta=0.5, k=1.0), (2, 2, 3)),
    (LocalResponseNorm(1, alpha=0.3), (5,)),
    (SpatialDropout(0.4), (3, 2, 5)),
    (StochasticDepth(0.4), (3, 2, 5)),
    (Residual(Sequence(conv(), Tanh(), conv(), StochasticDepth(0.3))), (4, 3, 2)),
    (
        Residual(Conv2D(4, 3, stride=2, padding="same"), Conv2D(4, 1, stride=2, padding="same")),
        (5, 4, 2),
    ),
    (SqueezeExcitation(2), (3, 2, 4)),
    (Sequence(conv(), SqueezeExcitation(), Tanh()), (3, 2, 1)),
    (Average(conv(), Identity(), Sequence(Tanh(), conv())), (3, 3, 2)),
    (Average(conv(), conv(), conv(), drop=0.5), (3, 3, 2)),
    (fractal(3, lambda: Dense(2)), (3,)),
    (fractal(2, lambda: Sequence(conv(), BatchNorm(), Tanh()), drop=0.4), (2, 3, 2)),
    (
        AuxiliaryHeads(
            Dense(4),
            Sequence(Tanh(), Dense(3)),
            Dense(2),
            heads=[Dense(2), Sequence(Tanh(), Dense(2))],
        ),
        (3,),
    ),
    (AuxiliaryHeads(Tanh(), Tanh(), Tanh(), heads=[None, ReLU()]), (3,)),
    (
        Branches(
            conv(2, 1),
            Sequence(conv(1, 1), Tanh(), conv(3, 3)),
            Sequence(MaxPool2D(3, stride=1, padding="same"), conv(1, 1)),
        ),
        (4, 3, 2),
    ),
]

PICTURES = WINDOWS + BLOCKS
