"""Parts of a network that a batch does not go through."""

from __future__ import annotations

from skdeep.nn.layers.base import Layer

__all__ = ["learns_nothing"]


def learns_nothing(layer: Layer) -> None:
    """Set all gradients in a layer and below it to zero."""
    for name in layer.starts:
        gradient = getattr(layer, "grad_" + name, None)
        if gradient is not None:  # statistics have none
            gradient[...] = 0
    for child in layer.inside():
        learns_nothing(child)
