"""Samples that training does not see, and what a network comes to on them."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from sklearn.metrics import check_scoring

from skdeep.nn import Loss, Network

__all__ = ["Validation"]


@dataclass
class Validation:
    """Samples that training does not see.

    Attributes
    ----------
    X : ndarray or CSR matrix of shape (n_samples, n_features)
    y : ndarray
        As the user gave it.
    target : ndarray
        As the network's loss takes it.
    weight : ndarray of shape (n_samples,) or None
    """

    X: Any
    y: Any
    target: NDArray[Any]
    weight: NDArray[Any] | None

    def evaluate(self, estimator: Any, network: Network, loss: Loss) -> tuple[float, float]:
        """Return loss and score of the estimator with the network as it is."""
        outputs = network.outputs(self.X)
        weight = None
        if self.weight is not None:
            weight = (self.weight / self.weight.sum()).astype(network.dtype)
        value = loss.value(outputs.copy(), self.target, weight)
        if estimator.scoring == "loss":
            return value, -value
        if estimator.scoring is None:
            return value, estimator._own_score(loss.predict(outputs), self.y, self.weight)
        as_it_is = copy.copy(estimator)
        as_it_is.network_ = network
        vars(as_it_is).pop("feature_names_in_", None)  # the rows here carry no names
        scorer = check_scoring(as_it_is, estimator.scoring)
        if self.weight is None:
            return value, float(scorer(as_it_is, self.X, self.y))
        try:
            return value, float(scorer(as_it_is, self.X, self.y, sample_weight=self.weight))
        except TypeError as error:
            if "sample_weight" not in str(error):
                raise
            raise ValueError(
                f"The validation samples have weights, but scoring={estimator.scoring!r} takes no "
                "sample_weight; use a scorer that does."
            ) from error
