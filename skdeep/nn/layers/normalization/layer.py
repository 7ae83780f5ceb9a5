"""Layer normalization: mean 0 and variance 1 of each row, then a learned scale and shift."""

from __future__ import annotations

from typing import Any, ClassVar

from skdeep.nn.layers.base import PREDICT, Mode
from skdeep.nn.layers.normalization.features import FeatureNorm
from skdeep.nn.memory import Array
from skdeep.nn.products import add_to_rows, rows_of, sum_rows, write_product

__all__ = ["LayerNorm"]


class LayerNorm(FeatureNorm):
    """Normalize each row over its features.

    A row is a sample or a position of it, its features the last axis. With mean and variance taken
    over the features of one row::

        u = (x - mean) / sqrt(variance + eps)
        y = scale u + shift

    and on the way back, with g = scale grad_y, means again over the features::

        grad_shift = sum over rows of grad_y
        grad_scale = sum over rows of grad_y u
        grad_x = (g - mean(g) - u mean(g u)) / sqrt(variance + eps)

    Training and prediction are the same: there is nothing to remember between batches.

    Parameters
    ----------
    eps : float, default=1e-5
        Added to the variance, inside the root.

    References
    ----------
    J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer normalization", arXiv:1607.06450.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import LayerNorm, Network
    >>> network = Network(LayerNorm(), input_shape=(4,), random_state=0)
    >>> network.forward(np.array([[1.0, 2.0, 3.0, 4.0]])).round(3)
    array([[-1.342, -0.447,  0.447,  1.342]])
    """

    normalizes: ClassVar[bool] = True

    def __init__(self, *, eps: float = 1e-5) -> None:
        self.eps = eps

    def config(self) -> dict[str, Any]:
        """Return eps."""
        return {"eps": self.eps}

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Normalize every row."""
        xp = self.xp
        whole, x = x, rows_of(x)
        n, d = x.shape
        average = self.average(d)
        out = self.buffer("y", whole.shape)
        y = rows_of(out)
        u = x if self.may_overwrite else self.buffer("u", (n, d))
        row = self.buffer("row", (n,))
        write_product(self, x, average, row)
        xp.subtract(x, row[:, None], out=u)
        xp.multiply(u, u, out=y)
        write_product(self, y, average, row)
        self.inverse = 1 / xp.sqrt(row + self.eps)
        u *= self.inverse[:, None]
        self.u = u
        xp.multiply(u, self.scale, out=y)
        add_to_rows(self, self.shift, y)
        return out

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Fill grad_scale and grad_shift, return the gradient by the input."""
        xp = self.xp
        whole, grad_y = grad_y, rows_of(grad_y)
        n, d = grad_y.shape
        average = self.average(d)
        work = self.buffer("work", (n, d))
        row = self.buffer("row", (n,))
        xp.multiply(grad_y, self.u, out=work)
        sum_rows(self, work, out=self.grad_scale)
        sum_rows(self, grad_y, out=self.grad_shift)
        if not wants_input:
            return None
        grad_y *= self.scale
        xp.multiply(grad_y, self.u, out=work)
        write_product(self, work, average, row)
        xp.multiply(self.u, row[:, None], out=work)
        write_product(self, grad_y, average, row)
        grad_y -= work
        grad_y -= row[:, None]
        grad_y *= self.inverse[:, None]
        return grad_y.reshape(whole.shape)
