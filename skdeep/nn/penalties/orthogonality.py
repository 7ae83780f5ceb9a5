"""A penalty on units of a layer that say the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from skdeep.nn.memory import Array
from skdeep.nn.penalties.base import Penalty

if TYPE_CHECKING:
    from skdeep.nn.network import Network

__all__ = ["Orthogonality"]


class Orthogonality(Penalty):
    """How far the units of each hidden layer are from being orthonormal.

    For each matrix W of weights, with a column for each unit::

        alpha |W' W - 1|**2,    with the gradient 4 alpha W (W' W - 1)

    the sum of squared entries, 1 being the unit matrix. Where there are more units than inputs, it
    is the rows that can be orthonormal, and W W' takes the place of W' W.

    Parameters
    ----------
    alpha : float >= 0
        Strength.
    matrices : sequence of (slice, (int, int, int)) or None, default=None
        As `Network.matrices` returns them. None are all of the network but the last, the
        outputs', once `settle` has seen one; before, the vector is a column.

    References
    ----------
    A. Brock, T. Lim, J. M. Ritchie, N. Weston, "Neural photo editing with introspective adversarial
    networks", ICLR 2017; N. Bansal, X. Chen, Z. Wang, "Can we gain more from orthogonality
    regularizations in training deep CNNs?", NeurIPS 2018, section 3.1.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Orthogonality
    >>> penalty = Orthogonality(1.0, [(slice(0, 4), (1, 2, 2))])
    >>> penalty.value(np.array([0.6, 0.8, -0.8, 0.6]))
    0.0
    >>> penalty.value(np.array([1.0, 1.0, 0.0, 0.0]))  # both units look at the first input
    2.0
    """

    entrywise = False

    def __init__(
        self, alpha: float, matrices: Sequence[tuple[slice, tuple[int, int, int]]] | None = None
    ) -> None:
        super().__init__(alpha)
        self.matrices = matrices
        self.gains = [1.0] * len(matrices or (None,))
        self._given = matrices is not None

    def settle(self, network: Network) -> None:
        """Learn where the matrices of weights stand."""
        if not self._given:
            self.matrices, self.gains = network.matrices()[:-1], network.gains()[:-1]

    def _stacks(self, vector: Array) -> list[Array]:
        """Return views of shape (n_matrices, n_inputs, n_units)."""
        matrices = self.matrices
        if matrices is None:
            matrices = [(slice(0, len(vector)), (1, len(vector), 1))]
        return [vector[part].reshape(shape) for part, shape in matrices]

    def value(self, weights: Array) -> float:
        """Return the sum of squares over all matrices."""
        return self.alpha * sum(
            float((_excess(w * gain) ** 2).sum())
            for w, gain in zip(self._stacks(weights), self.gains, strict=True)
        )

    def add_gradient(self, weights: Array, grad: Array) -> None:
        """Add 4 alpha W (W' W - 1) to `grad`, times the gain."""
        for w, g, gain in zip(self._stacks(weights), self._stacks(grad), self.gains, strict=True):
            w = w * gain
            excess = _excess(w)
            tall = w.shape[1] >= w.shape[2]
            g += 4 * self.alpha * gain * (w @ excess if tall else excess @ w)


def _excess(w: Array) -> Array:
    """Return W' W - 1 of each matrix, or W W' - 1 if that is smaller."""
    transposed = w.swapaxes(1, 2)
    product = transposed @ w if w.shape[1] >= w.shape[2] else w @ transposed
    size = product.shape[1]
    product[:, np.arange(size), np.arange(size)] -= 1
    return product
