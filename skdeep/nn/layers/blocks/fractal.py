"""Fractal networks: deep paths and shallow ones side by side, averaged wherever they meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skdeep.nn.layers.base import PREDICT, Layer, Mode, Shape
from skdeep.nn.layers.blocks.absence import learns_nothing
from skdeep.nn.layers.composite import Branches, Sequence
from skdeep.nn.memory import Array

__all__ = ["Average", "fractal"]


class Average(Branches):
    """The mean of several layers on the same input; in training, of some of them.

    ::

        y = mean of f_i(x) over the branches that are there

    In training each branch is left out of a batch with probability `drop`, but one is always
    there (drop-path, in its local form): each must learn to do without the others.

    Parameters
    ----------
    *layers : Layer
        Their output shapes are the same.
    drop : float in [0, 1), default=0.0

    References
    ----------
    G. Larsson, M. Maire, G. Shakhnarovich, "FractalNet: ultra-deep neural networks without
    residuals", ICLR 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Average, Identity, Network, ReLU
    >>> Network(Average(Identity(), ReLU()), (2,)).forward(np.array([[-2.0, 2.0]]))
    array([[-1.,  2.]])
    """

    def __init__(self, *layers: Layer, drop: float = 0.0) -> None:
        super().__init__(*layers)
        if not 0 <= drop < 1:
            raise ValueError(f"Average takes a drop in [0, 1), got {drop!r}.")
        self.drop = drop

    @property
    def draws(self) -> bool:  # type: ignore[override]
        """Whether branches are left out at random."""
        return self.drop > 0

    @property
    def by_sample(self) -> bool:
        """Whether all that is inside goes by samples, and none is left out at random."""
        return super().by_sample and not self.draws

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the output shape of all."""
        shapes = [layer.output_shape(shape) for _, layer, shape in self.children(input_shape)]
        if any(shape != shapes[0] for shape in shapes):
            raise ValueError(
                f"Average takes layers of one output shape, got {', '.join(map(str, shapes))}."
            )
        return shapes[0]

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return the mean of the branches that are there."""
        self.there = list(range(len(self.layers)))
        if mode.training and self.drop:
            if mode.rng is None:
                raise ValueError("Average draws in training: give the mode a generator as rng.")
            kept = mode.rng.random(len(self.layers)) >= self.drop
            kept[mode.rng.integers(len(self.layers))] |= not kept.any()
            self.there = [i for i in self.there if kept[i]]
        total = self.buffer("y", (len(x), *self.output_shape(tuple(x.shape[1:]))))
        for i in self.there:
            y = self.layers[i].forward(x, mode)
            if i == self.there[0]:
                total[...] = y
            else:
                total += y
        total *= 1.0 / len(self.there)
        return total

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Give each branch that was there its share; the others learn nothing of this batch."""
        grad_y *= 1.0 / len(self.there)
        total = None
        for i, layer in enumerate(self.layers):
            if i not in self.there:
                learns_nothing(layer)
                continue
            if not wants_input and not layer.learns:
                continue
            part = self.buffer("grad", tuple(grad_y.shape))
            part[...] = grad_y
            back = layer.backward(part, wants_input)
            if not wants_input:
                continue
            if total is None:
                total = self.buffer("grad_x", tuple(back.shape))  # type: ignore[union-attr]
                total[...] = back
            else:
                total += back
        return total

    def reads(self) -> slice:
        """Return all: each branch has its share of every entry."""
        return slice(None)

    def config(self) -> dict[str, Any]:
        """Return `drop`."""
        return {"drop": self.drop}


def fractal(columns: int, unit: Callable[[], Layer], *, drop: float = 0.0) -> Layer:
    """Return a fractal block, of a shortest path of one unit and a longest of 2**(columns - 1).

    ::

        f_1 = unit,    f_(c+1) = mean of (f_c after f_c) and unit

    Parameters
    ----------
    columns : int
    unit : callable
        Makes the layer that the block repeats, such as a convolution with what follows it.
    drop : float in [0, 1), default=0.0
        See `Average`.

    Examples
    --------
    >>> from skdeep.nn import Conv2D, Network, fractal
    >>> block = fractal(3, lambda: Conv2D(8, 3, padding=1))
    >>> network = Network(block, (6, 6, 8), random_state=0)
    >>> network.n_parameters == 7 * (8 * 9 * 8 + 8)
    True
    """
    if columns < 1:
        raise ValueError(f"fractal takes columns of 1 or more, got {columns!r}.")
    if columns == 1:
        return unit()
    deep = Sequence(*(fractal(columns - 1, unit, drop=drop) for _ in range(2)))
    return Average(deep, unit(), drop=drop)
