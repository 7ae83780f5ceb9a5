"""Several penalties at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skdeep.nn.memory import Array
from skdeep.nn.penalties.base import Penalty

if TYPE_CHECKING:
    from skdeep.nn.network import Network

__all__ = ["PenaltySum"]


class PenaltySum(Penalty):
    """The sum of penalties.

    Parameters
    ----------
    *parts : Penalty
    alpha : float >= 0, default=1.0
        A factor for all.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import L1, L2, PenaltySum
    >>> PenaltySum(L1(1.0), L2(0.5)).value(np.array([2.0, -1.0]))
    4.25
    """

    entrywise = False

    def __init__(self, *parts: Penalty, alpha: float = 1.0) -> None:
        super().__init__(alpha)
        self.parts = parts

    def settle(self, network: Network) -> None:
        """Let each learn where the weights stand."""
        for part in self.parts:
            part.settle(network)

    def value(self, weights: Array) -> float:
        """Return the sum of all values."""
        return self.alpha * sum(part.value(weights) for part in self.parts)

    def add_gradient(self, weights: Array, grad: Array) -> None:
        """Add the gradients of all."""
        for part in self.parts:
            part.scaled(self.alpha).add_gradient(weights, grad)

    def in_two(self) -> tuple[Penalty | None, list[Penalty]]:
        """Return the entrywise part, if there is just one, and all others."""
        parts = [part.scaled(self.alpha) for part in self.parts if part.alpha]
        entrywise = [part for part in parts if part.entrywise]
        if len(entrywise) != 1:
            return None, parts
        return entrywise[0], [part for part in parts if not part.entrywise]
