"""A tree of layers for samples of a shape: its nodes, its parameters, what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator

from skdeep.nn.layers.base import Layer, Shape
from skdeep.nn.memory import Array
from skdeep.nn.shapes.layout import Layout, Node, walk
from skdeep.nn.shapes.summary import Summary, summarize

__all__ = ["LayerTree", "check_places"]


class LayerTree:
    """A tree of layers, whose parameters lie in one vector."""

    root: Layer
    input_shape: Shape
    params: Array
    grad: Array

    def nodes(self) -> Iterator[Node]:
        """Yield every layer with its path and input shape, parents before children."""
        return walk(self.root, self.input_shape)

    def leaves(self) -> list[Node]:
        """Return the nodes that have no children, in order of `forward`."""
        return [node for node in self.nodes() if node.is_leaf]

    def layers(self) -> list[Layer]:
        """Return the layers that have no children, in order of `forward`."""
        return [node.layer for node in self.leaves()]

    def parameters(self) -> Iterator[tuple[str, Array, Array]]:
        """Yield the path of each parameter, its view into `params` and that of its gradient.

        A tied one is left out: it is another's.
        """
        for slot in Layout(self.root, self.input_shape).slots:
            if slot.kind in ("weight", "other"):
                shape = slot.spec.shape
                yield (
                    slot.path,
                    self.params[slot.part].reshape(shape),
                    self.grad[slot.gradient].reshape(shape),
                )

    def parts(self) -> list[slice]:
        """Return the slice of `params` that each of the `parameters` is."""
        slots = Layout(self.root, self.input_shape).slots
        return [slot.part for slot in slots if slot.kind in ("weight", "other")]

    def matrices(self) -> list[tuple[slice, tuple[int, int, int]]]:
        """Return the slice of each of the weights proper, and its shape as a stack of matrices.

        A matrix has a row for each input that a sum is over, and a column for each output; a
        kernel of a convolution is one of them.
        """
        slots = Layout(self.root, self.input_shape).slots
        return [(slot.part, slot.matrices) for slot in slots if slot.kind == "weight"]

    def gains(self) -> list[float]:
        """Return what each of the weights proper is multiplied by besides, as `matrices` goes."""
        slots = Layout(self.root, self.input_shape).slots
        return [slot.spec.gain for slot in slots if slot.kind == "weight"]

    def summary(self, *, batch_size: int = 1) -> Summary:
        """Return shapes, parameters, connections, multiply-adds and memory of all layers.

        Parameters
        ----------
        batch_size : int, default=1
            How many samples to count the memory of.

        Returns
        -------
        Summary
            Prints as a table.
        """
        itemsize = int(self.params[:0].dtype.itemsize)
        return summarize(self.root, self.input_shape, batch_size=batch_size, itemsize=itemsize)

    def __repr__(self) -> str:
        return f"Network({self.root!r}, input_shape={self.input_shape})"

    def __str__(self) -> str:
        """Return the summary: what each layer makes of a sample, and what that takes."""
        return str(self.summary())

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()


def check_places(nodes: list[Node]) -> None:
    """Raise ValueError for a layer that has a place already, or children it does not show."""
    seen: set[int] = set()
    for _, layer, shape in nodes:
        if "_flat" in layer.__dict__ or id(layer) in seen:
            raise ValueError(
                f"{layer!r} has its place in a network already; make a layer for each place, or "
                f"take copy.deepcopy of it."
            )
        seen.add(id(layer))
        declared = {id(child) for _, child, _ in layer.children(shape)}
        if declared != set(map(id, layer.inside())):
            raise ValueError(
                f"{layer!r} must keep the layers that children() yields, and no others, in "
                "attributes of its own, or in lists, tuples or dicts there."
            )
