"""What a layer is: one differentiable map, and its own way back.

A layer is described by a few numbers. For a given shape of one input sample it declares its
parameters (name, shape, initializer) and its output shape. The network that owns it then binds it:
each parameter becomes an attribute of the layer of that name, a view into the network's one
parameter vector, and its gradient the attribute ``grad_`` + name, a view into the gradient vector.

From then on ``forward(x, mode)`` maps a batch, and ``backward(grad_y)`` takes the gradient of the
loss by the last output, fills the gradients of the parameters and returns the gradient by the last
input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from skdeep.nn.initializers import Initializer
from skdeep.nn.memory import Array, Memory
from skdeep.nn.sharing import WorkShare

__all__ = ["PREDICT", "Layer", "Mode", "Parameter"]


@dataclass(frozen=True)
class Parameter:
    """One array of a layer, learned by gradients or kept as a running statistic.

    Attributes
    ----------
    shape : tuple of int
    initializer : callable
        ``initializer(shape, fans, random_state) -> ndarray``.
    fans : (int, int)
        How many inputs a unit sums over, and how many units an input feeds.
    penalized : bool
        Whether weight decay acts on it: on weights, not on biases or normalization's scales.
    """

    shape: tuple[int, ...]
    initializer: Initializer
    fans: tuple[int, int] = (1, 1)
    penalized: bool = False


@dataclass(frozen=True)
class Mode:
    """How a forward pass is meant.

    Attributes
    ----------
    training : bool
        Whether batch statistics are used and units are dropped.
    rng : numpy.random.Generator or None
        Where the masks of dropout come from; needed in training only by layers that draw.
    weight : array of shape (n_samples,) or None
        What each sample counts, with sum 1; None counts all alike. Batch statistics use it, so
        that a sample of weight two is the same as two samples.
    count : float or None
        What the weights summed to before: how many samples they stand for. None where unknown.
    """

    training: bool = False
    rng: Any = None
    weight: Array | None = None
    count: float | None = None


PREDICT = Mode()


class Layer(Memory):
    """A differentiable map; the base of all layers is the identity.

    Attributes
    ----------
    may_overwrite : bool
        Whether `forward` may write its output over its input, which is so if the layer before
        has no use for it any more. Set by `connect`.
    learns : bool
        Whether there is a parameter in it. Set by the network that binds it.
    share : WorkShare or None
        Threads to share large products with. Set by `Network.share_work`.
    when_ready : callable or None
        With `share`: called with a slice of the network's parameters that nobody reads any more in
        this step, and with their gradient, a vector that is good for as long as the call takes.
    starts : dict from str to int
        Where in the network's vectors each parameter starts.
    """

    may_overwrite: bool = False
    learns: bool = False
    share: WorkShare | None = None
    when_ready: Callable[[slice, Array], None] | None = None
    starts: dict[str, int]

    @property
    def frees_output(self) -> bool:
        """Whether others may write over this layer's output.

        Not so unless a layer says it: its `backward` may read the output, or the output may be
        the input itself.
        """
        return False

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of one output sample for the shape of one input sample."""
        return input_shape

    def parameters(self, input_shape: tuple[int, ...]) -> dict[str, Parameter]:
        """Declare what is learned by gradients."""
        return {}

    def statistics(self, input_shape: tuple[int, ...]) -> dict[str, Parameter]:
        """Declare what is kept from batch to batch without a gradient."""
        return {}

    def leaves(self, input_shape: tuple[int, ...]) -> Iterator[tuple[Layer, tuple[int, ...]]]:
        """Yield every layer that maps by itself, with its input shape, in order of `forward`."""
        yield self, input_shape

    def connect(self, may_overwrite: bool) -> None:
        """Learn whether the input may be overwritten."""
        self.may_overwrite = may_overwrite

    def bind(self, xp: ModuleType, dtype: Any, arrays: dict[str, Array]) -> None:
        """Take the views that the network made for the declared names."""
        self.settle(xp, dtype)
        for name, array in arrays.items():
            setattr(self, name, array)

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Map a batch `x` of shape (n_samples, *input_shape)."""
        return x

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Fill the gradients of the parameters; return the gradient by the input.

        Parameters
        ----------
        grad_y : array of shape (n_samples, *output_shape)
            Gradient of the loss by the output of the last `forward`. It belongs to the layer
            from here on, which may write over it.
        wants_input : bool, default=True
            False spares the first layer a product that nobody reads.

        Returns
        -------
        array of shape (n_samples, *input_shape) or None
            None only if `wants_input` is False.
        """
        return grad_y

    def __repr__(self) -> str:
        config = ", ".join(f"{name}={value!r}" for name, value in self.config().items())
        return f"{type(self).__name__}({config})"

    def config(self) -> dict[str, Any]:
        """Return what the layer was constructed with, by name."""
        return {}
