"""Several networks of one architecture that are trained side by side, in one product a layer.

Around the products of a small network there are calls, a dozen for each layer and step, that take
longer than they do. Networks side by side share them.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import NoneType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.batches import Batch, Batches
from skdeep.nn.layers.base import Mode
from skdeep.nn.network import Network
from skdeep.nn.penalties import L2
from skdeep.nn.run import Run
from skdeep.nn.shapes.layout import Layout
from skdeep.nn.vectors import length
from skdeep.utils.threads import limit_blas_threads

__all__ = ["ApartError", "Epoch", "SideBySide", "why_apart"]


class ApartError(ArithmeticError):
    """The networks cannot go on side by side: a batch counts for nothing, or a loss diverged."""


@dataclass(frozen=True)
class Epoch:
    """What an epoch came to for one of the runs: the arguments of `Run.end_epoch`.

    Attributes
    ----------
    n_samples : int
    rate : float
        That it began with.
    loss : float
        With the penalty, in the mean over samples.
    gradient_norm : float
        Of the last batch's loss.
    begin : float
        When it began, if the run's share of the time had been all of it.
    """

    n_samples: int
    rate: float
    loss: float
    gradient_norm: float
    begin: float


def why_apart(run: Run, batches: Batches) -> str | None:
    """Return why a run cannot share its steps with others like it, None if it can.

    Parameters
    ----------
    run : Run
    batches : Batches
        Its data.
    """
    network, optimizer = run.network, run.optimizer
    reasons = {
        "layers other than dense ones, activations and biases": network.root.for_members() is None
        or len(network.input_shape) != 1,
        "dropout": network.draws,
        "a sparse X": not isinstance(batches.x, np.ndarray),
        "a step that looks at all weights at once": not optimizer.in_slices,
        "a penalty other than that on squares": type(run.penalty) not in (L2, NoneType),
        "a bound on weights": run.bound is not None,
        "an average of weights": run.average is not None,
        "samples that are changed in training": run.transform is not None,
        "a learning rate that goes by progress": run.schedule.listens,
    }
    return next((what for what, is_so in reasons.items() if is_so), None)


class SideBySide:
    """Trains the networks of several runs at the same time, an epoch at a time.

    With weights W of shape (k, d, m) a layer maps a batch of shape (n, k, d), of other rows for
    each of k networks, to that of all x_i W_i + b_i. Each network has its own order of rows, and
    gets the gradient of its own loss; a step of the optimizer is one of all. So every network
    comes to what it would come to alone, to rounding.

    Parameters
    ----------
    runs : sequence of Run
        Of networks of one architecture, with equal optimizers, schedules and penalties, and batches
        of one size; none that `why_apart` objects to.
    batches : sequence of Batches
        Of each run: the same `x`, targets and weights of its own.
    rows : sequence of (ndarray of int or None)
        The rows that each trains on, as many for each.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Adam, Batches, Constant, Dense, Network, Run, SideBySide, SquaredError
    >>> x = np.random.default_rng(0).normal(size=(100, 2))
    >>> batches = Batches(x, x @ [[3.0], [-1.0]] + 2.0, None, 10, np.float64)
    >>> networks = [Network(Dense(1), input_shape=(2,), random_state=i) for i in range(3)]
    >>> runs = [Run(network, SquaredError(), Adam(), Constant(0.1)) for network in networks]
    >>> together = SideBySide(runs, [batches] * 3, [None] * 3)
    >>> with together.working():
    ...     for _ in range(30):
    ...         for run, epoch in zip(runs, together.epoch(runs)):
    ...             best = run.end_epoch(None, **vars(epoch))
    >>> [network.params.round(2).tolist() for network in networks]
    [[3.0, -1.0, 2.0], [3.0, -1.0, 2.0], [3.0, -1.0, 2.0]]
    """

    def __init__(
        self,
        runs: Sequence[Run],
        batches: Sequence[Batches],
        rows: Sequence[NDArray[np.intp] | None],
    ) -> None:
        self._data = dict(zip(map(id, runs), zip(batches, rows, strict=True), strict=True))
        self._stacked: list[Run] = []
        self._mode = Mode(training=True)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Hold BLAS to one thread, which small products are worth, and warn of no overflow."""
        ignored = np.errstate(over="ignore", invalid="ignore", divide="ignore")
        with ignored, limit_blas_threads(1):
            yield
            self._unstack()

    def epoch(self, runs: Sequence[Run]) -> list[Epoch]:
        """Train the networks of some of the runs for an epoch.

        The networks have their new parameters then; optimizers have their state after `working`.

        Raises
        ------
        ApartError
            If a batch has no weight for one of them, or a loss is not finite.
        """
        begin = time.perf_counter()
        if self._stacked != list(runs):
            self._unstack()
            self._stack(list(runs))
        orders = [run.next_order(*self._data[id(run)]) for run in runs]
        every = np.arange(self._batches.n_samples)
        order = np.column_stack([every if own is None else own for own in orders])
        n, done = len(order), 0
        rate, within = runs[0].next_rates(n)
        total, norms = np.zeros(len(runs)), [math.nan] * len(runs)
        for batch in self._batches.epoch(order):
            now = within(done / n) if callable(within) else within
            done += len(batch.x)
            strength = self._strength(batch)
            total += len(batch.x) * self._descend(batch, strength)
            if done == n:
                norms = [length(np, own) for own in self.network.grad[self._places]]
            self._move(strength, now)
        for run, own in zip(runs, self.network.params[self._places], strict=True):
            run.network.params[...] = own
        now = time.perf_counter()
        begin = now - (now - begin) / len(runs)
        return [Epoch(n, rate, *of_run, begin) for of_run in zip(total / n, norms, strict=True)]

    def _strength(self, batch: Batch) -> NDArray[Any]:
        """Return alpha over the weight of the batch, for each network."""
        n, k = batch.x.shape[:2]
        total = self._loss.constant(n, (k,)) if batch.weight is None else batch.weight.sum(axis=0)
        return self._alpha / total

    def _descend(self, batch: Batch, strength: NDArray[Any]) -> NDArray[Any]:
        """Find the gradient of each network's loss; return the losses, with penalties."""
        network = self.network
        n, k = batch.x.shape[:2]
        weight = self._loss.constant(1.0 / n, (n, k))
        if batch.weight is not None:
            weight = batch.weight / batch.weight.sum(axis=0)
        z = network.forward(batch.x, self._mode)
        target = batch.target.reshape(n * k, *batch.target.shape[2:])
        _, grad_z = self._loss.of_rows(z.reshape(n * k, -1), target, weight.reshape(-1))
        values = np.einsum("ij,ij->j", weight, self._loss.per_row.reshape(n, k))
        for w, _ in self._weights:
            values += 0.5 * strength * np.einsum("ij,ij->i", w, w)
        if not np.isfinite(values).all():  # of a batch without weight, too
            raise ApartError(f"the losses became {values}")
        network.backward(grad_z.reshape(z.shape))
        return values

    def _move(self, strength: NDArray[Any], rate: float) -> None:
        """Add the gradients of the penalties, and step."""
        network = self.network
        for w, grad in self._weights:
            grad += strength[:, None] * w
        self.optimizer.step(network.params, network.grad, rate, n_penalized=network.n_penalized)

    def _stack(self, runs: list[Run]) -> None:
        """Make one network and one optimizer of those of the runs."""
        first = runs[0]
        root = first.network.root.for_members()
        assert root is not None
        size = (len(runs), *first.network.input_shape)
        self.network = Network(root, size, dtype=first.network.dtype)
        self._places = _places(first.network, self.network)
        self.network.params[self._places] = [run.network.params for run in runs]
        self._alpha = 0.0 if first.penalty is None else first.penalty.alpha
        self._loss = first.loss.replica()
        self._weights = self._matrices()
        self._loss.settle(np, self.network.dtype)
        self._batches = _MemberBatches([self._data[id(run)][0] for run in runs])
        states = [run.optimizer.state() for run in runs]
        self.optimizer = copy.copy(first.optimizer)
        self.optimizer.settle(np, self.network.dtype, self.network.n_parameters)
        if first.optimizer.t:
            for slot in self.optimizer.slots:
                getattr(self.optimizer, slot)[self._places] = [state[slot] for state in states]
                del states[0][slot]
            vars(self.optimizer).update(states[0])
        self._stacked = runs  # last: Ctrl-C before leaves nothing to be given back

    def _unstack(self) -> None:
        """Give each optimizer its part of the state."""
        if not self._stacked:
            return
        together = self.optimizer.state()
        for run, places in zip(self._stacked, self._places, strict=True):
            of_run = {slot: together[slot][places] for slot in self.optimizer.slots}
            run.optimizer.load(together | of_run)
        self._stacked = []

    def _matrices(self) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """Return the weights of each layer and their gradients, a row for each network."""
        k = self.network.input_shape[0]
        slots = Layout(self.network.root, self.network.input_shape).slots
        return [
            (
                self.network.params[slot.part].reshape(k, -1),
                self.network.grad[slot.part].reshape(k, -1),
            )
            for slot in slots
            if slot.kind == "weight" and self._alpha
        ]


