"""Numbers of which a network tells more than one number each: deviations, quantiles."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import d2_pinball_score

from skdeep.neural_network.targets.numbers import NumberTargets

__all__ = ["GaussianTargets", "QuantileTargets"]


class GaussianTargets(NumberTargets):
    """Numbers with a mean and a standard deviation each, side by side in predictions."""

    n_heads = 2

    def decode(self, predictions: NDArray[Any]) -> NDArray[Any]:
        """Return the means in the user's units, (n_samples,) if there is one target."""
        return super().decode(predictions[:, : self.n_targets])

    def deviations(self, predictions: NDArray[Any]) -> NDArray[Any]:
        """Return the standard deviations, of the shape of the means; 0 of a constant target."""
        found = predictions[:, self.n_targets :]
        if self.scale is not None:
            with np.errstate(over="ignore"):
                found = np.where(self.constant, 0.0, found * self.scale).astype(found.dtype)
        return found.ravel() if self.n_targets == 1 else found


class QuantileTargets(NumberTargets):
    """Numbers with several quantiles each.

    Parameters
    ----------
    quantiles : sequence of float
    *args, **kwargs
        As for `NumberTargets`.
    """

    def __init__(self, quantiles: Any, *args: Any, **kwargs: Any) -> None:
        self.quantiles = tuple(map(float, quantiles))
        self.n_heads = len(self.quantiles)
        super().__init__(*args, **kwargs)

    def is_like(self, other: NumberTargets) -> bool:
        """Tell whether a network that learned these can go on with the other ones."""
        return super().is_like(other) and self.quantiles == other.quantiles  # type: ignore[attr-defined]

    def decode(self, predictions: NDArray[Any]) -> NDArray[Any]:
        """Return quantiles of shape (n_samples, n_quantiles), or (n_samples, n_targets, ...)."""
        heads = predictions.reshape(len(predictions), self.n_heads, self.n_targets)
        found = self._in_units(heads).swapaxes(1, 2)
        return found[:, 0] if self.n_targets == 1 else np.ascontiguousarray(found)

    def score(self, y: Any, predictions: NDArray[Any], weight: Any) -> float:
        """Return D2 of the pinball loss, the mean over quantiles and targets."""
        scores = [
            d2_pinball_score(y, predictions[..., i], sample_weight=weight, alpha=quantile)
            for i, quantile in enumerate(self.quantiles)
        ]
        return float(np.mean(scores))
