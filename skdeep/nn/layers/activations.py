"""Activations: one function for every unit, and its derivative.

Where the derivative can be read off the output, the layer writes its output over its input and
keeps nothing else; only GELU and SiLU have to keep their input.
"""

from __future__ import annotations

import math
from typing import Any

import scipy.special

from skdeep.nn.layers.base import PREDICT, Layer, Mode
from skdeep.nn.memory import Array

__all__ = [
    "ACTIVATIONS",
    "ELU",
    "GELU",
    "Identity",
    "LeakyReLU",
    "Logistic",
    "ReLU",
    "SiLU",
    "Softplus",
    "Tanh",
]


class Identity(Layer):
    """y = x, with derivative 1."""

    @property
    def frees_output(self) -> bool:
        """Whether the output, which is the input itself, may be overwritten."""
        return self.may_overwrite


class _ByOutput(Layer):
    """An activation whose derivative is a function of its output."""

    y: Array

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return f(x), element by element."""
        self.y = x if self.may_overwrite else self.buffer("y", x.shape)
        self.apply(x, self.y)
        return self.y

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Return f'(x) grad_y."""
        self.chain(self.y, grad_y)
        return grad_y

    def apply(self, x: Array, y: Array) -> None:
        """Write f(x) into y; both may be the same array."""
        raise NotImplementedError

    def chain(self, y: Array, grad: Array) -> None:
        """Multiply `grad` by the derivative at the point where the output was `y`."""
        raise NotImplementedError


class Logistic(_ByOutput):
    """y = 1 / (1 + exp(-x)), with derivative y (1 - y).

    Computed as (1 + tanh(x / 2)) / 2, which overflows nowhere.
    """

    def apply(self, x: Array, y: Array) -> None:
        """Write the logistic function of x into y."""
        xp = self.xp
        xp.multiply(x, 0.5, out=y)
        xp.tanh(y, out=y)
        y *= 0.5
        y += 0.5

    def chain(self, y: Array, grad: Array) -> None:
        """Multiply by y (1 - y)."""
        slope = self.xp.multiply(y, y, out=self.buffer("slope", y.shape))
        self.xp.subtract(y, slope, out=slope)
        grad *= slope


class Tanh(_ByOutput):
    """y = tanh(x), with derivative 1 - y**2."""

    def apply(self, x: Array, y: Array) -> None:
        """Write tanh(x) into y."""
        self.xp.tanh(x, out=y)

    def chain(self, y: Array, grad: Array) -> None:
        """Multiply by 1 - y**2."""
        shape = y.shape
        slope = self.xp.multiply(y, y, out=self.buffer("slope", shape))
        self.xp.subtract(self.constant(1.0, shape), slope, out=slope)
        grad *= slope


class ReLU(_ByOutput):
    """y = max(x, 0), with derivative 1 where y > 0 and 0 elsewhere (at the kink, too)."""

    def apply(self, x: Array, y: Array) -> None:
        """Write max(x, 0) into y."""
        self.xp.maximum(x, self.constant(0.0, x.shape), out=y)

    def chain(self, y: Array, grad: Array) -> None:
        """Let pass where y > 0."""
        xp = self.xp
        passes = xp.greater(y, 0, out=self.buffer("passes", y.shape, xp.bool))
        xp.multiply(grad, passes, out=grad)


class LeakyReLU(_ByOutput):
    """y = x where x > 0, slope * x elsewhere, with derivative 1 or slope.

    Parameters
    ----------
    slope : float in (0, 1), default=0.01
    """

    def __init__(self, slope: float = 0.01) -> None:
        if not 0 < slope < 1:
            raise ValueError(f"LeakyReLU takes a slope in (0, 1), got {slope!r}.")
        self.slope = slope

    def config(self) -> dict[str, Any]:
        """Return the slope."""
        return {"slope": self.slope}

    def apply(self, x: Array, y: Array) -> None:
        """Write max(x, slope x) into y."""
        xp = self.xp
        shape = x.shape
        leak = xp.multiply(x, self.slope, out=self.buffer("leak", shape))
        xp.maximum(x, leak, out=y)

    def chain(self, y: Array, grad: Array) -> None:
        """Multiply by slope + (1 - slope) [y > 0]."""
        xp = self.xp
        shape = y.shape
        passes = xp.greater(y, 0, out=self.buffer("passes", shape, xp.bool))
        # A constant of the network's type, for a plain number would make it another type's product.
        rest = self.constant(1 - self.slope, ())
        slope = xp.multiply(passes, rest, out=self.buffer("leak", shape))
        slope += self.slope
        grad *= slope


class ELU(_ByOutput):
    """y = x where x > 0, scale * (exp(x) - 1) elsewhere, with derivative 1 or y + scale.

    Parameters
    ----------
    scale : float > 0, default=1.0
        What y falls to far below zero, called alpha by its authors.

    References
    ----------
    D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and accurate deep network learning by
    exponential linear units (ELUs)", ICLR 2016.
    """

    def __init__(self, scale: float = 1.0) -> None:
        if not scale > 0:
            raise ValueError(f"ELU takes a scale above 0, got {scale!r}.")
        self.scale = scale

    def config(self) -> dict[str, Any]:
        """Return the scale."""
        return {"scale": self.scale}

    def apply(self, x: Array, y: Array) -> None:
        """Write max(x, 0) + scale (exp(min(x, 0)) - 1) into y."""
        xp = self.xp
        shape = x.shape
        zero = self.constant(0.0, shape)
        below = xp.minimum(x, zero, out=self.buffer("below", shape))
        xp.expm1(below, out=below)
        below *= self.scale
        xp.maximum(x, zero, out=y)
        y += below

    def chain(self, y: Array, grad: Array) -> None:
        """Multiply by 1 where y > 0, by y + scale elsewhere."""
        xp = self.xp
        shape = y.shape
        slope = xp.minimum(y, self.constant(0.0, shape), out=self.buffer("below", shape))
        slope += self.scale
        if self.scale != 1.0:
            passes = xp.greater(y, 0, out=self.buffer("passes", shape, xp.bool))
            slope[passes] = 1.0
        grad *= slope


class Softplus(_ByOutput):
    """y = log(1 + exp(x)), with derivative 1 - exp(-y).

    Computed as max(x, 0) + log(1 + exp(-\\|x\\|)), which overflows nowhere.
    """

    def apply(self, x: Array, y: Array) -> None:
        """Write log(1 + exp(x)) into y."""
        xp = self.xp
        shape = x.shape
        tail = xp.abs(x, out=self.buffer("tail", shape))
        xp.negative(tail, out=tail)
        xp.exp(tail, out=tail)
        xp.log1p(tail, out=tail)
        xp.maximum(x, self.constant(0.0, shape), out=y)
        y += tail

    def chain(self, y: Array, grad: Array) -> None:
        """Multiply by 1 - exp(-y)."""
        xp = self.xp
        slope = xp.negative(y, out=self.buffer("tail", y.shape))
        xp.expm1(slope, out=slope)
        xp.negative(slope, out=slope)
        grad *= slope


class _ByInput(Layer):
    """An activation y = x gate(x), whose derivative gate(x) + x gate'(x) needs the input."""

    x: Array
    gate: Array

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` reads the input alone."""
        return True

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


#: The activations by the name that an estimator takes.
ACTIVATIONS: dict[str, type[Layer]] = {
    "identity": Identity,
    "logistic": Logistic,
    "tanh": Tanh,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "elu": ELU,
    "softplus": Softplus,
    "gelu": GELU,
    "silu": SiLU,
}
