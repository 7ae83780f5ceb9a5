"""Long short-term memory: a cell that adds, and gates that decide what."""

from __future__ import annotations

from typing import ClassVar

from skdeep.nn.initializers import Initializer, by_columns, ones, zeros
from skdeep.nn.layers.recurrent.base import Recurrent
from skdeep.nn.memory import Array
from skdeep.nn.products import product

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

    def kept(self) -> tuple[Array, ...]:
        """Return states and cells."""
        return self.states, self.cells

    def prepare(self) -> None:
        """Write x W + b of all steps, the gates' halved, where the gates will be."""
        n_steps, n, _ = self.x.shape
        m = self.units
        self.gates = self.buffer("gates", (n_steps, n, 4 * m))
        self.cells = self.buffer("cells", (n_steps + 1, n, m))
        self.tanh_cells = self.buffer("tanh cells", (n_steps, n, m))
        self.work = self.buffer("work", (n, 4 * m))
        self.spare = self.buffer("spare", (n, m))
        product(self, self.x, self._halved("weight"), out=self.gates)
        self.gates += self._halved("bias")
        self.halved_U = self._halved("recurrent_weight")

    def _halved(self, name: str) -> Array:
        """Return a parameter with the columns of the three gates halved."""
        whole = getattr(self, name)
        out = self.xp.multiply(whole, 0.5, out=self.buffer("halved " + name, whole.shape))
        out[..., 3 * self.units :] = whole[..., 3 * self.units :]
        return out

    def walk(self, rows: slice) -> None:
        """Add h U, open the gates, let the cell move."""
        xp, m, U = self.xp, self.units, self.halved_U
        hU, new = self.work[rows], self.spare[rows]
        gates, cells, states = self.gates[:, rows], self.cells[:, rows], self.states[:, rows]
        for z, s, i, f, o, g, c_old, c, tanh_c, h_old, h in zip(
            gates,
            gates[:, :, : 3 * m],
            *(gates[:, :, k * m : (k + 1) * m] for k in range(4)),
            cells[:-1],
            cells[1:],
            self.tanh_cells[:, rows],
            states[:-1],
            states[1:],
            strict=True,
        ):
            xp.matmul(h_old, U, out=hU)
            z += hU
            xp.tanh(z, out=z)
            s *= 0.5
            s += 0.5
            xp.multiply(f, c_old, out=c)
            c += xp.multiply(i, g, out=new)
            xp.tanh(c, out=tanh_c)
            xp.multiply(o, tanh_c, out=h)

    def walk_back(self, rows: slice) -> None:
        """Write the gradients by the sums over the gates.

        ::

            grad_c += grad_h o (1 - tanh(c)**2)
            d_i = grad_c g i (1 - i),      d_f = grad_c c_old f (1 - f)
            d_o = grad_h tanh(c) o (1 - o),    d_g = grad_c i (1 - g**2)
            grad_c of the step before is grad_c f, grad_h is d U'
        """
        xp, m, U = self.xp, self.units, self.recurrent_weight
        grad_h, grad_c = (carry[rows] for carry in self.carries)
        one, product_g = self.constant(1.0, (3 * m,)), self.spare[rows]
        work = self.work[rows]
        # What 1 - s is multiplied by, gate by gate; the rest of the work array is spare.
        factors, extra = work[:, : 3 * m], work[:, 3 * m :]
        factor_i, factor_f, factor_o = (work[:, k * m : (k + 1) * m] for k in range(3))
        enters_h, enters_c = self.entering
        for t in range(len(self.x) - 1, -1, -1):
            d, tanh_c = self.gates[t, rows], self.tanh_cells[t, rows]
            s, g = d[:, : 3 * m], d[:, 3 * m :]
            i, f, o = (d[:, k * m : (k + 1) * m] for k in range(3))
            if enters_h is not None:
                grad_h += enters_h[t, rows]
            if enters_c is not None:
                grad_c += enters_c[t, rows]
            xp.multiply(grad_h, self.states[t + 1, rows], out=factor_o)
            grad_h *= o
            grad_c += grad_h
            tanh_c *= factor_o
            grad_c -= tanh_c
            xp.multiply(grad_c, i, out=extra)
            xp.multiply(extra, g, out=factor_i)
            xp.multiply(factor_i, g, out=product_g)
            xp.subtract(extra, product_g, out=g)
            grad_c *= f
            xp.multiply(grad_c, self.cells[t, rows], out=factor_f)
            xp.subtract(one, s, out=s)
            s *= factors
            if self.cuts(t):
                grad_h[...] = 0.0
                grad_c[...] = 0.0
            else:
                xp.matmul(d, U.T, out=grad_h)

    def grad_inputs(self) -> Array:
        """Return the gradient by the sums."""
        return self.gates.reshape(-1, 4 * self.units)
