"""The architectures that made the field, each a few lines of layers.

A builder takes the shape of a picture and the number of outputs, and returns the layers. At the
published size they are as published; smaller pictures get a first layer without stride and as many
poolings as they have room for.
"""

from collections.abc import Callable

from skdeep.neural_network.images.architectures.classic import alexnet, lenet5, zfnet
from skdeep.neural_network.images.architectures.fractalnet import fractalnet
from skdeep.neural_network.images.architectures.googlenet import googlenet
from skdeep.neural_network.images.architectures.resnet import (
    resnet,
    resnet18,
    resnet34,
    resnet50,
)
from skdeep.neural_network.images.architectures.vgg import vgg11, vgg16
from skdeep.nn import Layer

__all__ = ["ARCHITECTURES", "Builder"]

Builder = Callable[[tuple[int, int, int], int], Layer]

#: The builders by name.
ARCHITECTURES: dict[str, Builder] = {
    "lenet5": lenet5,
    "alexnet": alexnet,
    "zfnet": zfnet,
    "vgg11": vgg11,
    "vgg16": vgg16,
    "googlenet": googlenet,
    **{f"resnet{depth}": resnet(depth) for depth in (8, 14, 20, 32, 44, 56, 110)},
    **{f"plain{depth}": resnet(depth, plain=True) for depth in (8, 14, 20, 32, 44, 56, 110)},
    "resnet18": resnet18,
    "resnet34": resnet34,
    "resnet50": resnet50,
    "fractalnet": fractalnet,
}
