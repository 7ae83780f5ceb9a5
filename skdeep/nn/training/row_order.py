"""The order of rows in a run: drawn anew for each epoch, given, or as they stand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from skdeep.nn.batches import Batches

__all__ = ["RowOrder"]


class RowOrder:
    """What a `Run` draws the orders of its epochs by."""

    shuffle: bool
    order: Callable[[], NDArray[np.intp]] | None
    random_state: np.random.RandomState | None
    _permutation: NDArray[np.intp] | None

    def forget_draws(self) -> None:
        """Let go of what draws orders; a run that goes on is given another `random_state`."""
        self.random_state = None

    def next_order(
        self, batches: Batches, rows: NDArray[np.intp] | None = None
    ) -> NDArray[np.intp] | None:
        """Return the rows of the next epoch in their order, None for all as they stand.

        Parameters
        ----------
        batches, rows
            As `working` takes them.
        """
        if self.order is not None:
            return self.order()
        if not self.shuffle:
            return rows
        n_samples = batches.n_samples if rows is None else len(rows)
        # The draws of sklearn.utils.shuffle, so that the same seed gives the same order.
        permutation = np.arange(n_samples)
        assert self.random_state is not None
        self.random_state.shuffle(permutation)
        if batches.batch_size >= n_samples:  # one batch: its order changes nothing
            return rows
        if self._permutation is None or len(self._permutation) != n_samples:
            self._permutation = np.arange(n_samples)
        self._permutation = self._permutation[permutation]
        return self._permutation if rows is None else rows[self._permutation]
