"""The gated recurrent unit: two gates, and no cell besides the state."""

from __future__ import annotations

from typing import ClassVar

from skdeep.nn.initializers import zeros
from skdeep.nn.layers.base import Parameter, Shape
from skdeep.nn.layers.recurrent.base import Recurrent
from skdeep.nn.layers.recurrent.walk import Walk
from skdeep.nn.memory import Array

__all__ = ["GRU"]


class GRU(Recurrent):
    """Gated recurrent unit.

    With s the logistic function, from the state h_0 on, zero or given::

        (r, z, a)_t = x_t W + b,    (e, p, q)_t = h_{t-1} U
        r = s(r + p),    z = s(z + q),    n = tanh(a + r (e + b_e))
        h_t = (1 - z) n + z h_{t-1}

    W and b have the columns of reset gate, update gate and candidate; U those of the candidate,
    reset and update. The reset gate acts behind the product with the states, as in PyTorch and
    Keras, so that a step is one product.

    Parameters
    ----------
    units : int
        Numbers of a state.
    return_sequences, reverse, truncate
        As of :class:`Recurrent`.

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
    machine translation", EMNLP 2014.

    Examples
    --------
    >>> from skdeep.nn import GRU, Network
    >>> network = Network(GRU(4), input_shape=(10, 3), random_state=0)
    >>> network.output_shape, network.n_parameters == 3 * 4 * (3 + 4 + 1) + 4
    ((4,), True)
    """

    recurrent_bias: Array
    grad_recurrent_bias: Array

    n_gates: ClassVar[int] = 3

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare the bias b_e besides weights and biases."""
        declared = super().parameters(input_shape)
        return declared | {"recurrent_bias": Parameter((self.units,), zeros)}

    def join(self) -> None:
        """Join the parameters by what they multiply: h, all of [h, 1, x], and x.

        Both gates are halved: one tanh serves for the logistic function, see LSTM.
        """
        d, m, U = self.weight.shape[0], self.units, self.recurrent_weight
        self.to_e = self.buffer("to e", (m + 1, m))
        self.to_e[:m], self.to_e[m] = U[:, :m], self.recurrent_bias
        self.to_s = self.buffer("to s", (m + 1 + d, 2 * m))
        parts = (U[:, m:], self.bias[: 2 * m], self.weight[:, : 2 * m])
        for rows, part in zip((slice(m), m, slice(m + 1, None)), parts, strict=True):
            self.xp.multiply(part, 0.5, out=self.to_s[rows])
        self.to_a = self.buffer("to a", (1 + d, m))
        self.to_a[0], self.to_a[1:] = self.bias[2 * m :], self.weight[:, 2 * m :]

    def go(self, walk: Walk) -> None:
        """Sum up what the gates see, (e, r, z, a) below each other; let the state move."""
        xp, m, n = self.xp, self.units, walk.n
        to_e, to_s, to_a = self.to_e.T, self.to_s.T, self.to_a.T
        walk.gates, new = walk.buffer("gates", (walk.n_steps, 4 * m, n)), walk.buffer("new", (m, n))
        for hx, gates, h in zip(walk.inputs[:-1], walk.gates, walk.kept[0][1:], strict=True):
            e, s, a = gates[:m], gates[m : 3 * m], gates[3 * m :]
            xp.matmul(to_e, hx[: m + 1], out=e)
            xp.matmul(to_s, hx, out=s)
            xp.matmul(to_a, hx[m:], out=a)
            xp.tanh(s, out=s)
            s *= 0.5
            s += 0.5
            a += xp.multiply(s[:m], e, out=new)
            xp.tanh(a, out=a)
            xp.subtract(hx[:m], a, out=h)
            h *= s[m:]
            h += a

    def go_back(self, walk: Walk) -> Array:
        """Write the gradients by the sums over the gates.

        ::

            d_a = grad_h (1 - z) (1 - n**2),    d_e = d_a r
            d_r = d_a e r (1 - r),    d_z = grad_h (h_old - n) z (1 - z)
            grad_h of the step before is grad_h z + U (d_e, d_r, d_z)
        """
        xp, m, n, U = self.xp, self.units, walk.n, self.recurrent_weight
        (grad_h,), (entering,) = walk.carries, walk.entering
        factors, one = walk.buffer("factors", (2 * m, n)), self.constant(1.0, (2 * m, n))
        factor_r, factor_z = factors[:m], factors[m:]
        passing, rest = walk.buffer("passing", (m, n)), walk.buffer("new", (m, n))
        for t in range(walk.n_steps - 1, -1, -1):
            d = walk.gates[t]
            e, s, r, z, a = d[:m], d[m : 3 * m], d[m : 2 * m], d[2 * m : 3 * m], d[3 * m :]
            if entering is not None:
                grad_h += entering[t]
            xp.multiply(grad_h, z, out=passing)
            xp.subtract(grad_h, passing, out=rest)
            xp.subtract(walk.inputs[t, :m], a, out=factor_z)
            factor_z *= passing
            a *= a
            a *= rest
            xp.subtract(rest, a, out=a)
            xp.multiply(a, r, out=rest)
            xp.multiply(rest, e, out=factor_r)
            e[...] = rest
            xp.subtract(one, s, out=s)
            s *= factors
            walk.sums.add(walk.inputs[t], d)
            if self.cuts(t):
                grad_h[...] = 0.0
            else:
                xp.matmul(U, d[: 3 * m], out=grad_h)
                grad_h += passing
        return walk.gates[:, m:]

    def sums_of(self) -> list[tuple[slice, slice]]:
        """Return (h, 1) with (e, p, q), and (1, x) with (r, z, a)."""
        m = self.units
        return [(slice(m + 1), slice(3 * m)), (slice(m, None), slice(m, None))]

    def hand_out(self, totals: list[Array]) -> None:
        """Write the gradients; b_e is in the candidate's part of the states' products alone."""
        (of_h, of_x), m = totals, self.units
        self.grad_recurrent_weight[...], self.grad_recurrent_bias[...] = of_h[:m], of_h[m, :m]
        self.grad_bias[...], self.grad_weight[...] = of_x[0], of_x[1:]

    def named(self, walk: Walk) -> dict[str, Array]:
        """Return both gates and the state."""
        m, gates = self.units, walk.gates
        shown = {"reset gate": gates[:, m : 2 * m], "update gate": gates[:, 2 * m : 3 * m]}
        return shown | super().named(walk)
