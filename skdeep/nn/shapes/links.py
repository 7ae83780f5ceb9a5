"""A network as the layers that follow one another, of which the last with weights is its output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from skdeep.nn.layers.base import Layer, Shape
from skdeep.nn.shapes.layout import Layout, Slot, walk

__all__ = ["Link", "freeze", "links", "take_over", "with_weights"]


@dataclass(frozen=True)
class Link:
    """A layer in its place in a chain.

    Attributes
    ----------
    layer : Layer
    input_shape : tuple
        Of one sample.
    holder : list of Layer
        Where it stands.
    index : int
        Its place there.
    """

    layer: Layer
    input_shape: Shape
    holder: list[Layer]
    index: int


def links(root: Layer, input_shape: Shape) -> list[Link]:
    """Return the layers that follow one another, those of a sequence inside a sequence too.

    A root that is no sequence is one link.
    """
    if not root.in_turn:
        return [Link(root, input_shape, [root], 0)]
    return list(_inside(root, input_shape))


def _inside(sequence: Any, shape: Shape) -> Any:
    for index, layer in enumerate(sequence.layers):
        if layer.in_turn:
            yield from _inside(layer, shape)
        else:
            yield Link(layer, shape, sequence.layers, index)
        shape = layer.output_shape(shape)


def with_weights(chain: list[Link]) -> list[int]:
    """Return the places in a chain of the links with weights: layers, as one counts them."""
    return [
        place
        for place, link in enumerate(chain)
        if any(
            spec.penalized
            for node in walk(link.layer, link.input_shape)
            for spec in node.layer.parameters(node.input_shape).values()
        )
    ]


def freeze(
    root: Layer, input_shape: Shape, n_layers: int, frozen: Callable[[Layer], Layer]
) -> None:
    """Freeze the first layers with weights, and all that comes before the next one.

    Parameters
    ----------
    root : Layer
        Not bound yet; changed in place.
    input_shape : tuple
    n_layers : int
    frozen : callable
        Makes a frozen layer of a layer: `Frozen`.

    Raises
    ------
    ValueError
        If no layer with weights would be left.
    """
    chain = links(root, input_shape)
    places = with_weights(chain)
    if n_layers >= len(places):
        raise ValueError(
            f"a network of {len(places)} layers with weights can have {len(places) - 1} of them "
            f"frozen at most, since its output learns; got n_frozen_layers={n_layers}"
        )
    for link in chain[: places[n_layers]] if n_layers else ():
        link.holder[link.index] = frozen(link.layer)


def take_over(network: Any, other: Any, *, output: bool) -> None:
    """Set the weights and running statistics of a network to those of another one.

    Arrays are those of the same place, in the order of the layers; what has none, such as an
    activation or dropout, may differ.

    Parameters
    ----------
    network, other : Network
    output : bool
        Whether the last layer with weights gets its own, too.

    Raises
    ------
    ValueError
        Names the first array that does not fit, with both shapes.
    """
    chain = links(network.root, network.input_shape)
    places = with_weights(chain)
    learned: set[int] = set()
    for link in chain if output else chain[: places[-1]]:
        learned.update(id(node.layer) for node in walk(link.layer, link.input_shape))
    mine = [slot for slot in _arrays(network) if id(slot.node.layer) in learned]
    theirs = _arrays(other)
    for place, slot in enumerate(mine):
        found = theirs[place] if place < len(theirs) else None
        if found is None or (slot.name, slot.spec.shape) != (found.name, found.spec.shape):
            has = "none" if found is None else f"{found.name} of shape {found.spec.shape}"
            raise ValueError(
                f"{slot.path} is of shape {slot.spec.shape}, and the other network has {has} there"
            )
    for slot, found in zip(mine, theirs, strict=False):
        array = getattr(found.node.layer, found.name)
        getattr(slot.node.layer, slot.name)[...] = array


def _arrays(network: Any) -> list[Slot]:
    """Return the places of all arrays, but for those that are another's."""
    slots = Layout(network.root, network.input_shape).slots
    return [slot for slot in slots if slot.kind != "tied"]
