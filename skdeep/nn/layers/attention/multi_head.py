"""Scaled dot-product attention in several heads."""

from __future__ import annotations

import math
from typing import Any

from skdeep.nn.initializers import glorot_uniform, zeros
from skdeep.nn.layers.attention.positions import rotary_table, rotate
from skdeep.nn.layers.attention.weights import (
    attention_mask,
    attention_softmax,
    softmax_gradient,
)
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter, Shape
from skdeep.nn.memory import Array
from skdeep.nn.products import add_to_rows, gradient, product, sum_rows

__all__ = ["MultiHeadAttention"]


class MultiHeadAttention(Layer):
    """Scaled dot-product attention in several heads.

    Each head has its part of the columns of Q, K and V, of k columns::

        Q = x Wq + bq,    K = memory Wk + bk,    V = memory Wv + bv
        A = softmax(Q K' / sqrt(k)),    y = [A_1 V_1, A_2 V_2, ...] Wo + bo

    over the valid steps of the memory, which is x itself unless the input is a tuple (x, memory).
    On the way back, with G the gradient by a head's A V::

        grad_V = A' G,    grad_A = G V',    grad_S = A (grad_A - rowsum(G (A V)))
        grad_Q = grad_S K / sqrt(k),    grad_K = grad_S' Q / sqrt(k)

    where rowsum(G (A V)) is rowsum(A grad_A) at less work.

    Parameters
    ----------
    heads : int
        Must divide the number of features of x, which is that of Q, K, V and y.
    causal : bool, default=False
        Whether a step sees itself and the steps before it alone.
    rotary : bool, default=False
        Whether Q and K are turned by angles that grow with the step, so that their products depend
        on the distance between steps.

    Attributes
    ----------
    memory_lengths : array of int of shape (n_samples,) or None
        Valid steps of the memory, set by whoever owns the layer, where the input has a memory of
        its own. Without one they are `Mode.lengths`.
    weights : array of shape (n_samples, heads, n_queries, n_keys)
        A of the last batch.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", NeurIPS 2017. J. Su et al., "RoFormer: enhanced
    transformer with rotary position embedding", arXiv:2104.09864.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import MultiHeadAttention, Network
    >>> layer = MultiHeadAttention(2, causal=True)
    >>> network = Network(layer, input_shape=(3, 4), random_state=0)
    >>> network.forward(np.random.default_rng(0).normal(size=(1, 3, 4))).shape
    (1, 3, 4)
    >>> bool((layer.weights[0, 0] > 0)[0, 1]), layer.weights.sum(axis=-1).round(6).min()
    (False, np.float64(1.0))
    """

    memory_lengths: Array | None = None
    weights: Array
    weight: Array
    bias: Array
    grad_bias: Array
    query_weight: Array
    query_bias: Array
    grad_query_bias: Array
    output_weight: Array
    output_bias: Array
    grad_output_bias: Array

    def __init__(self, heads: int, *, causal: bool = False, rotary: bool = False) -> None:
        if heads < 1:
            raise ValueError(f"MultiHeadAttention takes heads of 1 or more, got {heads!r}.")
        self.heads, self.causal, self.rotary = heads, causal, rotary

    def config(self) -> dict[str, Any]:
        """Return the number of heads, and what differs from the defaults."""
        more = {name: True for name in ("causal", "rotary") if getattr(self, name)}
        return {"heads": self.heads} | more

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` does not read it."""
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of x."""
        shapes = (
            input_shape if input_shape and isinstance(input_shape[0], tuple) else (input_shape,)
        )
        if len(shapes) > 2 or any(len(shape) != 2 for shape in shapes):
            raise ValueError(
                "MultiHeadAttention takes sequences, (n_steps, n_features), or a tuple of two, the "
                f"second to be looked at; got samples of shape {input_shape}."
            )
        d = shapes[0][-1]
        if d % (self.heads * (2 if self.rotary else 1)):
            what = "an even number of features for each of" if self.rotary else "features for"
            raise ValueError(
                f"MultiHeadAttention divides its features among heads and needs {what} "
                f"{self.heads} heads; got {d} features."
            )
        return shapes[0]

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare the weights of (Q, K, V), or of Q and of (K, V), and of the output."""
        own = not isinstance(input_shape[0], tuple)
        shape, seen = (input_shape, input_shape) if own else input_shape
        d, e = shape[-1], seen[-1]
        width = 3 * d if own else 2 * d
        declared = {
            "weight": Parameter((e, width), glorot_uniform, (e, d), penalized=True),
            "bias": Parameter((width,), zeros),
        }
        if not own:
            declared["query_weight"] = Parameter((d, d), glorot_uniform, (d, d), penalized=True)
            declared["query_bias"] = Parameter((d,), zeros)
        return declared | {
            "output_weight": Parameter((d, d), glorot_uniform, (d, d), penalized=True),
            "output_bias": Parameter((d,), zeros),
        }

    def cost(self, input_shape: Shape) -> int:
        """Return the multiply-adds of the maps and of both products of a head."""
        own = not isinstance(input_shape[0], tuple)
        (n, d), (s, e) = (input_shape, input_shape) if own else input_shape
        return int(2 * n * d * d + 2 * s * e * d + 2 * n * s * d)

    def forward(self, x: Any, mode: Mode = PREDICT) -> Array:
        """Look at the memory from every step."""
        xp = self.xp
        self.own = not isinstance(x, tuple)
        self.x, self.memory = (x, x) if self.own else x
        n, n_queries, d = self.x.shape
        n_keys = self.memory.shape[1]
        maps = self.weight.shape[1] // d
        joined = self.buffer("joined", (n, n_keys, maps * d))
        product(self, self.memory, self.weight, out=joined)
        add_to_rows(self, self.bias, joined)
        if self.own:
            queries = joined[..., :d]
        else:
            queries = self.buffer("queries", (n, n_queries, d))
            product(self, self.x, self.query_weight, out=queries)
            add_to_rows(self, self.query_bias, queries)
        queries *= 1 / math.sqrt(d // self.heads)
        self.Q = self._split(queries)
        self.K, self.V = (
            self._split(joined[..., i * d : (i + 1) * d]) for i in (maps - 2, maps - 1)
        )
        if self.rotary:
            self._turn(self.Q, self.K)
        self.weights = self.buffer("weights", (n, self.heads, n_queries, n_keys))
        xp.matmul(self.Q, self.K.swapaxes(2, 3), out=self.weights)
        lengths = mode.lengths if self.own else self.memory_lengths
        mask = attention_mask(self, n_queries, n_keys, lengths, causal=self.causal)
        attention_softmax(self, self.weights, None if mask is None else mask[:, None])
        self.context = self.buffer("context", (n, n_queries, d))
        xp.matmul(self.weights, self.V, out=self._split(self.context))
        y = self.buffer("y", (n, n_queries, d))
        product(self, self.context, self.output_weight, out=y)
        y += self.output_bias
        return y

    def backward(self, grad_y: Array, wants_input: bool = True) -> Any:
        """Go back through the output, the weights and the maps; to the memory, too."""
        xp = self.xp
        n, n_queries, d = self.x.shape
        n_keys, maps = self.memory.shape[1], self.weight.shape[1] // d
        grad_context = self.buffer("grad context", (n, n_queries, d))
        product(self, grad_y, self.output_weight.T, out=grad_context)
        sum_rows(self, grad_y, out=self.grad_output_bias)
        G = self._split(grad_context)
        grad_joined = self.buffer("grad joined", (n, n_keys, maps * d))
        grad_Q = grad_joined[..., :d] if self.own else self.buffer("grad queries", self.x.shape)
        grad_K, grad_V = (grad_joined[..., i * d : (i + 1) * d] for i in (maps - 2, maps - 1))
        xp.matmul(self.weights.swapaxes(2, 3), G, out=self._split(grad_V))
        grad_scores = self.buffer("grad scores", self.weights.shape)
        xp.matmul(G, self.V.swapaxes(2, 3), out=grad_scores)
        per_head = xp.multiply(grad_context, self.context, out=self.buffer("spare", self.x.shape))
        k = d // self.heads
        shift = xp.matmul(
            per_head.reshape(n, n_queries, self.heads, k), self.constant(1.0, (k,))
        ).swapaxes(1, 2)
        softmax_gradient(grad_scores, self.weights, shift)
        xp.matmul(grad_scores, self.K, out=self._split(grad_Q))
        xp.matmul(grad_scores.swapaxes(2, 3), self.Q, out=self._split(grad_K))
        if self.rotary:
            self._turn(self._split(grad_Q), self._split(grad_K), back=True)
        grad_Q *= 1 / math.sqrt(k)
        grads = self._to_inputs(grad_joined, grad_Q, wants_input)
        sum_rows(self, grad_joined, out=self.grad_bias)
        if not self.own:
            sum_rows(self, grad_Q, out=self.grad_query_bias)
            gradient(self, "query_weight", self.x, grad_Q)
        gradient(self, "weight", self.memory, grad_joined)
        gradient(self, "output_weight", self.context, grad_y)
        return grads

    def _to_inputs(self, grad_joined: Array, grad_Q: Array, wants_input: bool) -> Any:
        if not wants_input:
            return None
        grad_memory = self.buffer("grad memory", self.memory.shape)
        product(self, grad_joined, self.weight.T, out=grad_memory)
        if self.own:
            return grad_memory
        grad_x = self.buffer("grad_x", self.x.shape)
        return product(self, grad_Q, self.query_weight.T, out=grad_x), grad_memory

    def _split(self, x: Array) -> Array:
        """Return a view of (n, n_steps, d) as (n, heads, n_steps, d / heads)."""
        n, n_steps, d = x.shape
        return x.reshape(n, n_steps, self.heads, d // self.heads).swapaxes(1, 2)

    def _turn(self, *parts: Array, back: bool = False) -> None:
        """Turn every step's pairs of features by its angles, or back."""
        for part in parts:
            half = (*part.shape[:-1], part.shape[-1] // 2)
            cos, sin = rotary_table(self, part.shape[2], part.shape[3])
            spare = self.buffer("turned", (2, *half))
            rotate(self.xp, part, cos, -sin if back else sin, spare)
