"""The network estimator inside pipelines and searches, and what reaches it of their input."""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

__all__ = ["unwrap", "unwrap_fitted"]


def unwrap(estimator: Any) -> tuple[Any, list[Pipeline]]:
    """Return the innermost estimator, and the steps that come before it, outermost first.

    Parameters
    ----------
    estimator : estimator
        As it is, at the end of a `Pipeline`, or found by a search such as `GridSearchCV`.
    """
    before = []
    while True:
        if isinstance(estimator, Pipeline):
            if len(estimator.steps) > 1:
                before.append(estimator[:-1])
            estimator = estimator.steps[-1][1]
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        else:
            return estimator, before


def unwrap_fitted(estimator: Any, X: Any = None) -> tuple[Any, Any]:
    """Return the innermost estimator, which must be fitted, and `X` as it gets to see it.

    Parameters
    ----------
    estimator : estimator
    X : array-like or None
        Input of the whole; None stays None.
    """
    inner, before = unwrap(estimator)
    check_is_fitted(inner)
    for steps in before:
        X = None if X is None else steps.transform(X)
    return inner, X
