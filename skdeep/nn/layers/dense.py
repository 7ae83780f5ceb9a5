"""The dense layer: every output a weighted sum of every input."""

from __future__ import annotations

from typing import Any

from scipy.sparse import issparse

from skdeep.nn.initializers import INITIALIZERS, Initializer
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter
from skdeep.nn.memory import Array
from skdeep.nn.sharing import SMALLEST_PART, SMALLEST_SHARED, WorkShare
from skdeep.nn.vectors import halves, product

__all__ = ["Dense"]


class Dense(Layer):
    """Affine map of each sample.

    With inputs x of shape (n, d), weights W of shape (d, m) and biases b of shape (m,)::

        y = x W + b

    and on the way back::

        grad_W = x' grad_y,    grad_b = sum over samples of grad_y,    grad_x = grad_y W'

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

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Dense, Network
    >>> network = Network(Dense(3), input_shape=(2,), random_state=0)
    >>> network.forward(np.ones((5, 2))).shape
    (5, 3)
    """

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
    ) -> None:
        if units < 1:
            raise ValueError(f"Dense takes units of 1 or more, got {units!r}.")
        for name, given in (("weight_init", weight_init), ("bias_init", bias_init)):
            if isinstance(given, str) and given not in INITIALIZERS:
                names = ", ".join(map(repr, INITIALIZERS))
                raise ValueError(
                    f"Dense takes as {name} one of {names} or a function like them, got {given!r}."
                )
        self.units = units
        self.weight_init = weight_init
        self.bias_init = bias_init
        self.use_bias = use_bias

    def config(self) -> dict[str, Any]:
        """Return the number of units, and the bias where it is absent."""
        return {"units": self.units} | ({} if self.use_bias else {"use_bias": False})

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` reads the input alone."""
        return True

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return (units,)."""
        if len(input_shape) != 1:
            raise ValueError(
                f"Dense takes samples of one axis, (n_features,), got samples of shape "
                f"{input_shape}; flatten them first."
            )
        return (self.units,)

    def parameters(self, input_shape: tuple[int, ...]) -> dict[str, Parameter]:
        """Declare weight (n_features, units) and bias (units,)."""
        fans = (input_shape[0], self.units)
        weight_init, bias_init = (
            INITIALIZERS[given] if isinstance(given, str) else given
            for given in (self.weight_init, self.bias_init)
        )
        declared = {"weight": Parameter(fans, weight_init, fans, penalized=True)}
        if self.use_bias:
            declared["bias"] = Parameter((self.units,), bias_init, fans)
        return declared

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return x W + b; `x` may be a SciPy sparse matrix."""
        self.x = x
        self.x_is_sparse = issparse(x)
        y = self.buffer("y", (x.shape[0], self.units))
        if self.x_is_sparse:
            y[...] = x @ self.weight
        elif self.share is not None and self._multiplications(x) >= SMALLEST_SHARED:
            return self._forward_shared(self.share, x, y)
        else:
            multiply = product(self.xp, x.shape[1])
            for rows in halves(len(x), self._multiplications(x)):
                multiply(x[rows], self.weight, out=y[rows])
        if self.use_bias:
            y += self.bias
        return y

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Fill grad_weight and grad_bias, return grad_y W'."""
        xp = self.xp
        if self.x_is_sparse:
            self.grad_weight[...] = self.x.T @ grad_y
        elif self.share is not None and self._multiplications(grad_y) >= SMALLEST_SHARED:
            return self._backward_shared(self.share, grad_y, wants_input)
        else:
            for rows in halves(self.x.shape[1], self._multiplications(grad_y)):
                xp.matmul(self.x[:, rows].T, grad_y, out=self.grad_weight[rows])
        if self.use_bias:
            # A product with ones is the way of BLAS to sum columns, and its fastest.
            xp.matmul(grad_y.T, self.constant(1.0, (len(grad_y),)), out=self.grad_bias)
        if not wants_input:
            return None
        multiply = product(xp, self.units)
        return multiply(grad_y, self.weight.T, out=self.buffer("grad_x", self.x.shape))

    def _multiplications(self, batch: Array) -> int:
        return len(batch) * self.weight.shape[0] * self.units

    def _forward_shared(self, share: WorkShare, x: Array, y: Array) -> Array:
        """Compute columns of the output side by side."""

        def columns(part: slice) -> None:
            self.xp.matmul(x, self.weight[:, part], out=y[:, part])
            if self.use_bias:
                y[:, part] += self.bias[part]

        share.run(columns, self.units)
        return y

    def _backward_shared(self, share: WorkShare, grad_y: Array, wants_input: bool) -> Array | None:
        """Compute grad_x side by side, and leave grad_weight to whoever has time."""
        xp, x = self.xp, self.x
        grad_x = None
        if wants_input:
            grad_x = self.buffer("grad_x", x.shape)

            def columns(part: slice) -> None:
                xp.matmul(grad_y, self.weight[part].T, out=grad_x[:, part])

            share.run(columns, x.shape[1])

        def rows(part: slice) -> None:
            if self.when_ready is None:
                xp.matmul(x[:, part].T, grad_y, out=self.grad_weight[part])
                return
            start = self.starts["weight"] + part.start * self.units
            size = (part.stop - part.start) * self.units
            gradient = share.spare("gradient", size, self.dtype)
            xp.matmul(x[:, part].T, grad_y, out=gradient.reshape(-1, self.units))
            self.when_ready(slice(start, start + size), gradient)

        # From here on nobody reads the weights: they may move as soon as their gradient is there.
        share.later(rows, x.shape[1], SMALLEST_PART)
        if self.use_bias:
            xp.matmul(grad_y.T, self.constant(1.0, (len(grad_y),)), out=self.grad_bias)
        return grad_x
