"""Scorers of folds, which may lack some of the classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sklearn.metrics import check_scoring
from sklearn.utils.metadata_routing import get_routing_for_object

from skdeep.utils.scores.lacking_classes import lacks_classes, score_lacking_classes

__all__ = ["FoldScorer"]


class FoldScorer:
    """What one metric or several say of an estimator on a fold.

    Parameters
    ----------
    estimator : estimator
    scoring : str, callable, list, tuple, set, dict or None
        As scikit-learn's `check_scoring` takes it.

    Attributes
    ----------
    together : callable
        scikit-learn's scorer, which asks for predictions once.
    """

    def __init__(self, estimator: Any, scoring: Any) -> None:
        self.together: Any = check_scoring(estimator, scoring=scoring)
        self._apart: dict[str, Any] = {}
        if isinstance(scoring, (list, tuple, set, Mapping)):
            named = scoring if isinstance(scoring, Mapping) else {name: name for name in scoring}
            self._apart = {
                name: check_scoring(estimator, scoring=metric) for name, metric in named.items()
            }

    def __call__(self, estimator: Any, X: Any, y: Any = None, **params: Any) -> Any:
        """Return a number, or a dict of them by metric.

        Raises
        ------
        ValueError
            What the scorer says of the fold, if it cannot be scored.
        """
        try:
            return self.together(estimator, X, *(() if y is None else (y,)), **params)
        except ValueError:
            try:
                if lacks_classes(estimator, y):
                    return self._lacking_classes(estimator, X, y, params)
            except (TypeError, ValueError):
                pass  # what the scorer said first is what matters
            raise

    def _lacking_classes(self, estimator: Any, X: Any, y: Any, params: dict[str, Any]) -> Any:
        if not self._apart:
            return score_lacking_classes(self.together, estimator, X, y, params)
        scores = {}
        for name, scorer in self._apart.items():
            taken = get_routing_for_object(scorer).consumes("score", params) if params else ()
            own = {key: params[key] for key in taken}
            scores[name] = score_lacking_classes(scorer, estimator, X, y, own)
        return scores
