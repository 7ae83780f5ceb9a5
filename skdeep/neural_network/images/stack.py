"""Layers one after the other, put up with an eye on the size of the picture."""

from __future__ import annotations

from typing import Any, Self

from skdeep.nn import (
    ActivityL1,
    AlphaDropout,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2D,
    Sequence,
    make_activation,
)
from skdeep.nn.initializers import Initializer

__all__ = ["Stack"]


class Stack:
    """A sequence of layers in the making, which knows the shape behind the last of them.

    Parameters
    ----------
    input_shape : (int, int, int)
        Height, width, channels.
    activity_l1 : float >= 0, default=0.0
        Strength of a penalty on what each layer with an activation says.
    activation : str, Layer or callable, default="relu"
        As `make_activation` takes it.
    weight_init : initializer or None, default=None
        Of all weights; None is what suits the activation, and "glorot_uniform" where there is none.

    Examples
    --------
    >>> from skdeep.neural_network.images.stack import Stack
    >>> stack = Stack((8, 7, 1)).conv(16, 3).pool().dense(10, activation=False)
    >>> stack.shape, len(stack.layers)
    ((10,), 4)
    """

    def __init__(
        self,
        input_shape: tuple[int, ...],
        *,
        activity_l1: float = 0.0,
        activation: Any = "relu",
        weight_init: Initializer | None = None,
    ) -> None:
        self.activity_l1, self.activation = activity_l1, activation
        self.weight_init = weight_init
        self.shape = tuple(input_shape)
        self.layers: list[Layer] = []

    @property
    def is_small(self) -> bool:
        """Whether the picture is too small for strides in its first layers."""
        return min(self.shape[:2]) < 64

    def add(self, *layers: Layer) -> Self:
        """Add any layers."""
        for layer in layers:
            self.layers.append(layer)
            self.shape = layer.output_shape(self.shape)
        return self

    def conv(self, filters: int, size: int, *, norm: bool = False, **options: Any) -> Self:
        """Add a convolution with its activation, a batch normalization between them or not."""
        function = make_activation(self.activation)
        options.setdefault("padding", "same")
        options.setdefault("weight_init", self.weight_init or function.weights_before)
        filters *= function.pieces
        if norm:
            self.add(Conv2D(filters, size, use_bias=False, **options), BatchNorm(), function)
        elif self.activation == "relu" and self.weight_init is None:
            self.add(Conv2D(filters, size, activation="relu", **options))
        else:
            self.add(Conv2D(filters, size, **options), function)
        return self._listen()

    def pool(self, size: int = 2, stride: int | None = None, kind: Any = MaxPool2D) -> Self:
        """Add a pooling, unless the picture has no room for one.

        Windows that do not fit go over the border.
        """
        stride = size if stride is None else stride
        high, wide = self.shape[:2]
        rows, columns = min(size, high), min(size, wide)
        if (rows, columns) == (1, 1):
            return self
        steps = (min(stride, high), min(stride, wide))
        fits = all(
            (room - window) % step == 0
            for room, window, step in zip((high, wide), (rows, columns), steps, strict=True)
        )
        window: Any = size if (rows, columns) == (size, size) else (rows, columns)
        step: Any = stride if steps == (stride, stride) else steps
        return self.add(
            kind(
                window,
                stride=None if step == window else step,
                padding="valid" if fits else "same",
            )
        )

    def dense(self, units: int, *, activation: bool = True, dropout: float = 0.0) -> Self:
        """Add a dense layer on all numbers there are, with activation and dropout or bare."""
        if len(self.shape) > 1:
            self.add(Flatten())
        if activation:
            function = make_activation(self.activation)
            drawn = self.weight_init or function.weights_before
            self.add(Dense(units * function.pieces, weight_init=drawn), function)._listen()
        else:
            self.add(Dense(units, weight_init=self.weight_init or "glorot_uniform"))
        return self.drop(dropout)

    def drop(self, rate: float) -> Self:
        """Add the dropout that goes with the activation, unless the rate is zero."""
        function = make_activation(self.activation)
        kind = AlphaDropout if function.self_normalizing else Dropout
        return self.add(kind(rate)) if rate else self

    def _listen(self) -> Self:
        """Penalize what the last layer says, if that is wanted."""
        return self.add(ActivityL1(self.activity_l1)) if self.activity_l1 else self

    def build(self) -> Sequence:
        """Return the layers as one."""
        return Sequence(*self.layers)
