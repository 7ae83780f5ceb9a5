"""What networks share that learn from samples without labels."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.callback import with_callbacks

from skdeep.data import Chunks
from skdeep.neural_network.base import BaseNetwork, is_stochastic
from skdeep.neural_network.targets import NumberTargets
from skdeep.neural_network.training_params import STOCHASTIC_SOLVERS, layer_or_function
from skdeep.nn import ACTIVATIONS, Dense, Layer, Network, make_activation
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.docstrings import documented_like
from skdeep.utils.interface.methods import available_if
from skdeep.utils.params import one_of
from skdeep.utils.restore import all_or_nothing

__all__ = ["UnlabelledNetwork", "activation_rule"]

activation_rule = one_of(*ACTIVATIONS) | layer_or_function


class UnlabelledNetwork(BaseNetwork):
    """A network whose samples are their own targets, with an `activation` of its hidden units."""

    activation: Any

    _accepts_sparse = False
    _takes_chunks = True
    _y_is_numeric = True

    @in_kind
    @all_or_nothing
    @with_callbacks
    def fit(
        self, X: ArrayLike | Chunks, y: Any = None, *, X_val: ArrayLike | Chunks | None = None
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples; float32 stays float32. Also :class:`skdeep.data.Chunks`, whose `y` is ignored.
        y : None
            Ignored.
        X_val : array-like of shape (n_val_samples, n_features), default=None
            Validation samples of your own, evaluated after every epoch; early stopping takes them
            instead of a part of `X`.

        Returns
        -------
        self
            The fitted estimator itself.

        Raises
        ------
        ValueError
            If a parameter or an array is wrong, or the loss is not finite any more; the estimator
            is then as it was before.
        """
        return self._fit(X, X, None, validation=(X_val, X_val, None))

    @available_if(is_stochastic)
    @in_kind
    @all_or_nothing
    @documented_like(fit)
    def partial_fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Train for one epoch on the given samples."""
        return self._fit(X, X, None, incremental=True)

    # Blocks of rows through a part of the network

    def _mapped(
        self, network: Network, function: Callable[[Any, NDArray[Any]], NDArray[Any]], x: Any
    ) -> NDArray[Any]:
        """Return what a function of the network's root makes of any number of rows.

        The function may write over its rows.
        """
        root = network.replica().root
        with self._computing(network, x):
            found = [function(root, rows.copy()).copy() for _, rows, _ in network.blocks(x)]
        return np.concatenate(found)

    # The layers

    def _hidden(self, sizes: list[int]) -> list[Layer]:
        """Return dense layers of these sizes, each with its activation."""
        layers: list[Layer] = []
        for size in sizes:
            activation = make_activation(self.activation)
            layers += [Dense(size, weight_init=activation.weights_before), activation]
        return layers

    def _check_architecture(self) -> None:
        super()._check_architecture()
        make_activation(self.activation)

    def _need_batches(self, what: str) -> None:
        """Raise ValueError for a solver that takes all data at once, where `what` forbids it."""
        if self.solver not in STOCHASTIC_SOLVERS:
            raise ValueError(
                f"{type(self).__name__} {what} and cannot use solver={self.solver!r}, whose steps "
                "need the same loss at every look; use solver='adam' or 'sgd'."
            )

    def _outline(self, shape: Any, n_outputs: int) -> tuple[Layer, Any]:
        return super()._outline(shape, shape[-1])

    # Samples are their own targets

    def _check_data(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        X = self._check_X(X, reset=reset)
        return X, X

    def _learn_targets(self, y: Any, weight: Any, classes: Any) -> NumberTargets:
        return NumberTargets(y, weight, standardize=False)

    def _class_weights(self, y: Any, weight: Any, incremental: bool) -> Any:
        return weight

    def _check_in_unit_interval(self, y: NDArray[Any], keyword: str, what: str) -> None:
        """Raise ValueError unless all numbers are probabilities."""
        low, high = y.min(), y.max()
        if low < 0 or high > 1:
            what = "X_val" if what == "y_val" else "X"
            raise ValueError(
                f"{type(self).__name__} with {keyword} takes numbers from 0 to 1, but {what} has "
                f"some from {low:g} to {high:g}; scale them, or take another."
            )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        return tags


def drawn(n_samples: Any) -> int:
    """Return how many samples to draw; raise ValueError for none."""
    if not isinstance(n_samples, Integral) or isinstance(n_samples, bool) or n_samples < 1:
        raise ValueError(f"n_samples must be an integer of 1 or more, got {n_samples!r}.")
    return int(n_samples)
