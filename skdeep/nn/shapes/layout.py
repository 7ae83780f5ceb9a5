"""Where every array of a tree of layers lies in the network's vectors.

Penalized parameters, the weights proper, come first in the parameter vector, the others after
them, each in the order of the tree, parents before children. A parameter that is tied to another
has no place of its own there; its gradient has one in a further vector, from where the network
adds it to the other's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from skdeep.nn.layers.base import Layer, Parameter, Shape

__all__ = ["Layout", "Node", "Slot", "walk"]


class Node(NamedTuple):
    """A layer in its place in the tree.

    Attributes
    ----------
    path : tuple of str
        Names from the root down; the root's is empty.
    layer : Layer
    input_shape : tuple
        Of one sample.
    """

    path: tuple[str, ...]
    layer: Layer
    input_shape: Shape

    @property
    def is_leaf(self) -> bool:
        """Whether the layer has no children."""
        return not any(True for _ in self.layer.children(self.input_shape))


def walk(layer: Layer, input_shape: Shape, path: tuple[str, ...] = ()) -> Iterator[Node]:
    """Yield every layer of a tree, parents before children, children in their order."""
    yield Node(path, layer, input_shape)
    for name, child, shape in layer.children(input_shape):
        yield from walk(child, shape, (*path, name))


@dataclass(frozen=True)
class Slot:
    """The place of a declared array.

    Attributes
    ----------
    node : Node
        Whose it is.
    name : str
    spec : Parameter
    kind : {'weight', 'other', 'statistic', 'tied', 'frozen'}
        Penalized parameter, another one, running statistic, one that is another slot's, or any
        that does not learn.
    part : slice
        Of the parameters, of the statistics, or of what is frozen.
    gradient : slice
        Of the gradient; of the gradients of ties for a tied one.
    """

    node: Node
    name: str
    spec: Parameter
    kind: str
    part: slice
    gradient: slice

    @property
    def path(self) -> str:
        """The names from the root down to the array's own, joined by dots."""
        return ".".join((*self.node.path, self.name))

    @property
    def matrices(self) -> tuple[int, int, int]:
        """How many matrices a weight is, of how many inputs and how many outputs."""
        shape, inputs = self.spec.shape, self.spec.fans[0]
        n_rows = math.prod(shape[:-1])
        if inputs < 1 or n_rows % inputs:
            inputs = n_rows
        return n_rows // inputs, inputs, shape[-1]


class Layout:
    """The places of all arrays that a tree of layers declares.

    Parameters
    ----------
    root : Layer
    input_shape : tuple
        Of one sample.

    Attributes
    ----------
    nodes : list of Node
    slots : list of Slot
        In the order of drawing.
    sizes : dict from str to int
        How many numbers there are of each kind.
    ties : list of (slice, slice)
        Of the gradient, and what is to be added there from the gradients of ties.

    Raises
    ------
    ValueError
        If a layer has two places, or a tie leads nowhere or to another shape.
    """

    def __init__(self, root: Layer, input_shape: Shape) -> None:
        self.nodes = list(walk(root, input_shape))
        declared = list(self._declared())
        self.sizes = {"weight": 0, "other": 0, "statistic": 0, "tied": 0, "frozen": 0}
        for _, _, spec, kind in declared:
            self.sizes[kind] += math.prod(spec.shape)
        start = dict.fromkeys(self.sizes, 0) | {"other": self.sizes["weight"]}
        places: dict[tuple[str, ...], Slot] = {}
        for node, name, spec, kind in declared:
            part = slice(start[kind], start[kind] + math.prod(spec.shape))
            start[kind] = part.stop
            places[*node.path, name] = Slot(node, name, spec, kind, part, part)
        self.ties = []
        for place, slot in places.items():
            if slot.kind == "tied":
                other = _partner(slot, places)
                places[place] = Slot(
                    slot.node, slot.name, slot.spec, "tied", other.part, slot.gradient
                )
                self.ties.append((other.gradient, slot.gradient))
        self.slots = list(places.values())

    def _declared(self) -> Iterator[tuple[Node, str, Parameter, str]]:
        still = [node.path for node in self.nodes if node.layer.freezes]
        for node in self.nodes:
            frozen = any(node.path[: len(path)] == path for path in still)
            for name, spec in node.layer.parameters(node.input_shape).items():
                kind = "weight" if spec.penalized else "other"
                kind = "frozen" if frozen else kind
                yield node, name, spec, kind if spec.same_as is None else "tied"
            for name, spec in node.layer.statistics(node.input_shape).items():
                yield node, name, spec, "frozen" if frozen else "statistic"


def _partner(slot: Slot, places: dict[tuple[str, ...], Slot]) -> Slot:
    """Return the slot that a tied one is the same as."""
    assert slot.spec.same_as is not None
    wanted = tuple(slot.spec.same_as.split("."))
    for depth in range(len(slot.node.path) - 1, -1, -1):
        other = places.get((*slot.node.path[:depth], *wanted))
        if other is not None and other is not slot:
            break
    else:
        known = ", ".join(
            other.path for other in places.values() if other.kind in ("weight", "other")
        )
        raise ValueError(
            f"{slot.path} is to be the same as {slot.spec.same_as!r}, which is no parameter here; "
            f"there are {known or 'none'}."
        )
    if other.kind not in ("weight", "other") or other.spec.shape != slot.spec.shape:
        raise ValueError(
            f"{slot.path} of shape {slot.spec.shape} is to be the same as {other.path}, which is "
            f"a {other.kind} of shape {other.spec.shape}; it must be a parameter of the same "
            "shape, not tied itself."
        )
    return other
