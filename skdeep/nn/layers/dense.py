"""The dense layer: every output a weighted sum of every input."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from skdeep.nn.initializers import Initializer, find_initializer
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter, Shape
from skdeep.nn.layers.tables.members import MemberDense
from skdeep.nn.memory import Array
from skdeep.nn.products import add_to_rows, gradient, product, sum_rows

__all__ = ["Dense"]


class Dense(Layer):
    """Affine map of the last axis.

    With inputs x of shape (..., d), weights W of shape (d, m) and biases b of shape (m,)::

        y = x W + b

    and on the way back, summed over samples and positions::

        grad_W = x' grad_y,    grad_b = sum of grad_y,    grad_x = grad_y W'

    Parameters
    ----------
    units : int
        Number of outputs, m.
    weight_init : str or initializer, default="glorot_uniform"
        A name of `skdeep.nn.initializers.INITIALIZERS`, or a function like its values.
    bias_init : str or initializer, default="zeros"
        The same for the biases.
    use_bias : bool, default=True
        False where a batch normalization follows, whose shift does the bias's work.
    same_as : str or None, default=None
        Path of another layer's weights of the same shape, such as "0.weight", that are taken in
        place of own ones; the biases are its own.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Dense, Network
    >>> network = Network(Dense(3), input_shape=(2,), random_state=0)
    >>> network.forward(np.ones((5, 2))).shape
    (5, 3)
    """

    linear: ClassVar[bool] = True
    weight: Array
    bias: Array
    grad_weight: Array
    grad_bias: Array

    def __init__(
        self,
        units: int,
        *,
        weight_init: str | Initializer = "glorot_uniform",
        bias_init: str | Initializer = "zeros",
        use_bias: bool = True,
        same_as: str | None = None,
    ) -> None:
        if units < 1:
            raise ValueError(f"Dense takes units of 1 or more, got {units!r}.")
        for name, given in (("weight_init", weight_init), ("bias_init", bias_init)):
            find_initializer("Dense", name, given)
        self.units = units
        self.weight_init = weight_init
        self.bias_init = bias_init
        self.use_bias, self.same_as = use_bias, same_as

    def config(self) -> dict[str, Any]:
        """Return the number of units, and what differs from its default."""
        changed: dict[str, Any] = {} if self.use_bias else {"use_bias": False}
        if self.same_as is not None:
            changed["same_as"] = self.same_as
        return {"units": self.units} | changed

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` reads the input alone."""
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input shape with `units` as its last axis."""
        if not input_shape or isinstance(input_shape[0], tuple):
            raise ValueError(
                f"Dense maps the last axis of its input, (..., n_features); got samples of shape "
                f"{input_shape}."
            )
        return (*input_shape[:-1], self.units)

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare weight (n_features, units) and bias (units,)."""
        fans = (input_shape[-1], self.units)
        weight_init = find_initializer("Dense", "weight_init", self.weight_init)
        bias_init = find_initializer("Dense", "bias_init", self.bias_init)
        weight = Parameter(fans, weight_init, fans, penalized=True, same_as=self.same_as)
        declared = {"weight": weight}
        if self.use_bias:
            declared["bias"] = Parameter((self.units,), bias_init, fans)
        return declared

    def cost(self, input_shape: Shape) -> int:
        """Return n_features times units, for each position."""
        return math.prod(input_shape) * self.units

    def for_members(self) -> Layer | None:
        """Return dense layers side by side, where there are biases and no ties."""
        if type(self) is not Dense or not self.use_bias or self.same_as is not None:
            return None
        return MemberDense(self.units, weight_init=self.weight_init, bias_init=self.bias_init)

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return x W + b; `x` may be a SciPy sparse matrix."""
        self.x = x
        y = self.buffer("y", (*x.shape[:-1], self.units))
        product(self, x, self.weight, out=y)
        if self.use_bias:
            add_to_rows(self, self.bias, y)
        return y

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Fill grad_weight and grad_bias, return grad_y W'."""
        grad_x = None
        if wants_input:
            out = self.buffer("grad_x", self.x.shape)
            grad_x = product(self, grad_y, self.weight.T, out=out)
        if self.use_bias:
            sum_rows(self, grad_y, out=self.grad_bias)
        gradient(self, "weight", self.x, grad_y)
        return grad_x
