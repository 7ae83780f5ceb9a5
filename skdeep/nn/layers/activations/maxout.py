"""Maxout: the largest of several linear functions."""

from __future__ import annotations

from typing import Any, ClassVar

from skdeep.nn.layers.base import PREDICT, Layer, Mode, Shape
from skdeep.nn.memory import Array

__all__ = ["Maxout"]


class Maxout(Layer):
    """The largest of `pieces` linear functions of its own for each unit.

    What it reads has `pieces` times as many features as it has units: those of the first piece of
    all units, then those of the second ... ::

        y_j = max over p of x_(p m + j),    grad_x = grad_y at the largest, 0 elsewhere

    Behind a dense layer of `pieces` m units, any convex function of what that layer reads can be
    learned. With equals the first piece counts.

    Parameters
    ----------
    pieces : int >= 2, default=2

    References
    ----------
    I. Goodfellow, D. Warde-Farley, M. Mirza, A. Courville, Y. Bengio, "Maxout networks", ICML 2013.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Dense, Maxout, Network, Sequence
    >>> Network(Maxout(), (4,)).forward(np.array([[1.0, 5.0, 3.0, 2.0]]))
    array([[3., 5.]])
    >>> Network(Sequence(Dense(30), Maxout(3)), (8,)).output_shape
    (10,)
    """

    weights_before: ClassVar[str] = "glorot_uniform"
    x: Array
    y: Array

    def __init__(self, pieces: int = 2) -> None:
        if pieces < 2:
            raise ValueError(f"Maxout takes 2 pieces or more, got {pieces!r}.")
        self.pieces = pieces

    def config(self) -> dict[str, Any]:
        """Return the number of pieces."""
        return {"pieces": self.pieces}

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input shape with its last axis divided by `pieces`."""
        if not input_shape or isinstance(input_shape[0], tuple) or input_shape[-1] % self.pieces:
            raise ValueError(
                f"Maxout({self.pieces}) takes samples whose last axis is a multiple of "
                f"{self.pieces}, got samples of shape {input_shape}."
            )
        return (*input_shape[:-1], input_shape[-1] // self.pieces)

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return the maximum over pieces."""
        self.x = x
        first, *others = self._parts(x)
        y = self.buffer("y", tuple(first.shape))
        y[...] = first
        for part in others:
            self.xp.maximum(y, part, out=y)
        self.y = y
        return y

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Return grad_y at the first of the largest pieces, and zero at the others."""
        if not wants_input:
            return None
        xp, shape = self.xp, tuple(grad_y.shape)
        grad_x = self.buffer("grad_x", tuple(self.x.shape))
        wins = self.buffer("wins", shape, xp.bool)
        for part, grad in zip(self._parts(self.x), self._parts(grad_x), strict=True):
            xp.greater_equal(part, self.y, out=wins)
            xp.multiply(grad_y, wins, out=grad)
            xp.logical_not(wins, out=wins)
            xp.multiply(grad_y, wins, out=grad_y)  # once given, there is nothing left for others
        return grad_x

    def _parts(self, x: Array) -> list[Array]:
        """Return views of the features of each piece."""
        m = x.shape[-1] // self.pieces
        return [x[..., p * m : (p + 1) * m] for p in range(self.pieces)]
