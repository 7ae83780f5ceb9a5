"""Batch and layer normalization: mean 0 and variance 1, then a learned scale and shift."""

from __future__ import annotations

from typing import Any

from skdeep.nn.initializers import ones, zeros
from skdeep.nn.layers.base import PREDICT, Layer, Mode, Parameter
from skdeep.nn.memory import Array

__all__ = ["BatchNorm", "LayerNorm"]


class BatchNorm(Layer):
    """Normalize each feature over the batch.

    In training, with samples i of weights w_i that sum to one (1/n each if none are given)::

        mean = sum_i w_i x_i            variance = sum_i w_i (x_i - mean)**2
        u_i = (x_i - mean) / sqrt(variance + eps)
        y_i = scale u_i + shift

    Every x_i also moves the mean and the variance of all, hence on the way back, with
    g = grad_y::

        grad_shift = sum_i g_i          grad_scale = sum_i g_i u_i
        grad_x_i = scale / sqrt(variance + eps) (g_i - w_i grad_shift - w_i u_i grad_scale)

    In prediction, mean and variance are running averages, so that a sample's prediction does not
    depend on its neighbours. They are plain averages over the first 1 / momentum batches and
    exponential ones after, so that short trainings need no burn-in; the running variance is the
    unbiased one, as in the paper. A batch of one sample, which has no variance, leaves them alone.

    Parameters
    ----------
    momentum : float in (0, 1], default=0.1
        Weight of the newest batch in the running averages.
    eps : float, default=1e-5
        Added to the variance, inside the root.

    References
    ----------
    S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift", ICML 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import BatchNorm, Mode, Network
    >>> network = Network(BatchNorm(), input_shape=(3,), random_state=0)
    >>> x = np.random.RandomState(0).normal(5.0, 2.0, (100, 3))
    >>> y = network.forward(x, Mode(training=True))
    >>> bool(np.allclose(y.mean(axis=0), 0)), bool(np.allclose(y.std(axis=0), 1, atol=1e-5))
    (True, True)
    """

    scale: Array
    shift: Array
    grad_scale: Array
    grad_shift: Array
    running_mean: Array
    running_variance: Array
    n_batches: Array

    def __init__(self, *, momentum: float = 0.1, eps: float = 1e-5) -> None:
        self.momentum = momentum
        self.eps = eps

    def config(self) -> dict[str, Any]:
        """Return momentum and eps."""
        return {"momentum": self.momentum, "eps": self.eps}

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` reads the normalized input."""
        return True

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the input shape, which must be (n_features,)."""
        if len(input_shape) != 1:
            raise ValueError(
                f"BatchNorm takes samples of one axis, (n_features,), got samples of shape "
                f"{input_shape}."
            )
        return input_shape

    def parameters(self, input_shape: tuple[int, ...]) -> dict[str, Parameter]:
        """Declare scale and shift, (n_features,) each."""
        return {"scale": Parameter(input_shape, ones), "shift": Parameter(input_shape, zeros)}

    def statistics(self, input_shape: tuple[int, ...]) -> dict[str, Parameter]:
        """Declare the running mean and variance, and how many batches they have seen."""
        return {
            "running_mean": Parameter(input_shape, zeros),
            "running_variance": Parameter(input_shape, ones),
            "n_batches": Parameter((1,), zeros),
        }

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Normalize by the batch in training, by the running averages in prediction."""
        xp = self.xp
        n, d = x.shape
        y = self.buffer("y", (n, d))
        self.trained = mode.training
        if not mode.training:
            self.x = x
            self.inverse = 1 / xp.sqrt(self.running_variance + self.eps)
            factor = self.scale * self.inverse
            xp.multiply(x, factor, out=y)
            y += self.shift - self.running_mean * factor
            return y
        self.weight = mode.weight
        weight = self.constant(1.0 / n, (n,)) if mode.weight is None else mode.weight
        mean = xp.matmul(x.T, weight, out=self.buffer("mean", (d,)))
        centred = x if self.may_overwrite else self.buffer("centred", (n, d))
        xp.subtract(x, mean, out=centred)
        xp.multiply(centred, centred, out=y)
        variance = xp.matmul(y.T, weight, out=self.buffer("variance", (d,)))
        # n samples have n / (n - 1) times that variance in the population. Weights that mean
        # repetition sum to n; where they sum to less than the number of equal samples that would
        # average as well, 1 / sum w**2, they do not, and n is that number.
        concentration = 1.0 / n if mode.weight is None else float(weight @ weight)
        if mode.weight is not None and mode.count:
            concentration = min(concentration, 1.0 / mode.count)
        if concentration < 1:  # a single sample, such as the rest of an epoch, has no variance
            self.follow(mean, variance, 1 / (1 - concentration))
        self.inverse = 1 / xp.sqrt(variance + self.eps)
        self.centred = centred
        xp.multiply(centred, self.scale * self.inverse, out=y)
        y += self.shift
        return y

    def follow(self, mean: Array, variance: Array, unbiased: float) -> None:
        """Move the running averages towards the newest batch."""
        self.n_batches += 1
        newest = max(self.momentum, 1 / float(self.n_batches[0]))
        self.running_mean += newest * (mean - self.running_mean)
        self.running_variance += newest * (unbiased * variance - self.running_variance)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Fill grad_scale and grad_shift, return the gradient by the input."""
        xp = self.xp
        n, d = grad_y.shape
        one = self.constant(1.0, (n,))
        work = self.buffer("work", (n, d))
        if not self.trained:
            xp.subtract(self.x, self.running_mean, out=work)
            work *= self.inverse
            work *= grad_y
            xp.matmul(work.T, one, out=self.grad_scale)
            xp.matmul(grad_y.T, one, out=self.grad_shift)
            grad_y *= self.scale * self.inverse
            return grad_y
        xp.multiply(grad_y, self.centred, out=work)
        xp.matmul(work.T, one, out=self.grad_scale)
        self.grad_scale *= self.inverse
        xp.matmul(grad_y.T, one, out=self.grad_shift)
        if not wants_input:
            return None
        # The factors of the centred input: 1 / n joins the rows of length d where it can.
        if self.weight is None:
            xp.multiply(self.centred, self.grad_scale * self.inverse * (1 / n), out=work)
            grad_y -= work
            grad_y -= self.grad_shift * (1 / n)
        else:
            xp.multiply(self.centred, self.grad_scale * self.inverse, out=work)
            work += self.grad_shift
            work *= self.weight[:, None]
            grad_y -= work
        grad_y *= self.scale * self.inverse
        return grad_y


class LayerNorm(Layer):
    """Normalize each sample over its features.

    With mean and variance taken over the features of one sample::

        u = (x - mean) / sqrt(variance + eps)
        y = scale u + shift

    and on the way back, with g = scale grad_y, means again over the features::

        grad_shift = sum over samples of grad_y
        grad_scale = sum over samples of grad_y u
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

    scale: Array
    shift: Array
    grad_scale: Array
    grad_shift: Array

    def __init__(self, *, eps: float = 1e-5) -> None:
        self.eps = eps

    def config(self) -> dict[str, Any]:
        """Return eps."""
        return {"eps": self.eps}

    @property
    def frees_output(self) -> bool:
        """Whether the output may be overwritten: `backward` reads the normalized input."""
        return True

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the input shape, which must be (n_features,)."""
        if len(input_shape) != 1:
            raise ValueError(
                f"LayerNorm takes samples of one axis, (n_features,), got samples of shape "
                f"{input_shape}."
            )
        return input_shape

    def parameters(self, input_shape: tuple[int, ...]) -> dict[str, Parameter]:
        """Declare scale and shift, (n_features,) each."""
        return {"scale": Parameter(input_shape, ones), "shift": Parameter(input_shape, zeros)}

    def forward(self, x: Array, mode: Mode = PREDICT) -> Array:
        """Normalize every row."""
        xp = self.xp
        n, d = x.shape
        average = self.constant(1.0 / d, (d,))
        y = self.buffer("y", (n, d))
        u = x if self.may_overwrite else self.buffer("u", (n, d))
        row = self.buffer("row", (n,))
        xp.matmul(x, average, out=row)
        xp.subtract(x, row[:, None], out=u)
        xp.multiply(u, u, out=y)
        xp.matmul(y, average, out=row)
        self.inverse = 1 / xp.sqrt(row + self.eps)
        u *= self.inverse[:, None]
        self.u = u
        xp.multiply(u, self.scale, out=y)
        y += self.shift
        return y

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Fill grad_scale and grad_shift, return the gradient by the input."""
        xp = self.xp
        n, d = grad_y.shape
        one, average = self.constant(1.0, (n,)), self.constant(1.0 / d, (d,))
        work = self.buffer("work", (n, d))
        row = self.buffer("row", (n,))
        xp.multiply(grad_y, self.u, out=work)
        xp.matmul(work.T, one, out=self.grad_scale)
        xp.matmul(grad_y.T, one, out=self.grad_shift)
        if not wants_input:
            return None
        grad_y *= self.scale
        xp.multiply(grad_y, self.u, out=work)
        xp.matmul(work, average, out=row)
        xp.multiply(self.u, row[:, None], out=work)
        xp.matmul(grad_y, average, out=row)
        grad_y -= work
        grad_y -= row[:, None]
        grad_y *= self.inverse[:, None]
        return grad_y
