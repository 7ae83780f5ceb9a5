"""The network that a run leaves: the best one, or the average, with statistics of the data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.batches import Batches
from skdeep.nn.chunked_batches import ChunkedBatches
from skdeep.nn.network import Network
from skdeep.nn.training.averaging import WeightAverage
from skdeep.nn.training.record import Record
from skdeep.nn.training.statistics import settle_statistics

__all__ = ["Outcome"]

# So many samples tell a layer's mean and variance as well as any more would.
_SETTLING = 2**14


class Outcome:
    """What a `Run` makes of its network for validation, and when it ends."""

    network: Network
    record: Record
    average: WeightAverage | None
    best: tuple[Any, Any] | None
    _batches: Batches | ChunkedBatches | None
    _rows: NDArray[np.intp] | None

    def show_average(self, network: Network | None = None) -> bool:
        """Give the network the average of its weights; return whether there is one.

        `working` takes it back, and training goes on from the weights as they were. The running
        statistics are not those of the average before `settle`.

        Parameters
        ----------
        network : Network or None, default=None
            A copy of the run's network; None is the network itself.
        """
        if self.average is None or self.average.mean is None:
            return False
        if network is None:
            return self.average.show(self.network)
        network.params[...] = self.average.mean
        return True

    @property
    def n_samples(self) -> int:
        """How many samples an epoch has, inside `Run.working`."""
        assert self._batches is not None
        return self._batches.n_samples if self._rows is None else len(self._rows)

    def settle(self, network: Network | None = None) -> None:
        """Compute the running statistics anew, on a sample where there are many rows.

        Parameters
        ----------
        network : Network or None, default=None
            A copy of the run's network; None is the network itself.
        """
        network = self.network if network is None else network
        if not network.statistics.shape[0] or self._batches is None:
            return
        rows = self._rows
        if self.n_samples > _SETTLING:  # evenly spread, and without a draw
            places = np.linspace(0, self.n_samples - 1, _SETTLING).astype(np.intp)
            rows = places if rows is None else rows[places]
        settle_statistics(network, self._batches.epoch(rows))

    def restore_best(self) -> bool:
        """Go back to the network of the best epoch; return whether there is one to go back to."""
        score = self.record.best_validation_score
        if self.best is None or score is None or not math.isfinite(score):
            return False
        self.network.restore(self.best)
        return True
