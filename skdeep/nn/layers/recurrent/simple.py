"""The simple recurrent layer: one nonlinear map of input and state."""

from __future__ import annotations

from typing import Any

from skdeep.nn.layers.recurrent.base import Recurrent
from skdeep.nn.layers.recurrent.walk import Walk
from skdeep.nn.memory import Array

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

    def join(self) -> None:
        """Join the parameters."""
        self.whole = self.joined()

    def go(self, walk: Walk) -> None:
        """Sum up, apply the activation."""
        xp, weights = self.xp, self.whole.T
        zero = self.constant(0.0, (self.units, walk.n))
        for hx, h in zip(walk.inputs[:-1], walk.kept[0][1:], strict=True):
            xp.matmul(weights, hx, out=h)
            if self.activation == "tanh":
                xp.tanh(h, out=h)
            else:
                xp.maximum(h, zero, out=h)

    def go_back(self, walk: Walk) -> Array:
        """Multiply by the slope, a function of the state, then by U."""
        xp, U, shape = self.xp, self.recurrent_weight, (self.units, walk.n)
        (grad_h,), (entering,), one = walk.carries, walk.entering, self.constant(1.0, shape)
        grads = walk.buffer("grads", (walk.n_steps, *shape))
        for t in range(walk.n_steps - 1, -1, -1):
            h, d = walk.kept[0][t + 1], grads[t]
            if entering is not None:
                grad_h += entering[t]
            if self.activation == "tanh":
                xp.multiply(h, h, out=d)
                xp.subtract(one, d, out=d)
            else:
                d[...] = h > 0
            d *= grad_h
            walk.sums.add(walk.inputs[t], d)
            if self.cuts(t):
                grad_h[...] = 0.0
            else:
                xp.matmul(U, d, out=grad_h)
        return grads
