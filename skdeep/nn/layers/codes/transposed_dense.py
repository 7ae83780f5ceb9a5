"""A dense layer that goes back through another one's weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from skdeep.nn.initializers import Initializer
from skdeep.nn.layers.base import PREDICT, Mode, Parameter, Shape
from skdeep.nn.layers.dense import Dense
from skdeep.nn.memory import Array
from skdeep.nn.products import add_to_rows, rows_of, sum_rows

__all__ = ["TransposedDense"]


class TransposedDense(Dense):
    """Affine map of the last axis with the transpose of another layer's weights.

    With the weights W of shape (m, d) that the other layer owns::

        y = x W' + b,    grad_W = grad_y' x,    grad_b = sum of grad_y,    grad_x = grad_y W

    The network adds both gradients of W. So the decoder of an autoencoder has biases of its own
    alone, and half the weights.

    Parameters
    ----------
    units : int
        Number of outputs, m: that of the other layer's inputs.
    same_as : str
        The path of the weights, as `Parameter` takes it.
    bias_init : str or initializer, default="zeros"
        As of `Dense`.

    References
    ----------
    P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol, "Extracting and composing robust features
    with denoising autoencoders", ICML 2008, section 2.2.

    Examples
    --------
    >>> from skdeep.nn import Dense, Network, Sequence, TransposedDense
    >>> network = Network(Sequence(Dense(2), TransposedDense(4, "0.weight")), (4,))
    >>> network.n_parameters, network.output_shape
    (14, (4,))
    """

    linear: ClassVar[bool] = False  # not by a weight of shape (n_inputs, n_outputs)

    def __init__(self, units: int, same_as: str, *, bias_init: str | Initializer = "zeros") -> None:
        super().__init__(units, bias_init=bias_init)
        self.same_as = same_as

    def config(self) -> dict[str, Any]:
        """Return the number of units, and whose weights they have."""
        return {"units": self.units, "same_as": self.same_as}

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare weight (units, n_features), which is another's, and bias (units,)."""
        declared = super().parameters(input_shape)
        shape = (self.units, input_shape[-1])
        own = replace(declared["weight"], shape=shape, same_as=self.same_as)
        return declared | {"weight": own}

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return x W' + b."""
        self.x = x
        y = self.buffer("y", (*x.shape[:-1], self.units))
        self.xp.matmul(x, self.weight.T, out=y)
        add_to_rows(self, self.bias, y)
        return y

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Fill grad_weight and grad_bias; return grad_y W."""
        rows = rows_of(grad_y)
        self.xp.matmul(rows.T, rows_of(self.x), out=self.grad_weight)
        sum_rows(self, rows, out=self.grad_bias)
        if not wants_input:
            return None
        grad_x = self.buffer("grad_x", tuple(self.x.shape))
        return self.xp.matmul(grad_y, self.weight, out=grad_x)
