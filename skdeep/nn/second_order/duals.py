"""The namespace of dual numbers: what layers and losses ask of NumPy, with derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

from skdeep.nn.second_order.dual import Dual, combine, value_of, write

__all__ = ["Duals"]

# The functions of one variable: the derivative in terms of x and y = f(x).
_DERIVATIVES: dict[str, Callable[[Any, Any], Any]] = {
    "cos": lambda x, y: -np.sin(x),
    "exp": lambda x, y: y,
    "expm1": lambda x, y: y + 1.0,
    "log": lambda x, y: 1.0 / x,
    "log1p": lambda x, y: 1.0 / (1.0 + x),
    "negative": lambda x, y: -1.0,
    "sign": lambda x, y: 0.0,
    "sin": lambda x, y: np.cos(x),
    "sqrt": lambda x, y: 0.5 / y,
    "tanh": lambda x, y: 1.0 - y * y,
    "erf": lambda x, y: 2.0 / math.sqrt(math.pi) * np.exp(-x * x),
}
_OPERATIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "add": lambda a, b: a + b,
    "divide": lambda a, b: a / b,
    "matmul": lambda a, b: a @ b,
    "multiply": lambda a, b: a * b,
    "subtract": lambda a, b: a - b,
}
# Where derivatives are of no use: of truths and indices.
_PLAIN = ("equal", "greater", "greater_equal", "less", "less_equal", "logical_not")
_CONSTANT = ("arange", "bool", "finfo", "float64", "int64", "intp")


class Duals:
    """Functions of the names and arguments that NumPy's have, for arrays and duals.

    What has no derivative here raises AttributeError.

    Parameters
    ----------
    n_directions : int
        How many tangents the arrays that it makes have.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn.second_order import Dual, Duals
    >>> xp = Duals(1)
    >>> y = xp.multiply(2.0, xp.exp(Dual(np.zeros(1), np.ones((1, 1)))))
    >>> y.value, y.tangents
    (array([2.]), array([[2.]]))
    """

    def __init__(self, n_directions: int) -> None:
        self.n_directions = n_directions
        for name in _CONSTANT:
            setattr(self, name, getattr(np, name))
        for name in _PLAIN:
            setattr(self, name, _of_values(getattr(np, name)))
        for name, slope in _DERIVATIVES.items():
            function = getattr(np, name, None) or getattr(scipy.special, name)
            setattr(self, name, _elementwise(function, slope))
        for name, operation in _OPERATIONS.items():
            setattr(self, name, _written(operation))
        self.add.at = _add_at

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"There is no derivative of numpy.{name} here.")

    # New arrays

    def zeros(self, shape: Any, dtype: Any = np.float64) -> Any:
        """Return zeros, a dual if they are numbers with a derivative."""
        value = np.zeros(shape, dtype)
        if value.dtype.kind != "f":
            return value
        return Dual(value, np.zeros((self.n_directions, *value.shape), value.dtype))

    empty = zeros

    def empty_like(self, like: Any) -> Any:
        """Return zeros of that shape and type."""
        return self.zeros(like.shape, like.dtype)

    def ones_like(self, like: Any) -> Any:
        """Return ones of that shape and type, which are constants."""
        return np.ones(like.shape, like.dtype)

    def full(self, shape: Any, value: Any, dtype: Any = None) -> Any:
        """Return a constant."""
        return np.full(shape, value, dtype)

    def asarray(self, x: Any, dtype: Any = None) -> Any:
        """Return a dual as it is, and a constant of all else."""
        return x if isinstance(x, Dual) else np.asarray(x, dtype)

    # The larger and the smaller

    def maximum(self, a: Any, b: Any, out: Any = None) -> Any:
        """Return the larger of two, the first where they are the same."""
        return write(self.where(value_of(a) >= value_of(b), a, b), out)

    def minimum(self, a: Any, b: Any, out: Any = None) -> Any:
        """Return the smaller of two, the second where they are the same."""
        return write(self.where(value_of(a) < value_of(b), a, b), out)

    def clip(self, x: Any, low: Any, high: Any, out: Any = None) -> Any:
        """Return x where it is between the bounds, which have no derivative."""
        value = value_of(x).clip(low, high)
        return write(combine(value, (value == value_of(x), x)), out)

    def tril(self, a: Any) -> Any:
        """Return what is on and below the diagonal of a mask, which is constant."""
        return np.tril(value_of(a))

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        """Return `a` where the condition holds, `b` elsewhere."""
        value = np.where(condition, value_of(a), value_of(b))
        if not isinstance(a, Dual) and not isinstance(b, Dual):
            return value
        return combine(value, (condition, a), (~condition, b))

    def amax(self, x: Any, axis: int, keepdims: bool = False) -> Any:
        """Return the largest along an axis, the first of the same."""
        if not isinstance(x, Dual):
            return np.amax(x, axis, keepdims=keepdims)
        axis %= x.ndim
        places = np.expand_dims(x.value.argmax(axis), axis)
        value = np.take_along_axis(x.value, places, axis)
        tangents = np.take_along_axis(x.tangents, places[None], axis + 1)
        largest = Dual(value, tangents)
        return largest if keepdims else largest.sum(axis)

    # Axes

    def moveaxis(self, x: Any, source: int, target: int) -> Any:
        """Return a view with an axis in another place."""
        if not isinstance(x, Dual):
            return np.moveaxis(x, source, target)
        source, target = source % x.ndim, target % x.ndim
        return Dual(
            np.moveaxis(x.value, source, target), np.moveaxis(x.tangents, source + 1, target + 1)
        )

    def flip(self, x: Any, axes: tuple[int, ...]) -> Any:
        """Return a view with axes in reverse."""
        if not isinstance(x, Dual):
            return np.flip(x, axes)
        beside = tuple(axis % x.ndim + 1 for axis in axes)
        return Dual(np.flip(x.value, axes), np.flip(x.tangents, beside))

    def stack(self, parts: Any) -> Any:
        """Return the parts along a new first axis."""
        whole = self.zeros((len(parts), *parts[0].shape))
        for i, part in enumerate(parts):
            whole[i] = part
        return whole

    def broadcast_to(self, x: Any, shape: tuple[int, ...]) -> Any:
        """Return `x` repeated to that shape."""
        value = np.broadcast_to(value_of(x), shape)
        return combine(value, (1.0, x)) if isinstance(x, Dual) else value


def _elementwise(function: Any, slope: Any) -> Any:
    def apply(x: Any, out: Any = None) -> Any:
        if not isinstance(x, Dual):
            return write(function(x), out)
        y = function(x.value)
        return write(combine(y, (slope(x.value, y), x)), out)

    return apply


def _written(operation: Any) -> Any:
    return lambda *operands, out=None: write(operation(*operands), out)


def _of_values(function: Any) -> Any:
    return lambda *operands, out=None: function(*map(value_of, operands), out=out)


def _add_at(x: Any, index: Any, part: Any) -> None:
    """Add to entries, which may come several times."""
    np.add.at(x.value, index, value_of(part))
    for direction, tangents in enumerate(part.tangents):
        np.add.at(x.tangents[direction], index, tangents)
