"""The training of a group of members on one view of a table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.neural_network.tabular.members.architecture import Architecture
from skdeep.neural_network.tabular.members.kept import Kept
from skdeep.neural_network.tabular.members.rules import MemberRules
from skdeep.neural_network.tabular.rows.samples import Samples
from skdeep.nn import (
    Batches,
    DivergedError,
    Loss,
    Network,
    Optimizer,
    Record,
    Run,
    Schedule,
    SoftmaxCrossEntropy,
    SquaredError,
)
from skdeep.nn.training.averaging import WeightAverage

__all__ = ["MemberTraining"]


# What a stream keeps of a run from one part of the rows to the next.
_GOING_ON = ("optimizer", "schedule", "average", "record", "n_epochs")
# Steps that an epoch takes at least, where there are rows for it.
_STEPS = 12
# Steps before which no training ends that has more.
_TOO_SOON = 120
# What part of the best epochs' loss the end of a fall may lose, and is still believed to be better:
# the best of many epochs is so by luck, too.
_LUCK = 0.1


class MemberTraining:
    """Trains the members of a view side by side, and keeps the end of a fall, or their best epochs.

    Every member has rows of its own to train on and to be validated by: a batch takes as many rows
    for each, of shape (batch_size, n_members).

    Parameters
    ----------
    architecture : Architecture
    samples : Samples
    train, held_out : list of ndarray of int
        Rows of each member.
    loss : Loss
    random_state : RandomState
    rules : MemberRules
    index : int
        Of the view.
    transform : callable or None, default=None
        Of the batches of training.

    Attributes
    ----------
    n_epochs : int
        How many there are at most.
    record : Record
        What each epoch came to, in the mean over members.
    best : Kept
        Each member at the epoch that has the lowest loss on the rows that it leaves out.
    settled : Kept
        All members where the rate's last fall has come to zero.
    run : Run or None
        The run, once it has begun.
    """

    def __init__(
        self,
        architecture: Architecture,
        samples: Samples,
        train: list[NDArray[np.intp]],
        held_out: list[NDArray[np.intp]],
        loss: Loss,
        random_state: np.random.RandomState,
        rules: MemberRules,
        index: int,
        transform: Any = None,
    ) -> None:
        self.architecture, self.samples, self.loss = architecture, samples, loss
        self.transform = transform
        self.train, self.held_out = train, held_out
        self.random_state, self.rules, self.index = random_state, rules, index
        recipe = architecture.recipe
        n_train = min(map(len, train))
        self.batch_size = min(recipe.batch_size or _batch_size(n_train), n_train)
        self.n_steps = n_train // self.batch_size
        if self.n_steps < _STEPS:  # few rows, but perhaps many copies of them
            n_copies = int(samples.total * n_train / samples.n_samples)
            self.n_steps = max(self.n_steps, min(_STEPS, n_copies // self.batch_size))
        n_epochs = recipe.n_epochs(self.n_steps)
        self.n_epochs = max(1, n_epochs // 2) if architecture.view.is_linear else n_epochs
        self.record = Record()
        self.inputs = architecture.inputs(samples.features)
        self.network = Network(
            architecture.build(),
            architecture.input_shape(),
            dtype=np.float32,
            random_state=random_state,
        )
        owner = _owners(self.network, recipe.n_members)
        shapes = [(len(rows), architecture.n_outputs) for rows in held_out]
        self.best, self.settled = (Kept(self.network.params, owner, shapes) for _ in range(2))
        self.run: Run | None = None
        self._going_on: dict[str, Any] | None = None
        self._after_falls: list[float] = []
        self._stops = False
        self._ends: list[int] = []

    @property
    def kept(self) -> Kept:
        """The members as they predict: where the last fall ended, unless that is clearly worse.

        Of quantiles, deviations and the like always the best epochs: later ones are too sure.
        """
        best = self.best.loss
        luck = _LUCK if isinstance(self.loss, (SoftmaxCrossEntropy, SquaredError)) else 0.0
        return self.settled if self.settled.loss < best + luck * abs(best) else self.best

    def start_from(self, network: Network) -> None:
        """Take the parameters of another network of the same architecture."""
        for params in (self.network.params, self.best.params, self.settled.params):
            params[...] = network.params

    def as_network(self, dtype: Any) -> Network:
        """Return a network of that type with the parameters that are kept."""
        twin = Network(self.architecture.build(), self.architecture.input_shape(), dtype=dtype)
        twin.params[...] = self.kept.params
        return twin

    def epochs(self, rival: float = math.inf) -> Iterator[Record]:
        """Train; yield the record after each epoch that `load` has not brought.

        Parameters
        ----------
        rival : float, default=inf
            The lowest loss of the views before this one.
        """
        architecture, n_epochs = self.architecture, self.n_epochs
        draws = self.random_state.get_state()
        recipe = architecture.recipe
        optimizer = self.rules.optimizer(architecture, self.network)
        dropouts: list[Any] = [layer for layer in self.network.layers() if layer.draws]
        schedule = self.rules.schedule(architecture, n_epochs)
        average = self.rules.average(n_epochs)
        run = self._run(optimizer, schedule, average)
        self._ends = [] if average is not None else schedule.ends_of_falls()
        run.record.begin_fit(by_validation=True)
        if self._going_on is not None:
            run.load(self._going_on)
            self.record = run.record
            self.random_state.set_state(draws)
        self.run = run
        batches = self._batches()
        validate = partial(self._validate, batches=batches)
        with run.working(batches):
            while not self.is_over:
                fade = _fade(run.n_epochs / n_epochs)
                optimizer.weight_decay = recipe.weight_decay * fade
                for dropout in dropouts:
                    dropout.rate = recipe.dropout * fade
                self._epoch(run, validate)
                if run.n_epochs in self._ends[:-1]:
                    self._end_fall(rival)
                yield run.record

    def _end_fall(self, rival: float) -> None:
        """Stop if the rate's last fall promises too little of the next, which is twice as long.

        Either it has brought little, or it leaves the view far behind the best one before the very
        last fall, which is half of the training.
        """
        recipe = self.architecture.recipe
        self._after_falls.append(self.best.loss)
        before, now = [math.inf, *self._after_falls][-2:]
        little = before - now < recipe.least_gain * abs(before)
        hopeless = self.n_done == self._ends[-2] and now - rival > recipe.most_behind * abs(rival)
        self._stops = self.n_done * self.n_steps >= _TOO_SOON and (little or hopeless)

    @property
    def is_over(self) -> bool:
        """Whether there is no epoch to come."""
        return self._stops or self.n_done >= self.n_epochs

    @property
    def n_done(self) -> int:
        """How many epochs are done, those that `load` has brought among them."""
        if self.run is not None:
            return self.run.n_epochs
        return 0 if self._going_on is None else int(self._going_on["n_epochs"])

    def state(self) -> dict[str, Any]:
        """Return all that the rest of the training depends on, but for draws of orders."""
        assert self.run is not None
        return {
            "run": self.run.state(),
            "best": self.best.state(),
            "settled": self.settled.state(),
            "after_falls": list(self._after_falls),
            "stops": self._stops,
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned in another process, before the first epoch."""
        self._going_on = state["run"]
        self.best.load(state["best"])
        self.settled.load(state["settled"])
        self._after_falls, self._stops = list(state["after_falls"]), state["stops"]

    def one_epoch(self, state: dict[str, Any] | None) -> dict[str, Any]:
        """Train for one epoch of a stream without an end.

        Parameters
        ----------
        state : dict or None
            What the last epoch returned, None before the first.
        """
        architecture = self.architecture
        n_epochs = architecture.recipe.n_epochs(self.n_steps)
        if state is None:
            run = self._run(
                self.rules.optimizer(architecture, self.network),
                self.rules.schedule_without_end(architecture, n_epochs),
                self.rules.average(n_epochs),
            )
        else:
            run = self._run(*(state[name] for name in ("optimizer", "schedule", "average")))
            run.record, run.n_epochs = state["record"], state["n_epochs"]
            run.go_past_the_end()
        with run.working(self._batches()):
            self._epoch(run)
        if not np.isfinite(self.network.params).all():
            raise ValueError(self._diverged("A parameter", "not finite", run.record.n_iter))
        run.show_average()  # which has the weights as they were for the next epoch
        self.best.params[...] = self.network.params
        return {name: getattr(run, name) for name in _GOING_ON}

    def _epoch(self, run: Run, validate: Any = None) -> None:
        """Train for an epoch, after which the schedule may fall.

        Raises
        ------
        ValueError
            If the loss is not finite any more.
        """
        try:
            run.epoch(validate)
        except DivergedError as diverged:
            said = self._diverged("The loss", str(diverged.value), run.record.n_iter + 1)
            raise ValueError(said) from diverged
        run.has_converged()  # whereupon 'adaptive' rates fall; a training has all of its epochs

    def _diverged(self, what: str, became: str, epoch: int) -> str:
        return (
            f"{what} of the view {self.architecture.view.name!r} became {became} in epoch {epoch}. "
            f"Lower learning_rate_init (now {self.architecture.recipe.learning_rate_init:g}), or "
            "set clip_norm."
        )

    def _run(self, optimizer: Optimizer, schedule: Schedule, average: WeightAverage | None) -> Run:
        n = self.n_steps * self.batch_size
        run = Run(
            self.network,
            self.loss,
            optimizer,
            schedule,
            average=average,
            transform=self.transform,
            order=partial(_order, self.train, n, self.random_state),
            rng=np.random.Generator(np.random.SFC64(self.random_state.randint(2**31))),
            record=self.record,
            patience=self.rules.patience,
            **self.rules.regularizers(self.architecture, self.network, self.batch_size, self.index),
        )
        run.begin_fit()
        return run

    def _batches(self) -> Batches:
        samples, kind = self.samples, self.network.root.input_dtype
        rows = (self.inputs, samples.target, samples.weight)
        return Batches(*rows, self.batch_size, np.float32, input_dtype=kind)

    def _validate(self, network: Network, batches: Batches) -> tuple[float, float]:
        """Keep the members that are better than ever, and all of them where a fall ends."""
        rows, size = _as_matrix(self.held_out), self.batch_size
        # In batches as large as those of the steps, in whose memory they are mapped.
        blocks = [rows[start : start + size] for start in range(0, len(rows), size)]
        outputs = np.concatenate([network.forward(batches.rows(b).x) * 1 for b in blocks])
        held_out = enumerate(self.held_out)
        losses = np.array([self._loss_of(outputs[:, i], own) for i, own in held_out])
        now = (network.params, losses, outputs)
        self.best.take(losses <= self.best.losses, *now)
        if self.n_done in self._ends:
            self.settled.take(np.ones(len(losses), bool), *now)
        return float(losses.mean()), -float(losses.mean())

    def _loss_of(self, outputs: NDArray[Any], rows: NDArray[np.intp]) -> float:
        samples = self.samples
        weight = None if samples.weight is None else samples.weight[rows].astype(np.float32)
        if weight is not None:
            weight /= weight.sum() or 1.0
        target = samples.target[rows]
        return self.loss.value(outputs[: len(rows)].copy(), target, weight)


