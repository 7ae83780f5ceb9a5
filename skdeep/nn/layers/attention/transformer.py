"""The transformer's block: attention and a dense network, each around a shortcut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from skdeep.nn.layers.activations import ACTIVATIONS, make_activation
from skdeep.nn.layers.attention.multi_head import MultiHeadAttention
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Shape
from skdeep.nn.layers.composite import Residual, Sequence
from skdeep.nn.layers.dense import Dense
from skdeep.nn.layers.dropout import Dropout
from skdeep.nn.layers.normalization import LayerNorm
from skdeep.nn.memory import Array

__all__ = ["TransformerBlock"]


class TransformerBlock(Layer):
    """A block of a transformer's encoder or decoder.

    With normalizations before each part (``norm_first``), which trains without a warm-up::

        u = x + attention(norm(x))
        v = u + cross_attention(norm(u), memory)      # decoders that translate
        y = v + dense(activation(dense(norm(v))))

    and as first published, norm(x + attention(x)) and so on.

    Parameters
    ----------
    units : int
        Features of the input and of the output.
    heads : int
        Of both attentions; must divide `units`.
    hidden : int or None, default=None
        Hidden units of the dense network; None takes four times `units`.
    activation : str, Layer or callable, default="relu"
        As `make_activation` takes it: a name of `skdeep.nn.ACTIVATIONS`, a function ...
    dropout : float in [0, 1), default=0.0
        Rate behind each part, and behind the activation.
    norm_first : bool, default=True
    causal : bool, default=False
        Whether a step sees the steps before it and itself alone.
    rotary : bool, default=False
        Whether positions enter the attention by rotation.
    cross : bool, default=False
        Whether the input is a tuple (x, memory) with a second attention, to the memory. What
        comes back is then a tuple, too.

    Attributes
    ----------
    memory_lengths : array of int of shape (n_samples,) or None
        Valid steps of the memory, set by whoever owns the layer.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", NeurIPS 2017. R. Xiong et al., "On layer
    normalization in the transformer architecture", ICML 2020.

    Examples
    --------
    >>> from skdeep.nn import Network, TransformerBlock
    >>> network = Network(TransformerBlock(128, 4), input_shape=(64, 128), random_state=0)
    >>> network.output_shape, network.n_parameters
    ((64, 128), 198272)
    """

    memory_lengths: Array | None = None

    def __init__(
        self,
        units: int,
        heads: int,
        hidden: int | None = None,
        *,
        activation: Any = "relu",
        dropout: float = 0.0,
        norm_first: bool = True,
        causal: bool = False,
        rotary: bool = False,
        cross: bool = False,
    ) -> None:
        if isinstance(activation, str) and activation not in ACTIVATIONS:
            raise ValueError(
                f"TransformerBlock takes as activation one of {', '.join(map(repr, ACTIVATIONS))}, "
                f"got {activation!r}."
            )
        self.units, self.heads, self.hidden = units, heads, hidden
        self.activation = activation
        self.dropout, self.norm_first, self.cross = dropout, norm_first, cross
        self.causal, self.rotary = causal, rotary
        self.attention = self._around(MultiHeadAttention(heads, causal=causal, rotary=rotary))
        if cross:
            self.cross_attention = MultiHeadAttention(heads)
            self.cross_norm, self.cross_dropout = LayerNorm(), Dropout(dropout)
        self.dense = self._around(
            Sequence(
                Dense(4 * units if hidden is None else hidden),
                make_activation(activation),
                Dropout(dropout),
                Dense(units),
            )
        )

    def _around(self, body: Layer) -> Layer:
        """Return the part with its shortcut, normalization and dropout."""
        if self.norm_first:
            return Residual(Sequence(LayerNorm(), body, Dropout(self.dropout)))
        return Sequence(Residual(Sequence(body, Dropout(self.dropout))), LayerNorm())

    def config(self) -> dict[str, Any]:
        """Return the number of heads, and what differs from the defaults."""
        usual = {"hidden": None, "activation": "relu", "dropout": 0.0, "norm_first": True}
        usual |= {"causal": False, "rotary": False, "cross": False}
        given = {name: getattr(self, name) for name in usual}
        return {"units": self.units, "heads": self.heads} | {
            k: v for k, v in given.items() if v != usual[k]
        }

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten, as its last part says."""
        return self.dense.frees_output

    def children(self, input_shape: Shape) -> Iterator[tuple[str, Layer, Shape]]:
        """Yield the parts."""
        shape = input_shape[0] if self.cross else input_shape
        yield "attention", self.attention, shape
        if self.cross:
            yield "cross_norm", self.cross_norm, shape
            yield "cross_attention", self.cross_attention, input_shape
            yield "cross_dropout", self.cross_dropout, shape
        yield "dense", self.dense, shape

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of x."""
        if self.cross:
            return self.cross_attention.output_shape(input_shape)
        return self.attention.output_shape(input_shape)

    def forward(self, x: Any, mode: Mode = PREDICT) -> Array:
        """Pass through the parts."""
        if not self.cross:
            return self.dense.forward(self.attention.forward(x, mode), mode)
        x, memory = x
        u = self.attention.forward(x, mode)
        self.cross_attention.memory_lengths = self.memory_lengths
        looks = self.cross_norm.forward(u, mode) if self.norm_first else u
        found = self.cross_attention.forward((looks, memory), mode)
        found = self.cross_dropout.forward(found, mode)
        v = self.xp.add(u, found, out=self.buffer("v", u.shape))
        return self.dense.forward(v if self.norm_first else self.cross_norm.forward(v, mode), mode)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Any:
        """Go back through the parts."""
        if not self.cross:
            return self.attention.backward(self.dense.backward(grad_y), wants_input)
        grad_v: Any = self.dense.backward(grad_y)
        if not self.norm_first:
            grad_v = self.cross_norm.backward(grad_v)
        grad_u = self.buffer("grad u", grad_v.shape)
        grad_u[...] = grad_v
        grad_found = self.cross_dropout.backward(grad_v)
        grad_looks, grad_memory = self.cross_attention.backward(grad_found)
        if self.norm_first:
            grad_looks = self.cross_norm.backward(grad_looks)
        grad_u += grad_looks
        grad_x = self.attention.backward(grad_u, wants_input)
        return (grad_x, grad_memory) if wants_input else None
