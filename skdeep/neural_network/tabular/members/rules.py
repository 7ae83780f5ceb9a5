"""What moves the members of a view: the optimizer and all else that the keywords describe."""

from __future__ import annotations

from typing import Any

import numpy as np

from skdeep.neural_network.tabular.members.architecture import Architecture
from skdeep.neural_network.training.regularizers import anchored, make_bound, make_penalty
from skdeep.nn import Constant, Network, Optimizer, Schedule
from skdeep.nn.optimizers import Members
from skdeep.nn.training.averaging import WeightAverage
from skdeep.nn.training.described import make_average, make_optimizer, make_schedule

__all__ = ["MemberRules"]


class MemberRules:
    """Makes what a run needs, so that each member moves as it would by itself.

    The loss of a stack is the mean of its members' losses, and no parameter is shared. What acts
    on single numbers (Adam and its kin, signs, decay, averages), or on single matrices (Muon,
    max-norm, orthogonality), then acts on each member. Penalties are divided by the number of
    members, as the losses are. Where a gradient's length counts, in plain descent and in clipping,
    it is that of the member's own loss.

    Parameters
    ----------
    estimator : estimator
        Its attributes are the keywords.
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator
        self.patience = estimator.learning_rate_patience

    def optimizer(self, architecture: Architecture, network: Network) -> Optimizer:
        """Return the optimizer, before its first step."""
        given, recipe = self.estimator, architecture.recipe
        optimizer = make_optimizer(given, weight_decay=recipe.weight_decay)
        clips = given.clip_norm is not None or given.clip_value is not None
        if given.solver == "sgd" or clips:
            optimizer.members = Members(network, recipe.n_members)
        return optimizer

    def schedule(self, architecture: Architecture, n_epochs: int) -> Schedule:
        """Return the schedule of a training of that length."""
        rate = architecture.recipe.learning_rate_init
        return make_schedule(self.estimator, rate, n_epochs=n_epochs)

    def schedule_without_end(self, architecture: Architecture, n_epochs: int) -> Schedule:
        """Return the schedule of a stream: in place of the recipe's waves, a third of their top."""
        if self.estimator.learning_rate == "cosine_of_log":
            return Constant(architecture.recipe.learning_rate_init / 3)
        return self.schedule(architecture, n_epochs)

    def average(self, n_epochs: int) -> WeightAverage | None:
        """Return the average of weights over a training of that length."""
        return make_average(self.estimator, n_epochs=n_epochs)

    def regularizers(
        self, architecture: Architecture, network: Network, batch_size: int, index: int
    ) -> dict[str, Any]:
        """Return penalty and bound, as a run takes them.

        Parameters
        ----------
        architecture : Architecture
        network : Network
        batch_size : int
            Rows of each member in a batch.
        index : int
            Of the view.
        """
        return {
            "penalty": make_penalty(self.estimator, network, self._anchor(architecture, index)),
            "penalty_divisor": batch_size * architecture.recipe.n_members,
            "bound": make_bound(self.estimator),
        }

    def _anchor(self, architecture: Architecture, index: int) -> Any:
        """Return the network or the vector that `anchor` has for the view."""
        given, name = self.estimator.anchor, architecture.view.name
        if given is None:
            return None
        found = anchored(self.estimator, "networks_")
        if found is not given:
            views = getattr(given, "estimator", given).views_
            by_view = dict(zip(views, found, strict=True))
        else:  # vectors; one alone is that of the first view
            vectors = [given] if len(given) and np.ndim(given[0]) == 0 else given
            by_view = {name: vectors[index]} if index < len(vectors) else {}
        if name not in by_view:
            raise ValueError(
                f"{type(self.estimator).__name__} takes an anchor with weights for each of its "
                f"views, but it has none for {name!r}, number {index + 1} of them."
            )
        return by_view[name]
