"""Activations y = x gate(x), whose derivative needs their input, which they keep."""

from __future__ import annotations

import math

import scipy.special

from skdeep.nn.layers.base import PREDICT, Layer, Mode
from skdeep.nn.memory import Array

__all__ = ["GELU", "Mish", "SiLU"]


class _ByInput(Layer):
    """An activation y = x gate(x), whose derivative gate(x) + x gate'(x) needs the input."""

    by_sample = True
    x: Array
    gate: Array

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` reads the input alone."""
        return True

    def for_members(self) -> Layer:
        """Return another one: it maps numbers, wherever they stand."""
        return type(self)(**self.config())

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return x gate(x), element by element."""
        self.x = x
        self.gate = self.buffer("gate", x.shape)
        self.apply_gate(x, self.gate)
        return self.xp.multiply(x, self.gate, out=self.buffer("y", x.shape))

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Return (gate(x) + x gate'(x)) grad_y."""
        slope = self.buffer("slope", self.x.shape)
        self.gate_slope(self.x, self.gate, slope)
        slope *= self.x
        slope += self.gate
        grad_y *= slope
        return grad_y

    def apply_gate(self, x: Array, gate: Array) -> None:
        """Write gate(x) into `gate`."""
        raise NotImplementedError

    def gate_slope(self, x: Array, gate: Array, slope: Array) -> None:
        """Write gate'(x) into `slope`."""
        raise NotImplementedError


class GELU(_ByInput):
    """y = x Phi(x) with the normal distribution function Phi; derivative Phi(x) + x phi(x).

    References
    ----------
    D. Hendrycks, K. Gimpel, "Gaussian error linear units (GELUs)", arXiv:1606.08415.
    """

    def apply_gate(self, x: Array, gate: Array) -> None:
        """Write Phi(x) = (1 + erf(x / sqrt 2)) / 2."""
        erf = getattr(self.xp, "erf", scipy.special.erf)
        self.xp.multiply(x, math.sqrt(0.5), out=gate)
        erf(gate, out=gate)
        gate += 1.0
        gate *= 0.5

    def gate_slope(self, x: Array, gate: Array, slope: Array) -> None:
        """Write phi(x) = exp(-x**2 / 2) / sqrt(2 pi)."""
        self.xp.multiply(x, x, out=slope)
        slope *= -0.5
        self.xp.exp(slope, out=slope)
        slope *= 1 / math.sqrt(2 * math.pi)


class SiLU(_ByInput):
    """y = x s(x) with the logistic function s; derivative s (1 + x (1 - s)).

    References
    ----------
    S. Elfwing, E. Uchibe, K. Doya, "Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning", Neural Networks 107, 2018.
    """

    def apply_gate(self, x: Array, gate: Array) -> None:
        """Write s(x)."""
        self.xp.multiply(x, 0.5, out=gate)
        self.xp.tanh(gate, out=gate)
        gate += 1.0
        gate *= 0.5

    def gate_slope(self, x: Array, gate: Array, slope: Array) -> None:
        """Write s (1 - s)."""
        self.xp.multiply(gate, gate, out=slope)
        self.xp.subtract(gate, slope, out=slope)


class Mish(_ByInput):
    """y = x tanh(log(1 + exp(x))); with g = tanh(...), derivative g + x (1 - g**2) s(x).

    s is the logistic function. With u = exp(-\\|x\\|), which overflows nowhere, g is
    (u**2 + 2 u) / (u**2 + 2 u + 2) where x < 0, (1 + 2 u) / (1 + 2 u + 2 u**2) elsewhere.

    References
    ----------
    D. Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Mish, Network
    >>> Network(Mish(), (3,)).forward(np.array([[-1.0, 0.0, 1.0]])).round(4)
    array([[-0.3034,  0.    ,  0.8651]])
    """

    def apply_gate(self, x: Array, gate: Array) -> None:
        """Write tanh(log(1 + exp(x)))."""
        xp, shape = self.xp, x.shape
        u = xp.exp(xp.negative(xp.abs(x, out=gate), out=gate), out=self.buffer("u", shape))
        square = xp.multiply(u, u, out=self.buffer("square", shape))
        below = x < 0
        xp.multiply(u, 2.0, out=u)
        xp.add(u, xp.where(below, square, self.constant(1.0, shape)), out=gate)
        xp.multiply(xp.where(below, self.constant(1.0, shape), square), 2.0, out=square)
        square += gate
        gate /= square

    def gate_slope(self, x: Array, gate: Array, slope: Array) -> None:
        """Write (1 - g**2) s(x)."""
        xp, shape = self.xp, x.shape
        logistic = xp.multiply(x, 0.5, out=self.buffer("u", shape))
        xp.tanh(logistic, out=logistic)
        logistic += 1.0
        logistic *= 0.5
        xp.multiply(gate, gate, out=slope)
        xp.subtract(self.constant(1.0, shape), slope, out=slope)
        slope *= logistic