class _MemberBatches(Batches):
    """Batches of shape (n, k, ...), of other rows for each of k networks.

    Parameters
    ----------
    of_each : sequence of Batches
        Of the same inputs.
    """

    def __init__(self, of_each: Sequence[Batches]) -> None:
        first = of_each[0]
        super().__init__(first.x, first.target, None, first.batch_size, first.dtype)
        self._targets = self._weights = None
        if not all(np.array_equal(own.target, first.target) for own in of_each):
            self._targets = np.stack([own.target for own in of_each], axis=1)
        if first.weight is not None:
            self._weights = np.stack([np.asarray(own.weight) for own in of_each], axis=1)
        self._columns = np.arange(len(of_each))
        self._at_once //= len(of_each)

    def rows(self, rows: Any) -> Batch:
        """Return the batch of those rows, of shape (n, k)."""
        batch = super().rows(rows)
        own = (rows, self._columns)
        if self._targets is not None:
            batch = batch._replace(target=self._targets[own])
        return batch if self._weights is None else batch._replace(weight=self._weights[own])


def _places(one: Network, of_all: Network) -> NDArray[np.intp]:
    """Return where the parameters of each network lie in the vector of all, (k, n_parameters)."""
    k = of_all.input_shape[0]
    places = np.empty((k, one.n_parameters), dtype=np.intp)
    both = (Layout(network.root, network.input_shape).slots for network in (one, of_all))
    for own, stacked in zip(*both, strict=True):
        part = np.arange(stacked.part.start, stacked.part.stop)
        places[:, own.part] = part.reshape(k, -1)
    return places
