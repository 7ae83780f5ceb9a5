"""What architectures for pictures are built of beside convolutions and pools."""

from skdeep.nn.layers.blocks.excitation import SqueezeExcitation
from skdeep.nn.layers.blocks.fractal import Average, fractal
from skdeep.nn.layers.blocks.heads import AuxiliaryHeads, AuxiliaryLoss
from skdeep.nn.layers.blocks.local_response import LocalResponseNorm
from skdeep.nn.layers.blocks.shortcut import PaddedShortcut

__all__ = [
    "AuxiliaryHeads",
    "AuxiliaryLoss",
    "Average",
    "LocalResponseNorm",
    "PaddedShortcut",
    "SqueezeExcitation",
    "fractal",
]
