"""The penalty on weights and their bound that an estimator's keywords describe."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn import L2, ElasticNet, L2Toward, MaxNorm, Network, Orthogonality, Penalty, PenaltySum

__all__ = ["make_bound", "make_penalty"]


def make_penalty(estimator: Any) -> Penalty:
    """Return the penalty that the estimator's parameters describe, for the network that it has.

    Raises
    ------
    ValueError
        If `anchor` has no weights for that network.
    """
    alpha, ratio = estimator.alpha, estimator.l1_ratio
    parts: list[Penalty] = []
    if estimator.anchor is None:
        parts.append(ElasticNet(alpha, ratio) if ratio else L2(alpha))
    else:
        parts.append(ElasticNet(alpha * ratio, 1.0))
        parts.append(L2Toward(alpha * (1 - ratio), _anchor(estimator, estimator.network_)))
    if estimator.orthogonality:
        parts.append(Orthogonality(estimator.orthogonality))
    return parts[0] if len(parts) == 1 else PenaltySum(*parts)


def make_bound(estimator: Any) -> MaxNorm | None:
    """Return the bound on weights that the estimator's parameters describe."""
    return None if estimator.max_norm is None else MaxNorm(estimator.max_norm)


def _anchor(estimator: Any, network: Network) -> NDArray[Any]:
    """Return the weights that `anchor` has for the network."""
    owner, given = type(estimator).__name__, estimator.anchor
    model = getattr(given, "estimator", given)  # of a FrozenEstimator
    if hasattr(model, "fit") and not hasattr(model, "network_"):
        raise ValueError(
            f"{owner} has an anchor that is not fitted: {given!r}. A clone is not, as in a search; "
            "wrap the fitted one in sklearn.frozen.FrozenEstimator."
        )
    other = getattr(model, "network_", None)
    vector = np.asarray(given if other is None else other.params, dtype=network.dtype)
    sizes = (network.n_penalized, network.n_parameters)
    if vector.ndim != 1 or len(vector) not in sizes:
        what = f"an array of shape {vector.shape}" if other is None else f"{other}"
        raise ValueError(
            f"{owner} takes an anchor with the weights of its own network, {sizes[1]} parameters "
            f"or the first {sizes[0]} of them, the weights proper. Got {what}."
        )
    if not np.isfinite(vector).all():
        raise ValueError(f"{owner} takes an anchor of finite weights, got some that are not.")
    return vector[: sizes[0]].copy()
