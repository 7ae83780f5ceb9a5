"""The penalty on weights and their bound that an estimator's keywords describe."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.nn import L2, ElasticNet, L2Toward, MaxNorm, Network, Orthogonality, Penalty, PenaltySum

__all__ = ["anchored", "make_bound", "make_penalty"]


def make_penalty(estimator: Any, network: Network, anchor: Any = None) -> Penalty:
    """Return the penalty that the estimator's parameters describe.

    Parameters
    ----------
    estimator : object
        Its attributes are the keywords.
    network : Network
        Whose weights are penalized.
    anchor : Network or array, default=None
        What `anchor` stands for, None where it is None.

    Raises
    ------
    ValueError
        If the anchor has no weights for that network.
    """
    alpha, ratio = estimator.alpha, estimator.l1_ratio
    parts: list[Penalty] = []
    if anchor is None:
        parts.append(ElasticNet(alpha, ratio) if ratio else L2(alpha))
    else:
        parts.append(ElasticNet(alpha * ratio, 1.0))
        center = _weights_for(type(estimator).__name__, network, anchor)
        parts.append(L2Toward(alpha * (1 - ratio), center))
    if estimator.orthogonality:
        parts.append(Orthogonality(estimator.orthogonality))
    return parts[0] if len(parts) == 1 else PenaltySum(*parts)


def make_bound(estimator: Any) -> MaxNorm | None:
    """Return the bound on weights that the estimator's parameters describe."""
    return None if estimator.max_norm is None else MaxNorm(estimator.max_norm)


def anchored(estimator: Any, attribute: str = "network_") -> Any:
    """Return what the estimator's `anchor` stands for: the attribute of a fitted one, or itself.

    Raises
    ------
    ValueError
        If it is an estimator that is not fitted.
    """
    given = estimator.anchor
    model = getattr(given, "estimator", given)  # of a FrozenEstimator
    if hasattr(model, "fit") and not hasattr(model, attribute):
        raise ValueError(
            f"{type(estimator).__name__} has an anchor that is not fitted: {given!r}. A clone is "
            "not, as in a search; wrap the fitted one in sklearn.frozen.FrozenEstimator."
        )
    return getattr(model, attribute, given)


def _weights_for(owner: str, network: Network, anchor: Any) -> NDArray[Any]:
    """Return the weights that an anchor has for the network."""
    given = anchor.params if isinstance(anchor, Network) else anchor
    try:
        vector = np.asarray(given, dtype=network.dtype)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{owner} takes an anchor of numbers, got {given!r}.") from error
    sizes = (network.n_penalized, network.n_parameters)
    if vector.ndim != 1 or len(vector) not in sizes:
        what = f"an array of shape {vector.shape}"
        if isinstance(anchor, Network):
            what = f"a network of {anchor.n_parameters} parameters"
        raise ValueError(
            f"{owner} takes an anchor with the weights of its own network, {sizes[1]} parameters "
            f"or the first {sizes[0]} of them, the weights proper. Got {what}."
        )
    if not np.isfinite(vector).all():
        raise ValueError(f"{owner} takes an anchor of finite weights, got some that are not.")
    return vector[: sizes[0]].copy()
