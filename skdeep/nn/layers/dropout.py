"""Dropout: in training, units, channels or samples are switched off at random."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from skdeep.nn.layers.base import PREDICT, Layer, Mode
from skdeep.nn.memory import Array

__all__ = ["AlphaDropout", "Dropout", "SpatialDropout", "StochasticDepth"]

# Masks are decided by 16 random bits a unit: a quarter of the random numbers that a float64 takes.
_LEVELS = 2**16


class Dropout(Layer):
    """Inverted dropout.

    In training, with independent m in {0, 1}, m = 0 with probability `rate`::

        y = m x / (1 - rate),    grad_x = m grad_y / (1 - rate)

    so that y has the mean x, and prediction is the identity.

    Parameters
    ----------
    rate : float in [0, 1)
        The probability of being dropped, met to within 2**-16.

    References
    ----------
    N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: a simple
    way to prevent neural networks from overfitting", JMLR 15, 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Dropout, Mode, Network
    >>> network = Network(Dropout(0.5), input_shape=(1000,), random_state=0)
    >>> x = np.ones((100, 1000))
    >>> bool((network.forward(x) == x).all())
    True
    >>> y = network.forward(x, Mode(training=True, rng=np.random.default_rng(0)))
    >>> np.unique(y).tolist(), round(float(y.mean()), 2)
    ([0.0, 2.0], 1.0)
    """

    def __init__(self, rate: float) -> None:
        if not 0 <= rate < 1:
            raise ValueError(f"{type(self).__name__} takes a rate in [0, 1), got {rate!r}.")
        self.rate = rate
        self.draws = rate > 0

    def config(self) -> dict[str, Any]:
        """Return the rate."""
        return {"rate": self.rate}

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: in prediction it is the input itself."""
        return self.may_overwrite

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Drop at random in training, do nothing in prediction; `x` may be a sparse matrix."""
        self.mask = None
        if not mode.training or self.rate == 0:
            return x
        if mode.rng is None:
            raise ValueError(
                f"{type(self).__name__} draws in training: give the mode a generator as rng."
            )
        if issparse(x):  # what is not stored is zero, dropped or not
            y = x.copy()
            y.data *= self._draw(mode.rng, y.data.shape, None)
            return y
        shape = self._mask_shape(tuple(x.shape))
        self.mask = self._draw(mode.rng, shape, self.buffer("mask", shape))
        y = x if self.may_overwrite else self.buffer("y", x.shape)
        return self.xp.multiply(x, self.mask, out=y)

    def _mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of m, which is multiplied with x of that shape."""
        return shape

    def _draw(self, rng: np.random.Generator, shape: tuple[int, ...], out: Array | None) -> Array:
        """Return m / (1 - rate)."""
        xp = self.xp
        threshold = min(round(self.rate * _LEVELS), _LEVELS - 1)
        keep = xp.asarray((random_levels(rng, math.prod(shape)) >= threshold).reshape(shape))
        # In the network's type: with a plain number, NumPy would multiply in float64.
        factor = self.constant(_LEVELS / (_LEVELS - threshold), ())
        return xp.multiply(keep, factor, out=out)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Let pass what forward let pass, by the same factor."""
        if self.mask is not None:
            grad_y *= self.mask
        return grad_y


class AlphaDropout(Dropout):
    """Dropout for :class:`SELU`, which keeps mean 0 and variance 1.

    A unit that is dropped becomes what SELU tends to far below zero, c = -1.7581, and all are
    shifted and scaled back, with independent m in {0, 1}, m = 1 with probability q = 1 - rate::

        y = a (m x + (1 - m) c) + b,    grad_x = a m grad_y
        a = 1 / sqrt(q + c**2 q (1 - q)),    b = -a (1 - q) c

    Parameters
    ----------
    rate : float in [0, 1)
        As of `Dropout`; the authors take 0.05 to 0.1.

    References
    ----------
    G. Klambauer, T. Unterthiner, A. Mayr, S. Hochreiter, "Self-normalizing neural networks",
    NIPS 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import AlphaDropout, Mode, Network
    >>> x = np.random.default_rng(0).normal(size=(1000, 100))
    >>> y = Network(AlphaDropout(0.5), (100,)).forward(x, Mode(True, np.random.default_rng(0)))
    >>> abs(round(float(y.mean()), 1)), round(float(y.var()), 1)
    (0.0, 1.0)
    """

    #: What SELU tends to far below zero.
    LIMIT = -1.7580993408473766

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Drop at random in training, do nothing in prediction."""
        if issparse(x):
            raise ValueError("AlphaDropout shifts what is zero, too: it takes no sparse matrix.")
        y = super().forward(x, mode)
        if self.mask is None:
            return y
        # y is m x / q and the mask m / q: both times a q, then what was dropped.
        xp, limit = self.xp, self.LIMIT
        keep = 1 - min(round(self.rate * _LEVELS), _LEVELS - 1) / _LEVELS
        a = 1 / math.sqrt(keep + limit**2 * keep * (1 - keep))
        self.mask *= a * keep
        y *= a * keep
        # a (1 - m) c + b = a c (1 - m) - a (1 - q) c = a c q - c (a m)
        shift = xp.multiply(self.mask, -limit, out=self.buffer("shift", tuple(y.shape)))
        shift += a * limit * keep
        y += shift
        return y


class SpatialDropout(Dropout):
    """Dropout of whole channels of a sample: neighbouring pixels know too much of each other.

    Parameters
    ----------
    rate : float in [0, 1)
        As of `Dropout`.

    References
    ----------
    J. Tompson et al., "Efficient object localization using convolutional networks", CVPR 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Mode, Network, SpatialDropout
    >>> network = Network(SpatialDropout(0.5), input_shape=(2, 2, 4))
    >>> y = network.forward(np.ones((1, 2, 2, 4)), Mode(True, np.random.default_rng(1)))
    >>> bool((y == y[:, :1, :1]).all())
    True
    """

    def _mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (shape[0], *(1 for _ in shape[1:-1]), shape[-1])


class StochasticDepth(Dropout):
    """Dropout of whole samples: last in the body of a `Residual`, it takes the block out for them.

    Parameters
    ----------
    rate : float in [0, 1)
        The probability that a sample skips the block.

    References
    ----------
    G. Huang, Y. Sun, Z. Liu, D. Sedra, K. Weinberger, "Deep networks with stochastic depth", ECCV
    2016.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Mode, Network, StochasticDepth
    >>> network = Network(StochasticDepth(0.5), input_shape=(3,))
    >>> y = network.forward(np.ones((1000, 3)), Mode(True, np.random.default_rng(0)))
    >>> np.unique(y.sum(axis=1)).tolist()
    [0.0, 6.0]
    """

    def _mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (shape[0], *(1 for _ in shape[1:]))


def random_levels(rng: np.random.Generator, size: int) -> NDArray[np.uint16]:
    """Draw `size` integers uniform on [0, 2**16), as fast as the bit generator allows."""
    if isinstance(rng.bit_generator, np.random.MT19937):  # gives 32 bits at a time, not 64
        return rng.integers(0, _LEVELS, size, dtype=np.uint16)
    return rng.bit_generator.random_raw(-(-size // 4)).view(np.uint16)[:size]
