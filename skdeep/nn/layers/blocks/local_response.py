"""Local response normalization: channels at the same place damp each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from skdeep.nn.layers.base import PREDICT, Layer, Mode, Shape
from skdeep.nn.memory import Array
from skdeep.nn.products import product

__all__ = ["LocalResponseNorm"]


class LocalResponseNorm(Layer):
    """Divide each channel by a power of the squares of its neighbours.

    With the sum over the `size` channels around each, as far as there are any, which is a product
    with a matrix B of ones near the diagonal and zeros elsewhere::

        s = k + alpha (x * x) B,    y = x s**-beta
        grad_x = grad_y s**-beta - 2 alpha beta x ((grad_y x s**(-beta - 1)) B')

    Parameters
    ----------
    size : int, default=5
        Channels that damp one, itself included.
    alpha : float, default=1e-4
        Of the sum, as in the paper; PyTorch has it for the mean, `size` times as large.
    beta : float, default=0.75
    k : float, default=2.0

    References
    ----------
    A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional neural
    networks", NIPS 2012.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import LocalResponseNorm, Network
    >>> network = Network(LocalResponseNorm(3, alpha=1.0, beta=1.0, k=0.0), input_shape=(4,))
    >>> network.forward(np.array([[1.0, 2.0, 1.0, 1.0]]))
    array([[0.2       , 0.33333333, 0.16666667, 0.5       ]])
    """

    by_sample = True

    def __init__(
        self, size: int = 5, *, alpha: float = 1e-4, beta: float = 0.75, k: float = 2.0
    ) -> None:
        if size < 1:
            raise ValueError(f"LocalResponseNorm takes a size of 1 or more, got {size!r}.")
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def config(self) -> dict[str, Any]:
        """Return all that there is to set."""
        return {"size": self.size, "alpha": self.alpha, "beta": self.beta, "k": self.k}

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` reads the input alone."""
        return True

    def cost(self, input_shape: Shape) -> int:
        """Return how many squares are summed: `size` for each number."""
        return int(np.prod(input_shape)) * self.size

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return x s**-beta."""
        xp, shape = self.xp, tuple(x.shape)
        self.x = x
        square = xp.multiply(x, x, out=self.buffer("square", shape))
        self.s = product(self, square, self.band(shape[-1]), out=self.buffer("s", shape))
        self.s *= self.alpha
        self.s += self.k
        self.factor = self.buffer("factor", shape)
        self.factor[...] = self.s**-self.beta
        return xp.multiply(x, self.factor, out=self.buffer("y", shape))

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Return the gradient by the input."""
        if not wants_input:
            return None
        xp, x, shape = self.xp, self.x, tuple(self.x.shape)
        grad_y *= self.factor
        shared = xp.multiply(grad_y, x, out=self.buffer("square", shape))
        shared /= self.s
        back = self.band(shape[-1]).T
        grad_x = product(self, shared, back, out=self.buffer("grad_x", shape))
        grad_x *= x
        grad_x *= -2 * self.alpha * self.beta
        grad_x += grad_y
        return grad_x

    def band(self, channels: int) -> Array:
        """Return B, of shape (channels, channels): whether the first damps the second."""
        known = self.__dict__.get("_matrix")
        if known is None or len(known) != channels:
            ahead = np.subtract.outer(np.arange(channels), np.arange(channels))
            after = self.size // 2
            near = (ahead <= after) & (ahead >= after - self.size + 1)
            self._matrix = self.xp.asarray(near * 1.0, dtype=self.dtype)
        return self._matrix
