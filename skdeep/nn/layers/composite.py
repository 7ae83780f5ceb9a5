"""Layers made of layers: one after the other, around, side by side, over several inputs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, ClassVar

from skdeep.nn.layers.base import PREDICT, Layer, Mode, Shape
from skdeep.nn.layers.stretch import Plan, back
from skdeep.nn.memory import Array

__all__ = ["Branches", "Columns", "Residual", "Sequence"]


class Sequence(Layer):
    """The composition of layers, itself a layer.

    Forward, each layer maps the output of the one before it; backward, the chain rule runs
    through them in reverse order.

    Parameters
    ----------
    *layers : Layer
        From the input to the output.

    Examples
    --------
    >>> from skdeep.nn import Dense, Network, ReLU, Sequence
    >>> network = Network(Sequence(Dense(8), ReLU(), Dense(2)), input_shape=(4,), random_state=0)
    >>> network.n_parameters
    58
    """

    in_turn: ClassVar[bool] = True

    def __init__(self, *layers: Layer) -> None:
        self.layers = list(layers)

    @property
    def by_sample(self) -> bool:
        """Whether all that is inside goes by samples."""
        return all(layer.by_sample for layer in self.inside())

    @property
    def input_dtype(self) -> Any:
        """The type that the first layer takes."""
        return self.layers[0].input_dtype if self.layers else None

    @property
    def frees_output(self) -> bool:
        """Whether the last layer frees its output."""
        return self.layers[-1].frees_output if self.layers else self.may_overwrite

    def children(self, input_shape: Shape) -> Iterator[tuple[str, Layer, Shape]]:
        """Yield the layers by their numbers, each with the output shape of the one before it."""
        for i, layer in enumerate(self.layers):
            yield str(i), layer, input_shape
            input_shape = layer.output_shape(input_shape)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the last layer's output shape."""
        for layer in self.layers:
            input_shape = layer.output_shape(input_shape)
        return input_shape

    def connect(self, may_overwrite: bool) -> None:
        """Tell each layer whether the one before it is done with its output."""
        self.may_overwrite = may_overwrite
        for layer in self.layers:
            layer.connect(may_overwrite)
            may_overwrite = layer.frees_output

    def for_members(self) -> Layer | None:
        """Return the sequence of what the layers have for members, if each has something."""
        layers = [layer.for_members() for layer in self.layers]
        found = [layer for layer in layers if layer is not None]
        whole = type(self) is Sequence and len(found) == len(layers)
        return Sequence(*found) if whole else None

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Map `x` through all layers."""
        share = self.share
        # Rows of features are soon through: only what has positions is worth planning for.
        self._plans = mode.training and getattr(x, "ndim", 2) > 2
        self._shared = None if share is None or share.inside else share
        for stage in self._stages():
            x = stage.forward(x, mode)
        return x

    def settle_statistics(self, x: Array, mode: Mode) -> None:
        """Map `x` as far as to the last layer that has statistics."""
        if type(self) is not Sequence:  # which may map by another way
            self.forward(x, mode)
            return
        last = max(i for i, layer in enumerate(self.layers) if layer.remembers)
        for layer in self.layers[:last]:
            x = layer.forward(x, mode)
        self.layers[last].settle_statistics(x, mode)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Run the chain rule from the last layer to the first."""
        return back(self._stages(), grad_y, wants_input)

    def _stages(self) -> list[Any]:
        """Return the layers; in training on positions, those that work together are one."""
        if not self._plans:
            return self.layers
        plan: Plan | None = self.__dict__.get("_plan")
        if plan is None or plan.share is not self._shared or plan.layers is not self.layers:
            plan = self._plan = Plan(self.layers, self._shared)
        return plan.stages

    def __repr__(self) -> str:
        return "Sequence(" + ", ".join(map(repr, self.layers)) + ")"


class Residual(Layer):
    """What a layer adds to its input.

    ::

        y = x + f(x),    grad_x = grad_y + (what f sends back)

    so that the gradient has a way past f, however many such blocks follow each other.

    Parameters
    ----------
    body : Layer
        f.
    shortcut : Layer or None, default=None
        A map of the input where f changes its shape: y = shortcut(x) + f(x).

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016.

    Examples
    --------
    >>> from skdeep.nn import Dense, Network, ReLU, Residual, Sequence
    >>> block = Residual(Sequence(Dense(4), ReLU(), Dense(4)))
    >>> network = Network(Sequence(block, Residual(Dense(2), Dense(2))), (4,), random_state=0)
    >>> network.output_shape, network.n_parameters
    ((2,), 60)
    """

    parallel: ClassVar[bool] = True

    def __init__(self, body: Layer, shortcut: Layer | None = None) -> None:
        self.body, self.shortcut = body, shortcut

    @property
    def by_sample(self) -> bool:
        """Whether all that is inside goes by samples."""
        return all(layer.by_sample for layer in self.inside())

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: it is a sum of its own."""
        return True

    def children(self, input_shape: Shape) -> Iterator[tuple[str, Layer, Shape]]:
        """Yield body and shortcut; both see the input."""
        yield "body", self.body, input_shape
        if self.shortcut is not None:
            yield "shortcut", self.shortcut, input_shape

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the output shape of the body, which must be that of the shortcut."""
        shape = self.body.output_shape(input_shape)
        other = input_shape if self.shortcut is None else self.shortcut.output_shape(input_shape)
        if shape != other:
            what = "input" if self.shortcut is None else "shortcut"
            raise ValueError(
                f"Residual adds what its body makes of an input of shape {input_shape}, of shape "
                f"{shape}, to its {what}, of shape {other}; give it a shortcut of shape {shape}."
            )
        return shape

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return f(x) plus the input, or what the shortcut makes of it."""
        y = self.body.forward(x, mode)
        other = x if self.shortcut is None else self.shortcut.forward(x, mode)
        return self.xp.add(y, other, out=self.buffer("y", y.shape))

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Send the gradient both ways, and add what comes back."""
        other = self.buffer("grad", grad_y.shape)
        other[...] = grad_y  # body and shortcut each write over theirs
        grad_x = self.body.backward(grad_y, wants_input)
        if self.shortcut is not None:
            other = self.shortcut.backward(other, wants_input)
        if not wants_input:
            return None
        grad_x += other
        return grad_x

    def config(self) -> dict[str, Any]:
        """Return the body, and the shortcut where there is one."""
        return {"body": self.body} | ({} if self.shortcut is None else {"shortcut": self.shortcut})


