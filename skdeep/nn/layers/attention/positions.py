"""Positions: attention sees a set, and has to be told which step is where."""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.initializers import normal
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter, Shape
from skdeep.nn.memory import Array, Memory

__all__ = ["LearnedPositions", "SinusoidalPositions", "rotary_table", "rotate"]

_BASE = 10000.0  # wavelengths go from 2 pi to this times 2 pi


class _Positions(Layer):
    """A vector for each step is added to the input."""

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: nothing reads it again."""
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input shape, which must be that of sequences."""
        if len(input_shape) != 2 or isinstance(input_shape[0], tuple):
            raise ValueError(
                f"{type(self).__name__} takes sequences, (n_steps, n_features); got samples of "
                f"shape {input_shape}."
            )
        return input_shape

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Add the vectors of the first steps."""
        y = x if self.may_overwrite else self.buffer("y", x.shape)
        return self.xp.add(x, self.vectors(x.shape[1], x.shape[2]), out=y)

    def vectors(self, n_steps: int, d: int) -> Array:
        """Return what is added, of shape (n_steps, d)."""
        raise NotImplementedError


class SinusoidalPositions(_Positions):
    """Sines and cosines of the step, of wavelengths from 2 pi to 20000 pi.

    ::

        y[t, 2 i] = x[t, 2 i] + sin(t / 10000**(2 i / d))
        y[t, 2 i + 1] = x[t, 2 i + 1] + cos(t / 10000**(2 i / d))

    They go on beyond the steps that were trained on.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.5.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Network, SinusoidalPositions
    >>> network = Network(SinusoidalPositions(), input_shape=(2, 4), random_state=0)
    >>> network.forward(np.zeros((1, 2, 4))).round(2)
    array([[[0.  , 1.  , 0.  , 1.  ],
            [0.84, 0.54, 0.01, 1.  ]]])
    """

    def vectors(self, n_steps: int, d: int) -> Array:
        """Return sines in the even columns and cosines in the odd ones."""
        return in_namespace(self, _sinusoids(n_steps, d))


class LearnedPositions(_Positions):
    """A vector for each step, learned.

    The sequences that a network was made for are the longest it can take.

    Examples
    --------
    >>> from skdeep.nn import LearnedPositions, Network
    >>> Network(LearnedPositions(), input_shape=(10, 4), random_state=0).n_parameters
    40
    """

    position: Array
    grad_position: Array

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare the vectors, (n_steps, n_features)."""
        return {"position": Parameter(tuple(input_shape), normal)}

    def vectors(self, n_steps: int, d: int) -> Array:
        """Return those of the first steps."""
        if n_steps > self.position.shape[0]:
            raise ValueError(
                f"LearnedPositions knows {self.position.shape[0]} steps, got a sequence of "
                f"{n_steps}."
            )
        return self.position[:n_steps]

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Fill grad_position with the sum over samples; the gradient goes on as it is."""
        n_steps = grad_y.shape[1]
        self.grad_position[n_steps:] = 0.0
        self.grad_position[:n_steps] = grad_y.sum(0)
        return grad_y if wants_input else None


@lru_cache(maxsize=16)
def _sinusoids(n_steps: int, d: int) -> NDArray[np.float64]:
    angles = _angles(n_steps, d)
    table = np.empty((n_steps, d))
    table[:, 0::2] = np.sin(angles)
    table[:, 1::2] = np.cos(angles[:, : d // 2])
    return table


def _angles(n_steps: int, d: int) -> NDArray[np.float64]:
    """Return t / base**(2 i / d) for the steps t and the pairs of features i."""
    return np.arange(n_steps)[:, None] / _BASE ** (np.arange(0, d, 2) / d)


def in_namespace(memory: Memory, table: NDArray[np.float64]) -> Array:
    """Return a constant table in a network's namespace and type."""
    if memory.xp is np:
        return table.astype(memory.dtype, copy=False)
    return memory.xp.asarray(table, dtype=memory.dtype)


def rotary_table(memory: Memory, n_steps: int, d: int) -> tuple[Array, Array]:
    """Return cosines and sines of the angles of `d` features, (n_steps, d / 2) each."""
    angles = _angles(n_steps, d)
    return in_namespace(memory, np.cos(angles)), in_namespace(memory, np.sin(angles))


def rotate(xp: ModuleType, x: Array, cos: Array, sin: Array, spare: Array) -> None:
    """Turn the pairs (feature i, feature i + d / 2) of each step by its angles, in place.

    Parameters
    ----------
    xp : module
    x : array of shape (..., n_steps, d)
    cos, sin : array of shape (n_steps, d / 2)
    spare : array of shape (2, ..., n_steps, d / 2)
        To write over.
    """
    half = x.shape[-1] // 2
    first, second = x[..., :half], x[..., half:]
    a = xp.multiply(first, sin, out=spare[0])
    b = xp.multiply(second, sin, out=spare[1])
    first *= cos
    first -= b
    second *= cos
    second += a
