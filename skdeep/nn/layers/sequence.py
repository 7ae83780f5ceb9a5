"""Layers one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from skdeep.nn.layers.base import PREDICT, Layer, Mode
from skdeep.nn.memory import Array

__all__ = ["Sequence"]


class Sequence(Layer):
    """The composition of layers, itself a layer.

    Forward, each layer maps the output of the one before it; backward, the chain rule runs
    through them in reverse order.

    Parameters
    ----------
    *layers : Layer
        From the input to the output.

    Examples
    --------
    >>> from skdeep.nn import Dense, Network, ReLU, Sequence
    >>> network = Network(Sequence(Dense(8), ReLU(), Dense(2)), input_shape=(4,), random_state=0)
    >>> network.n_parameters
    58
    """

    def __init__(self, *layers: Layer) -> None:
        self.layers = list(layers)

    @property
    def frees_output(self) -> bool:
        """Whether the last layer frees its output."""
        return self.layers[-1].frees_output if self.layers else self.may_overwrite

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the last layer's output shape."""
        for layer in self.layers:
            input_shape = layer.output_shape(input_shape)
        return input_shape

    def leaves(self, input_shape: tuple[int, ...]) -> Iterator[tuple[Layer, tuple[int, ...]]]:
        """Yield the leaves of every layer in turn."""
        for layer in self.layers:
            yield from layer.leaves(input_shape)
            input_shape = layer.output_shape(input_shape)

    def connect(self, may_overwrite: bool) -> None:
        """Tell each layer whether the one before it is done with its output."""
        super().connect(may_overwrite)
        for layer in self.layers:
            layer.connect(may_overwrite)
            may_overwrite = layer.frees_output
        self.learns = any(layer.learns for layer in self.layers)

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Map `x` through all layers."""
        for layer in self.layers:
            x = layer.forward(x, mode)
        return x

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Run the chain rule from the last layer to the first."""
        last = 0
        if not wants_input:  # nobody reads gradients below the first layer that learns
            last = next((i for i, layer in enumerate(self.layers) if layer.learns), 0)
        grad: Array | None = grad_y
        for i in range(len(self.layers) - 1, last - 1, -1):
            grad = self.layers[i].backward(grad, wants_input or i > last)
        return grad if wants_input else None

    def replica(self) -> Self:
        """Return a sequence of replicas."""
        twin = super().replica()
        twin.layers = [layer.replica() for layer in self.layers]
        return twin

    def __repr__(self) -> str:
        return "Sequence(" + ", ".join(map(repr, self.layers)) + ")"
