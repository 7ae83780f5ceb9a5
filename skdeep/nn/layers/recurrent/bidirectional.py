"""Reading a sequence from both ends."""

from __future__ import annotations

import copy

from skdeep.nn.layers.composite import Branches
from skdeep.nn.layers.recurrent.base import Recurrent

__all__ = ["Bidirectional"]


class Bidirectional(Branches):
    """A recurrent layer and its twin that reads in reverse, their outputs joined.

    Where every state is returned, a step has the states of what was read before and after it;
    otherwise the output is the last state of each direction.

    Parameters
    ----------
    layer : Recurrent
        The twin is like it, with weights of its own.

    References
    ----------
    M. Schuster, K. K. Paliwal, "Bidirectional recurrent neural networks", IEEE Transactions on
    Signal Processing 45, 1997.

    Examples
    --------
    >>> from skdeep.nn import Bidirectional, LSTM, Network
    >>> network = Network(Bidirectional(LSTM(4, return_sequences=True)), (10, 3), random_state=0)
    >>> network.output_shape
    (10, 8)
    """

    def __init__(self, layer: Recurrent) -> None:
        twin = copy.deepcopy(layer)
        twin.reverse = not layer.reverse
        super().__init__(layer, twin)

    def __repr__(self) -> str:
        return f"Bidirectional({self.layers[0]!r})"
