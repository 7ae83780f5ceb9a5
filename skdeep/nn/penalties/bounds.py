"""A bound on the weights that feed a unit, in place of a penalty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skdeep.nn.memory import Array, Memory

if TYPE_CHECKING:
    from skdeep.nn.network import Network

__all__ = ["MaxNorm"]


class MaxNorm(Memory):
    """No unit of a hidden layer has incoming weights longer than a bound.

    After each step, weights w that feed a unit (a column of its layer's matrix, a kernel of a
    convolution, as the layer multiplies by it) become the nearest ones within the bound c::

        w <- w min(1, c / |w|)

    Parameters
    ----------
    bound : float > 0
        The largest length, c.

    References
    ----------
    N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: a simple
    way to prevent neural networks from overfitting", JMLR 15, 2014, section 5.1.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import MaxNorm
    >>> w = np.array([[3.0, 0.3], [4.0, 0.4]])
    >>> MaxNorm(2.5).project(w)
    >>> w
    array([[1.5, 0.3],
           [2. , 0.4]])
    """

    def __init__(self, bound: float) -> None:
        if not bound > 0:
            raise ValueError(f"MaxNorm takes a bound above 0, got {bound!r}.")
        self.bound = bound
        self._forget_buffers()

    def prepare(self, network: Network) -> None:
        """Learn where the weights of the hidden layers stand: all but the last matrix."""
        self.settle(network.xp, network.dtype)
        self.matrices = network.matrices()[:-1]
        self.bounds = [self.bound / gain for gain in network.gains()[:-1]]

    def apply(self, network: Network) -> None:
        """Project the weights of all hidden layers of the network it was prepared for."""
        for (part, shape), bound in zip(self.matrices, self.bounds, strict=True):
            for w in network.params[part].reshape(shape):
                self.project(w, bound)

    def project(self, w: Array, bound: float | None = None) -> None:
        """Shorten the columns of `w` that are longer than `bound`, None for the bound of all."""
        xp, bound = self.xp, self.bound if bound is None else bound
        square = xp.multiply(w, w, out=self.buffer("square", w.shape))
        length = xp.sqrt(square.sum(axis=0))
        if length.max() > bound:
            w *= bound / length.clip(bound, None)
