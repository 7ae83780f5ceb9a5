"""Training: steps and epochs.

One step walks a batch forward to the loss, back to the gradient, and moves the parameters. Its
arrays are made at the first batch and used again at every other.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.batches import Batch, Batches
from skdeep.nn.chunked_batches import ChunkedBatches, ChunkOrder
from skdeep.nn.layers.base import Mode
from skdeep.nn.losses import Loss
from skdeep.nn.memory import Array
from skdeep.nn.network import Network
from skdeep.nn.optimizers import BLOCK, Optimizer
from skdeep.nn.penalties import L2, MaxNorm, Penalty, PenaltySum
from skdeep.nn.sharing import WorkShare
from skdeep.nn.training.changed import changed_batches
from skdeep.nn.training.watching import present_watcher
from skdeep.nn.vectors import length, two_passes

__all__ = ["DivergedError", "Trainer"]


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
    penalty : Penalty or None, default=None
        Another penalty in its place, likewise divided by the total weight of the batch.
    penalty_divisor : float or None, default=None
        What the penalty is divided by in place of the total weight of each batch.
    bound : MaxNorm or None, default=None
        What weights are projected on after each step.
    rng : numpy.random.Generator or None, default=None
        Draws the masks of dropout, and what `transform` draws.
    transform : callable or None, default=None
        ``transform(batch, rng) -> Batch``, of each batch before its step, such as noise or flipped
        images; it may write over the arrays of the batch, but not over views of the data. If it has
        an attribute `at_once`, an epoch gives it several batches in one, of no more numbers.
    share : WorkShare or None, default=None
        Threads for a large network to share its products and the optimizer's walk with.
    after_step : callable or None, default=None
        Called after each step of an epoch.

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
        penalty: Penalty | None = None,
        penalty_divisor: float | None = None,
        bound: MaxNorm | None = None,
        rng: np.random.Generator | None = None,
        transform: Callable[[Batch, Any], Batch] | None = None,
        share: WorkShare | None = None,
        after_step: Callable[[], None] | None = None,
    ) -> None:
        self.network, self.loss, self.optimizer = network, loss, optimizer
        self.bound, self.penalty_divisor = bound, penalty_divisor
        if bound is not None:
            bound.prepare(network)
        penalty = L2(alpha) if penalty is None else penalty
        penalty.settle(network)
        # What each slice of the weights can do by itself, and what takes them all.
        self.penalty: Penalty = L2(0.0)
        self._of_all: list[Penalty] = []
        if isinstance(penalty, PenaltySum):
            entrywise, self._of_all = penalty.in_two()
            self.penalty = entrywise or self.penalty
        elif penalty.entrywise:
            self.penalty = penalty
        elif penalty.alpha:
            self._of_all = [penalty]
        self.rng, self.transform, self.share = rng, transform, share
        self.gradient_norm = math.nan
        self.after_step = after_step
        self._plain = Mode(training=True, rng=rng)
        self._penalty_of_batch = copy.copy(self.penalty)
        self._weights = network.params[: network.n_penalized]
        loss.settle(network.xp, network.dtype)
        self.settle_optimizer()

    def settle_optimizer(self) -> None:
        """Give an optimizer that has taken no step its state for this network."""
        network, optimizer = self.network, self.optimizer
        if not optimizer.t:
            matrices = network.matrices() if optimizer.by_matrix else ()
            optimizer.settle(network.xp, network.dtype, network.n_parameters, matrices)

    def step(
        self,
        x: Array,
        target: Array,
        weight: Array | None,
        learning_rate: float,
        *,
        lengths: Array | None = None,
        measure: bool = False,
    ) -> float:
        """Take one step on one batch.

        Parameters
        ----------
        x, target, weight, lengths : array
            The batch, as in `Batch`; weights need not sum to one, None counts all samples alike.
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
        batch = Batch(x, target, weight, lengths)
        if self.transform is not None:
            batch = self.transform(batch, self.rng)
        return self._step(batch, learning_rate, measure)

    def _step(self, batch: Batch, learning_rate: float, measure: bool) -> float:
        """Take one step on a batch as it is."""
        network = self.network
        x, target, weight, lengths = batch
        if weight is None and lengths is None:
            mode, total = self._plain, float(len(target))
        else:
            mode, total = batch.mode(training=True, rng=self.rng)
        if total == 0.0:  # a batch that counts for nothing moves nothing
            if measure:
                self.gradient_norm = 0.0
            return 0.0
        total = self.penalty_divisor or total
        z = network.forward(x, mode)
        value, grad_z = self.loss.value_and_gradient(z, target, mode.weight, lengths)
        penalty = None
        if self.penalty.alpha:
            penalty = self._penalty_of_batch
            penalty.alpha = self.penalty.alpha / total
            value += penalty.value(self._weights)
        of_all = [part.scaled(1 / total) for part in self._of_all] if self._of_all else ()
        for part in of_all:
            value += part.value(self._weights)
        if network.penalizes:
            value += network.penalty()
        if not math.isfinite(value):
            raise DivergedError(value)
        if self.share is not None and not (measure or of_all) and self.optimizer.in_slices:
            self._move_while_going_back(self.share, grad_z, learning_rate, penalty)
        else:
            network.backward(grad_z)
            if self.share is not None:
                self.share.finish()
            if measure:
                self.gradient_norm = length(network.xp, network.grad)
            for part in of_all:
                part.add_gradient(self._weights, network.grad[: network.n_penalized])
            self.optimizer.step(
                network.params,
                network.grad,
                learning_rate,
                n_penalized=network.n_penalized,
                penalty=penalty,
            )
        if self.bound is not None:
            self.bound.apply(network)
        return value

    def _move_while_going_back(
        self, share: WorkShare, grad_z: Array, learning_rate: float, penalty: Penalty | None
    ) -> None:
        """Move each slice of the parameters as soon as its gradient is complete."""
        network = self.network
        update = self.optimizer.start_step(
            network.params,
            network.grad,
            learning_rate,
            n_penalized=network.n_penalized,
            penalty=penalty,
        )
        moved: list[slice] = []

        def move(part: slice, gradient: Array) -> None:
            with two_passes(share.spare("sum", BLOCK, gradient.dtype)):
                update(part, gradient)
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
        self,
        batches: Batches | ChunkedBatches,
        order: NDArray[np.intp] | ChunkOrder | None,
        learning_rate: float | Callable[[float], float],
    ) -> float:
        """Take a step on each batch; return the mean of their losses over the samples.

        Parameters
        ----------
        batches : Batches or ChunkedBatches
        order : ndarray of int, ChunkOrder or None
            The rows, None for all as they stand.
        learning_rate : float or callable
            ``learning_rate(done)``, with the part of the epoch that is done, where it changes from
            step to step.
        """
        n = batches.n_samples if order is None else len(order)
        total, done = 0.0, 0
        watcher = present_watcher()
        rate_at = learning_rate if callable(learning_rate) else None
        for batch in changed_batches(batches, order, self.transform, self.rng):
            rate: Any = learning_rate if rate_at is None else rate_at(done / n)
            size = min(batches.batch_size, n - done)
            done += size
            if watcher is not None:
                rate = watcher.rate(rate)
            try:
                loss = self._step(batch, rate, done == n)
            except DivergedError as diverged:
                if watcher is not None:
                    watcher.see(diverged.value)
                raise
            if watcher is not None:
                watcher.see(loss)
            total += size * loss
            if self.after_step is not None:
                self.after_step()
        return total / n
