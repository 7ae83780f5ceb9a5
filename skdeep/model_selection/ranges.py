"""Between which values a metric of scikit-learn lies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from sklearn.base import is_classifier, is_regressor

__all__ = ["possible_scores", "range_of"]

# Beginnings of scikit-learn's names, looked up in this order.
_RANGES = {
    "neg_": (-np.inf, 0.0),
    "adjusted_": (-np.inf, 1.0),
    "d2_": (-np.inf, 1.0),
    "explained_variance": (-np.inf, 1.0),
    "matthews_corrcoef": (-1.0, 1.0),
    "r2": (-np.inf, 1.0),
    "mutual_info_score": (0.0, np.inf),
    "positive_likelihood_ratio": (0.0, np.inf),
    **dict.fromkeys(
        (
            "accuracy",
            "average_precision",
            "balanced_accuracy",
            "completeness_score",
            "f1",
            "fowlkes_mallows_score",
            "homogeneity_score",
            "jaccard",
            "normalized_mutual_info_score",
            "precision",
            "rand_score",
            "recall",
            "roc_auc",
            "top_k_accuracy",
            "v_measure_score",
        ),
        (0.0, 1.0),
    ),
}
_ANY = (-np.inf, np.inf)


def range_of(metric: str) -> tuple[float, float]:
    """Return the least and the greatest value that a metric can have; infinite where not known.

    >>> range_of("roc_auc_ovr"), range_of("neg_log_loss")
    ((0.0, 1.0), (-inf, 0.0))
    """
    return next((ends for name, ends in _RANGES.items() if metric.startswith(name)), _ANY)


def possible_scores(scoring: Any, estimators: Iterable[Any]) -> dict[str, tuple[float, float]]:
    """Return the range of every metric that `scoring` names, by its name in the result."""
    if scoring is None:  # the estimators' own: accuracy, or R²
        if all(map(is_classifier, estimators)):
            return {"score": range_of("accuracy")}
        return {"score": range_of("r2") if all(map(is_regressor, estimators)) else _ANY}
    if isinstance(scoring, str):
        scoring = [scoring]
    if not isinstance(scoring, Mapping):
        scoring = {name: name for name in scoring} if isinstance(scoring, Iterable) else {}
    return {name: range_of(metric) for name, metric in scoring.items() if isinstance(metric, str)}
