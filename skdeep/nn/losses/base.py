"""What all losses share: the mean over samples, positions and their weights."""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any, ClassVar

from skdeep.nn.memory import Array, Memory
from skdeep.nn.products import rows_of
from skdeep.nn.shapes.positions import row_weights

__all__ = ["Loss", "drop_negligible"]


class Loss(Memory):
    """The base of all losses.

    Attributes
    ----------
    link : str
        What turns raw outputs into predictions, by the name scikit-learn gives it, if it has one.
    n_heads : int
        Outputs for each number of a target, such as a mean and a variance: all first ones, then all
        second ones, side by side.
    """

    link: ClassVar[str] = "identity"
    n_heads: ClassVar[int] = 1
    per_row: Array

    def value_and_gradient(
        self, z: Array, target: Array, weight: Array | None = None, lengths: Array | None = None
    ) -> tuple[float, Array]:
        """Return the loss of a batch and its gradient by `z`, which may be written over `z`.

        Parameters
        ----------
        z : array of shape (n_samples, ..., n_outputs)
            Raw outputs of the network.
        target : array of the shape of `z`, or of class indices of that shape less its last axis
            Its last axis is `n_heads` times shorter than that of `z`.
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

    def outputs_of(self, predictions: Array) -> Array:
        """Return raw outputs for which `predict` returns these predictions, a new array."""
        if self.link != "identity":
            raise NotImplementedError(f"{type(self).__name__} has no inverse of {self.link!r}.")
        return self.xp.array(predictions)

    def parts(self) -> dict[str, float]:
        """Return what the loss is the sum of, by name, for the record of an epoch.

        Means over the samples since the last call; nothing for a loss without parts.
        """
        return {}

    def row_starts(self, n: int, k: int) -> Array:
        """Return where each row of n with k entries starts in the flat array."""
        known = self._flat.get(("row starts", k))
        if known is None or known.shape[0] < n:
            known = self._flat["row starts", k] = self.xp.arange(0, n * k, k)
        return known[:n]

    def _mean(self, per_output: Array, weight: Array | None) -> float:
        """Return the weighted mean over samples of the sum over outputs."""
        n, k = per_output.shape
        per_sample = self.xp.matmul(per_output, self.constant(1.0, (k,)))
        return self._total(per_sample, self.average(n) if weight is None else weight)

    def _total(self, per_row: Array, weight: Array) -> float:
        """Return the weighted sum over rows, and keep what each has."""
        self.per_row = per_row
        return float(per_row.dot(weight))

    def _weigh(self, grad: Array, weight: Array | None) -> Array:
        """Turn the gradients of the samples' losses into those of the mean, in place."""
        if weight is None:
            grad *= 1.0 / len(grad)
        else:
            grad *= weight[:, None]
        return grad


def drop_negligible(memory: Memory, grad: Array, unit: Any) -> None:
    """Set to zero what is lost among other gradients, in float32: what is below 2e-13 of them.

    On its way back it would be multiplied by weights and signals, and squared by an optimizer,
    until it is a subnormal number, and products of those take up to a hundred times as long.

    Parameters
    ----------
    memory : Memory
        Where the namespace and the buffers are.
    grad : array of shape (n_rows, n_outputs)
        Changed in place.
    unit : float or array of shape (n_rows, 1)
        What a gradient of 1 would be.
    """
    xp, smallest = memory.xp, _smallest(memory.xp, memory.dtype)
    if smallest < 1e-100:  # double precision has room for such products
        return
    size = xp.abs(grad, out=memory.buffer("size", tuple(grad.shape)))
    negligible = size < unit * smallest
    if negligible.any():
        grad[negligible] = 0.0


@cache
def _smallest(xp: ModuleType, dtype: Any) -> float:
    """Return the smallest number of which a product of three is no subnormal one."""
    return float(xp.finfo(dtype).tiny) ** (1 / 3)
