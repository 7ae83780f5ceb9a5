"""Any function of one number as an activation."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

from skdeep.nn.layers.base import PREDICT, Layer, Mode
from skdeep.nn.memory import Array

__all__ = ["Elementwise"]

#: The derivatives that need not be given.
_DERIVATIVES: dict[Any, Callable[[Array], Array]] = {
    np.tanh: lambda x: 1 - np.tanh(x) ** 2,
    np.sin: np.cos,
    np.cos: lambda x: -np.sin(x),
    np.arctan: lambda x: 1 / (1 + x * x),
    np.arcsinh: lambda x: 1 / np.sqrt(1 + x * x),
    np.sinh: np.cosh,
    np.cosh: np.sinh,
    np.exp: np.exp,
    np.expm1: np.exp,
    np.square: lambda x: 2 * x,
    np.absolute: np.sign,
    np.fabs: np.sign,
    np.positive: np.ones_like,
    np.negative: lambda x: -np.ones_like(x),
    scipy.special.expit: lambda x: scipy.special.expit(x) * scipy.special.expit(-x),
    scipy.special.erf: lambda x: np.exp(-x * x) * (2 / math.sqrt(math.pi)),
    scipy.special.ndtr: lambda x: np.exp(-x * x / 2) / math.sqrt(2 * math.pi),
}
# Where a derivative that is given is compared with differences: no kinks of usual functions.
_POINTS = np.linspace(-2.97, 3.01, 24)


class Elementwise(Layer):
    """y = f(x) for each number, with derivative f'(x): any function of one number.

    Where no derivative is given, that of a function of NumPy or SciPy (tanh, sin, cos, arctan,
    arcsinh, sinh, cosh, exp, expm1, square, abs, expit, erf, ndtr) is known, and that of all others
    is the central difference, in float64, ::

        (f(x + h) - f(x - h)) / (2 h),    h = 6.1e-6 max(1, \\|x\\|)

    whose error is h**2 / 6 times the third derivative, and some 2e-11 of the size of f by rounding:
    near zero some ten digits are right for a smooth function. Within h of a kink the slope is a
    mean of those on both sides. f is called with float64 then, and two times more in each step.

    Parameters
    ----------
    function : callable
        f, which maps an array to an array of its shape, number by number.
    derivative : callable or None, default=None
        f', the same. It must agree with differences of f at most of 24 points between -3 and 3.

    Raises
    ------
    ValueError
        If `function` does not keep the shape, or if `derivative` is not its derivative.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Elementwise, Network
    >>> bump = Elementwise(lambda x: np.exp(-(x**2)), lambda x: -2 * x * np.exp(-(x**2)))
    >>> network = Network(bump, (3,))
    >>> network.forward(np.array([[-1.0, 0.0, 1.0]])).round(3)
    array([[0.368, 1.   , 0.368]])
    >>> network.backward(np.ones((1, 3)), wants_input=True).round(3)
    array([[ 0.736, -0.   , -0.736]])
    """

    x: Array

    def __init__(
        self, function: Callable[[Any], Any], derivative: Callable[[Any], Any] | None = None
    ) -> None:
        for name, given in (("function", function), ("derivative", derivative)):
            if not callable(given) and (given is not None or name == "function"):
                raise TypeError(f"Elementwise takes a callable as {name}, got {given!r}.")
        self.function, self.derivative = function, derivative
        self._check()

    def __repr__(self) -> str:
        given = (self.function, self.derivative)
        return f"Elementwise({', '.join(_name(f) for f in given if f is not None)})"

    def config(self) -> dict[str, Any]:
        """Return the function, and the derivative if it was given."""
        given = {"derivative": self.derivative} if self.derivative is not None else {}
        return {"function": self.function} | given

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` reads the input alone."""
        return True

    def for_members(self) -> Layer:
        """Return another one: it maps numbers, wherever they stand."""
        return Elementwise(self.function, self.derivative)

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return f(x)."""
        self.x = x
        y = self.buffer("y", tuple(x.shape))
        y[...] = self.function(x)
        return y

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Return f'(x) grad_y."""
        if not wants_input:
            return None
        slope = self.buffer("slope", tuple(grad_y.shape))
        slope[...] = self._slope(self.x)
        grad_y *= slope
        return grad_y

    def _slope(self, x: Array) -> Array:
        """Return f'(x)."""
        if self.derivative is not None:
            return self.derivative(x)
        known = _known(self.function)
        return self._difference(x) if known is None or self.xp is not np else known(x)

    def _difference(self, x: Array) -> Array:
        """Return the central difference in float64."""
        xp = self.xp
        x = xp.asarray(x, dtype=xp.float64)
        step = xp.abs(x)
        xp.maximum(step, xp.ones_like(step), out=step)
        step *= np.finfo(np.float64).eps ** (1 / 3)
        above, below = x + step, x - step
        return (self.function(above) - self.function(below)) / (above - below)

    def _check(self) -> None:
        """Raise ValueError if the function or its derivative is not what it should be."""
        x = _POINTS.reshape(4, 6)
        with np.errstate(all="ignore"):  # outside of a logarithm's domain
            for role, f in (("function", self.function), ("derivative", self.derivative)):
                shape = x.shape if f is None else np.shape(f(x))
                if shape != x.shape:
                    raise ValueError(
                        f"Elementwise takes as {role} a callable that maps an array to an array of "
                        f"its shape; {_name(f)} maps one of shape {x.shape} to {shape}."
                    )
            y, turned = np.asarray(self.function(x)), np.asarray(self.function(x[::-1]))
            if not np.allclose(turned[::-1], y, equal_nan=True):
                raise ValueError(
                    "Elementwise takes a function of each number by itself; what "
                    f"{_name(self.function)} makes of a row depends on other rows."
                )
            if self.derivative is None:
                return
            difference = np.asarray(self._difference(x))
            slope = np.asarray(self.derivative(x))
            known = np.isfinite(difference)
            right = np.isclose(slope, difference, rtol=1e-4, atol=1e-6)
        if known.any() and right[known].mean() < 0.5:
            i = tuple(np.argwhere(known & ~right)[0])
            raise ValueError(
                f"The derivative {_name(self.derivative)} is not that of {_name(self.function)}: "
                f"at x = {x[i]:.3g} it is {slope[i]:.6g}, and differences say {difference[i]:.6g}."
            )


def _known(function: Any) -> Callable[[Array], Array] | None:
    """Return the derivative of a function of NumPy or SciPy."""
    return _DERIVATIVES.get(function) if isinstance(function, np.ufunc) else None


def _name(function: Any) -> str:
    """Return the name of a function, or what it is where a name says too little."""
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", "")
    return repr(function) if not name or "<" in name else str(name)
