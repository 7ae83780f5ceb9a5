"""The code of a variational autoencoder: a normal distribution for each sample."""

from __future__ import annotations

from typing import Any, ClassVar

from skdeep.nn.initializers import zeros
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter, Shape
from skdeep.nn.memory import Array

__all__ = ["CommonSpread", "GaussianCode"]


class GaussianCode(Layer):
    """A draw from the normal distribution that the input tells, with its divergence as penalty.

    Of inputs [m, s] side by side, means and logarithms of variances, with noise e of N(0, 1)::

        z = m + exp(s / 2) e    in training,    z = m    in prediction
        penalty = alpha * mean over samples of sum of (m^2 + exp(s) - s - 1) / 2

    the Kullback-Leibler divergence from N(0, 1). Since the draw is a function of the input and of
    noise that does not depend on it, the gradient goes through::

        grad_m = grad_z + alpha m,    grad_s = grad_z e exp(s / 2) / 2 + alpha (exp(s) - 1) / 2

    Parameters
    ----------
    alpha : float >= 0, default=1.0
        Weight of the divergence.

    References
    ----------
    D. P. Kingma, M. Welling, "Auto-encoding variational Bayes", ICLR 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import GaussianCode, Mode, Network
    >>> network = Network(GaussianCode(), (2,))
    >>> x = np.full((10_000, 2), [3.0, np.log(4.0)])
    >>> z = network.forward(x, Mode(training=True, rng=np.random.default_rng(0)))
    >>> abs(z.mean() - 3) < 0.05, abs(z.std() - 2) < 0.05
    (np.True_, np.True_)
    """

    draws = True
    penalizes: ClassVar[bool] = True

    def __init__(self, alpha: float = 1.0) -> None:
        if not alpha >= 0:
            raise ValueError(f"GaussianCode takes an alpha of 0 or more, got {alpha!r}.")
        self.alpha = alpha

    def config(self) -> dict[str, Any]:
        """Return the weight of the divergence."""
        return {"alpha": self.alpha}

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: it is an array of its own."""
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input shape with half its last axis."""
        if input_shape[-1] % 2:
            raise ValueError(
                "GaussianCode reads means and log-variances side by side, an even number; got "
                f"samples of shape {input_shape}."
            )
        return (*input_shape[:-1], input_shape[-1] // 2)

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Draw in training, return the means in prediction."""
        xp, n, k = self.xp, x.shape[0], x.shape[-1] // 2
        mean, log_variance = x[..., :k], x[..., k:]
        z = self.buffer("z", (*x.shape[:-1], k))
        z[...] = mean
        self.penalty_value, self.noise = 0.0, None
        if not mode.training:
            return z
        if mode.rng is None:
            raise ValueError("GaussianCode draws in training: give the mode a generator as rng.")
        noise = self.buffer("noise", tuple(z.shape))
        noise[...] = xp.asarray(mode.rng.standard_normal(tuple(z.shape)))
        noise *= xp.exp(log_variance * 0.5)
        z += noise
        self.noise = noise
        weight = self.average(n) if mode.weight is None else mode.weight
        self.weight = (self.alpha * weight).reshape((n, *(1,) * (x.ndim - 1)))
        self.mean, self.excess = mean * 1, xp.exp(log_variance) - 1
        divergence = (self.mean * self.mean + self.excess - log_variance) * self.weight
        self.penalty_value = 0.5 * float(divergence.sum())
        return z

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Send the gradient on to means and log-variances."""
        if not wants_input:
            return None
        k = grad_y.shape[-1]
        grad = self.buffer("grad", (*grad_y.shape[:-1], 2 * k))
        grad[..., :k] = grad_y
        grad[..., k:] = 0
        if self.noise is not None:
            grad[..., :k] += self.weight * self.mean
            grad[..., k:] = (grad_y * self.noise + self.weight * self.excess) * 0.5
        return grad


class CommonSpread(Layer):
    """The input, and beside it as many times one learned number: y = [x, s, s ...].

    :class:`Gaussian` reads it as means, and the one variance of them all.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import CommonSpread, Network
    >>> Network(CommonSpread(), (2,)).forward(np.array([[1.0, 2.0]]))
    array([[1., 2., 0., 0.]])
    """

    spread: Array
    grad_spread: Array

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: it is an array of its own."""
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input shape with twice its last axis."""
        return (*input_shape[:-1], 2 * input_shape[-1])

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare the spread, (1,)."""
        return {"spread": Parameter((1,), zeros)}

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Return both side by side."""
        k = x.shape[-1]
        y = self.buffer("y", (*x.shape[:-1], 2 * k))
        y[..., :k] = x
        y[..., k:] = self.spread
        return y

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Sum the gradients of the spread, and let the others pass."""
        k = grad_y.shape[-1] // 2
        self.grad_spread[...] = grad_y[..., k:].sum()
        if not wants_input:
            return None
        grad = self.buffer("grad", (*grad_y.shape[:-1], k))
        grad[...] = grad_y[..., :k]
        return grad
