"""Additive attention, Bahdanau's: a small network scores every pair of steps."""

from __future__ import annotations

from typing import Any

from skdeep.nn.initializers import glorot_uniform, zeros
from skdeep.nn.layers.attention.weights import (
    attention_mask,
    attention_softmax,
    softmax_gradient,
)
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter, Shape
from skdeep.nn.memory import Array
from skdeep.nn.products import add_to_rows, gradient, product, sum_rows

__all__ = ["AdditiveAttention"]


class AdditiveAttention(Layer):
    """Additive attention: what the steps of x find in the steps of a memory.

    The input is a tuple (x, memory), and with a in the role of the softmax's weights::

        score[t, s] = tanh(x_t Wq + memory_s Wk + b) v
        a[t] = softmax(score[t]) over the valid steps s,    y_t = sum over s of a[t, s] memory_s

    Parameters
    ----------
    units : int
        Hidden units of the network that scores.

    Attributes
    ----------
    memory_lengths : array of int of shape (n_samples,) or None
        Valid steps of the memory, set by whoever owns the layer.
    weights : array of shape (n_samples, n_queries, n_keys)
        a of the last batch.

    References
    ----------
    D. Bahdanau, K. Cho, Y. Bengio, "Neural machine translation by jointly learning to align and
    translate", ICLR 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import AdditiveAttention, Network
    >>> network = Network(AdditiveAttention(8), input_shape=((3, 4), (7, 5)), random_state=0)
    >>> network.forward((np.zeros((2, 3, 4)), np.ones((2, 7, 5)))).shape
    (2, 3, 5)
    """

    memory_lengths: Array | None = None
    weights: Array
    query_weight: Array
    key_weight: Array
    bias: Array
    grad_bias: Array
    score_weight: Array
    grad_score_weight: Array

    def __init__(self, units: int) -> None:
        if units < 1:
            raise ValueError(f"AdditiveAttention takes units of 1 or more, got {units!r}.")
        self.units = units

    def config(self) -> dict[str, Any]:
        """Return the number of units."""
        return {"units": self.units}

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` does not read it."""
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the steps of x and the features of the memory."""
        if len(input_shape) != 2 or not all(
            isinstance(shape, tuple) and len(shape) == 2 for shape in input_shape
        ):
            raise ValueError(
                "AdditiveAttention takes two sequences, (n_steps, n_features) each, the second to "
                f"be looked at; got samples of shape {input_shape}."
            )
        return (input_shape[0][0], input_shape[1][1])

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare Wq, Wk, b and v."""
        (_, d), (_, e) = input_shape
        m = self.units
        return {
            "query_weight": Parameter((d, m), glorot_uniform, (d, m), penalized=True),
            "key_weight": Parameter((e, m), glorot_uniform, (e, m), penalized=True),
            "score_weight": Parameter((m,), glorot_uniform, (m, 1), penalized=True),
            "bias": Parameter((m,), zeros),
        }

    def cost(self, input_shape: Shape) -> int:
        """Return the multiply-adds of both maps, of the scores and of the means."""
        (t, d), (s, e) = input_shape
        return int(self.units * (t * d + s * e + t * s) + t * s * e)

    def forward(self, x: Any, mode: Mode = PREDICT) -> Array:
        """Score all pairs of steps, and take means of the memory."""
        xp = self.xp
        self.x, self.memory = x
        n, n_queries, _ = self.x.shape
        n_keys, m = self.memory.shape[1], self.units
        queries = self.buffer("queries", (n, n_queries, m))
        keys = self.buffer("keys", (n, n_keys, m))
        product(self, self.x, self.query_weight, out=queries)
        product(self, self.memory, self.key_weight, out=keys)
        add_to_rows(self, self.bias, queries)
        hidden = self.hidden = self.buffer("hidden", (n, n_queries, n_keys, m))
        xp.add(queries[:, :, None, :], keys[:, None, :, :], out=hidden)
        xp.tanh(hidden, out=hidden)
        self.weights = self.buffer("weights", (n, n_queries, n_keys))
        xp.matmul(hidden, self.score_weight, out=self.weights)
        mask = attention_mask(self, n_queries, n_keys, self.memory_lengths, causal=False)
        attention_softmax(self, self.weights, mask)
        y = self.buffer("y", (n, n_queries, self.memory.shape[2]))
        return xp.matmul(self.weights, self.memory, out=y)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Any:
        """Go back to the weights, to the scores, and to both sequences."""
        xp, memory, hidden = self.xp, self.memory, self.hidden
        m = self.units
        grad_scores = self.buffer("grad scores", self.weights.shape)
        xp.matmul(grad_y, memory.swapaxes(1, 2), out=grad_scores)
        softmax_gradient(grad_scores, self.weights, (grad_scores * self.weights).sum(-1))
        flat, scores = hidden.reshape(-1, m), grad_scores.reshape(-1)
        xp.matmul(flat.T, scores, out=self.grad_score_weight)
        hidden *= hidden
        xp.subtract(self.constant(1.0, (m,)), hidden, out=hidden)
        hidden *= self.score_weight
        hidden *= grad_scores[..., None]
        grad_queries, grad_keys = hidden.sum(2), hidden.sum(1)
        grads = None
        if wants_input:
            grad_x = self.buffer("grad_x", self.x.shape)
            product(self, grad_queries, self.query_weight.T, out=grad_x)
            grad_memory = self.buffer("grad memory", memory.shape)
            product(self, grad_keys, self.key_weight.T, out=grad_memory)
            grad_memory += xp.matmul(self.weights.swapaxes(1, 2), grad_y)
            grads = grad_x, grad_memory
        sum_rows(self, grad_queries, out=self.grad_bias)
        gradient(self, "query_weight", self.x, grad_queries)
        gradient(self, "key_weight", memory, grad_keys)
        return grads
