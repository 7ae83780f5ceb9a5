"""Networks that begin from another network's weights, and leave some of them as they are."""

from __future__ import annotations

from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np
from sklearn.base import is_classifier

from skdeep.neural_network.base import BaseNetwork
from skdeep.nn import Frozen, Layer
from skdeep.nn.shapes.links import freeze, take_over
from skdeep.utils.parameters import parameters
from skdeep.utils.params import integer, none, rule

__all__ = ["TransferNetwork"]


@parameters
class TransferNetwork(BaseNetwork):
    """A network that may begin from another one."""

    _: KW_ONLY
    init_from: Annotated[
        Any,
        none() | rule("a fitted network", lambda value: hasattr(value, "fit"), "estimator"),
        """A fitted network to begin from, in place of random weights: with its weights and running
        statistics, layer by layer. The output layer is a new one where the classes, or the number
        of outputs, are others. Tokens are read by its vocabulary. In a search, where parameters are
        cloned, wrap it in a :class:`sklearn.frozen.FrozenEstimator`.
        """,
    ] = None
    n_frozen_layers: Annotated[
        int,
        integer(0),
        """How many of the first layers with weights stay exactly as they are in `init_from`, with
        what follows each: normalizations keep their statistics, and dropout there drops nothing.
        The vectors of tokens go with the first.
        """,
    ] = 0

    def _check_params(self) -> None:
        super()._check_params()
        if self.n_frozen_layers and self.init_from is None:
            raise ValueError(
                f"{type(self).__name__} has n_frozen_layers={self.n_frozen_layers} of random "
                "weights, which would learn nothing; say whose they are by init_from, or set "
                "n_frozen_layers=0."
            )
        self._donor()

    def _donor(self) -> Any:
        """Return the estimator to begin from, None for none."""
        given = self.init_from
        if given is None:
            return None
        model = getattr(given, "estimator", given)  # of a FrozenEstimator
        if not isinstance(model, BaseNetwork):
            raise ValueError(
                f"{type(self).__name__} begins from a network of skdeep. Got init_from={given!r}."
            )
        if not hasattr(model, "network_"):
            raise ValueError(
                f"{type(self).__name__} is to begin from a network that is not fitted: {given!r}. "
                "A clone is not, as in a search; wrap the fitted one in "
                "sklearn.frozen.FrozenEstimator."
            )
        return model

    def _root(self, n_outputs: int, input_shape: Any) -> Layer:
        root = super()._root(n_outputs, input_shape)
        if self.n_frozen_layers:
            try:
                freeze(root, input_shape, self.n_frozen_layers, Frozen)
            except ValueError as error:
                raise ValueError(f"{type(self).__name__}: {error}.") from error
        return root

    def _start(self, *data: Any) -> None:
        super()._start(*data)
        donor = self._donor()
        if donor is None:
            return
        output = is_classifier(self) == is_classifier(donor) and _are_alike(
            self._targets, donor._targets
        )
        try:
            take_over(self.network_, donor.network_, output=output)
        except ValueError as error:
            raise ValueError(
                f"{type(self).__name__} cannot begin from the network of init_from: {error}. Use "
                "the same features, and hidden layers of the same sizes and normalizations."
            ) from error


def _are_alike(one: Any, other: Any) -> bool:
    """Tell whether targets have outputs of the same meaning."""
    if one.n_outputs != other.n_outputs:
        return False
    mine, theirs = getattr(one, "classes", []), getattr(other, "classes", [])
    if isinstance(mine, list) and isinstance(theirs, list):  # of several targets
        return len(mine) == len(theirs) and all(map(np.array_equal, mine, theirs))
    return np.array_equal(mine, theirs)
