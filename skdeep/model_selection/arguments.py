"""What `compare` was given: names of estimators, rows of folds, who gets which metadata."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import get_config
from sklearn.base import is_classifier, is_regressor
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from skdeep.model_selection.folds import Params
from skdeep.model_selection.preparation import ESTIMATOR

__all__ = ["check_kinds", "check_metrics", "name_estimators", "route", "rows_of_folds"]

# Names of the columns that results have besides their metrics.
_COLUMNS = ("estimator", "fold", "score", "fit_time", "predict_time", "n_train", "n_test", "error")


def name_estimators(estimators: Mapping[str, Any] | Sequence[Any]) -> dict[str, Any]:
    """Return the estimators by name, in order."""
    if isinstance(estimators, Mapping):
        pairs = list(estimators.items())
    elif isinstance(estimators, (list, tuple)):
        pairs = [
            tuple(entry) if isinstance(entry, (list, tuple)) else (None, entry)
            for entry in estimators
        ]
    else:
        raise TypeError(
            "The 'estimators' parameter of compare must be a dict of name to estimator, a list of "
            f"(name, estimator) or a list of estimators. Got {estimators!r} instead."
        )
    if not pairs:
        raise ValueError("The 'estimators' parameter of compare must name at least one. Got none.")
    named: dict[str, Any] = {}
    classes = [type(pair[-1]).__name__ for pair in pairs]
    for at, (pair, kind) in enumerate(zip(pairs, classes, strict=True)):
        if len(pair) != 2 or not (pair[0] is None or isinstance(pair[0], str)):
            raise TypeError(f"Entry {at} of estimators must be (name, estimator). Got {pair!r}.")
        name, estimator = pair
        if isinstance(estimator, type) or not hasattr(estimator, "fit"):
            raise TypeError(
                f"Entry {at} of estimators must be an estimator, an object with fit. "
                f"Got {estimator!r} instead."
            )
        if name is None:
            name = kind
            if classes.count(kind) > 1:
                name = f"{kind} {classes[: at + 1].count(kind)}"
        if name in named:
            raise ValueError(f"estimators has the name {name!r} twice; each needs its own.")
        named[name] = estimator
    return named


def check_kinds(named: Mapping[str, Any], scoring: Any) -> None:
    """Raise ValueError where the estimators' own scores would not be of one kind."""
    classifiers = [name for name, estimator in named.items() if is_classifier(estimator)]
    regressors = [name for name, estimator in named.items() if is_regressor(estimator)]
    if scoring is None and classifiers and regressors:
        raise ValueError(
            f"estimators mixes classifiers ({', '.join(classifiers)}), whose score is accuracy, "
            f"and regressors ({', '.join(regressors)}), whose score is R²; set scoring to one that "
            "fits all."
        )


def check_metrics(scoring: Any) -> None:
    """Raise ValueError where a metric would share its name with another column of the result."""
    taken = [name for name in _COLUMNS if isinstance(scoring, Mapping) and name in scoring]
    if taken:
        raise ValueError(
            f"The 'scoring' parameter of compare names a metric {taken[0]!r}, as a column of the "
            "result is called; give it another name."
        )


def rows_of_folds(
    folds: Iterable[tuple[Any, Any]], everyone: NDArray[np.intp]
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Return the row numbers of folds that may be given as masks, lists or slices too."""

    def rows(part: Any) -> NDArray[np.intp]:
        return everyone[list(part) if isinstance(part, tuple) else part]

    try:
        splits = [(rows(train), rows(test)) for train, test in folds]
    except (IndexError, TypeError) as error:
        raise ValueError(
            "The 'cv' parameter of compare must give pairs of the rows to fit and the rows to "
            f"score: {error}."
        ) from error
    if not splits:
        raise ValueError("The 'cv' parameter of compare must give at least one fold. Got none.")
    for fold, (train, test) in enumerate(splits, 1):
        if not (len(train) and len(test)):
            raise ValueError(
                "The 'cv' parameter of compare must give folds with rows to fit and rows to score. "
                f"Got {len(train)} and {len(test)} in fold {fold}."
            )
    return splits


def route(
    named: Mapping[str, Any],
    scorers: Mapping[str, Any],
    cv: Any,
    params: dict[str, Any],
    prepared: Collection[str] = (),
) -> tuple[dict[str, Params], Mapping[str, Any]]:
    """Return who gets which of `params`: each estimator with its scorer, and the splitter.

    An estimator behind a preparation is the last step of a pipeline, which wants the step's name.
    """
    if not get_config()["enable_metadata_routing"]:
        behind = {f"{ESTIMATOR}__{key}": value for key, value in params.items()}
        return {name: Params(fit=behind if name in prepared else params) for name in named}, {}
    if not params:
        return {name: Params() for name in named}, {}

    router = MetadataRouter(owner="compare").add(splitter=cv, method_mapping=_from_fit("split"))
    for name, estimator in named.items():
        router.add(**{f"estimator {name}": estimator}, method_mapping=_from_fit("fit"))
        router.add(**{f"scorer {name}": scorers[name].together}, method_mapping=_from_fit("score"))
    routed = process_routing(router, "fit", **params)
    return {
        name: Params(routed[f"estimator {name}"]["fit"], routed[f"scorer {name}"]["score"])
        for name in named
    }, routed["splitter"]["split"]


def _from_fit(method: str) -> MethodMapping:
    """Return the mapping from the comparison's run to `method`."""
    return MethodMapping().add(caller="fit", callee=method)
