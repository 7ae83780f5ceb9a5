"""A network: a tree of layers as a function of one vector."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Self

import numpy as np

from skdeep.nn.blockwise import BlockwisePrediction, block_size
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Shape
from skdeep.nn.memory import Array, Memory
from skdeep.nn.shapes.layout import Layout, Slot
from skdeep.nn.shapes.misfit import blame_shape
from skdeep.nn.shapes.tree import LayerTree, check_places
from skdeep.nn.sharing import WorkShare

__all__ = ["Network"]


class Network(LayerTree, BlockwisePrediction):
    """A layer (or a tree of them), its parameters in one vector, their gradient in another.

    Each layer's weights are reshaped views into the vectors, so whatever acts on parameters acts
    on a vector: an optimizer, a penalty, a copy of the best epoch, a numerical gradient. The
    penalized parameters, the weights proper, come first.

    Parameters
    ----------
    root : Layer
        Bound to the network from here on; a layer belongs to one network.
    input_shape : tuple of int, or tuple of such tuples
        Shape of one input sample, or of each of several inputs.
    dtype : dtype of the namespace, default=numpy.float64
    xp : module, default=numpy
        The namespace of all arrays: NumPy, or one with the same functions and ``out=``.
    random_state : int, RandomState or None, default=None
        Draws the initial weights, layer by layer, in float64.

    Attributes
    ----------
    params, grad : array of shape (n_parameters,)
        The parameters and, after `backward`, the gradient by them.
    statistics : array of shape (n_statistics,)
        Running statistics of all normalizations.
    frozen : array of shape (n_frozen,)
        Parameters and statistics inside of :class:`~skdeep.nn.Frozen` layers, which are none of
        those: nothing moves them.
    n_parameters, n_penalized : int
        How many parameters there are, and how many of the first ones weight decay acts on.
    output_shape : tuple of int
        Shape of one output sample.
    draws : bool
        Whether training needs random numbers.
    penalizes : bool
        Whether some layer penalizes what goes through it, so that training has `penalty`.
    in_blocks : bool
        Whether some layer's products are many small ones, for which BLAS should have one thread.
    cost : int
        How many multiply-adds the products of a forward pass of one sample take.
    largest_cost : int
        The same of the one layer that takes most.
    block_size : int
        How many samples at a time `outputs` maps, so that the widest layer stays in a core's cache.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Dense, Network, Sequence, Tanh
    >>> network = Network(Sequence(Dense(3), Tanh(), Dense(1)), input_shape=(2,), random_state=0)
    >>> network.n_parameters, network.n_penalized
    (13, 9)
    >>> y = network.forward(np.zeros((4, 2)))
    >>> y.shape
    (4, 1)
    >>> network.backward(np.ones((4, 1)))
    >>> float(network.grad[-1])  # the bias of the output
    4.0
    """

    _first_statistics: Array | None  # before the first batch, once they were asked for

    def __init__(
        self,
        root: Layer,
        input_shape: Shape,
        *,
        dtype: Any = np.float64,
        xp: ModuleType = np,
        random_state: Any = None,
    ) -> None:
        self.root = root
        self.input_shape = tuple(input_shape)
        self.output_shape = root.output_shape(self.input_shape)
        self.dtype = dtype
        self.xp = xp
        layout = Layout(root, self.input_shape)
        check_places(layout.nodes)
        self.n_penalized = layout.sizes["weight"]
        self.n_parameters = self.n_penalized + layout.sizes["other"]
        self.draws = any(node.layer.draws for node in layout.nodes)
        self.penalizes = any(node.layer.penalizes for node in layout.nodes)
        self.in_blocks = any(node.layer.in_blocks for node in layout.nodes)
        costs = [node.layer.cost(node.input_shape) for node in layout.nodes if node.is_leaf]
        self.cost, self.largest_cost = root.cost(self.input_shape), max(costs, default=0)
        self.block_size = block_size(layout.nodes)
        self.params = xp.zeros(self.n_parameters, dtype=dtype)
        self.grad = xp.zeros(self.n_parameters, dtype=dtype)
        self.statistics = xp.zeros(layout.sizes["statistic"], dtype=dtype)
        self.frozen = xp.zeros(layout.sizes["frozen"], dtype=dtype)
        self._bind(layout)
        self._draw(layout.slots, random_state)
        self._first_statistics = self.statistics * 1

    def _bind(self, layout: Layout) -> None:
        """Give every layer its views into the vectors."""
        xp, dtype = self.xp, self.dtype
        self._tied = xp.zeros(layout.sizes["tied"], dtype=dtype)
        self._unread = xp.zeros(layout.sizes["frozen"], dtype=dtype)
        values = {"statistic": self.statistics, "frozen": self.frozen}
        gradients = {"tied": self._tied, "frozen": self._unread}
        self._ties = layout.ties
        slots: dict[int, list[Slot]] = {}
        for slot in layout.slots:
            slots.setdefault(id(slot.node.layer), []).append(slot)
        learning: set[tuple[str, ...]] = set()
        remembering: set[tuple[str, ...]] = set()
        for path, layer, _ in layout.nodes:
            views = {}
            mine = slots.get(id(layer), [])
            for slot in mine:
                vector: Array = values.get(slot.kind, self.params)
                views[slot.name] = vector[slot.part].reshape(slot.spec.shape)
                if slot.kind != "statistic":
                    vector = gradients.get(slot.kind, self.grad)
                    views["grad_" + slot.name] = vector[slot.gradient].reshape(slot.spec.shape)
                if slot.kind != "frozen":
                    those = remembering if slot.kind == "statistic" else learning
                    those.update(path[:depth] for depth in range(len(path) + 1))
            layer.bind(xp, dtype, views)
            layer.starts = {slot.name: slot.part.start for slot in mine}
        for path, layer, _ in layout.nodes:
            layer.learns, layer.remembers = path in learning, path in remembering
        self.root.connect(may_overwrite=False)
        self._frees_output = self.root.frees_output
        for _, layer, _ in layout.nodes:
            layer.mark()
        self._outputs = Memory()
        self._outputs.settle(xp, dtype)
        self._first_statistics = None
        self._went_forward = False

    def initialize(self, random_state: Any = None) -> None:
        """Draw all parameters anew that are not frozen, and reset the running statistics."""
        slots = Layout(self.root, self.input_shape).slots
        self._draw([slot for slot in slots if slot.kind != "frozen"], random_state)

    def reset_statistics(self) -> None:
        """Set the running statistics to what they are before the first batch."""
        if self._first_statistics is None:
            slots = Layout(self.root, self.input_shape).slots
            self._draw([slot for slot in slots if slot.kind == "statistic"], 0)
            self._first_statistics = self.statistics * 1
        self.statistics[...] = self._first_statistics

    def _draw(self, slots: list[Slot], random_state: Any) -> None:
        if not isinstance(random_state, np.random.RandomState):
            random_state = np.random.RandomState(random_state)
        for slot in slots:
            if slot.kind != "tied":
                spec = slot.spec
                drawn = spec.initializer(spec.shape, spec.fans, random_state)
                getattr(slot.node.layer, slot.name)[...] = self.xp.asarray(drawn)

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Map a batch.

        Parameters
        ----------
        x : array of shape (n_samples, *input_shape), or tuple of arrays
            Of the network's type, and never written to. A SciPy sparse matrix where the first
            layer takes one.
        mode : Mode, default=PREDICT

        Returns
        -------
        array of shape (n_samples, *output_shape)
            Good until the next call, which may write over it; the caller may, too.

        Raises
        ------
        TypeError, ValueError
            If a layer cannot take `x`, which is no array or of another shape.
        """
        try:
            y = self.root.forward(x, mode)
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            blame_shape("x", x, self.input_shape, error)
            raise
        self._went_forward = True
        if self._frees_output:
            return y
        own = self._outputs.buffer("y", y.shape)  # backward reads y, or y is x itself
        own[...] = y
        return own

    def settle_statistics(self, x: Array, mode: Mode) -> None:
        """Show a batch to the running statistics; layers behind the last of them are left out.

        Parameters
        ----------
        x : array of shape (n_samples, *input_shape), or tuple of arrays
            As for `forward`.
        mode : Mode
            One with `settles`.
        """
        if self.statistics.shape[0]:
            self.root.settle_statistics(x, mode)

    def share_work(
        self, share: WorkShare | None, when_ready: Callable[[slice, Array], None] | None = None
    ) -> None:
        """Let dense layers share their products, or None: do it all in the calling thread.

        Parameters
        ----------
        share : WorkShare or None
        when_ready : callable or None
            Called by some thread with slices of the parameters that nobody reads any more and
            their gradient, which then is not in `grad`, before `WorkShare.finish` returns. Only
            for some weights, and not where parameters are tied.
        """
        for node in self.nodes():
            node.layer.share = share
            node.layer.when_ready = None if self._ties else when_ready

    def backward(self, grad_y: Array, wants_input: bool = False) -> Array | None:
        """Fill `grad` for the batch of the last `forward`.

        Parameters
        ----------
        grad_y : array of shape (n_samples, *output_shape)
            Gradient of the loss by the last output; may be written over.
        wants_input : bool, default=False
            Whether to return the gradient by the input.

        Raises
        ------
        RuntimeError
            If there was no `forward`.
        TypeError, ValueError
            If `grad_y` is no array, or of another shape than the last output.
        """
        if not self._went_forward:
            raise RuntimeError("backward goes through the batch of a forward: call forward first.")
        try:
            grad_x = self.root.backward(grad_y, wants_input)
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            blame_shape("grad_y", grad_y, self.output_shape, error)
            raise
        if self._ties and self.root.share is not None:
            self.root.share.finish()  # the gradients to add may be on their way
        for part, extra in self._ties:
            self.grad[part] += self._tied[extra]
        return grad_x

    def penalty(self) -> float:
        """Return what layers add to the loss of the last `forward`, which was one in training."""
        if not self.penalizes:
            return 0.0
        return sum(node.layer.penalty_value for node in self.nodes())

    def replica(self) -> Self:
        """Return a network with the same parameters but its own buffers, for another thread.

        It is for `forward`: its gradients go where this network's go.
        """
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.root = self.root.replica()
        twin._outputs = self._outputs.replica()
        twin._went_forward = False
        return twin

    def copy(self, xp: Any = None, dtype: Any = None) -> Self:
        """Return a network of its own, with the same parameters and statistics.

        Parameters
        ----------
        xp, dtype : module, dtype of the namespace, default=None
            Where the copy lives, and its type; None are those of this network.
        """
        twin = self.replica()
        twin.xp, twin.dtype = xp or self.xp, dtype or self.dtype
        for name in ("params", "grad", "statistics", "frozen"):
            vector = twin.xp.zeros(getattr(self, name).shape[0], dtype=twin.dtype)
            setattr(twin, name, vector)
        twin.params[...], twin.statistics[...] = self.params, self.statistics
        twin.frozen[...] = self.frozen
        twin._bind(Layout(twin.root, twin.input_shape))
        return twin

    def forget_batch(self) -> None:
        """Let go of all buffers and of the last batch, which may be the user's whole data.

        Threads to share work with are forgotten too; parameters and statistics stay.
        """
        for node in self.nodes():
            node.layer.forget()
        self._outputs.settle(self.xp, self.dtype)
        self._went_forward = False

    def snapshot(self) -> tuple[Array, Array]:
        """Return copies of the parameters and of the running statistics."""
        return self.params * 1, self.statistics * 1

    def restore(self, snapshot: tuple[Array, Array]) -> None:
        """Go back to a `snapshot`: the network whole, running statistics included."""
        self.params[...], self.statistics[...] = snapshot

    def __getstate__(self) -> dict[str, Any]:
        """Keep the vectors; views, buffers and the gradient are made again."""
        state = self.__dict__.copy()
        made_again = ("xp", "grad", "_outputs", "_first_statistics", "_went_forward")
        for name in (*made_again, "_tied", "_ties", "_unread"):
            del state[name]
        if not self.frozen.shape[0]:
            del state["frozen"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Come back in NumPy's namespace and bind the layers again."""
        self.__dict__.update(state)
        self.xp = np
        self.grad = np.zeros(self.n_parameters, dtype=self.dtype)
        if "frozen" not in state:
            self.frozen = np.zeros(0, dtype=self.dtype)
        self._bind(Layout(self.root, self.input_shape))
