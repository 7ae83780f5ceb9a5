"""What every layer makes of a batch, and what comes back to it, in a copy of a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn import PREDICT, Layer, Mode, Network
from skdeep.nn.shapes.inputs import convert

__all__ = ["Traced", "trace"]


@dataclass
class Traced:
    """A layer without children, and what a batch came to in it.

    Attributes
    ----------
    name : str
        Its path and its class, as "0.2 ReLU".
    layer : Layer
        Of the copy that was run.
    output : ndarray of shape (n_samples, ...)
    gradient : ndarray of the shape of `output`, or None
        Of what was sent back, by the output.
    """

    name: str
    layer: Layer
    output: NDArray[Any]
    gradient: NDArray[Any] | None = None


def trace(
    network: Network, x: Any, mode: Mode = PREDICT, grad_of: Any = None
) -> tuple[NDArray[Any], list[Traced]]:
    """Run a batch through a copy of a network, and keep what each of its layers did.

    Parameters
    ----------
    network : Network
        Stays as it is.
    x : array of shape (n_samples, *input_shape), or tuple of arrays
    mode : Mode, default=PREDICT
    grad_of : callable or None, default=None
        ``grad_of(outputs)`` is the gradient to send back; None sends none.

    Returns
    -------
    outputs : ndarray of shape (n_samples, *output_shape)
    layers : list of Traced
        In the order of the forward pass, those that it reached.
    """
    network = network.copy()
    x = convert(x, network.xp, network.dtype, network.root.input_dtype)
    found: list[Traced] = []

    def watch(name: str, layer: Layer) -> None:
        forward, backward = layer.forward, layer.backward

        def forward_and_keep(x: Any, mode: Mode = PREDICT) -> Any:
            y = forward(x, mode)
            found.append(Traced(name, layer, np.array(y)))  # the next layer may write over it
            return y

        def backward_and_keep(grad_y: Any, wants_input: bool = True) -> Any:
            mine = next(one for one in reversed(found) if one.layer is layer)
            mine.gradient = np.array(grad_y)
            return backward(grad_y, wants_input)

        # Attributes of the one layer, which stand before the methods of its class.
        vars(layer).update(forward=forward_and_keep, backward=backward_and_keep)

    for path, layer, _ in network.leaves():
        watch(".".join((*path[:-1], f"{path[-1]} " if path else "")) + type(layer).__name__, layer)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        outputs = np.array(network.forward(x, mode))
        if grad_of is not None:
            network.backward(grad_of(outputs.copy()), wants_input=False)
    return outputs, found