def _order(
    members: list[NDArray[np.intp]], n: int, random_state: np.random.RandomState
) -> NDArray[np.intp]:
    """Return `n` rows of each member at random, each as often as any other, or once more."""

    def shuffled(rows: NDArray[np.intp]) -> NDArray[np.intp]:
        passes = [random_state.permutation(rows) for _ in range(-(-n // len(rows)))]
        return np.concatenate(passes)[:n]

    return np.column_stack([shuffled(rows) for rows in members])


def _owners(network: Network, n_members: int) -> NDArray[np.intp]:
    """Return which member each parameter belongs to: the first axis of every array counts them."""
    before = network.params.copy()
    for _, parameter, _ in network.parameters():
        parameter[...] = np.arange(n_members).reshape(-1, *(1,) * (parameter.ndim - 1))
    owner = network.params.astype(np.intp)
    network.params[...] = before
    return owner


def _as_matrix(rows: list[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Return lists of rows as columns, the shorter ones filled up with their first."""
    longest = max(map(len, rows))
    return np.column_stack([np.r_[own, np.full(longest - len(own), own[0])] for own in rows])


def _batch_size(n: int) -> int:
    """Return about a 24th of the rows, as a power of two from 32 to 256; more of many rows."""
    largest = 256 if n < 2**16 else 1024
    return int(np.clip(2 ** round(math.log2(max(n, 1) / 24)), 32, largest))


def _fade(done: float) -> float:
    """Return 1 for the first half of a training, then a cosine to 0."""
    return 1.0 if done < 0.5 else 0.5 * (1 + math.cos(math.pi * (2 * done - 1)))
