"""A training run: order of rows, learning rate, patience, best network, record.

It knows networks and data, and nothing of who trains: a fit, a warm start, a checkpoint, a member
of an ensemble are uses of it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.batches import Batch, Batches
from skdeep.nn.chunked_batches import ChunkedBatches, ChunkOrder
from skdeep.nn.losses import Loss
from skdeep.nn.network import Network
from skdeep.nn.optimizers import Optimizer
from skdeep.nn.penalties import MaxNorm, Penalty
from skdeep.nn.schedules import Constant, Schedule
from skdeep.nn.training.averaging import WeightAverage
from skdeep.nn.training.outcome import Outcome
from skdeep.nn.training.record import Record
from skdeep.nn.training.row_order import RowOrder
from skdeep.nn.training.run_state import RunState
from skdeep.nn.training.threads import step_threads
from skdeep.nn.training.trainer import Trainer

__all__ = ["Run"]

Validate = Callable[[Network], tuple[float, float]]


class Run(RowOrder, Outcome, RunState):
    """The training of one network by mini-batches.

    Parameters
    ----------
    network : Network
    loss : Loss
    optimizer : Optimizer
    schedule : Schedule
    penalty : Penalty or None, default=None
        Divided by the total weight of each batch, unless `penalty_divisor` says otherwise.
    penalty_divisor : float or None, default=None
        As `Trainer` takes it.
    bound : MaxNorm or None, default=None
        What weights are projected on after each step.
    transform : callable or None, default=None
        Of batches in training, as `Trainer` takes it.
    shuffle : bool, default=True
        Whether each epoch has an order of its own.
    order : callable or None, default=None
        ``order() -> ndarray of int`` in place of shuffling: the rows of the next epoch.
    random_state : numpy.random.RandomState or None, default=None
        Draws the orders.
    rng : numpy.random.Generator or None, default=None
        Draws what layers and `transform` need.
    tol : float, default=1e-4
        What an epoch must be better by to count as progress.
    patience : int or inf, default=inf
        Epochs without progress that are forgiven.
    keeps_best : bool, default=False
        Whether progress is that of the validation score, and the best epoch's network is kept.
    record : Record or None, default=None
        To go on with.
    average : WeightAverage or None, default=None
        Of the weights, for validation and `show_average`.

    Attributes
    ----------
    n_epochs : int
        Epochs done, by which the schedule goes.
    record : Record
        What they came to.
    best : (array, array) or None
        The `Network.snapshot` of the best epoch.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Adam, Batches, Constant, Dense, Network, Run, SquaredError
    >>> x = np.random.default_rng(0).normal(size=(100, 2))
    >>> batches = Batches(x, x @ [[3.0], [-1.0]] + 2.0, None, 10, np.float64)
    >>> network = Network(Dense(1), input_shape=(2,), random_state=0)
    >>> run = Run(network, SquaredError(), Adam(), Constant(0.1), patience=3)
    >>> with run.working(batches):
    ...     while not run.has_converged():
    ...         best = run.epoch()
    >>> network.params.round(2)
    array([ 3., -1.,  2.])
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        optimizer: Optimizer,
        schedule: Schedule,
        *,
        penalty: Penalty | None = None,
        penalty_divisor: float | None = None,
        bound: MaxNorm | None = None,
        transform: Callable[[Batch, Any], Batch] | None = None,
        shuffle: bool = True,
        order: Callable[[], NDArray[np.intp]] | None = None,
        random_state: np.random.RandomState | None = None,
        rng: np.random.Generator | None = None,
        tol: float = 1e-4,
        patience: float = math.inf,
        keeps_best: bool = False,
        record: Record | None = None,
        average: WeightAverage | None = None,
    ) -> None:
        self.network, self.loss = network, loss
        self.optimizer, self.schedule = optimizer, schedule
        self.penalty, self.bound, self.transform = penalty, bound, transform
        self.penalty_divisor = penalty_divisor
        self.shuffle, self.order = shuffle, order
        self.random_state: np.random.RandomState | None = (
            np.random.RandomState() if random_state is None else random_state
        )
        self.rng = rng
        self.tol, self.patience, self.keeps_best = tol, patience, keeps_best
        self.record = Record() if record is None else record
        self.average = average
        self.n_epochs = 0
        self.best: tuple[Any, Any] | None = None
        self._permutation: NDArray[np.intp] | None = None
        self._trainer: Trainer | None = None
        self._batches: Batches | ChunkedBatches | None = None
        self._rows: NDArray[np.intp] | None = None

    def begin_fit(self) -> None:
        """Begin to count epochs, and to look for progress and for the best of them."""
        self.record.begin_fit(by_validation=self.keeps_best)
        self.best = self.network.snapshot() if self.keeps_best else None

    def end_fit(self) -> None:
        """Let go of what only the epochs of a fit need."""
        self._permutation = self.best = None

    @contextmanager
    def working(
        self, batches: Batches | ChunkedBatches, rows: NDArray[np.intp] | None = None
    ) -> Iterator[None]:
        """Have the data, and threads for batches of that size, ready inside the block.

        BLAS gets one thread where a second would cost more than it saves; the steps of a large
        network are shared by threads of ours. There are no warnings of overflow.

        Parameters
        ----------
        batches : Batches or ChunkedBatches
        rows : ndarray of int or None, default=None
            The rows to train on, None for all; of chunks it is always all.
        """
        network = self.network
        self._batches, self._rows = batches, rows
        after_step = None
        if self.average is not None:
            self.average.hide(network)
            after_step = self._average_step if self.average.by_step else None
        with (  # the threads take over what to do about errors
            np.errstate(over="ignore", invalid="ignore", divide="ignore"),
            step_threads(network, batches.batch_size) as share,
        ):
            self._trainer = Trainer(
                network,
                self.loss,
                self.optimizer,
                penalty=self.penalty,
                penalty_divisor=self.penalty_divisor,
                bound=self.bound,
                rng=self.rng,
                transform=self.transform,
                share=share,
                after_step=after_step,
            )
            try:
                yield
            finally:
                self._stop_working()

    def _average_step(self) -> None:
        assert self.average is not None
        self.average.update(self.network.params, self.n_epochs)

    def _stop_working(self) -> None:
        self._trainer = self._batches = self._rows = None
        self.loss.settle(self.network.xp, self.network.dtype)  # lets go of its buffers

    def epoch(self, validate: Validate | None = None) -> bool:
        """Train for an epoch, inside `working`; return whether it was the best so far.

        Parameters
        ----------
        validate : callable or None, default=None
            ``validate(network) -> (loss, score)`` on other samples.

        Raises
        ------
        DivergedError
            If a batch's loss is not finite.
        """
        if self._trainer is None or self._batches is None:
            raise RuntimeError("Run.epoch belongs inside the block of Run.working, which has data.")
        begin = time.perf_counter()
        order: NDArray[np.intp] | ChunkOrder | None = None
        if not isinstance(self._batches, ChunkedBatches):
            order = self.next_order(self._batches, self._rows)
        elif self.shuffle:
            assert self.random_state is not None
            order = self._batches.draw_order(self.random_state)
        n_samples = self._batches.n_samples if order is None else len(order)
        rate, within = self.next_rates(n_samples)
        loss = self._trainer.epoch(self._batches, order, within)
        norm = self._trainer.gradient_norm
        return self.end_epoch(validate, n_samples, rate, loss, norm, begin)

    def go_past_the_end(self) -> None:
        """Take a third of the highest rate from here on if the schedule has ended at zero.

        A stream of data would teach nothing any more.
        """
        schedule = self.schedule
        if schedule.ends and not schedule.minimum and self.n_epochs >= schedule.n_epochs:
            self.schedule = Constant(schedule.initial / 3)

    def next_rates(self, n_samples: int) -> tuple[float, float | Callable[[float], float]]:
        """Return the rate that the next epoch begins with, and what `Trainer.epoch` takes.

        Parameters
        ----------
        n_samples : int
            How many the epoch has.
        """
        schedule, epoch, n_seen = self.schedule, self.n_epochs, self.record.t
        rate = schedule.rate(epoch, n_seen)
        if not schedule.by_step:
            return rate, rate

        def within(done: float) -> float:
            return schedule.rate(epoch + done, n_seen + round(done * n_samples))

        return rate, within

    def end_epoch(
        self,
        validate: Validate | None,
        n_samples: int,
        rate: float,
        loss: float,
        gradient_norm: float,
        begin: float,
    ) -> bool:
        """Write down an epoch that the network went through; return whether it was the best so far.

        `epoch` does; who takes the steps of an epoch elsewhere has this to call.

        Parameters
        ----------
        validate : callable or None
            As `epoch` takes it.
        n_samples : int
        rate : float
            That the epoch began with.
        loss, gradient_norm : float
            In the mean over samples, and of the last batch.
        begin : float
            When the epoch began, of `time.perf_counter`.
        """
        self.record.t += n_samples
        self.n_epochs += 1
        if self.average is not None and not self.average.by_step:
            self.average.update(self.network.params, self.n_epochs)
        row = (validate, rate, loss, gradient_norm, begin)
        if self.average is None or not (validate is not None or self.keeps_best):
            return self._write_down(*row)
        with self.average.shown(self.network):
            return self._write_down(*row)

    def _write_down(
        self,
        validate: Validate | None,
        rate: float,
        loss: float,
        gradient_norm: float,
        begin: float,
    ) -> bool:
        """Validate, write down, and keep the network if it is the best so far."""
        record, validation = self.record, None
        if validate is not None:
            self.settle()
            validation = validate(self.network)
        is_best = record.add(
            loss=loss,
            validation=validation,
            learning_rate=rate,
            gradient_norm=gradient_norm,
            seconds=time.perf_counter() - begin,
            tol=self.tol,
            parts=self.loss.parts(),
        )
        self.schedule.listen(record.n_without_progress)
        if is_best and self.keeps_best:
            self.best = self.network.snapshot()
        return is_best

    def has_converged(self) -> bool:
        """Tell whether there was no progress for long enough, and the schedule cannot help."""
        if self.record.n_without_progress <= self.patience:
            return False
        if self.schedule.falls_on_plateau():
            self.record.n_without_progress = 0
            return False
        return True
