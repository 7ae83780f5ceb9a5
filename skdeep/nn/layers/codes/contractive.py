"""A dense layer whose outputs are kept from following every move of the input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from skdeep.nn.layers.activations import Identity, Logistic, ReLU, Softplus, Tanh
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Shape
from skdeep.nn.layers.dense import Dense
from skdeep.nn.memory import Array

__all__ = ["Contractive"]


class Contractive(Layer):
    """A dense layer and its activation, with a penalty on how far small moves of the input go.

    ::

        y = f(x W + b),    penalty = alpha * mean over samples of sum over i, j of (dy_j / dx_i)^2
                                   = alpha * mean of sum over j of f'(a_j)^2 sum over i of W_ij^2

    the squared Frobenius norm of the Jacobian, exactly. The mean is weighted as the loss is. An
    autoencoder that has to tell its samples apart all the same keeps moving only along the
    directions in which they differ.

    Parameters
    ----------
    dense : Dense
        Without sparse inputs.
    activation : Layer
        `Logistic`, `Tanh`, `Softplus`, `ReLU` or `Identity`: f'' is needed, too.
    alpha : float >= 0
        Strength.

    References
    ----------
    S. Rifai, P. Vincent, X. Muller, X. Glorot, Y. Bengio, "Contractive auto-encoders: explicit
    invariance during feature extraction", ICML 2011.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Contractive, Dense, Identity, Mode, Network
    >>> network = Network(Contractive(Dense(1), Identity(), 0.5), (2,))
    >>> network.params[:2] = 3.0, 4.0
    >>> y = network.forward(np.ones((1, 2)), Mode(training=True))
    >>> float(network.penalty())
    12.5
    """

    penalizes: ClassVar[bool] = True

    def __init__(self, dense: Dense, activation: Layer, alpha: float) -> None:
        if not alpha >= 0:
            raise ValueError(f"Contractive takes an alpha of 0 or more, got {alpha!r}.")
        if type(activation) not in (Logistic, Tanh, Softplus, ReLU, Identity):
            raise ValueError(
                f"Contractive takes Logistic, Tanh, Softplus, ReLU or Identity, got {activation!r}."
            )
        self.dense, self.activation, self.alpha = dense, activation, alpha

    def config(self) -> dict[str, Any]:
        """Return both layers and the strength."""
        return {"dense": self.dense, "activation": self.activation, "alpha": self.alpha}

    def children(self, input_shape: Shape) -> Iterator[tuple[str, Layer, Shape]]:
        """Yield the dense layer, and the activation of what it makes."""
        yield "dense", self.dense, input_shape
        yield "activation", self.activation, self.dense.output_shape(input_shape)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return that of the dense layer."""
        return self.dense.output_shape(input_shape)

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return f(x W + b); in training, with the penalty worked out."""
        y = self.activation.forward(self.dense.forward(x, mode), mode)
        self.penalty_value, self.bent = 0.0, None
        if not mode.training:
            return y
        n, xp, W = x.shape[0], self.xp, self.dense.weight
        weight = self.average(n) if mode.weight is None else mode.weight
        weight = weight.reshape((n, *(1,) * (x.ndim - 1)))
        slope, bend = self._slope_and_bend(y)
        lengths = (W * W).sum(axis=0)
        squares = (weight * slope * slope).reshape(-1, W.shape[1]).sum(axis=0)
        self.penalty_value = self.alpha * float(xp.matmul(squares, lengths))
        # What the way back adds to the gradients by a = x W + b and by W.
        self.bent = 2 * self.alpha * weight * slope * bend * lengths
        self.stretch = 2 * self.alpha * squares
        return y

    def _slope_and_bend(self, y: Array) -> tuple[Array, Array]:
        """Return f' and f'' where the output is `y`."""
        xp, kind = self.xp, type(self.activation)
        if kind is Logistic:
            slope = y * (1 - y)
            return slope, slope * (1 - 2 * y)
        if kind is Tanh:
            slope = 1 - y * y
            return slope, -2 * y * slope
        if kind is Softplus:
            slope = 1 - xp.exp(-y)
            return slope, slope * (1 - slope)
        slope = y * 0 + 1 if kind is Identity else xp.sign(y)
        return slope, y * 0

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Go back through both layers, with the gradients of the penalty added."""
        grad = self.activation.backward(grad_y)
        if self.bent is None:
            return self.dense.backward(grad, wants_input)
        grad += self.bent
        # No thread may move the weights before the penalty has added to their gradient.
        self.dense.share = self.dense.when_ready = None
        grad_x = self.dense.backward(grad, wants_input)
        self.dense.grad_weight += self.dense.weight * self.stretch
        return grad_x
