"""Batch normalization: mean 0 and variance 1 over a batch, then a learned scale and shift."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from skdeep.nn.initializers import ones, zeros
from skdeep.nn.layers.base import PREDICT, Mode, Parameter, Shape
from skdeep.nn.layers.normalization.features import FeatureNorm
from skdeep.nn.layers.normalization.row_blocks import SMALLEST, RowBlocks
from skdeep.nn.memory import Array
from skdeep.nn.products import add_to_rows, rows_of, sum_rows, write_product
from skdeep.nn.shapes.positions import row_weights

__all__ = ["BatchNorm"]


class BatchNorm(FeatureNorm):
    """Normalize each feature, or channel, over the batch.

    Features are the last axis of the input; what comes before it, samples and their positions
    (steps, pixels), are rows, those behind the end of a sequence left out. In training, with rows i
    of weights w_i that sum to one (1/n each if none are given)::

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
    They lag behind weights that move. Where `Mode.settles`, they become the moments of all rows
    since they were reset [2]_, batch by batch [3]_.

    Parameters
    ----------
    momentum : float in (0, 1], default=0.1
        Weight of the newest batch in the running averages.
    eps : float, default=1e-5
        Added to the variance, inside the root.

    References
    ----------
    .. [1] S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network training by
       reducing internal covariate shift", ICML 2015.
    .. [2] Y. Wu, J. Johnson, "Rethinking 'batch' in BatchNorm", arXiv:2105.07576, section 3.
    .. [3] T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample variance:
       analysis and recommendations", The American Statistician 37, 1983.

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

    normalizes: ClassVar[bool] = True
    by_sample = True
    can_rectify: ClassVar[bool] = True
    rectified = False
    running_mean: Array
    running_variance: Array
    n_batches: Array

    def __init__(self, *, momentum: float = 0.1, eps: float = 1e-5) -> None:
        self.momentum = momentum
        self.eps = eps

    def config(self) -> dict[str, Any]:
        """Return momentum and eps."""
        return {"momentum": self.momentum, "eps": self.eps}

    def statistics(self, input_shape: Shape) -> dict[str, Parameter]:
        """Declare the running mean and variance, and how many batches, or rows, they are of."""
        return {
            "running_mean": Parameter(input_shape[-1:], zeros),
            "running_variance": Parameter(input_shape[-1:], ones),
            "n_batches": Parameter((1,), zeros),
        }

    def forward(self, x: Array, mode: Mode = PREDICT, *, rectify: bool = False) -> Array:
        """Normalize by the batch in training, by the running averages in prediction.

        With `rectify`, a ReLU may follow in the same pass over memory; `rectified` tells.
        """
        xp = self.xp
        whole = x
        out = y = self.buffer("y", whole.shape)
        if x.ndim > 2:
            x, y = rows_of(x), rows_of(out)
        self.trained, self.rectified = mode.training or mode.settles, False
        if not self.trained:
            self.x = x
            self.inverse = 1 / xp.sqrt(self.running_variance + self.eps)
            factor = self.scale * self.inverse
            xp.multiply(x, factor, out=y)
            y += self.shift - self.running_mean * factor
            return out
        mean, variance = self._moments(x, y, whole.shape, mode)
        self.inverse = 1 / xp.sqrt(variance + self.eps)
        factor = self.scale * self.inverse
        if self.blocks is not None:
            self.y, self.rectified = y, rectify
            self.blocks.scale(x, factor, self.shift - mean * factor, y, rectify)
            return out
        xp.multiply(self.centred, factor, out=y)
        add_to_rows(self, self.shift, y)
        return out

    def settle_statistics(self, x: Array, mode: Mode) -> None:
        """Take the moments of a batch into the running ones, and normalize nothing."""
        rows = rows_of(x)
        self._moments(rows, self.buffer("y", rows.shape), x.shape, mode)

    def _moments(self, x: Array, y: Array, shape: Shape, mode: Mode) -> tuple[Array, Array]:
        """Return mean and variance of the rows `x`, and let the running ones know of them.

        Parameters
        ----------
        x, y : array of shape (n_rows, n_features)
            `y` is written over.
        shape : tuple of int
            That of the batch before it became rows.
        mode : Mode
        """
        xp = self.xp
        n, d = x.shape
        weight = n_positions = None
        if mode.weight is not None or mode.lengths is not None:
            weight, n_positions = row_weights(self, shape, mode.weight, mode.lengths)
        self.weight = weight
        blocks = self.blocks = self._blocks(x)
        if blocks is not None:
            self.x = x
            mean, variance = blocks.moments(x)
            n, mean, variance = self._of_all(n, mean, variance)
            self.n, self.mean = n, mean
        else:
            mean_of = self.average(n) if weight is None else weight
            mean = write_product(self, x.T, mean_of, self.buffer("mean", (d,)))
            if self.may_overwrite:
                centred = x
                add_to_rows(self, mean, centred, sign=-1)
            else:
                centred = xp.subtract(x, mean, out=self.buffer("centred", (n, d)))
            xp.multiply(centred, centred, out=y)
            variance = write_product(self, y.T, mean_of, self.buffer("variance", (d,)))
            self.centred = centred
        # n samples have n / (n - 1) times that variance in the population. Weights that mean
        # repetition sum to n; where they sum to less than the number of equal samples that would
        # average as well, 1 / sum w**2, they do not, and n is that number.
        concentration = 1.0 / n if weight is None else float(weight @ weight)
        if weight is not None and n_positions and mode.count:
            concentration = min(concentration, 1.0 / (mode.count * n_positions))
        # A single sample, such as the rest of an epoch, has no variance.
        if concentration < 1 and (self.seat is None or self.seat.number == 0):
            if mode.settles:
                self.pool(mean, variance, 1 / concentration)
            else:
                self.follow(mean, variance * (1 / (1 - concentration)))
        return mean, variance

    def _blocks(self, x: Array) -> RowBlocks | None:
        """Return how to go through many rows of equal weight in blocks, None for a few.

        Parts of a batch always go in blocks: their sums can be joined.
        """
        if self.xp is not np or self.weight is not None:
            return None
        many = self.seat is not None or x.size >= SMALLEST
        return RowBlocks(x.shape[0], x.shape[1], x.dtype, self.share) if many else None

    def _of_all(self, n: int, mean: Array, variance: Array) -> tuple[int, Array, Array]:
        """Return number of rows and moments of the whole batch, given those of its part [3]_."""
        if self.seat is None:
            return n, mean, variance
        parts = self.seat.exchange((n, mean, variance))
        total = sum(rows for rows, _, _ in parts)
        centre = sum(own * (rows / total) for rows, own, _ in parts)
        spread = sum((own + (at - centre) ** 2) * (rows / total) for rows, at, own in parts)
        return total, centre, spread

    def follow(self, mean: Array, variance: Array) -> None:
        """Move the running averages towards the newest batch."""
        self.n_batches += 1
        newest = max(self.momentum, 1 / float(self.n_batches[0]))
        self.running_mean += newest * (mean - self.running_mean)
        self.running_variance += newest * (variance - self.running_variance)

    def pool(self, mean: Array, variance: Array, n: float) -> None:
        """Make the running moments those of all rows since they were reset, `n` more now."""
        before = float(self.n_batches[0])
        self.n_batches += n
        total = before + n
        step = mean - self.running_mean
        self.running_mean += step * (n / total)
        squares = variance * n + step * step * (before * n / total)
        if before:
            squares += self.running_variance * (before - 1)
        self.running_variance[...] = squares / (total - 1)

    def backward(self, grad_y: Array, wants_input: bool = True) -> Array | None:
        """Fill grad_scale and grad_shift, return the gradient by the input."""
        xp = self.xp
        whole = grad_y
        if whole.ndim > 2:
            grad_y = rows_of(whole)
        n, d = grad_y.shape
        if self.trained and self.blocks is not None:
            self._backward_in_blocks(self.blocks, grad_y, wants_input)
            return grad_y if whole.ndim == 2 else grad_y.reshape(whole.shape)
        work = self.buffer("work", (n, d))
        sum_rows(self, grad_y, out=self.grad_shift)
        if not self.trained:
            xp.subtract(self.x, self.running_mean, out=work)
            work *= self.inverse
            work *= grad_y
            sum_rows(self, work, out=self.grad_scale)
            grad_y *= self.scale * self.inverse
            return grad_y if whole.ndim == 2 else grad_y.reshape(whole.shape)
        xp.multiply(grad_y, self.centred, out=work)
        sum_rows(self, work, out=self.grad_scale)
        self.grad_scale *= self.inverse
        if not wants_input:
            return None
        # The factors of the centred input: 1 / n joins the rows of length d where it can.
        if self.weight is None:
            xp.multiply(self.centred, self.grad_scale * self.inverse * (1 / n), out=work)
            grad_y -= work
            add_to_rows(self, self.grad_shift * (1 / n), grad_y, sign=-1)
        else:
            xp.multiply(self.centred, self.grad_scale * self.inverse, out=work)
            work += self.grad_shift
            work *= self.weight[:, None]
            grad_y -= work
        grad_y *= self.scale * self.inverse
        return grad_y if whole.ndim == 2 else grad_y.reshape(whole.shape)

    def _backward_in_blocks(self, blocks: RowBlocks, grad_y: Array, wants_input: bool) -> None:
        """Fill grad_scale and grad_shift, and make grad_y the gradient by the input.

        What each row gives up of the sums, 1 / n of them, is factor x + shift.
        """
        outputs = self.y if self.rectified else None
        total, product = blocks.products(self.x, self.mean, grad_y, outputs)
        self.grad_shift[...] = total
        self.grad_scale[...] = product * self.inverse
        if not wants_input:
            return
        if self.seat is not None:
            total, product = np.sum(self.seat.exchange((total, product)), axis=0)
        factor = product * self.inverse**2 * (1 / self.n)
        shift = total * (1 / self.n) - self.mean * factor
        blocks.remove(self.x, factor, shift, grad_y, self.scale * self.inverse)
