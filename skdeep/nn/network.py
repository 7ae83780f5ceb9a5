"""A network: a tree of layers as a function of one vector."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any, Self

import numpy as np

from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter
from skdeep.nn.memory import Array, Memory
from skdeep.nn.sharing import WorkShare

__all__ = ["Network"]


class Network:
    """A layer (or a tree of them), its parameters in one vector, their gradient in another.

    Each layer's weights are reshaped views into the vectors, so whatever acts on parameters acts
    on a vector: an optimizer, a penalty, a copy of the best epoch, a numerical gradient. The
    penalized parameters, the weights proper, come first.

    Parameters
    ----------
    root : Layer
        Bound to the network from here on; a layer belongs to one network.
    input_shape : tuple of int
        Shape of one input sample.
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
    n_parameters, n_penalized : int
        How many parameters there are, and how many of the first ones weight decay acts on.
    output_shape : tuple of int
        Shape of one output sample.
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

    def __init__(
        self,
        root: Layer,
        input_shape: tuple[int, ...],
        *,
        dtype: Any = np.float64,
        xp: ModuleType = np,
        random_state: Any = None,
    ) -> None:
        self.root = root
        self.input_shape = tuple(input_shape)
        self.output_shape = root.output_shape(self.input_shape)
        leaves = self.layers()
        for i, leaf in enumerate(leaves):
            if "_buffers" in leaf.__dict__ or any(leaf is other for other in leaves[:i]):
                raise ValueError(
                    f"{leaf!r} has its place in a network already; make a layer for each place, or "
                    f"take copy.deepcopy of it."
                )
        self.dtype = dtype
        self.xp = xp
        declared = self._declared()
        self.n_parameters = sum(size for _, _, _, size, kind in declared if kind != "statistic")
        widths = [max(spec.shape, default=1) for _, _, spec, _, _ in declared]
        widest = max(*widths, math.prod(self.input_shape), math.prod(self.output_shape))
        self.block_size = max(256, 2**18 // widest)
        self.n_penalized = sum(size for _, _, _, size, kind in declared if kind == "weight")
        n_statistics = sum(size for _, _, _, size, kind in declared if kind == "statistic")
        self.params = xp.zeros(self.n_parameters, dtype=dtype)
        self.grad = xp.zeros(self.n_parameters, dtype=dtype)
        self.statistics = xp.zeros(n_statistics, dtype=dtype)
        self._bind()
        self.initialize(random_state)

    def _declared(self) -> list[tuple[Layer, str, Parameter, int, str]]:
        """List (layer, name, parameter, size, kind) in order of drawing."""
        declared = []
        for leaf, shape in self.root.leaves(self.input_shape):
            for name, spec in leaf.parameters(shape).items():
                kind = "weight" if spec.penalized else "other"
                declared.append((leaf, name, spec, math.prod(spec.shape), kind))
            for name, spec in leaf.statistics(shape).items():
                declared.append((leaf, name, spec, math.prod(spec.shape), "statistic"))
        return declared

    def _bind(self) -> None:
        """Give every layer its views into the vectors."""
        start = {"weight": 0, "other": self.n_penalized, "statistic": 0}
        views: dict[int, dict[str, Array]] = {}
        starts: dict[int, dict[str, int]] = {}
        for leaf, name, spec, size, kind in self._declared():
            part = slice(start[kind], start[kind] + size)
            start[kind] += size
            mine = views.setdefault(id(leaf), {})
            starts.setdefault(id(leaf), {})[name] = part.start
            if kind == "statistic":
                mine[name] = self.statistics[part].reshape(spec.shape)
            else:
                mine[name] = self.params[part].reshape(spec.shape)
                mine["grad_" + name] = self.grad[part].reshape(spec.shape)
        for leaf in self.layers():
            mine = views.get(id(leaf), {})
            leaf.bind(self.xp, self.dtype, mine)
            leaf.starts = starts.get(id(leaf), {})
            leaf.learns = any(name.startswith("grad_") for name in mine)
        self.root.connect(may_overwrite=False)
        self._outputs = Memory()
        self._outputs.settle(self.xp, self.dtype)

    def initialize(self, random_state: Any = None) -> None:
        """Draw all parameters anew and reset the running statistics."""
        self._draw(("weight", "other", "statistic"), random_state)

    def reset_statistics(self) -> None:
        """Set the running statistics to what they are before the first batch."""
        self._draw(("statistic",), 0)

    def _draw(self, kinds: tuple[str, ...], random_state: Any) -> None:
        if not isinstance(random_state, np.random.RandomState):
            random_state = np.random.RandomState(random_state)
        for leaf, name, spec, _, kind in self._declared():
            if kind in kinds:
                drawn = spec.initializer(spec.shape, spec.fans, random_state)
                getattr(leaf, name)[...] = self.xp.asarray(drawn)

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Map a batch.

        Parameters
        ----------
        x : array of shape (n_samples, *input_shape)
            Of the network's type, and never written to. A SciPy sparse matrix where the first
            layer takes one.
        mode : Mode, default=PREDICT

        Returns
        -------
        array of shape (n_samples, *output_shape)
            Good until the next call, which may write over it; the caller may, too.
        """
        y = self.root.forward(x, mode)
        if self.root.frees_output:
            return y
        own = self._outputs.buffer("y", y.shape)  # backward reads y, or y is x itself
        own[...] = y
        return own

    def share_work(
        self, share: WorkShare | None, when_ready: Callable[[slice, Array], None] | None = None
    ) -> None:
        """Let dense layers share their products, or None: do it all in the calling thread.

        Parameters
        ----------
        share : WorkShare or None
        when_ready : callable or None
            Called by some thread with slices of the parameters that nobody reads any more and
            their gradient, which then is not in `grad`, before `WorkShare.finish` returns. Slices
            of weights of dense layers only.
        """
        for leaf in self.layers():
            leaf.share, leaf.when_ready = share, when_ready

    def backward(self, grad_y: Array, wants_input: bool = False) -> Array | None:
        """Fill `grad` for the batch of the last `forward`.

        Parameters
        ----------
        grad_y : array of shape (n_samples, *output_shape)
            Gradient of the loss by the last output; may be written over.
        wants_input : bool, default=False
            Whether to return the gradient by the input.
        """
        return self.root.backward(grad_y, wants_input)

    def outputs(self, x: Array) -> Array:
        """Predict any number of samples in blocks, so that memory stays bounded.

        Other threads may do the same at the same time.

        Parameters
        ----------
        x : array or CSR matrix of shape (n_samples, *input_shape)
            Of any type; converted block by block.

        Returns
        -------
        array of shape (n_samples, *output_shape)
            The caller's own.
        """
        n = x.shape[0]
        out = self.xp.empty((n, *self.output_shape), dtype=self.dtype)
        replica = self.replica()
        block = self.block_size
        for start in range(0, n, block):
            part = x[start : start + block]
            if part.dtype != self.dtype:
                part = part.astype(self.dtype)
            out[start : start + block] = replica.forward(part)
        return out

    def layers(self) -> list[Layer]:
        """Return the layers that map by themselves, in order of `forward`."""
        return [leaf for leaf, _ in self.root.leaves(self.input_shape)]

    def replica(self) -> Self:
        """Return a network with the same parameters but its own buffers, for another thread.

        It is for `forward`: its gradients go where this network's go.
        """
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.root = self.root.replica()
        twin._outputs = self._outputs.replica()
        return twin

    def copy(self) -> Self:
        """Return a network of its own, with the same parameters and statistics."""
        twin = self.replica()
        twin.params = self.params * 1
        twin.grad = self.xp.zeros(self.n_parameters, dtype=self.dtype)
        twin.statistics = self.statistics * 1
        twin._bind()
        return twin

    def forget_batch(self) -> None:
        """Let go of all buffers and of the last batch, which may be the user's whole data.

        Threads to share work with are forgotten too; parameters and statistics stay.
        """
        self._bind()

    def snapshot(self) -> tuple[Array, Array]:
        """Return copies of the parameters and of the running statistics."""
        return self.params * 1, self.statistics * 1

    def restore(self, snapshot: tuple[Array, Array]) -> None:
        """Go back to a `snapshot`: the network whole, running statistics included."""
        self.params[...], self.statistics[...] = snapshot

    def __getstate__(self) -> dict[str, Any]:
        """Keep the vectors; views, buffers and the gradient are made again."""
        state = self.__dict__.copy()
        del state["xp"], state["grad"], state["_outputs"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Come back in NumPy's namespace and bind the layers again."""
        self.__dict__.update(state)
        self.xp = np
        self.grad = np.zeros(self.n_parameters, dtype=self.dtype)
        self._bind()
