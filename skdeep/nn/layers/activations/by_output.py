"""Activations whose derivative can be read off their output.

The layer writes its output over its input, where that is allowed, and keeps nothing else.
"""

from __future__ import annotations

from typing import Any, ClassVar

from skdeep.nn.layers.base import PREDICT, Layer, Mode
from skdeep.nn.memory import Array

__all__ = [
    "ELU",
    "SELU",
    "HardTanh",
    "Identity",
    "LeakyReLU",
    "Logistic",
    "ReLU",
    "ShiftedReLU",
    "Softplus",
    "Tanh",
]


class Identity(Layer):
    """y = x, with derivative 1."""

    by_sample = True
    weights_before: ClassVar[str] = "glorot_uniform"

    @property
    def frees_output(self) -> bool:
        """Whether the output, which is the input itself, may be overwritten."""
        return self.may_overwrite

    def for_members(self) -> Layer:
        """Return another one: it maps numbers, wherever they stand."""
        return Identity()


class _ByOutput(Layer):
    """An activation whose derivative is a function of its output."""

    by_sample = True
    y: Array

    def for_members(self) -> Layer:
        """Return another one: it maps numbers, wherever they stand."""
        return type(self)(**self.config())

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

    weights_before: ClassVar[str] = "glorot_uniform"

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

    weights_before: ClassVar[str] = "glorot_uniform"

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
    """y = max(x, 0), with derivative 1 where y > 0 and 0 elsewhere (at the kink, too).

    References
    ----------
    V. Nair and G. E. Hinton, "Rectified linear units improve restricted Boltzmann machines",
    ICML 2010.
    """

    rectifies: ClassVar[bool] = True

    def apply(self, x: Array, y: Array) -> None:
        """Write max(x, 0) into y."""
        self.xp.maximum(x, self.constant(0.0, x.shape), out=y)

    def chain(self, y: Array, grad: Array) -> None:
        """Let pass where y > 0."""
        xp = self.xp
        passes = xp.greater(y, 0, out=self.buffer("passes", y.shape, xp.bool))
        xp.multiply(grad, passes, out=grad)


class HardTanh(_ByOutput):
    """y = min(max(x, -1), 1), with derivative 1 where -1 < y < 1 and 0 elsewhere.

    The tangent of tanh at zero, cut off at its limits.

    References
    ----------
    R. Collobert, "Large scale machine learning", thesis, Université Paris 6, 2004.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import HardTanh, Network
    >>> Network(HardTanh(), (3,)).forward(np.array([[-2.0, 0.5, 3.0]]))
    array([[-1. ,  0.5,  1. ]])
    """

    weights_before: ClassVar[str] = "glorot_uniform"

    def apply(self, x: Array, y: Array) -> None:
        """Write x, cut off at -1 and 1, into y."""
        shape = x.shape
        self.xp.minimum(x, self.constant(1.0, shape), out=y)
        self.xp.maximum(y, self.constant(-1.0, shape), out=y)

    def chain(self, y: Array, grad: Array) -> None:
        """Let pass where -1 < y < 1."""
        xp, shape = self.xp, y.shape
        passes = xp.greater(y, -1, out=self.buffer("passes", shape, xp.bool))
        xp.multiply(grad, passes, out=grad)
        xp.less(y, 1, out=passes)
        xp.multiply(grad, passes, out=grad)


class ShiftedReLU(_ByOutput):
    """y = max(x, -1), with derivative 1 where y > -1 and 0 elsewhere.

    A ReLU whose kink is moved down and to the left by one: its outputs may have the mean zero,
    which is what ELU, of the same limit, smooths.

    References
    ----------
    D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and accurate deep network learning by
    exponential linear units (ELUs)", ICLR 2016, where it is the "SReLU" of the comparisons.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Network, ShiftedReLU
    >>> Network(ShiftedReLU(), (3,)).forward(np.array([[-2.0, -0.5, 3.0]]))
    array([[-1. , -0.5,  3. ]])
    """

    def apply(self, x: Array, y: Array) -> None:
        """Write max(x, -1) into y."""
        self.xp.maximum(x, self.constant(-1.0, x.shape), out=y)

    def chain(self, y: Array, grad: Array) -> None:
        """Let pass where y > -1."""
        xp = self.xp
        passes = xp.greater(y, -1, out=self.buffer("passes", y.shape, xp.bool))
        xp.multiply(grad, passes, out=grad)


class LeakyReLU(_ByOutput):
    """y = x where x > 0, slope * x elsewhere, with derivative 1 or slope.

    Parameters
    ----------
    slope : float in (0, 1), default=0.01

    References
    ----------
    A. L. Maas, A. Y. Hannun, A. Y. Ng, "Rectifier nonlinearities improve neural network acoustic
    models", ICML 2013.
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


class SELU(ELU):
    """y = s x where x > 0, s a (exp(x) - 1) elsewhere, with derivative s or y + s a.

    s = 1.0507... and a = 1.6733... are such that mean 0 and variance 1 are a fixed point from layer
    to layer: a network normalizes itself if its weights begin as "lecun_normal" draws them, and if
    what drops its units is :class:`AlphaDropout`.

    References
    ----------
    G. Klambauer, T. Unterthiner, A. Mayr, S. Hochreiter, "Self-normalizing neural networks",
    NIPS 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import SELU, Network
    >>> x = np.random.default_rng(0).normal(size=(1000, 100))
    >>> y = Network(SELU(), (100,)).forward(x)
    >>> abs(round(float(y.mean()), 2)), round(float(y.var()), 2)
    (0.0, 1.0)
    """

    weights_before: ClassVar[str] = "lecun_normal"
    self_normalizing: ClassVar[bool] = True
    #: The limit of y / s far below zero, a, and the factor s.
    ALPHA, FACTOR = 1.6732632423543772, 1.0507009873554805

    def __init__(self) -> None:
        super().__init__(self.ALPHA)

    def config(self) -> dict[str, Any]:
        """Return nothing: both numbers are given."""
        return {}

    def apply(self, x: Array, y: Array) -> None:
        """Write s times the ELU of x into y."""
        super().apply(x, y)
        y *= self.FACTOR

    def chain(self, y: Array, grad: Array) -> None:
        """Multiply by s where y > 0, by y + s a elsewhere."""
        xp = self.xp
        shape = y.shape
        slope = xp.minimum(y, self.constant(0.0, shape), out=self.buffer("below", shape))
        slope += self.FACTOR * self.scale
        passes = xp.greater(y, 0, out=self.buffer("passes", shape, xp.bool))
        slope[passes] = self.FACTOR
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
