"""Long short-term memory: a cell that adds, and gates that decide what."""

from __future__ import annotations

from typing import ClassVar

from skdeep.nn.initializers import Initializer, by_columns, ones, zeros
from skdeep.nn.layers.recurrent.base import Recurrent
from skdeep.nn.layers.recurrent.walk import Walk
from skdeep.nn.memory import Array

__all__ = ["LSTM"]


class LSTM(Recurrent):
    """Long short-term memory.

    With s the logistic function, from the state h_0 and the cell c_0, zero or given::

        (i, f, o, g)_t = x_t W + h_{t-1} U + b
        c_t = s(f) c_{t-1} + s(i) tanh(g)
        h_t = s(o) tanh(c_t)

    W, U and b have the input, forget and output gates' and the candidate's columns side by side. A
    gradient by c_t goes to c_{t-1} multiplied by the forget gate alone, which starts near one, its
    bias being one at first.

    The logistic function is (1 + tanh(z / 2)) / 2, so that with the gates' weights halved one tanh
    serves all four.

    Parameters
    ----------
    units : int
        Numbers of a state; a cell has as many.
    return_sequences, reverse, truncate
        As of :class:`Recurrent`. The state that goes on is [h, c].

    References
    ----------
    S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation 9, 1997. F. A. Gers,
    J. Schmidhuber, F. Cummins, "Learning to forget: continual prediction with LSTM", Neural
    Computation 12, 2000. R. Jozefowicz, W. Zaremba, I. Sutskever, "An empirical exploration of
    recurrent network architectures", ICML 2015 (the forget bias).

    Examples
    --------
    >>> from skdeep.nn import LSTM, Network
    >>> network = Network(LSTM(4, return_sequences=True), input_shape=(10, 3), random_state=0)
    >>> network.output_shape, network.n_parameters == 4 * 4 * (3 + 4 + 1)
    ((10, 4), True)
    """

    n_gates: ClassVar[int] = 4
    n_states: ClassVar[int] = 2

    def bias_init(self) -> Initializer:
        """Return zeros, but ones for the forget gate."""
        return by_columns(zeros, ones, zeros, zeros)

    def join(self) -> None:
        """Join the parameters, the gates' halved."""
        self.halved = self.joined(slice(0, 3 * self.units))

    def go(self, walk: Walk) -> None:
        """Sum up what the gates see, open them, let the cell move."""
        xp, m, T, n = self.xp, self.units, walk.n_steps, walk.n
        weights, new = self.halved.T, walk.buffer("spare", (m, n))
        states, cells = walk.kept
        walk.gates = walk.buffer("gates", (T, 4 * m, n))
        walk.tanh_cells = walk.buffer("tanh cells", (T, m, n))
        for hx, z, c_old, c, tanh_c, h in zip(
            walk.inputs[:-1],
            walk.gates,
            cells[:-1],
            cells[1:],
            walk.tanh_cells,
            states[1:],
            strict=True,
        ):
            xp.matmul(weights, hx, out=z)
            xp.tanh(z, out=z)
            s = z[: 3 * m]
            s *= 0.5
            s += 0.5
            xp.multiply(z[m : 2 * m], c_old, out=c)
            c += xp.multiply(z[:m], z[3 * m :], out=new)
            xp.tanh(c, out=tanh_c)
            xp.multiply(z[2 * m : 3 * m], tanh_c, out=h)

    def go_back(self, walk: Walk) -> Array:
        """Write the gradients by the sums over the gates.

        ::

            grad_c += grad_h o (1 - tanh(c)**2)
            d_i = grad_c g i (1 - i),      d_f = grad_c c_old f (1 - f)
            d_o = grad_h tanh(c) o (1 - o),    d_g = grad_c i (1 - g**2)
            grad_c of the step before is grad_c f, grad_h is U d
        """
        xp, m, n, U = self.xp, self.units, walk.n, self.recurrent_weight
        (states, cells), (enters_h, enters_c) = walk.kept, walk.entering
        grad_h, grad_c = walk.carries
        # What 1 - s is multiplied by, gate by gate.
        factors, one = walk.buffer("factors", (3 * m, n)), self.constant(1.0, (3 * m, n))
        factor_i, factor_f, factor_o = factors[:m], factors[m : 2 * m], factors[2 * m :]
        extra, product_g = walk.buffer("extra", (m, n)), walk.buffer("spare", (m, n))
        for t in range(walk.n_steps - 1, -1, -1):
            d, tanh_c = walk.gates[t], walk.tanh_cells[t]
            s, i, f, o, g = d[: 3 * m], d[:m], d[m : 2 * m], d[2 * m : 3 * m], d[3 * m :]
            if enters_h is not None:
                grad_h += enters_h[t]
            if enters_c is not None:
                grad_c += enters_c[t]
            xp.multiply(grad_h, states[t + 1], out=factor_o)
            grad_h *= o
            grad_c += grad_h
            tanh_c *= factor_o
            grad_c -= tanh_c
            xp.multiply(grad_c, i, out=extra)
            xp.multiply(extra, g, out=factor_i)
            xp.multiply(factor_i, g, out=product_g)
            xp.subtract(extra, product_g, out=g)
            grad_c *= f
            xp.multiply(grad_c, cells[t], out=factor_f)
            xp.subtract(one, s, out=s)
            s *= factors
            walk.sums.add(walk.inputs[t], d)
            if self.cuts(t):
                grad_h[...] = 0.0
                grad_c[...] = 0.0
            else:
                xp.matmul(U, d, out=grad_h)
        return walk.gates

    def named(self, walk: Walk) -> dict[str, Array]:
        """Return the three gates, the cell and the state."""
        m, gates = self.units, walk.gates
        return {
            "input gate": gates[:, :m],
            "forget gate": gates[:, m : 2 * m],
            "output gate": gates[:, 2 * m : 3 * m],
            "cell": walk.kept[1][1:],
        } | super().named(walk)
