"""All that the rest of a run depends on, for a checkpoint, a copy, a warm start."""

from __future__ import annotations

import copy
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.losses import Loss
from skdeep.nn.network import Network
from skdeep.nn.optimizers import Optimizer
from skdeep.nn.schedules import Schedule
from skdeep.nn.training.averaging import WeightAverage
from skdeep.nn.training.record import Record
from skdeep.nn.training.trainer import Trainer

__all__ = ["RunState"]


class RunState:
    """A `Run` that can be stopped, and go on elsewhere to the same results."""

    network: Network
    loss: Loss
    optimizer: Optimizer
    schedule: Schedule
    record: Record
    average: WeightAverage | None
    n_epochs: int
    best: tuple[Any, Any] | None
    random_state: np.random.RandomState | None
    rng: np.random.Generator | None
    _permutation: NDArray[np.intp] | None
    _trainer: Trainer | None
    _batches: Any
    _rows: NDArray[np.intp] | None

    def state(self) -> dict[str, Any]:
        """Return copies of all that the rest of the run depends on: numbers, arrays and dicts."""
        return {
            "network": self.network.snapshot(),
            "optimizer": self.optimizer.state(),
            "schedule": self.schedule.state(),
            "record": self.record.copy().as_dict(),
            "average": None if self.average is None else self.average.state(),
            "n_epochs": self.n_epochs,
            "best": copy.deepcopy(self.best),
            "permutation": None if self._permutation is None else self._permutation.copy(),
            "random_state": None if self.random_state is None else self.random_state.get_state(),
            "rng": None if self.rng is None else self.rng.bit_generator.state,
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned, to the same results.

        The run must have been made with the same arguments.
        """
        self.network.restore(state["network"])
        self.optimizer.load(state["optimizer"])
        if self._trainer is not None:
            self._trainer.settle_optimizer()  # if the state is one of before the first step
        vars(self.schedule).update(state["schedule"])
        self.record = Record(**copy.deepcopy(state["record"]))
        if self.average is not None:
            self.average.load(state["average"])
        self.n_epochs = state["n_epochs"]
        self.best = copy.deepcopy(state["best"])
        kept = state["permutation"]
        self._permutation = None if kept is None else kept.copy()
        if self.random_state is not None:
            self.random_state.set_state(state["random_state"])
        if self.rng is not None:
            self.rng.bit_generator.state = state["rng"]

    def copy(self, network: Network, loss: Loss) -> Self:
        """Return a run in the same state, of that copy of the network, going its own way."""
        twin = copy.copy(self)
        twin.network, twin.loss = network, loss
        twin._trainer = twin._batches = twin._rows = None  # those of a block
        twin.random_state = copy.deepcopy(self.random_state)
        twin.optimizer, twin.schedule = self.optimizer.copy(), copy.copy(self.schedule)
        twin.average = copy.deepcopy(self.average)
        twin.record, twin.rng = self.record.copy(), copy.deepcopy(self.rng)
        return twin
