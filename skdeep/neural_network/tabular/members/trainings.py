"""The trainings of all views as one that can be written down and gone on with."""

from __future__ import annotations

from typing import Any

import numpy as np

from skdeep.neural_network.tabular.members.training import MemberTraining

__all__ = ["Trainings"]


class Trainings:
    """The trainings of views, one after the other, as a fit that goes on takes its run.

    Parameters
    ----------
    trainings : list of MemberTraining
    random_state : RandomState
        What all of them draw from.
    """

    def __init__(
        self, trainings: list[MemberTraining], random_state: np.random.RandomState
    ) -> None:
        self.trainings, self.random_state = trainings, random_state

    @property
    def n_epochs(self) -> int:
        """How many epochs of all views are done."""
        return sum(one.n_done for one in self.trainings)

    @property
    def is_over(self) -> bool:
        """Whether no view has an epoch to come."""
        return all(one.is_over for one in self.trainings)

    def state(self) -> dict[str, Any]:
        """Return all that the rest of the trainings depends on, as plain data."""
        begun = [one.state() for one in self.trainings if one.run is not None]
        return {"begun": begun, "random_state": self.random_state.get_state()}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned in another process, before the first epoch."""
        for one, begun in zip(self.trainings, state["begun"], strict=False):
            one.load(begun)
        self.random_state.set_state(state["random_state"])

    def __getstate__(self) -> dict[str, Any]:
        """Stay out of the copies that callbacks get: this is of the fit that goes on alone."""
        return {}
