"""Several losses of outputs side by side, one a task."""

from __future__ import annotations

from collections.abc import Sequence

from skdeep.nn.losses.base import Loss
from skdeep.nn.memory import Array

__all__ = ["TaskLosses"]


class TaskLosses(Loss):
    """The weighted sum of several losses, each of its own columns of the output.

    ::

        sum over tasks t of weight_t loss_t(z_t, target_t)

    for outputs z = [z_1, z_2, ...] and targets [target_1, target_2, ...] side by side, in columns
    of the same number: of classes, their probabilities. Each head has a gradient of its own, and
    what the heads share below gets the sum of theirs.

    Parameters
    ----------
    losses : sequence of Loss
    sizes : sequence of int
        How many columns each has.
    weights : sequence of float or None, default=None
        None counts all alike, one each.

    References
    ----------
    R. Caruana, "Multitask learning", Machine Learning 28, 1997.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import SoftmaxCrossEntropy, SquaredError, TaskLosses
    >>> loss = TaskLosses([SoftmaxCrossEntropy(), SquaredError()], [2, 1], [1.0, 0.1])
    >>> loss.settle(np, np.float64)
    >>> loss.value_and_gradient(np.array([[0.0, 0.0, 3.0]]), np.array([[1.0, 0.0, 1.0]]))[1]
    array([[-0.5,  0.5,  0.2]])
    """

    def __init__(
        self, losses: Sequence[Loss], sizes: Sequence[int], weights: Sequence[float] | None = None
    ) -> None:
        self.losses, self.sizes = list(losses), [int(size) for size in sizes]
        self.weights = [1.0] * len(self.sizes) if weights is None else [float(w) for w in weights]
        if not len(self.losses) == len(self.sizes) == len(self.weights):
            raise ValueError(
                f"TaskLosses takes a size and a weight for each loss, got {len(self.losses)} "
                f"losses, {len(self.sizes)} sizes and {len(self.weights)} weights."
            )

    @property
    def link(self) -> str:  # type: ignore[override]
        """What the first loss says."""
        return self.losses[0].link

    def settle(self, xp: object, dtype: object) -> None:
        """Say where arrays come from, to all losses as well."""
        super().settle(xp, dtype)  # type: ignore[arg-type]
        for loss in self.losses:
            loss.settle(xp, dtype)  # type: ignore[arg-type]

    def replica(self) -> TaskLosses:
        """Return a copy for another thread."""
        twin = super().replica()
        twin.losses = [loss.replica() for loss in self.losses]
        return twin

    def columns(self) -> list[slice]:
        """Return the columns of each task."""
        ends = [sum(self.sizes[: i + 1]) for i in range(len(self.sizes))]
        return [slice(end - size, end) for end, size in zip(ends, self.sizes, strict=True)]

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return the sum of the losses, and their gradients side by side."""
        grad = self.buffer("grad", tuple(z.shape))
        value = 0.0
        self.per_row = self.xp.zeros((z.shape[0],), dtype=self.dtype)
        for i, columns in enumerate(self.columns()):
            part = self.buffer(f"part {i}", (z.shape[0], self.sizes[i]))
            part[...] = z[:, columns]
            of_part, grad_part = self.losses[i].of_rows(part, target[:, columns], weight)
            value += self.weights[i] * of_part
            self.per_row += self.weights[i] * self.losses[i].per_row
            grad[:, columns] = grad_part
            grad[:, columns] *= self.weights[i]
        return value, grad

    def predict(self, z: Array) -> Array:
        """Turn raw outputs into predictions, each part as its loss does, in place."""
        for loss, columns in zip(self.losses, self.columns(), strict=True):
            z[..., columns] = loss.predict(z[..., columns] * 1)
        return z
