"""Networks side by side in one vector, each of which is clipped by itself."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING

from skdeep.nn.memory import Array

if TYPE_CHECKING:
    from skdeep.nn.network import Network

__all__ = ["Members"]


class Members:
    """Where the parameters of the members of a stack stand.

    Members share no parameter, and the loss is the mean of theirs, so that the gradient by the
    parameters of one is that of its own loss over their number.

    Parameters
    ----------
    network : Network
        Whose every parameter has a member for each entry of its first axis.
    n : int
        How many members there are.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import MemberDense, Network
    >>> from skdeep.nn.optimizers import Members
    >>> members = Members(Network(MemberDense(1), input_shape=(2, 1)), n=2)
    >>> grad = np.array([3.0, 0.3, 4.0, 0.4])  # two weights, two biases
    >>> members.clip(np, grad, 1.0)
    >>> grad
    array([0.6, 0.3, 0.8, 0.4])
    >>> short = grad.astype(np.float32)
    >>> members.clip(np, short, 1e300)  # beyond all lengths in that type
    >>> short
    array([0.6, 0.3, 0.8, 0.4], dtype=float32)
    """

    def __init__(self, network: Network, n: int) -> None:
        self.n, self.parts = n, network.parts()

    def clip(self, xp: ModuleType, grad: Array, clip_norm: float) -> None:
        """Scale the gradients of those members that are longer than `clip_norm` down to it."""
        clip_norm = min(clip_norm, float(xp.finfo(grad.dtype).max))
        square = sum((part * part).sum(axis=1) for part in self._of_each(grad))
        factor = clip_norm / xp.sqrt(square).clip(clip_norm, None)
        for part in self._of_each(grad):
            part *= factor[:, None]

    def _of_each(self, vector: Array) -> Iterator[Array]:
        """Yield views of shape (n_members, n_parameters of a layer)."""
        for part in self.parts:
            yield vector[part].reshape(self.n, -1)
