"""What is kept of the members of a view: parameters, and what these make of the rows left out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Kept"]


class Kept:
    """Members as they were, each at an epoch of its own.

    Parameters
    ----------
    params : ndarray of shape (n_parameters,)
        Of all members; copied.
    owner : ndarray of int of shape (n_parameters,)
        Which member each parameter belongs to.
    shapes : list of (int, int)
        Of the outputs of each member on the rows that it leaves out.

    Attributes
    ----------
    losses : ndarray of shape (n_members,)
        Of each member on those rows; infinite before the first epoch.
    outputs : list of ndarray of shape (n_held_out, n_outputs)
        What each member made of them then.
    """

    def __init__(
        self, params: NDArray[Any], owner: NDArray[np.intp], shapes: list[tuple[int, int]]
    ) -> None:
        self.params, self._owner = params.copy(), owner
        self.losses = np.full(owner.max() + 1, np.inf)
        self.outputs = [np.zeros(shape) for shape in shapes]

    @property
    def loss(self) -> float:
        """The mean of the members' losses."""
        return float(self.losses.mean())

    def take(
        self,
        chosen: NDArray[np.bool_],
        params: NDArray[Any],
        losses: NDArray[np.float64],
        outputs: NDArray[Any],
    ) -> None:
        """Keep some members as they are now.

        Parameters
        ----------
        chosen : ndarray of bool of shape (n_members,)
        params : ndarray of shape (n_parameters,)
        losses : ndarray of shape (n_members,)
        outputs : ndarray of shape (n_rows, n_members, n_outputs)
            The first rows are those that each member leaves out.
        """
        np.copyto(self.params, params, where=chosen[self._owner])
        self.losses[chosen] = losses[chosen]
        for i in np.flatnonzero(chosen):
            self.outputs[i][...] = outputs[: len(self.outputs[i]), i]

    def state(self) -> dict[str, Any]:
        """Return copies of all that is kept."""
        outputs = [own.copy() for own in self.outputs]
        return {"params": self.params.copy(), "losses": self.losses.copy(), "outputs": outputs}

    def load(self, state: dict[str, Any]) -> None:
        """Keep what `state` returned."""
        self.params[...], self.losses[...] = state["params"], state["losses"]
        for own, outputs in zip(self.outputs, state["outputs"], strict=True):
            own[...] = outputs
