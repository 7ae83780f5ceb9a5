"""Losses: how far a batch of network outputs is from its targets, and the gradient of that.

A loss takes the network's raw outputs z of shape (n_samples, n_outputs), so that the function that
turns them into predictions (softmax, logistic, exponential) and the logarithm that follows can be
done together, which is what keeps them stable for outputs of any size. It is the mean over samples
(the weighted mean, with weights that sum to one) of the sum over outputs. Where each position of a
sample has outputs of its own, z is of shape (n_samples, ..., n_outputs) and the mean goes over all
positions, but those behind the end of a sequence.

=================  =================================  ==================  =====================
loss               of one sample                      gradient by z       prediction
=================  =================================  ==================  =====================
softmax            log sum exp(z) - z_y               softmax(z) - 1_y    softmax(z)
logistic           log(1 + exp(z)) - y z              logistic(z) - y     logistic(z)
squared error      (z - y)**2 / 2                     z - y               z
Poisson            y log(y / mu) - y + mu             mu - y              mu = exp(z)
absolute error     \\|z - y\\|                          sign(z - y)         z
Huber              r**2 / 2, or d (\\|r\\| - d / 2)     r clipped to [-d,d] z, with r = z - y
quantile           max(q (y - z), (1 - q) (z - y))    (1 - q) or -q       z
=================  =================================  ==================  =====================
"""

from __future__ import annotations

from typing import ClassVar

import scipy.special

from skdeep.nn.memory import Array, Memory
from skdeep.nn.products import rows_of
from skdeep.nn.shapes.positions import row_weights

__all__ = [
    "AbsoluteError",
    "Huber",
    "LogisticCrossEntropy",
    "Loss",
    "Poisson",
    "Quantile",
    "SoftmaxCrossEntropy",
    "SquaredError",
]


class Loss(Memory):
    """The base of all losses.

    Attributes
    ----------
    link : str
        What turns raw outputs into predictions, by the name scikit-learn gives it.
    """

    link: ClassVar[str] = "identity"

    def value_and_gradient(
        self, z: Array, target: Array, weight: Array | None = None, lengths: Array | None = None
    ) -> tuple[float, Array]:
        """Return the loss of a batch and its gradient by `z`, which may be written over `z`.

        Parameters
        ----------
        z : array of shape (n_samples, ..., n_outputs)
            Raw outputs of the network.
        target : array of the shape of `z`, or of class indices of that shape less its last axis
        weight : array of shape (n_samples,) or None
            What each sample counts, with sum 1; None counts all alike.
        lengths : array of int of shape (n_samples,) or None
            How many steps, the second axis, of each sample count, where there are positions.
        """
        if z.ndim == 2:
            return self.of_rows(z, target, weight)
        weight, _ = row_weights(self, z.shape, weight, lengths)
        target = target.reshape(-1) if target.ndim < z.ndim else rows_of(target)
        value, grad = self.of_rows(rows_of(z), target, weight)
        return value, grad.reshape(z.shape)

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return the same for `z` of shape (n_rows, n_outputs): what a subclass writes."""
        raise NotImplementedError

    def value(
        self, z: Array, target: Array, weight: Array | None = None, lengths: Array | None = None
    ) -> float:
        """Return the loss of a batch; `z` may be written over."""
        return self.value_and_gradient(z, target, weight, lengths)[0]

    def predict(self, z: Array) -> Array:
        """Turn raw outputs into predictions, in place."""
        return z

    def _mean(self, per_output: Array, weight: Array | None) -> float:
        """Return the weighted mean over samples of the sum over outputs."""
        n, k = per_output.shape
        per_sample = self.xp.matmul(per_output, self.constant(1.0, (k,)))
        weight = self.average(n) if weight is None else weight
        return float(weight @ per_sample)

    def _weigh(self, grad: Array, weight: Array | None) -> Array:
        """Turn the gradients of the samples' losses into those of the mean, in place."""
        if weight is None:
            grad *= 1.0 / len(grad)
        else:
            grad *= weight[:, None]
        return grad


