"""What a tree of layers comes to: shapes, parameters, connections, operations, receptive fields."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from skdeep.nn.layers.base import Layer, Shape
from skdeep.nn.layers.composite import Branches, Residual
from skdeep.nn.shapes.inputs import size_of

__all__ = ["Line", "Summary", "summarize"]

# Side of the square of input pixels that an output depends on, and how many input pixels lie
# between neighbouring outputs; infinite where the picture is no picture any more.
Sight = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """One layer.

    Attributes
    ----------
    path : str
        Where it stands in the tree.
    layer : str
        What it is.
    output_shape : tuple of int
        Of one sample.
    parameters : int
        Weights, biases, scales and shifts.
    connections : int
        Weights and biases, each counted at every place where it is used.
    multiply_adds : int
        Of the products of a forward pass of one sample.
    receptive_field : float
        Side of the square of input pixels that an output depends on; inf for all of them.
    """

    path: str
    layer: str
    output_shape: Shape
    parameters: int
    connections: int
    multiply_adds: int
    receptive_field: float


@dataclass(frozen=True, repr=False)
class Summary:
    """All layers of a network, which prints as a table.

    Attributes
    ----------
    lines : list of Line
    input_shape : tuple of int
    """

    lines: list[Line]
    input_shape: Shape

    @property
    def parameters(self) -> int:
        """Of all layers."""
        return sum(line.parameters for line in self.lines)

    @property
    def multiply_adds(self) -> int:
        """Of all layers, for one sample."""
        return sum(line.multiply_adds for line in self.lines)

    @property
    def activations(self) -> int:
        """How many numbers the input and the outputs of all layers have, for one sample."""
        return size_of(self.input_shape) + sum(size_of(line.output_shape) for line in self.lines)

    def __repr__(self) -> str:
        head = ("layer", "output", "parameters", "multiply-adds", "sees")
        rows = [("input", _by(self.input_shape), "", "", "")]
        rows += [
            (
                f"{line.path} {line.layer}".strip(),
                _by(line.output_shape),
                f"{line.parameters:,}",
                f"{line.multiply_adds:,}",
                "all" if math.isinf(line.receptive_field) else f"{line.receptive_field:g}",
            )
            for line in self.lines
        ]
        total = f"{self.activations:,} numbers"
        rows.append(("all", total, f"{self.parameters:,}", f"{self.multiply_adds:,}", ""))
        widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]

        def text(row: tuple[str, ...]) -> str:
            first, *others = zip(row, widths, strict=True)
            cells = [f"{first[0]:<{first[1]}}", *(f"{cell:>{width}}" for cell, width in others)]
            return "  ".join(cells).rstrip()

        return "\n".join([text(head), *map(text, rows)])


def summarize(root: Layer, input_shape: Shape) -> Summary:
    """Count what a tree of layers comes to, without making its parameters.

    Parameters
    ----------
    root : Layer
    input_shape : tuple of int

    Returns
    -------
    Summary

    Examples
    --------
    >>> from skdeep.nn import Conv2D, Dense, Flatten, MaxPool2D, Sequence, summarize
    >>> summarize(Sequence(Conv2D(6, 5), MaxPool2D(), Flatten(), Dense(10)), (32, 32, 1))
    layer                                  output  parameters  multiply-adds  sees
    input                                 32x32x1
    0 Conv2D(filters=6, kernel_size=5)    28x28x6         156        117,600     5
    1 MaxPool2D(pool_size=2)              14x14x6           0              0     6
    2 Flatten()                              1176           0              0   all
    3 Dense(units=10)                          10      11,770         11,760   all
    all                              8,090 numbers     11,926        129,360
    """
    lines: list[Line] = []
    _walk(root, input_shape, "", (1, 1), lines)
    return Summary(lines, tuple(input_shape))


def _walk(layer: Layer, shape: Shape, path: str, sight: Sight, lines: list[Line]) -> Sight:
    """Add the lines of a layer and those below it; return what is seen behind it."""
    children = list(layer.children(shape))
    if not children:
        sight = _behind(layer, shape, sight)
        lines.append(_line(layer, shape, path, sight))
        return sight
    side_by_side = isinstance(layer, (Branches, Residual))
    found = [sight]
    for name, child, at in children:
        where = f"{path}.{name}" if path else name
        found.append(_walk(child, at, where, sight if side_by_side else found[-1], lines))
    if next(iter(_own(layer, shape)), None):
        lines.append(_line(layer, shape, path, found[-1]))
    return max(found[1:]) if side_by_side else found[-1]


def _behind(layer: Layer, shape: Shape, sight: Sight) -> Sight:
    """Return what a layer's outputs see, if its inputs see `sight`."""
    field, step = sight
    geometry = getattr(layer, "geometry", None)
    if geometry is not None:
        window = geometry(shape)
        axes = zip(window.kernel, window.dilation, window.stride, strict=True)
        seen = [(field + d * (k - 1) * step, s * step) for k, d, s in axes]
        return max(seen)
    if len(layer.output_shape(shape)) < len(shape):
        return math.inf, math.inf
    return sight


def _own(layer: Layer, shape: Shape) -> Iterator[tuple[str, int]]:
    """Yield the name and the size of the parameters that are the layer's own."""
    for name, spec in layer.parameters(shape).items():
        if spec.same_as is None:
            yield name, math.prod(spec.shape)


def _line(layer: Layer, shape: Shape, path: str, sight: Sight) -> Line:
    own = dict(_own(layer, shape))
    output = layer.output_shape(shape)
    places = math.prod(output[:-1])
    linked = sum(size for name, size in own.items() if name in ("weight", "bias"))
    cost = layer.cost(shape) - sum(child.cost(at) for _, child, at in layer.children(shape))
    text = repr(layer) if not list(layer.children(shape)) else type(layer).__name__
    return Line(path, text, output, sum(own.values()), places * linked, cost, sight[0])


def _by(shape: Shape) -> str:
    if shape and isinstance(shape[0], tuple):
        return ", ".join(map(_by, shape))
    return "x".join(map(str, shape))
