"""The gated recurrent unit: two gates, and no cell besides the state."""

from __future__ import annotations

from typing import ClassVar

from skdeep.nn.initializers import zeros
from skdeep.nn.layers.base import Parameter, Shape
from skdeep.nn.layers.recurrent.base import Recurrent
from skdeep.nn.memory import Array
from skdeep.nn.products import product, sum_rows

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

    def prepare(self) -> None:
        """Write x W + b of all steps behind the place of e: (e, r, z, a) side by side."""
        n_steps, n, _ = self.x.shape
        m = self.units
        self.gates = self.buffer("gates", (n_steps, n, 4 * m))
        self.work = self.buffer("work", (n, 3 * m))
        self.spare = self.buffer("spare", (n, m))
        # Both parts' gates are halved: one tanh serves for the logistic function, see LSTM.
        sums = self.gates.reshape(-1, 4 * m)[:, m:]
        product(self, self.x, self._halved("weight", slice(0, 2 * m)), out=sums)
        sums += self._halved("bias", slice(0, 2 * m))
        self.halved_U = self._halved("recurrent_weight", slice(m, 3 * m))

    def _halved(self, name: str, gates: slice) -> Array:
        """Return a parameter with those columns halved."""
        whole = getattr(self, name)
        out = self.buffer("halved " + name, whole.shape)
        out[...] = whole
        out[..., gates] *= 0.5
        return out

    def walk(self, rows: slice) -> None:
        """Add h U, open the gates, let the state move."""
        xp, m, U, b = self.xp, self.units, self.halved_U, self.recurrent_bias
        hU, new = self.work[rows], self.spare[rows]
        hU_e, hU_s = hU[:, :m], hU[:, m:]
        gates, states = self.gates[:, rows], self.states[:, rows]
        for s, e, r, z, a, h_old, h in zip(
            gates[:, :, m : 3 * m],
            *(gates[:, :, k * m : (k + 1) * m] for k in range(4)),
            states[:-1],
            states[1:],
            strict=True,
        ):
            xp.matmul(h_old, U, out=hU)
            xp.add(hU_e, b, out=e)
            s += hU_s
            xp.tanh(s, out=s)
            s *= 0.5
            s += 0.5
            a += xp.multiply(r, e, out=new)
            xp.tanh(a, out=a)
            xp.subtract(h_old, a, out=h)
            h *= z
            h += a

    def walk_back(self, rows: slice) -> None:
        """Write the gradients by the sums over the gates.

        ::

            d_a = grad_h (1 - z) (1 - n**2),    d_e = d_a r
            d_r = d_a e r (1 - r),    d_z = grad_h (h_old - n) z (1 - z)
            grad_h of the step before is grad_h z + (d_e, d_r, d_z) U'
        """
        xp, m, U = self.xp, self.units, self.recurrent_weight
        grad_h, entering = self.carries[0][rows], self.entering[0]
        one, rest = self.constant(1.0, (2 * m,)), self.spare[rows]
        factors, passing = self.work[rows, : 2 * m], self.work[rows, 2 * m :]
        factor_r, factor_z = factors[:, :m], factors[:, m:]
        for t in range(len(self.x) - 1, -1, -1):
            d = self.gates[t, rows]
            e, r, z, a = (d[:, k * m : (k + 1) * m] for k in range(4))
            if entering is not None:
                grad_h += entering[t, rows]
            xp.multiply(grad_h, z, out=passing)
            xp.subtract(grad_h, passing, out=rest)
            xp.subtract(self.states[t, rows], a, out=factor_z)
            factor_z *= passing
            a *= a
            a *= rest
            xp.subtract(rest, a, out=a)
            xp.multiply(a, r, out=rest)
            xp.multiply(rest, e, out=factor_r)
            e[...] = rest
            s = d[:, m : 3 * m]
            xp.subtract(one, s, out=s)
            s *= factors
            if self.cuts(t):
                grad_h[...] = 0.0
            else:
                xp.matmul(d[:, : 3 * m], U.T, out=grad_h)
                grad_h += passing

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Go back through time; b_e is in the candidate's part of the states' products alone."""
        grad_x = super().backward(grad_y, wants_input)
        m = self.units
        sum_rows(self, self.gates.reshape(-1, 4 * m)[:, :m], out=self.grad_recurrent_bias)
        return grad_x

    def grad_inputs(self) -> Array:
        """Return the gradient by (r, z, a)."""
        return self.gates.reshape(-1, 4 * self.units)[:, self.units :]

    def grad_products(self) -> Array:
        """Return the gradient by (e, p, q)."""
        return self.gates.reshape(-1, 4 * self.units)[:, : 3 * self.units]
