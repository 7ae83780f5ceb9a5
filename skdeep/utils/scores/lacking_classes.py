"""Scores of samples among which some classes are not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context

__all__ = ["lacks_classes", "score_lacking_classes"]


def lacks_classes(classifier: Any, y: Any) -> bool:
    """Return whether a classifier of one target knows more classes than there are in `y`."""
    classes: Any = getattr(classifier, "classes_", None)
    if not isinstance(classes, np.ndarray) or np.ndim(y) != 1:
        return False
    return len(np.unique(y)) < len(classes)


def score_lacking_classes(
    scorer: Any, classifier: Any, X: Any, y: NDArray[Any], keywords: dict[str, Any]
) -> float:
    """Return the score, of samples that may lack some of the classifier's classes.

    Metrics that take the classes as `labels` are given them.

    Parameters
    ----------
    scorer : callable
        Of scikit-learn.
    classifier : object
        With `classes_`.
    X, y : array-like of shape (n_samples, ...) and ndarray of shape (n_samples,)
    keywords : dict
        What the scorer takes besides.
    """
    classes = classifier.classes_
    if lacks_classes(classifier, y):
        known: dict[str, Any] = {"labels": classes}
        if len(classes) == 2:
            known["pos_label"] = classes[1]
        for names in (("labels", "pos_label"), ("labels",)):
            more = {name: known[name] for name in names if name in known}
            try:
                # Keywords of a metric pass through its scorer where routing is on.
                with config_context(enable_metadata_routing=True):
                    return scorer(classifier, X, y, **keywords, **more)
            except TypeError as error:
                if not any(name in str(error) for name in names):
                    raise
    return scorer(classifier, X, y, **keywords)
