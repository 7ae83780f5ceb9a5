"""Convolutional networks: the architecture that classifier and regressor share."""

import copy
from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np

from skdeep.neural_network.augmented import AugmentedPictures, picture_shape
from skdeep.neural_network.images.architectures import ARCHITECTURES
from skdeep.neural_network.images.notation import Plan, parse
from skdeep.neural_network.images.pictures import (
    Pixels,
    flat_rows,
    moments_of_channels,
    seems_channels_first,
    shape_in_rows,
)
from skdeep.neural_network.images.stack import Stack
from skdeep.neural_network.training.initial_weights import drawn_weights, make_initializer
from skdeep.neural_network.training_params import ActivityParams, layer_or_function
from skdeep.nn import (
    ACTIVATIONS,
    AuxiliaryLoss,
    Flatten,
    GlobalAvgPool2D,
    Layer,
    Loss,
    Sequence,
    Summary,
    summarize,
)
from skdeep.utils.clean import validated
from skdeep.utils.parameters import parameters
from skdeep.utils.params import boolean, integer, one_of, real, rule
from skdeep.utils.user_warnings import warn_user

__all__ = ["BaseConvNet"]

_PIXELS = (
    *(np.float64, np.float32, np.uint8, np.int8, np.uint16, np.int16),
    *(np.uint32, np.int32, np.uint64, np.int64, np.bool_),
)
_rate = real(0, 1, closed="left")


def _describes_layers(value: Any) -> bool:
    if isinstance(value, str):
        return value in ARCHITECTURES or parse(value) is not None
    if isinstance(value, (list, tuple)):
        return len(value) > 0 and all(isinstance(layer, Layer) for layer in value)
    return isinstance(value, Layer) or callable(value)


_architecture = rule(
    f"a notation such as '2x32, 2x64 | 128', one of {', '.join(map(repr, ARCHITECTURES))}, a "
    "layer, a list of layers or a callable",
    _describes_layers,
    "str",
    "Layer",
    "list of Layer",
    "callable",
)


