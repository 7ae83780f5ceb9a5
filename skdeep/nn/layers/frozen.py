"""A layer that training leaves as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from skdeep.nn.layers.base import PREDICT, Layer, Mode, Shape
from skdeep.nn.memory import Array

__all__ = ["Frozen"]


class Frozen(Layer):
    """A layer that does in training what it does in prediction, and does not learn.

    Its parameters and running statistics are not among those of the network: they lie in a vector
    of their own, `Network.frozen`, which no optimizer, penalty or average knows. Dropout inside
    drops nothing, and normalization takes the statistics that it has.

    Parameters
    ----------
    layer : Layer

    References
    ----------
    J. Yosinski, J. Clune, Y. Bengio, H. Lipson, "How transferable are features in deep neural
    networks?", NIPS 2014.

    Examples
    --------
    >>> from skdeep.nn import Dense, Frozen, Network, ReLU, Sequence
    >>> network = Network(Sequence(Frozen(Dense(8)), ReLU(), Dense(2)), (4,), random_state=0)
    >>> network.n_parameters, network.frozen.shape
    (18, (40,))
    """

    freezes: ClassVar[bool] = True

    def __init__(self, layer: Layer) -> None:
        self.layer = layer

    @property
    def input_dtype(self) -> Any:
        """The type that the layer takes."""
        return self.layer.input_dtype

    @property
    def frees_output(self) -> bool:
        """Whether the layer frees its output."""
        return self.layer.frees_output

    @property
    def by_sample(self) -> bool:
        """Whether the layer goes by samples."""
        return self.layer.by_sample

    def children(self, input_shape: Shape) -> Iterator[tuple[str, Layer, Shape]]:
        """Yield the layer."""
        yield "layer", self.layer, input_shape

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the layer's."""
        return self.layer.output_shape(input_shape)

    def connect(self, may_overwrite: bool) -> None:
        """Pass on whether the input may be overwritten."""
        self.may_overwrite = may_overwrite
        self.layer.connect(may_overwrite)

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return what the layer predicts."""
        if mode.training or mode.settles:
            mode = Mode(lengths=mode.lengths)
        return self.layer.forward(x, mode)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Return the layer's gradient by its input."""
        return self.layer.backward(grad_y, wants_input)

    def __repr__(self) -> str:
        return f"Frozen({self.layer!r})"