class SoftmaxCrossEntropy(Loss):
    """Minus the log-probability of the right class, of several that exclude each other.

    Targets are class indices, or the probabilities of all classes, (n_samples, n_classes), such as
    those of mixed samples. With label smoothing s, the target of a sample of class y is the
    distribution (1 - s) 1_y + s / n_classes instead of 1_y, and the loss is the cross-entropy
    with it.

    Parameters
    ----------
    label_smoothing : float in [0, 1), default=0.0

    References
    ----------
    C. Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016,
    section 7 (label smoothing).
    """

    link = "softmax"

    def __init__(self, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = label_smoothing

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return the cross-entropy and the difference of the two distributions."""
        xp = self.xp
        n, k = z.shape
        smoothing = self.label_smoothing
        flat = z.reshape(-1)
        z = flat.reshape(n, k)  # the same memory, also where reshape had to copy
        self._shift(z)
        weight = self.average(n) if weight is None else weight
        if target.ndim == 2:
            return self._of_distributions(z, target, weight)
        right = xp.add(self._row_starts(n, k), target)
        expected = flat[right]
        if smoothing:
            expected *= 1.0 - smoothing
            expected += xp.matmul(z, self.constant(smoothing / k, (k,)))
        xp.exp(z, out=z)
        total = xp.matmul(z, self.constant(1.0, (k,)), out=self.buffer("total", (n,)))
        value = float(weight @ (xp.log(total) - expected))
        z *= (weight / total)[:, None]
        flat[right] -= weight * (1.0 - smoothing) if smoothing else weight
        if smoothing:
            z -= weight[:, None] * (smoothing / k)
        return value, z

    def _of_distributions(self, z: Array, target: Array, weight: Array) -> tuple[float, Array]:
        """Return the cross-entropy with targets that are probabilities of all classes."""
        xp = self.xp
        n, k = z.shape
        one = self.constant(1.0, (k,))
        if self.label_smoothing:
            target = target * (1.0 - self.label_smoothing) + self.label_smoothing / k
        expected = xp.matmul(xp.multiply(z, target, out=self.buffer("product", (n, k))), one)
        xp.exp(z, out=z)
        total = xp.matmul(z, one)
        value = float(weight @ (xp.log(total) - expected))
        z /= total[:, None]
        z -= target
        z *= weight[:, None]
        return value, z

    def predict(self, z: Array) -> Array:
        """Return softmax(z) along the last axis, in place."""
        rows = rows_of(z)
        self._shift(rows)
        self.xp.exp(rows, out=rows)
        rows /= self.xp.matmul(rows, self.constant(1.0, (rows.shape[1],)))[:, None]
        return rows.reshape(z.shape)

    def _row_starts(self, n: int, k: int) -> Array:
        """Return where each row starts in the flat array."""
        known = self._flat.get(("row starts", k))
        if known is None or known.shape[0] < n:
            known = self._flat["row starts", k] = self.xp.arange(0, n * k, k)
        return known[:n]

    def _shift(self, z: Array) -> None:
        """Subtract a constant from each row, which no softmax notices, so that exp is safe."""
        high = z.max()
        if high - z.min() < 50:  # one constant is safe for all rows, and found much faster
            z -= high
        else:
            z -= self.xp.amax(z, axis=1, keepdims=True)


class LogisticCrossEntropy(Loss):
    """Minus the log-probability of independent yes-or-no answers, one an output.

    Targets are 0 or 1. Label smoothing s moves them to s / 2 and 1 - s / 2.

    Parameters
    ----------
    label_smoothing : float in [0, 1), default=0.0
    """

    link = "logistic"

    def __init__(self, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = label_smoothing

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return max(z, 0) - y z + log(1 + exp(-\\|z\\|)) and logistic(z) - y."""
        xp = self.xp
        shape = z.shape
        if self.label_smoothing:
            target = target * (1 - self.label_smoothing) + self.label_smoothing / 2
        loss = xp.maximum(z, self.constant(0.0, shape), out=self.buffer("loss", shape))
        loss -= xp.multiply(z, target, out=self.buffer("product", shape))
        loss += xp.log1p(self._tail(z))
        self.predict(z)
        z -= target
        return self._mean(loss, weight), self._weigh(z, weight)

    def predict(self, z: Array) -> Array:
        """Return 1 / (1 + exp(-z)), in place, exact to the last digits on both sides."""
        xp = self.xp
        tail = self._tail(z)
        positive = z >= 0
        xp.add(tail, 1.0, out=z)
        tail[positive] = 1.0
        return xp.divide(tail, z, out=z)

    def _tail(self, z: Array) -> Array:
        """Return exp(-\\|z\\|), which overflows nowhere."""
        tail = self.xp.abs(z, out=self.buffer("tail", z.shape))
        self.xp.negative(tail, out=tail)
        return self.xp.exp(tail, out=tail)


class _Residual(Loss):
    """A loss of the residual z - y alone."""

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return the loss and its gradient, both functions of z - y."""
        z -= target
        loss = self.buffer("loss", z.shape)
        self.apply(z, loss)
        return self._mean(loss, weight), self._weigh(z, weight)

    def apply(self, residual: Array, loss: Array) -> None:
        """Write the losses into `loss` and the derivatives over `residual`."""
        raise NotImplementedError


class SquaredError(_Residual):
    """Half the squared residual, summed over outputs."""

    def apply(self, residual: Array, loss: Array) -> None:
        """Write r**2 / 2; the derivative is r itself."""
        self.xp.multiply(residual, residual, out=loss)
        loss *= 0.5


class AbsoluteError(_Residual):
    """The absolute residual, whose minimum is the median."""

    def apply(self, residual: Array, loss: Array) -> None:
        """Write \\|r\\| and sign(r)."""
        self.xp.abs(residual, out=loss)
        self.xp.sign(residual, out=residual)


class Huber(_Residual):
    """Squared near zero, absolute beyond `delta`, with one slope where they meet.

    Parameters
    ----------
    delta : float > 0, default=1.0

    References
    ----------
    P. J. Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics
    35, 1964.
    """

    def __init__(self, delta: float = 1.0) -> None:
        if not delta > 0:
            raise ValueError(f"Huber takes a delta above 0, got {delta!r}.")
        self.delta = delta

    def apply(self, residual: Array, loss: Array) -> None:
        """With c = r clipped to [-d, d], write c (r - c / 2) and c."""
        xp = self.xp
        clipped = self.buffer("clipped", residual.shape)
        xp.clip(residual, -self.delta, self.delta, out=clipped)
        xp.multiply(clipped, 0.5, out=loss)
        xp.subtract(residual, loss, out=loss)
        loss *= clipped
        residual[...] = clipped


class Quantile(_Residual):
    """The pinball loss, whose minimum is the `quantile` of the targets.

    Parameters
    ----------
    quantile : float in (0, 1), default=0.5

    References
    ----------
    R. Koenker, G. Bassett, "Regression quantiles", Econometrica 46, 1978.
    """

    def __init__(self, quantile: float = 0.5) -> None:
        if not 0 < quantile < 1:
            raise ValueError(f"Quantile takes a quantile in (0, 1), got {quantile!r}.")
        self.quantile = quantile

    def apply(self, residual: Array, loss: Array) -> None:
        """Write max((1 - q) r, -q r), and (sign(r) + 1 - 2 q) / 2 where r is not zero."""
        xp = self.xp
        xp.multiply(residual, 1 - self.quantile, out=loss)
        below = xp.multiply(residual, -self.quantile, out=self.buffer("below", residual.shape))
        xp.maximum(loss, below, out=loss)
        sign = xp.sign(residual)
        xp.multiply(sign, 0.5, out=residual)
        residual += (0.5 - self.quantile) * xp.abs(sign)


class Poisson(Loss):
    """Half the Poisson deviance of counts whose logarithmic mean is the output.

    ``y log(y / mu) - y + mu`` with ``mu = exp(z)``; targets are not negative.
    """

    link = "exp"

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return mu - y z + (y log y - y), and mu - y."""
        xp = self.xp
        loss = xp.multiply(z, target, out=self.buffer("loss", z.shape))
        xp.exp(z, out=z)
        xp.subtract(z, loss, out=loss)
        # 0 log 0 = 0
        xlogy = getattr(getattr(xp, "special", scipy.special), "xlogy", scipy.special.xlogy)
        loss += xlogy(target, target) - target
        value = self._mean(loss, weight)
        z -= target
        return value, self._weigh(z, weight)

    def predict(self, z: Array) -> Array:
        """Return exp(z), in place."""
        return self.xp.exp(z, out=z)