@parameters
class BaseConvNet(ActivityParams, AugmentedPictures):
    """Convolutions and pools, then dense layers.

    Attributes
    ----------
    image_shape_ : tuple of int
        Height, width and channels of a picture.
    """

    architecture: Annotated[
        Any,
        _architecture,
        """The hidden layers:

        - a notation, "N x FILTERS, ... | UNITS, ...": blocks of N convolutions with their
          activations, each block followed by a pool of 2 x 2, then dense layers; without "|",
          the mean over all pixels instead of dense layers;
        - the name of a published network, as published at its own size and scaled to others:
          'lenet5', 'alexnet', 'zfnet', 'vgg11', 'vgg16', 'googlenet', 'resnet20' (8 to 110),
          'plain20' (the same without shortcuts), 'resnet18', 'resnet34', 'resnet50',
          'fractalnet';
        - a :class:`~skdeep.nn.Layer`, such as a `Sequence`, or a list of them, copies of which
          are taken, without the last layer, which gives the outputs;
        - a callable, ``architecture(image_shape, n_outputs)``, that makes all layers.
        """,
    ] = "2x32, 2x64 | 128"
    _: KW_ONLY
    image_shape: Annotated[
        Any,
        one_of("auto") | picture_shape,
        """Height, width and, if there is more than one, channels of the pictures that rows of a
        table hold. 'auto' is the shape of `X` where that has pictures, of three or four axes;
        for rows, a square of one channel if their length is the square of a number, else a square
        of three channels if it is three times that, else one row of pixels.
        """,
    ] = "auto"
    activation: Annotated[
        Any,
        one_of(*ACTIVATIONS, "maxout") | layer_or_function,
        """Of the hidden units of a notation: what :class:`MLPClassifier` takes. With 'maxout',
        a convolution has twice as many channels as the notation says, of which half are left. With
        'selu' set ``batch_norm=False``: such a network normalizes itself.
        """,
    ] = "relu"
    kernel_size: Annotated[int, integer(1), "Rows and columns of the windows, for a notation."] = 3
    batch_norm: Annotated[
        bool,
        boolean(),
        "Whether convolutions are normalized over the batch, for a notation.",
    ] = True
    dropout: Annotated[
        float,
        _rate,
        "Rate at which what the dense layers read is dropped in training, for a notation.",
    ] = 0.0
    weight_init: Annotated[
        Any,
        drawn_weights,
        """How the weights of a notation are drawn: what :class:`MLPClassifier` takes; None is He's
        scheme, or what else suits the activation. 'lsuv' scales the layers of any architecture.
        """,
    ] = None
    batch_size: Annotated[
        Any,
        integer(1) | one_of("auto"),
        "Samples in a mini-batch; 'auto' is min(64, n_samples).",
    ] = "auto"
    learning_rate: str = "cosine"
    learning_rate_init: float = 0.003
    max_iter: int = 30

    # How pictures are read

    _takes_chunks = True

    def _check_X(self, X: Any, *, reset: bool) -> Any:
        """Return pictures as rows of a table, of the type that they have."""
        rows, found = flat_rows(X)
        if not reset and found is not None:
            self._check_shape(self._last_three(found))
        rows = validated(
            self,
            rows,
            dtype=_PIXELS,
            order="C",
            reset=reset,
        )
        if reset:
            self.image_shape_ = self._shape_of(found, rows.shape[1])
        return rows

    def _check_shape(self, shape: tuple[int, int, int]) -> None:
        if shape != self.image_shape_:
            raise ValueError(
                f"{type(self).__name__} was fitted on pictures of shape {self.image_shape_} "
                f"(height, width, channels), X has pictures of shape {shape}."
            )

    def _shape_of(self, found: tuple[int, ...] | None, n_features: int) -> tuple[int, int, int]:
        """Return height, width and channels, by the parameter or by what X is."""
        owner = type(self).__name__
        if found is not None:
            given = None if self.image_shape == "auto" else (*self.image_shape, 1)[:3]
            seen = self._last_three(found)
            if given is not None and tuple(given) != seen:
                raise ValueError(
                    f"{owner} has image_shape={self.image_shape!r}, but X has pictures of shape "
                    f"{seen} (height, width, channels)"
                    + ("." if self.channels_first else "; or is it channels_first=True?")
                )
            if given is None and seems_channels_first(seen):
                warn_user(
                    f"{owner} reads X as pictures of {seen[0]} x {seen[1]} pixels with {seen[2]} "
                    "channels. If channels come first, as in PyTorch, say channels_first=True; if "
                    "not, image_shape makes sure."
                )
            return seen
        return shape_in_rows(owner, self.image_shape, n_features)

    def _last_three(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        """Return (height, width, channels) of a picture of two or three axes."""
        if len(shape) == 2:
            return shape[0], shape[1], 1
        one, two, three = shape
        return (two, three, one) if self.channels_first else (one, two, three)

    def _inputs(self, X: Any) -> tuple[Any, None]:
        height, width, channels = self.image_shape_
        if self.channels_first:
            return X.reshape(-1, channels, height, width), None
        return X.reshape(-1, height, width, channels), None

    def _float_type(self, x: Any) -> Any:
        return x.dtype if x.dtype.kind == "f" else np.float32

    # What the network is

    def _learn_inputs(self, x: Any, y: Any, weight: Any, incremental: bool) -> None:
        axis = 1 if self.channels_first else 3
        if y is not None:
            weight = self._class_weights(y, weight, incremental)
        self._moments = moments_of_channels(x, weight, axis - 4)
        known = getattr(self._donor(), "_moments", None)
        if known is not None and np.shape(known) == np.shape(self._moments):
            self._moments = known  # what the other's weights are used to

    def _architecture(self, n_outputs: int) -> Layer:
        pixels = Pixels(*self._moments, channels_first=self.channels_first)
        return Sequence(pixels, self._layers(self.image_shape_, n_outputs))

    def _layers(self, shape: tuple[int, int, int], n_outputs: int) -> Layer:
        """Return the layers for pictures of that shape, channels last."""
        given = self.architecture
        if isinstance(given, Layer):
            given = [given]
        if isinstance(given, (list, tuple)):
            stack = Stack(shape).add(*(copy.deepcopy(layer) for layer in given))
            return stack.dense(n_outputs, activation=False).build()
        if not isinstance(given, str):
            made = given(shape, n_outputs)
            if not isinstance(made, Layer):
                raise TypeError(
                    f"architecture={given!r} must make a skdeep.nn.Layer of an image shape and a "
                    f"number of outputs, got {made!r}."
                )
            return made
        plan = parse(given)
        return (
            ARCHITECTURES[given](shape, n_outputs)
            if plan is None
            else self._plan(plan, shape, n_outputs)
        )

    def _plan(self, plan: Plan, shape: tuple[int, int, int], n_outputs: int) -> Layer:
        stack = Stack(
            shape,
            activity_l1=self.activity_l1,
            activation=self.activation,
            weight_init=make_initializer(self.weight_init),
        )
        for n, filters in plan.blocks:
            for _ in range(n):
                stack.conv(filters, self.kernel_size, norm=self.batch_norm)
            stack.pool()
        if plan.dense is None:
            stack.add(GlobalAvgPool2D())
        else:
            stack.add(Flatten())
        rate = float(self.dropout)
        stack.drop(rate)
        for units in plan.dense or ():
            stack.dense(units, dropout=rate)
        return stack.dense(n_outputs, activation=False).build()

    def _make_loss(self) -> Loss:
        loss: Loss = super()._make_loss()  # type: ignore[safe-super]
        network = self.network_
        if any(node.layer.auxiliary for node in network.nodes()):
            return AuxiliaryLoss(loss, network.output_shape[-1])
        return loss

    # Training and predicting

    def _picture_shape(self, n_features: int) -> tuple[int, int, int]:
        return self.image_shape_

    def _batch_size(self, n_samples: int) -> int:
        return min(64, n_samples) if self.batch_size == "auto" else super()._batch_size(n_samples)

    def _known_shape(self) -> tuple[int, ...] | None:
        return None if self.image_shape == "auto" else (*self.image_shape, 1)[:3]

    def _outline(self, shape: Any, n_outputs: int) -> tuple[Layer, Any]:
        height, width, channels = (*shape, 1)[:3]
        shape = (height, width, channels)
        self._check_params()
        return self._layers(shape, n_outputs), shape

    def _itemsize(self) -> int:
        return 4 if self.dtype is None else super()._itemsize()

    def _summary_of_fit(self, batch_size: int) -> Summary:
        network: Any = self.network_
        _, layers = network.root.layers  # behind what brings pixels into order
        itemsize = network.params.itemsize
        return summarize(layers, self.image_shape_, batch_size=batch_size, itemsize=itemsize)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        tags.input_tags.three_d_array = True
        return tags
