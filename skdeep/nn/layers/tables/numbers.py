"""Several columns for each number, so that a network sees steps and waves in it."""

from __future__ import annotations

import math
from collections.abc import Sequence as Several
from functools import partial
from typing import Any

import numpy as np

from skdeep.nn.initializers import Initializer
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter, Shape
from skdeep.nn.layers.scale import sum_leading
from skdeep.nn.memory import Array

__all__ = ["PeriodicEmbedding", "PiecewiseLinear"]


class PiecewiseLinear(Layer):
    """How far each number has come through each of its bins.

    With the edges e_0 < e_1 < ... of a number's bins, its columns are, one a bin::

        y_t = min(max((x - e_{t-1}) / (e_t - e_{t-1}), 0), 1)

    0 below the bin, 1 above it, and linear inside. Nothing is learned. The columns of numbers with
    as many bins stand together, those of few bins first.

    Parameters
    ----------
    edges : sequence of array of shape (n_bins + 1,)
        For each number, ascending; one edge alone gives the number no column.

    References
    ----------
    Gorishniy, Rubachev and Babenko, "On embeddings for numerical features in tabular deep
    learning", NeurIPS 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Network, PiecewiseLinear
    >>> network = Network(PiecewiseLinear([[0.0, 1.0, 3.0]]), input_shape=(1,))
    >>> network.forward(np.array([[0.25], [2.0], [9.0]]))
    array([[0.25, 0.  ],
           [1.  , 0.5 ],
           [1.  , 1.  ]])
    """

    def __init__(self, edges: Several[Any]) -> None:
        self.edges = tuple(np.asarray(ascending, dtype=np.float64) for ascending in edges)
        if any((np.diff(ascending) <= 0).any() for ascending in self.edges):
            raise ValueError("PiecewiseLinear takes edges that ascend, each above the one before.")

    def config(self) -> dict[str, Any]:
        """Return the number of all bins."""
        return {"n_bins": sum(len(ascending) - 1 for ascending in self.edges)}

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` reads the input alone."""
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input shape with the number of all bins as its last axis."""
        if input_shape[-1] != len(self.edges):
            raise ValueError(
                f"PiecewiseLinear has edges for {len(self.edges)} numbers, got samples of shape "
                f"{input_shape}."
            )
        return (*input_shape[:-1], self.config()["n_bins"])

    def sources(self) -> Any:
        """Return, for each column, the number it comes from, an array of shape (n_bins,)."""
        n_bins = [len(ascending) - 1 for ascending in self.edges]
        return np.repeat(order := np.argsort(n_bins, kind="stable"), np.array(n_bins)[order])

    def equal_bins(self) -> list[tuple[list[int], slice]]:
        """Return, for each count of bins, the numbers that have it, and where their columns are.

        Sets `low` and `inverse`, the lower edge and 1 / width of each column.
        """
        if "groups" not in self.__dict__:
            self.groups, start = [], 0
            counts = [len(ascending) - 1 for ascending in self.edges]
            for n_bins in sorted(set(counts) - {0}):
                chosen = [i for i, count in enumerate(counts) if count == n_bins]
                self.groups.append((chosen, slice(start, start := start + len(chosen) * n_bins)))
            edges = [self.edges[i] for chosen, _ in self.groups for i in chosen]
            self.low = self._as_columns([each[:-1] for each in edges])
            self.inverse = self._as_columns([1 / np.diff(each) for each in edges])
        return self.groups

    def _as_columns(self, parts: list[Any]) -> Array:
        joined = np.concatenate([*parts, []])
        columns = self.xp.zeros(joined.shape, dtype=self.dtype)
        columns[...] = self.xp.asarray(joined)
        return columns

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return the columns."""
        self.x = x
        y = self._through(x, self.buffer("y", (*x.shape[:-1], self.config()["n_bins"])))
        return self.xp.clip(y, 0.0, 1.0, out=y)

    def _through(self, x: Array, out: Array) -> Array:
        """Write (x - low) / width into `out`, for each number and bin.

        The columns of all numbers lie in one axis, over which NumPy goes several times as fast as
        over the few bins of each.
        """
        lead = tuple(x.shape[:-1])
        for chosen, columns in self.equal_bins():
            out[..., columns].reshape(*lead, len(chosen), -1)[...] = x[..., chosen, None]
        out -= self.low
        out *= self.inverse
        return out

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Return the sum over the bins a number is in of grad_y / width."""
        if not wants_input:
            return None
        through = self._through(self.x, self.buffer("through", tuple(grad_y.shape)))
        grad = grad_y * self.inverse * ((through > 0) & (through < 1))
        grad_x = self.buffer("grad_x", tuple(self.x.shape))
        grad_x[...] = 0.0
        for chosen, columns in self.equal_bins():
            by_number = grad[..., columns].reshape(*grad.shape[:-1], len(chosen), -1)
            grad_x[..., chosen] = by_number.sum(-1)
        return grad_x


class PeriodicEmbedding(Layer):
    """Waves of learned frequencies of each number, mixed into a few outputs.

    Each number x of a sample has h frequencies f and phases p, weights W of shape (h, m) and biases
    b of its own::

        y = cos(f x + p) W + b

    so that what is high, low and high again along x can be told by few units. The outputs of all
    numbers stand one after the other.

    Parameters
    ----------
    units : int, default=4
        Outputs for each number, m.
    n_frequencies : int, default=16
        h.
    sigma : float > 0, default=0.5
        Frequencies begin as 2 pi times draws from N(0, sigma^2): high ones find fine structure, and
        noise.
    n_axes : int, default=1
        How many of the last axes have embeddings of their own: 1 is one for each number, 2 one for
        each number of each member.
    rate : float > 0, default=1.0
        How many times as fast as other parameters these learn with Adam.

    References
    ----------
    Gorishniy, Rubachev and Babenko, "On embeddings for numerical features in tabular deep
    learning", NeurIPS 2022; with cosine and phase, as "PBLD", Holzmüller, Grinsztajn and
    Steinwart, "Better by default", NeurIPS 2024.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Network, PeriodicEmbedding
    >>> network = Network(PeriodicEmbedding(2), input_shape=(3,), random_state=0)
    >>> network.forward(np.zeros((5, 3))).shape
    (5, 6)
    """

    frequency: Array
    phase: Array
    weight: Array
    bias: Array
    grad_frequency: Array
    grad_phase: Array
    grad_weight: Array
    grad_bias: Array

    def __init__(
        self,
        units: int = 4,
        *,
        n_frequencies: int = 16,
        sigma: float = 0.5,
        n_axes: int = 1,
        rate: float = 1.0,
    ) -> None:
        for name, number in (
            ("units", units),
            ("n_frequencies", n_frequencies),
            ("n_axes", n_axes),
        ):
            if number < 1:
                raise ValueError(f"PeriodicEmbedding takes {name} of 1 or more, got {number!r}.")
        for name, positive in (("sigma", sigma), ("rate", rate)):
            if not positive > 0:
                raise ValueError(f"PeriodicEmbedding takes a {name} above 0, got {positive!r}.")
        self.units, self.n_frequencies, self.sigma = units, n_frequencies, sigma
        self.n_axes, self.rate = n_axes, rate

    def config(self) -> dict[str, Any]:
        """Return outputs and frequencies for each number."""
        return {"units": self.units, "n_frequencies": self.n_frequencies}

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` does not read it."""
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input shape with `units` times as many features."""
        return (*input_shape[:-1], input_shape[-1] * self.units)

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare frequency, phase (..., h), weight (..., h, units) and bias (..., units)."""
        own = tuple(input_shape[-self.n_axes :])
        h, m = self.n_frequencies, self.units
        bound = 1 / math.sqrt(h)
        waves: Initializer = partial(_normal, std=2 * math.pi * self.sigma / self.rate)
        phases: Initializer = partial(_uniform, bound=math.pi / self.rate)
        mixed: Initializer = partial(_uniform, bound=bound / self.rate)
        return {
            "frequency": Parameter((*own, h), waves),
            "phase": Parameter((*own, h), phases),
            "weight": Parameter((*own, h, m), mixed, (h, m)),
            "bias": Parameter((*own, m), mixed),
        }

    def cost(self, input_shape: Shape) -> int:
        """Return h times (units + 1) for each number."""
        return math.prod(input_shape) * self.n_frequencies * (self.units + 1)

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return cos(f x + p) W + b."""
        xp, rate = self.xp, self.rate
        lead, h, m = tuple(x.shape), self.n_frequencies, self.units
        self.x = x
        angle = xp.multiply(x[..., None], self.frequency, out=self.buffer("angle", (*lead, h)))
        angle += self.phase
        angle *= rate
        wave = xp.cos(angle, out=self.buffer("wave", (*lead, h)))
        y = self.buffer("y", (*lead, m))
        xp.matmul(self._rows_last(wave), self.weight, out=self._rows_last(y))
        y += self.bias
        y *= rate
        return y.reshape(*lead[:-1], -1)

    def _rows_last(self, a: Array) -> Array:
        """View (rows ..., own axes ..., h) as (own axes ..., rows, h), for products by number."""
        own = tuple(self.frequency.shape[:-1])
        rows = a.reshape(-1, math.prod(own), a.shape[-1]).swapaxes(0, 1)
        return rows.reshape(*own, *rows.shape[1:])

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Fill the gradients of the parameters, return the sum of those of a number's waves."""
        xp, rate = self.xp, self.rate
        lead, h, m = tuple(self.x.shape), self.n_frequencies, self.units
        g = grad_y.reshape(*lead, m)
        g *= rate
        sum_leading(self, g, out=self.grad_bias)
        angle, wave = self.buffer("angle", (*lead, h)), self.buffer("wave", (*lead, h))
        by_number = self._rows_last(g)
        xp.matmul(self._rows_last(wave).swapaxes(-1, -2), by_number, out=self.grad_weight)
        grad_wave = wave  # which nobody reads any more
        xp.matmul(by_number, self.weight.swapaxes(-1, -2), out=self._rows_last(grad_wave))
        xp.sin(angle, out=angle)
        grad_wave *= angle
        grad_wave *= -rate
        sum_leading(self, grad_wave, out=self.grad_phase)
        by_input = xp.multiply(grad_wave, self.x[..., None], out=angle)
        sum_leading(self, by_input, out=self.grad_frequency)
        if not wants_input:
            return None
        grad_wave *= self.frequency
        return xp.matmul(grad_wave, self.constant(1.0, (h,)), out=self.buffer("grad_x", lead))


def _normal(shape: Any, fans: Any, random_state: np.random.RandomState, *, std: float) -> Any:
    return random_state.normal(0.0, std, shape)


def _uniform(shape: Any, fans: Any, random_state: np.random.RandomState, *, bound: float) -> Any:
    return random_state.uniform(-bound, bound, shape)
