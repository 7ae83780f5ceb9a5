"""What a layer is: one differentiable map, and its own way back.

A layer is described by a few numbers. For a given shape of one input sample it declares its
children, its parameters (name, shape, initializer) and its output shape. The network that owns the
tree then binds every node of it: each parameter becomes an attribute of the layer of that name, a
view into the network's one parameter vector, and its gradient the attribute ``grad_`` + name, a
view into the gradient vector.

From then on ``forward(x, mode)`` maps a batch, and ``backward(grad_y)`` takes the gradient of the
loss by the last output, fills the gradients of the parameters and returns the gradient by the last
input. A layer with children calls theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar, Self

from skdeep.nn.initializers import Initializer
from skdeep.nn.meeting import Seat
from skdeep.nn.memory import Array, Memory
from skdeep.nn.sharing import WorkShare

__all__ = ["PREDICT", "Layer", "Mode", "Parameter", "Shape"]

# Of one sample: (n_features,), (n_steps, n_features), (height, width, n_channels) ... A layer of
# several inputs has a tuple of shapes, and x is a tuple of arrays.
Shape = tuple[Any, ...]


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
    same_as : str or None
        The path of another parameter of that shape, such as "encoder.weight": both are one then,
        and the network adds their gradients. The path begins at the parent of the layer that
        declares it or, where there is no such parameter, at the parent's parent, and so on.
    gain : float
        What the layer multiplies it by, to its length included, where that is not one.
    """

    shape: tuple[int, ...]
    initializer: Initializer
    fans: tuple[int, int] = (1, 1)
    penalized: bool = False
    same_as: str | None = None
    gain: float = 1.0


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
    lengths : array of int of shape (n_samples,) or None
        How many of the steps of each sequence are valid, those at its beginning; the steps are
        the first axis of a sample. None where all are.
    settles : bool
        Whether running statistics are computed anew with the parameters as they are: batch
        statistics are used and averaged, though no unit is dropped.
    """

    training: bool = False
    rng: Any = None
    weight: Array | None = None
    count: float | None = None
    lengths: Array | None = None
    settles: bool = False


PREDICT = Mode()


class Layer(Memory):
    """A differentiable map; the base of all layers is the identity.

    Attributes
    ----------
    input_dtype : str, tuple of str or None
        The type that inputs must have, where it is not the network's own: "intp" for indices. A
        tuple has one entry for each of several inputs.
    draws : bool
        Whether training needs random numbers, `Mode.rng`.
    in_blocks : bool
        Whether its products are many small ones, for each of which BLAS should have one thread.
    seat : Seat or None
        Where it meets its replicas, while a part of a batch goes through.
    may_overwrite : bool
        Whether `forward` may write its output over its input, which is so if the layer before
        has no use for it any more. Set by `connect`.
    penalizes : bool
        Whether a forward pass in training leaves a `penalty_value`, to be added to the loss.
    penalty_value : float
        That of the last forward pass; `backward` adds its gradient.
    linear : bool
        Whether it sums what it reads, times its `weight`, and adds its `bias`.
    normalizes : bool
        Whether it brings what it reads to one scale.
    pieces : int
        How many numbers of what it reads make one of its outputs; 1 but for `Maxout`.
    weights_before : str
        Name of the initializer that suits weights whose products it reads. Rectifiers halve the
        variance, which He's scheme makes up for.
    self_normalizing : bool
        Whether it keeps mean 0 and variance 1, given weights by "lecun_normal" and `AlphaDropout`.
    can_rectify : bool
        Whether its `forward` takes `rectify`, to do the work of a ReLU behind it.
    rectifies : bool
        Whether it is that ReLU.
    parallel : bool
        Whether its children read the same input, rather than each what the one before made.
    in_turn : bool
        Whether it is nothing but its `layers` one after the other.
    freezes : bool
        Whether what is inside does not learn, and lies in `Network.frozen`.
    auxiliary : bool
        Whether its output in training has those of further heads beside it; see `AuxiliaryLoss`.
    learns : bool
        Whether there is a parameter in it or below it. Set by the network that binds it.
    remembers : bool
        Whether there is a running statistic in it or below it. Set by the network, too.
    share : WorkShare or None
        Threads to share large products with. Set by `Network.share_work`.
    when_ready : callable or None
        With `share`: called with a slice of the network's parameters that nobody reads any more in
        this step, and with their gradient, a vector that is good for as long as the call takes.
    starts : dict from str to int
        Where in the network's vectors each parameter starts.
    """

    input_dtype: Any = None
    draws: bool = False
    in_blocks: bool = False
    seat: Seat | None = None
    linear: ClassVar[bool] = False
    normalizes: ClassVar[bool] = False
    pieces: int = 1
    weights_before: ClassVar[str] = "he_normal"
    self_normalizing: ClassVar[bool] = False
    can_rectify: ClassVar[bool] = False
    rectifies: ClassVar[bool] = False
    parallel: ClassVar[bool] = False
    in_turn: ClassVar[bool] = False
    freezes: ClassVar[bool] = False
    auxiliary: ClassVar[bool] = False
    penalizes: ClassVar[bool] = False
    penalty_value: float = 0.0
    may_overwrite: bool = False
    learns: bool = False
    remembers: bool = False
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

    @property
    def by_sample(self) -> bool:
        """Whether threads may each take a part of a batch through a replica of this layer.

        Not so unless a layer says it: what it makes of a sample in training must depend on that
        alone, or on sums for which it meets its replicas at its `seat`, and the gradients by its
        parameters must add up. It draws nothing and penalizes nothing.
        """
        return False

    def children(self, input_shape: Shape) -> Iterable[tuple[str, Layer, Shape]]:
        """Yield the name, the layer and the input shape of each layer inside, in a fixed order.

        They are the same objects at every call.
        """
        return ()

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one output sample for the shape of one input sample."""
        return input_shape

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare what is learned by gradients, beside the children's."""
        return {}

    def statistics(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare what is kept from batch to batch without a gradient, beside the children's."""
        return {}

    def cost(self, input_shape: Shape) -> int:
        """Return how many multiply-adds the products of a forward pass of one sample take."""
        return sum(child.cost(shape) for _, child, shape in self.children(input_shape))

    def connect(self, may_overwrite: bool) -> None:
        """Learn whether the input may be overwritten, and tell the children.

        They may not overwrite theirs unless the layer that owns them says otherwise here.
        """
        self.may_overwrite = may_overwrite
        for child in self.inside():
            child.connect(False)

    def bind(self, xp: ModuleType, dtype: Any, arrays: dict[str, Array]) -> None:
        """Take the views that the network made for the declared names."""
        self.settle(xp, dtype)
        for name, array in arrays.items():
            setattr(self, name, array)
        self._holders = self._names_of_holders()

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
            The caller's own. None only if `wants_input` is False.
        """
        return grad_y

    def settle_statistics(self, x: Array, mode: Mode) -> None:
        """Do of `forward` what running statistics need, in a mode that settles them."""
        self.forward(x, mode)

    def backward_of(self, wanted: slice, grad_y: Array) -> Any:
        """Do `backward` where of the gradient by the input only a part is wanted.

        Parameters
        ----------
        wanted : slice
            Of the last axis, as the layer before says it in `reads`; whatever else comes back
            means nothing.
        grad_y : array of shape (n_samples, *output_shape)
        """
        return self.backward(grad_y)

    def reads(self) -> slice:
        """Return the part of grad_y's last axis that `backward` reads to fill its own gradients.

        All of it unless a layer says otherwise, after `forward`.
        """
        return slice(None)

    def for_members(self) -> Layer | None:
        """Return a new layer that does the same for each member of an ensemble, with own weights.

        It maps samples with a row for each member, (n_samples, n_members, n_features), in the
        layout of `MemberDense`. None where there is no such layer.
        """
        return None

    def resume(self) -> None:
        """Begin the next forward pass in the state in which the last one ended.

        A layer without a state, which is any but a recurrent one, has nothing to do.
        """

    def inside(self) -> Iterator[Layer]:
        """Yield the layers that are attributes of this one, or stand in a list, tuple or dict."""
        for name in self._names_of_holders():
            value = self.__dict__[name]
            if isinstance(value, Layer):
                yield value
            else:
                yield from _layers_in(value)

    def replica(self) -> Self:
        """Return a copy that shares parameters but not buffers, children included."""
        twin = super().replica()
        for name in self._names_of_holders():
            value = self.__dict__[name]
            if isinstance(value, Layer):
                setattr(twin, name, value.replica())
            elif isinstance(value, dict):
                setattr(twin, name, {key: _replica(entry) for key, entry in value.items()})
            else:
                setattr(twin, name, type(value)(map(_replica, value)))
        return twin

    def _names_of_holders(self) -> tuple[str, ...]:
        """Return the names of what the constructor made that is a layer, or has some in it."""
        known: tuple[str, ...] | None = self.__dict__.get("_holders")
        if known is not None:
            return known
        return tuple(
            name
            for name in self.__dict__.get("_lasting", tuple(self.__dict__))
            if isinstance(value := self.__dict__[name], Layer)
            or (isinstance(value, _HOLDERS) and _layers_in(value))
        )

    def __repr__(self) -> str:
        config = ", ".join(f"{name}={value!r}" for name, value in self.config().items())
        return f"{type(self).__name__}({config})"

    def config(self) -> dict[str, Any]:
        """Return what the layer was constructed with, by name."""
        return {}


_HOLDERS = (list, tuple, dict)


def _layers_in(holder: Any) -> list[Layer]:
    entries = holder.values() if isinstance(holder, dict) else holder
    return [entry for entry in entries if isinstance(entry, Layer)]


def _replica(entry: Any) -> Any:
    return entry.replica() if isinstance(entry, Layer) else entry