class Branches(Layer):
    """Several layers side by side on the same input, their outputs joined along the last axis.

    ::

        y = [f_1(x), f_2(x), ...],    grad_x = sum of what each f_i sends back

    Parameters
    ----------
    *layers : Layer
        Their output shapes differ in the last axis alone.

    References
    ----------
    C. Szegedy et al., "Going deeper with convolutions", CVPR 2015 (the inception module).

    Examples
    --------
    >>> from skdeep.nn import Branches, Dense, Identity, Network
    >>> Network(Branches(Identity(), Dense(3)), (2,), random_state=0).output_shape
    (5,)
    """

    parallel: ClassVar[bool] = True

    def __init__(self, *layers: Layer) -> None:
        if not layers:
            raise ValueError(f"{type(self).__name__} takes at least one layer, got none.")
        self.layers = list(layers)

    @property
    def by_sample(self) -> bool:
        """Whether all that is inside goes by samples."""
        return all(layer.by_sample for layer in self.inside())

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: it is a copy of the parts, but of one alone."""
        return len(self.layers) > 1 or self.layers[0].frees_output

    def children(self, input_shape: Shape) -> Iterator[tuple[str, Layer, Shape]]:
        """Yield the layers by their numbers."""
        for i, (layer, shape) in enumerate(
            zip(self.layers, self._input_shapes(input_shape), strict=True)
        ):
            yield str(i), layer, shape

    def _input_shapes(self, input_shape: Shape) -> tuple[Shape, ...]:
        return (input_shape,) * len(self.layers)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the common output shape with the sum of the last axes."""
        shapes = [layer.output_shape(shape) for _, layer, shape in self.children(input_shape)]
        if any(shape[:-1] != shapes[0][:-1] or not shape for shape in shapes):
            raise ValueError(
                f"{type(self).__name__} joins outputs along their last axis, so the axes before it "
                f"must be the same; got the shapes {', '.join(map(str, shapes))}."
            )
        return (*shapes[0][:-1], sum(shape[-1] for shape in shapes))

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return the outputs of all layers, joined."""
        outputs = [
            layer.forward(part, mode)
            for layer, part in zip(self.layers, self._parts(x), strict=True)
        ]
        self.edges = [0]
        for y in outputs:
            self.edges.append(self.edges[-1] + y.shape[-1])
        if len(outputs) == 1:
            return outputs[0]
        joined = self.buffer("y", (*outputs[0].shape[:-1], self.edges[-1]))
        for y, (start, stop) in zip(outputs, pairwise(self.edges), strict=True):
            joined[..., start:stop] = y
        return joined

    def _parts(self, x: Array) -> Any:
        return (x,) * len(self.layers)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Any:
        """Give each layer its part of the gradient, and join what comes back."""
        parts = []
        for i, (layer, (start, stop)) in enumerate(
            zip(self.layers, pairwise(self.edges), strict=True)
        ):
            if wants_input or layer.learns:
                part = self.buffer(f"grad {i}", (*grad_y.shape[:-1], stop - start))
                part[...] = grad_y[..., start:stop]
                parts.append(layer.backward(part, wants_input))
        return self._join(parts) if wants_input else None

    def reads(self) -> slice:
        """Return the part from the first layer that learns to the last one."""
        learning = [i for i, layer in enumerate(self.layers) if layer.learns]
        if not learning:
            return slice(0)
        i, j = learning[0], learning[-1]
        first = range(self.edges[i], self.edges[i + 1])[self.layers[i].reads()]
        last = range(self.edges[j], self.edges[j + 1])[self.layers[j].reads()]
        return slice(first.start, last.stop)

    def _join(self, parts: list[Array]) -> Any:
        total = parts[0]
        for part in parts[1:]:
            total += part
        return total

    def __repr__(self) -> str:
        return f"{type(self).__name__}(" + ", ".join(map(repr, self.layers)) + ")"


class Columns(Branches):
    """One layer for each of several inputs, their outputs joined along the last axis.

    The input is a tuple of arrays, such as the numbers and the categories of a table.

    Parameters
    ----------
    *layers : Layer
        As many as there are inputs.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Columns, Dense, Identity, Network
    >>> network = Network(Columns(Dense(3), Identity()), ((4,), (2,)), random_state=0)
    >>> network.forward((np.ones((5, 4)), np.ones((5, 2)))).shape
    (5, 5)
    """

    by_sample = False

    @property
    def input_dtype(self) -> Any:
        """The type of each input."""
        return tuple(layer.input_dtype for layer in self.layers)

    def _input_shapes(self, input_shape: Shape) -> tuple[Shape, ...]:
        if len(input_shape) != len(self.layers) or not all(
            isinstance(shape, tuple) for shape in input_shape
        ):
            raise ValueError(
                f"Columns has {len(self.layers)} layers and takes as many inputs, a tuple of "
                f"shapes; got {input_shape}."
            )
        return input_shape

    def _parts(self, x: Any) -> Any:
        return x

    def _join(self, parts: list[Array]) -> Any:
        return tuple(parts)
