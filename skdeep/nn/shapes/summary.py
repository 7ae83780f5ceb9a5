"""What a tree of layers comes to: shapes, parameters, connections, operations, memory, sight."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from skdeep.nn.layers.base import Layer, Shape
from skdeep.nn.shapes.cells import aligned, html_table
from skdeep.nn.shapes.inputs import size_of

__all__ = ["Line", "Summary", "join_summaries", "summarize"]

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

    @property
    def activations(self) -> int:
        """How many numbers the output has, for one sample."""
        return size_of(self.output_shape)


@dataclass(frozen=True, repr=False)
class Summary:
    """All layers of a network, which prints as a table, and shows as one in a notebook.

    Attributes
    ----------
    lines : list of Line
    input_shape : tuple of int
        Of one sample; empty where several networks have inputs of their own.
    batch_size : int
        How many samples the memory is for.
    itemsize : int
        Bytes of a number.
    """

    lines: list[Line]
    input_shape: Shape
    batch_size: int = 1
    itemsize: int = 4

    @property
    def parameters(self) -> int:
        """Of all layers."""
        return sum(line.parameters for line in self.lines)

    @property
    def connections(self) -> int:
        """Of all layers, for one sample."""
        return sum(line.connections for line in self.lines)

    @property
    def multiply_adds(self) -> int:
        """Of all layers, for one sample."""
        return sum(line.multiply_adds for line in self.lines)

    @property
    def activations(self) -> int:
        """How many numbers the input and the outputs of all layers have, for one sample."""
        given = size_of(self.input_shape) if self.input_shape else 0
        return given + sum(line.activations for line in self.lines)

    @property
    def activation_memory(self) -> int:
        """Bytes of the input and the outputs of all layers, for a batch.

        Training needs about as much again for their gradients. It needs less where a layer writes
        over its input, as most activations do.
        """
        return self._memory(self.activations)

    def _memory(self, activations: int) -> int:
        return activations * self.batch_size * self.itemsize

    def __repr__(self) -> str:
        head, rows, last = self._cells()
        return "\n".join(aligned([head, *rows, last]))

    def _repr_html_(self) -> str:
        head, rows, last = self._cells()
        return html_table(head, rows, last)

    def _cells(self) -> tuple[Row, list[Row], Row]:
        """Return the head, the row of each layer, and the row of the sums."""
        of = "" if self.batch_size == 1 else f" of {self.batch_size:,}"
        head = ["layer", "output", "parameters", "connections", "multiply-adds", f"memory{of}"]
        rows = []
        if self.input_shape:
            numbers = self._memory(size_of(self.input_shape))
            rows.append(["input", _by(self.input_shape), "", "", "", _bytes(numbers)])
        for line in self.lines:
            counts = (line.parameters, line.connections, line.multiply_adds)
            name = f"{line.path} {line.layer}".strip()
            memory = _bytes(self._memory(line.activations))
            rows.append([name, _by(line.output_shape), *(f"{n:,}" for n in counts), memory])
        counts = (self.parameters, self.connections, self.multiply_adds)
        last = ["all", "", *(f"{n:,}" for n in counts), _bytes(self.activation_memory)]
        if any(1 < line.receptive_field < math.inf for line in self.lines):
            fields = [line.receptive_field for line in self.lines]
            sees = ["all" if math.isinf(field) else f"{field:g}" for field in fields]
            column = ["sees", *([""] if self.input_shape else []), *sees, ""]
            for row, cell in zip([head, *rows, last], column, strict=True):
                row.append(cell)
        return head, rows, last


Row = list[str]


def summarize(
    root: Layer, input_shape: Shape, *, batch_size: int = 1, itemsize: int = 4
) -> Summary:
    """Count what a tree of layers comes to, without making its parameters.

    Parameters
    ----------
    root : Layer
    input_shape : tuple of int
    batch_size : int, default=1
        How many samples to count the memory of.
    itemsize : int, default=4
        Bytes of a number, 4 for float32.

    Returns
    -------
    Summary

    Examples
    --------
    >>> from skdeep.nn import Conv2D, Dense, Flatten, MaxPool2D, Sequence, summarize
    >>> lenet = Sequence(Conv2D(6, 5), MaxPool2D(), Flatten(), Dense(10))
    >>> summarize(lenet, (32, 32, 1))
    layer                                output  parameters  connections ...    memory  sees
    input                               32x32x1                                4.0 KiB
    0 Conv2D(filters=6, kernel_size=5)  28x28x6         156      122,304 ...  18.4 KiB     5
    1 MaxPool2D(pool_size=2)            14x14x6           0            0 ...   4.6 KiB     6
    2 Flatten()                            1176           0            0 ...   4.6 KiB   all
    3 Dense(units=10)                        10      11,770       11,770 ...      40 B   all
    all                                              11,926      134,074 ...  31.6 KiB
    >>> summarize(lenet, (32, 32, 1)).multiply_adds
    129360
    """
    lines: list[Line] = []
    _walk(root, input_shape, "", (1, 1), lines)
    return Summary(lines, tuple(input_shape), batch_size, itemsize)


def join_summaries(summaries: dict[str, Summary]) -> Summary:
    """Return one summary of several networks, each with its own name before its layers.

    Parameters
    ----------
    summaries : dict from str to Summary
        At least one.

    Returns
    -------
    Summary

    Examples
    --------
    >>> from skdeep.nn import Dense, join_summaries, summarize
    >>> one, other = summarize(Dense(3), (2,)), summarize(Dense(1), (4,))
    >>> join_summaries({"one": one, "other": other})
    layer                   output  parameters  connections  multiply-adds  memory
    one: Dense(units=3)          3           9            9              6    12 B
    other: Dense(units=1)        1           5            5              4     4 B
    all                                     14           14             10    16 B
    """
    lines = [
        replace(line, path=f"{name}: {line.path}".strip())
        for name, summary in summaries.items()
        for line in summary.lines
    ]
    some = next(iter(summaries.values()))
    return Summary(lines, (), some.batch_size, some.itemsize)


def _walk(layer: Layer, shape: Shape, path: str, sight: Sight, lines: list[Line]) -> Sight:
    """Add the lines of a layer and those below it; return what is seen behind it."""
    children = list(layer.children(shape))
    if not children:
        sight = _behind(layer, shape, sight)
        lines.append(_line(layer, shape, path, sight))
        return sight
    found = [sight]
    for name, child, at in children:
        where = f"{path}.{name}" if path else name
        found.append(_walk(child, at, where, sight if layer.parallel else found[-1], lines))
    joins = layer.parallel and len(children) > 1
    if joins:
        joined = layer.output_shape(shape)
        joins = all(joined != child.output_shape(at) for _, child, at in children)
    if joins or next(iter(_own(layer, shape)), None):
        lines.append(_line(layer, shape, path, found[-1]))
    return max(found[1:]) if layer.parallel else found[-1]


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
    cost = layer.cost(shape) - sum(child.cost(at) for _, child, at in layer.children(shape))
    connections = _connections(own, cost, shape, output)
    text = repr(layer) if not list(layer.children(shape)) else type(layer).__name__
    return Line(path, text, output, sum(own.values()), connections, cost, sight[0])


def _connections(own: dict[str, int], cost: int, shape: Shape, output: Shape) -> int:
    """Return how many weights and biases are used for a sample, each as often as it is used."""
    weights = sum(size for name, size in own.items() if name.endswith("weight"))
    biases = sum(size for name, size in own.items() if name.endswith("bias"))
    if not weights:
        return 0
    if not cost:  # a table, of which each index takes a row
        return size_of(output)
    if "query_weight" in own or "output_weight" in own:  # whose cost has products without weights
        places = math.prod((shape[0] if isinstance(shape[0], tuple) else shape)[:-1])
    else:
        places = cost // weights or 1
    return places * (weights + biases)


def _bytes(n: float) -> str:
    """Return a size with its unit, such as 18.4 KiB."""
    if n < 1024:
        return f"{n:.0f} B"
    power = min(int(math.log2(n) // 10), 3)
    return f"{n / 1024**power:,.1f} {('KiB', 'MiB', 'GiB')[power - 1]}"


def _by(shape: Shape) -> str:
    if shape and isinstance(shape[0], tuple):
        return ", ".join(map(_by, shape))
    return "x".join(map(str, shape))
