"""The simple recurrent layer: one nonlinear map of input and state."""

from __future__ import annotations

from typing import Any

from skdeep.nn.layers.recurrent.base import Recurrent
from skdeep.nn.memory import Array
from skdeep.nn.products import product

__all__ = ["SimpleRNN"]


class SimpleRNN(Recurrent):
    """The simple recurrent layer, Elman's.

    From the state h_0 = 0 on, or from another::

        h_t = f(x_t W + h_{t-1} U + b),    f = tanh or max(., 0)

    and back through time, with g_t the gradient by h_t from the output and from step t + 1::

        d_t = g_t f'(.),    what goes on to step t - 1 is d_t U'
        grad_W = sum of x_t' d_t,    grad_U = sum of h_{t-1}' d_t,    grad_b = sum of d_t

    A gradient that goes back k steps is multiplied k times by U' and by slopes below one, so that
    it vanishes, or explodes, with k. `LSTM` and `GRU` are the answers.

    Parameters
    ----------
    units : int
        Numbers of a state.
    activation : {'tanh', 'relu'}, default='tanh'
    return_sequences, reverse, truncate
        As of :class:`Recurrent`.

    References
    ----------
    J. L. Elman, "Finding structure in time", Cognitive Science 14, 1990. P. J. Werbos,
    "Backpropagation through time: what it does and how to do it", Proceedings of the IEEE 78, 1990.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Mode, Network, SimpleRNN
    >>> network = Network(SimpleRNN(4), input_shape=(10, 3), random_state=0)
    >>> x = np.random.default_rng(0).normal(size=(2, 10, 3))
    >>> y = network.forward(x, Mode(lengths=np.array([10, 6])))
    >>> y.shape, bool(np.allclose(y[1], network.forward(x[1:, :6])))
    ((2, 4), True)
    """

    def __init__(self, units: int, *, activation: str = "tanh", **more: Any) -> None:
        if activation not in ("tanh", "relu"):
            raise ValueError(f"SimpleRNN takes activation 'tanh' or 'relu', got {activation!r}.")
        super().__init__(units, **more)
        self.activation = activation

    def config(self) -> dict[str, Any]:
        """Return the number of units, and what differs from the defaults."""
        more = {} if self.activation == "tanh" else {"activation": self.activation}
        return super().config() | more

    def prepare(self) -> None:
        """Write x W + b of all steps where the states will be."""
        sums = self.states[1:]
        product(self, self.x, self.weight, out=sums)
        sums += self.bias
        self.work = self.buffer("work", sums.shape[1:])

    def walk(self, rows: slice) -> None:
        """Add h U, apply the activation."""
        xp, U, hU = self.xp, self.recurrent_weight, self.work[rows]
        zero = self.constant(0.0, (self.units,))
        for h_old, h in zip(self.states[:-1, rows], self.states[1:, rows], strict=True):
            xp.matmul(h_old, U, out=hU)
            h += hU
            if self.activation == "tanh":
                xp.tanh(h, out=h)
            else:
                xp.maximum(h, zero, out=h)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Go back through time."""
        n_steps, n, _ = self.x.shape
        self.grads = self.buffer("grads", (n_steps, n, self.units))
        return super().backward(grad_y, wants_input)

    def walk_back(self, rows: slice) -> None:
        """Multiply by the slope, a function of the state, then by U'."""
        xp, U, grad_h = self.xp, self.recurrent_weight, self.carries[0][rows]
        one, entering = self.constant(1.0, (self.units,)), self.entering[0]
        for t in range(len(self.x) - 1, -1, -1):
            h, d = self.states[t + 1, rows], self.grads[t, rows]
            if entering is not None:
                grad_h += entering[t, rows]
            if self.activation == "tanh":
                xp.multiply(h, h, out=d)
                xp.subtract(one, d, out=d)
            else:
                d[...] = h > 0
            d *= grad_h
            if self.cuts(t):
                grad_h[...] = 0.0
            else:
                xp.matmul(d, U.T, out=grad_h)

    def grad_inputs(self) -> Array:
        """Return the gradient by the sums."""
        return self.grads.reshape(-1, self.units)
