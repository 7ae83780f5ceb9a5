"""Training: batches, steps and epochs.

One step walks a batch forward to the loss, back to the gradient, and moves the parameters. Its
arrays are made at the first batch and used again at every other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from skdeep.nn.layers.base import Mode
from skdeep.nn.losses import Loss
from skdeep.nn.memory import Array
from skdeep.nn.network import Network
from skdeep.nn.optimizers import BLOCK, Optimizer
from skdeep.nn.penalties import L2
from skdeep.nn.sharing import WorkShare
from skdeep.nn.vectors import length

__all__ = ["Batches", "DivergedError", "Trainer"]


class DivergedError(ArithmeticError):
    """The loss of a batch is not a finite number any more.

    Attributes
    ----------
    value : float
        What it is instead.
    """

    def __init__(self, value: float) -> None:
        super().__init__(f"the loss became {value}")
        self.value = value


class Batches:
    """Rows of a data set, gathered batch by batch into the same memory.

    Parameters
    ----------
    x : ndarray of shape (n_samples, n_features) or CSR matrix
        Never copied as a whole.
    target : ndarray of shape (n_samples,) or (n_samples, n_outputs)
    weight : ndarray of shape (n_samples,) or None
    batch_size : int
    dtype : dtype
        Type of the batches' floating arrays.
    """

    def __init__(
        self,
        x: Any,
        target: NDArray[Any],
        weight: NDArray[Any] | None,
        batch_size: int,
        dtype: Any,
    ) -> None:
        self.x, self.target, self.weight = x, target, weight
        self._x_is_sparse = issparse(x)
        self.batch_size = batch_size
        self.dtype = np.dtype(dtype)
        self._buffers: dict[str, NDArray[Any]] = {}

    def epoch(
        self, order: NDArray[np.intp] | None = None
    ) -> Iterator[tuple[Any, NDArray[Any], NDArray[Any] | None]]:
        """Yield (x, target, weight) of each batch, the rows in the given order.

        None takes them as they stand, and without copying where the type is right.

        Raises
        ------
        IndexError
            If `order` has a row that is not there.
        """
        n = self.x.shape[0] if order is None else len(order)
        if order is not None and n and not 0 <= order.min() <= order.max() < self.x.shape[0]:
            raise IndexError(
                f"order must hold rows from 0 to {self.x.shape[0] - 1}, got some from "
                f"{order.min()} to {order.max()}."
            )
        for start in range(0, n, self.batch_size):
            stop = min(start + self.batch_size, n)
            rows = slice(start, stop) if order is None else order[start:stop]
            yield (
                self._rows("x", self.x, rows, self.dtype),
                self._rows("target", self.target, rows, self._target_type),
                None if self.weight is None else self._rows("weight", self.weight, rows),
            )

    @property
    def _target_type(self) -> np.dtype[Any] | None:
        # Class indices stay integers; anything else is compared with floating outputs.
        return None if self.target.ndim == 1 else self.dtype

    def _rows(
        self,
        name: str,
        array: Any,
        rows: slice | NDArray[np.intp],
        dtype: np.dtype[Any] | None = None,
    ) -> Any:
        sparse = self._x_is_sparse and array is self.x
        if sparse or isinstance(rows, slice):
            found = array[rows]
        else:
            # mode="clip" takes straight into `out`; the rows are known to be there.
            found = self._buffer(name, len(rows), array)
            array.take(rows, axis=0, out=found, mode="clip")
        if dtype is None or found.dtype == dtype:
            return found
        if sparse:
            return found.astype(dtype)
        converted = self._buffer(name + " converted", len(found), array, dtype)
        converted[...] = found
        return converted

    def _buffer(self, name: str, n: int, array: NDArray[Any], dtype: Any = None) -> NDArray[Any]:
        buffer = self._buffers.get(name)
        if buffer is None:
            shape = (self.batch_size, *array.shape[1:])
            buffer = self._buffers[name] = np.empty(shape, array.dtype if dtype is None else dtype)
        return buffer[:n]


class Trainer:
    """Moves a network down its loss, batch by batch.

    Parameters
    ----------
    network : Network
    loss : Loss
    optimizer : Optimizer
        Its state goes on from where it is, or starts if it has taken no step.
    alpha : float >= 0, default=0.0
        L2 penalty: a batch's mean loss is penalized by alpha / 2 times the sum of squared weights
        over the total weight of the batch, as in scikit-learn.
    rng : numpy.random.Generator or None, default=None
        Draws the masks of dropout.
    share : WorkShare or None, default=None
        Threads for a large network to share its products and the optimizer's walk with.

    Attributes
    ----------
    gradient_norm : float
        Length of the gradient of the last batch's loss, before penalty and clipping, of the last
        epoch.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Adam, Batches, Dense, Network, SquaredError, Trainer
    >>> x = np.random.default_rng(0).normal(size=(100, 2))
    >>> y = x @ [[3.0], [-1.0]] + 2.0
    >>> network = Network(Dense(1), input_shape=(2,), random_state=0)
    >>> trainer = Trainer(network, SquaredError(), Adam())
    >>> batches = Batches(x, y, None, 10, np.float64)
    >>> losses = [trainer.epoch(batches, None, learning_rate=0.1) for _ in range(30)]
    >>> network.params.round(2)
    array([ 3., -1.,  2.])
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        optimizer: Optimizer,
        *,
        alpha: float = 0.0,
        rng: np.random.Generator | None = None,
        share: WorkShare | None = None,
    ) -> None:
        self.network, self.loss, self.optimizer = network, loss, optimizer
        self.alpha, self.rng, self.share = alpha, rng, share
        self.gradient_norm = math.nan
        self._mode = Mode(training=True, rng=rng)
        self._penalty = L2(alpha)
        loss.settle(network.xp, network.dtype)
        if not optimizer.t:
            optimizer.settle(network.xp, network.dtype, network.n_parameters)

    def step(
        self,
        x: Array,
        target: Array,
        weight: Array | None,
        learning_rate: float,
        *,
        measure: bool = False,
    ) -> float:
        """Take one step on one batch.

        Parameters
        ----------
        x, target, weight : array
            The batch; weights need not sum to one, None counts all samples alike.
        learning_rate : float
        measure : bool, default=False
            Whether to set `gradient_norm`.

        Returns
        -------
        float
            The batch's mean loss and penalty, before the step.

        Raises
        ------
        DivergedError
            If that is not finite; the parameters are as before.
        """
        network = self.network
        mode, total = self._mode, float(x.shape[0])
        if weight is not None:
            total = float(weight.sum())
            if total == 0.0:  # a batch that counts for nothing moves nothing
                if measure:
                    self.gradient_norm = 0.0
                return 0.0
            weight = weight / total
            mode = Mode(training=True, rng=self.rng, weight=weight, count=total)
        z = network.forward(x, mode)
        value, grad_z = self.loss.value_and_gradient(z, target, weight)
        penalty = None
        if self.alpha:
            penalty = self._penalty
            penalty.alpha = self.alpha / total
            value += penalty.value(network.params[: network.n_penalized])
        if not math.isfinite(value):
            raise DivergedError(value)
        vectors = (network.params, network.grad, learning_rate)
        more: dict[str, Any] = {"n_penalized": network.n_penalized, "penalty": penalty}
        if self.share is not None and not measure and self.optimizer.clip_norm is None:
            self._move_while_going_back(self.share, grad_z, *vectors, **more)
            return value
        network.backward(grad_z)
        if self.share is not None:
            self.share.finish()
        if measure:
            self.gradient_norm = length(network.xp, network.grad)
        self.optimizer.step(*vectors, **more)
        return value

    def _move_while_going_back(
        self, share: WorkShare, grad_z: Array, *vectors: Any, **more: Any
    ) -> None:
        """Move each slice of the parameters as soon as its gradient is complete."""
        network = self.network
        update = self.optimizer.start_step(*vectors, **more)
        moved: list[slice] = []

        def move(part: slice, gradient: Array) -> None:
            update(part, gradient, share.spare("sum", BLOCK, gradient.dtype))
            moved.append(part)

        network.share_work(share, when_ready=move)
        try:
            network.backward(grad_z)
            share.finish()
        finally:
            network.share_work(share)
        end = 0
        for part in [*sorted(moved, key=lambda part: part.start), slice(network.n_parameters, 0)]:
            if end < part.start:
                update(slice(end, part.start), network.grad[end : part.start])
            end = part.stop

    def epoch(
        self, batches: Batches, order: NDArray[np.intp] | None, learning_rate: float
    ) -> float:
        """Take a step on each batch; return the mean of their losses over the samples."""
        n = batches.x.shape[0] if order is None else len(order)
        total, done = 0.0, 0
        for x, target, weight in batches.epoch(order):
            size = x.shape[0]
            done += size
            total += size * self.step(x, target, weight, learning_rate, measure=done == n)
        return total / n
