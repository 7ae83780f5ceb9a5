"""Run several estimators on the same folds."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import get_config
from sklearn.base import is_classifier, is_regressor
from sklearn.exceptions import FitFailedWarning
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv
from sklearn.utils import indexable
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from skdeep.model_selection.comparison import Comparison
from skdeep.model_selection.folds import Params, length
from skdeep.model_selection.ranges import possible_scores
from skdeep.model_selection.runner import Compare
from skdeep.model_selection.warn_once import warn_once
from skdeep.utils.params import check_value, real, rule

__all__ = ["compare"]

_ERROR_SCORE = [
    rule("'raise'", lambda value: isinstance(value, str) and value == "raise"),
    rule("NaN", lambda value: isinstance(value, float) and np.isnan(value)),
]

# Names of the columns that results have besides their metrics.
_COLUMNS = ("estimator", "fold", "score", "fit_time", "predict_time", "n_train", "n_test", "error")


def compare(
    estimators: Mapping[str, Any] | Sequence[Any],
    X: Any,
    y: Any = None,
    *,
    cv: Any = None,
    scoring: Any = None,
    baseline: str | None = None,
    groups: Any = None,
    params: Mapping[str, Any] | None = None,
    n_jobs: int | None = None,
    confidence_level: float = 0.95,
    error_score: Any = np.nan,
    callbacks: Any = None,
) -> Comparison:
    """Compare estimators by cross-validation on the same folds.

    Folds are drawn once, and every estimator is fitted and scored on each of them. Differences are
    tested by Nadeau and Bengio's corrected t-test, which knows that training sets overlap, and
    p-values are adjusted for how many differences are looked at. An estimator that fails is a row
    with its error; the others are compared all the same.

    Parameters
    ----------
    estimators : dict of str to estimator, list of (str, estimator), or list of estimators
        What to compare, not changed: clones are fitted. Without names, they are called by
        their classes.
    X : {array-like, sparse matrix, data frame} of shape (n_samples, n_features)
        Features.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
        Target, None for estimators that need none.
    cv : int, splitter or iterable of (train, test), default=None
        As in `cross_validate`: 5 folds by default, stratified for classifiers. Repeated folds,
        as of `RepeatedStratifiedKFold`, see smaller differences.
    scoring : str, callable, list, tuple or dict, default=None
        As in `cross_validate`; None is each estimator's `score`. Of several metrics the first
        is the one that is compared; :meth:`Comparison.by_metric` shows another.
    baseline : str, default=None
        Name of the estimator that the others are compared with. None takes the best, and pays
        for having chosen it by the same scores: p-values are then adjusted for all pairs.
    groups : array-like of shape (n_samples,), default=None
        Passed to the splitter, as `GroupKFold` wants.
    params : dict of str to object, default=None
        Such as ``{"sample_weight": weights}``: passed to every `fit`, or, if metadata routing is
        on, to whoever asked for it. What has a row for each sample is split with `X`.
    n_jobs : int, default=None
        How many folds run at a time. Scores do not depend on it; times do, since what runs at the
        same time shares the processor.
    confidence_level : float, default=0.95
        Of the intervals.
    error_score : {'raise'} or nan, default=nan
        Whether an exception makes a row with an error, or ends the comparison.
    callbacks : callback or list of callbacks, default=None
        scikit-learn's, such as ``ProgressBar()``. Each estimator is a task, and its folds are tasks
        of that task.

    Returns
    -------
    Comparison
        Prints as a table; `plot`, `to_frame`, `to_dict`, `pairwise` and `to_html` tell more.

    Raises
    ------
    ValueError
        Before any fit: if there is no estimator, a name comes twice, `baseline` is none of them,
        lengths of `X` and `y` differ, classifiers and regressors are mixed without a `scoring`,
        `cv` or `scoring` is not known, a fold has no rows to fit or to score, or a metric has the
        name of a column of :meth:`Comparison.to_dict`.
    TypeError
        If an entry of `estimators` is no estimator.

    Warns
    -----
    FitFailedWarning
        Names the estimators that failed.
    Warning
        Of any kind that the fits warn of: each text once, with the number of fits.

    See Also
    --------
    corrected_ttest : The test alone, for scores that are there already.
    sklearn.model_selection.cross_validate : One estimator.

    References
    ----------
    .. [1] C. Nadeau and Y. Bengio, "Inference for the generalization error", Machine Learning
       52, 2003, pages 239-281.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skdeep import KNNClassifier, SoftmaxClassifier
    >>> from skdeep.model_selection import compare
    >>> X, y = load_iris(return_X_y=True)
    >>> candidates = {"1 neighbour": KNNClassifier(1), "softmax": SoftmaxClassifier()}
    >>> comparison = compare(candidates, X, y, cv=10)
    >>> comparison.baseline
    'softmax'
    >>> {name: round(float(scores.mean()), 2) for name, scores in comparison.scores.items()}
    {'1 neighbour': 0.96, 'softmax': 0.97}
    >>> comparison.to_dict()["p_value"]
    [nan, 0.51]
    """
    named = _named(estimators)
    if baseline is not None and baseline not in named:
        raise ValueError(
            f"The 'baseline' parameter of compare must be None or one of {list(named)}. "
            f"Got {baseline!r} instead."
        )
    check_value("compare", "confidence_level", confidence_level, [real(0, 1, "neither")])
    check_value("compare", "error_score", error_score, _ERROR_SCORE)
    _check_kinds(named, scoring)
    _check_metrics(scoring)
    X, y, groups = indexable(X, y, groups)
    scorers = {name: check_scoring(estimator, scoring=scoring) for name, estimator in named.items()}
    cv = check_cv(cv, y, classifier=any(map(is_classifier, named.values())))
    routed, split_params = _route(named, scorers, cv, dict(params or {}))
    if groups is not None:
        split_params = {**split_params, "groups": groups}
    splits = _splits(cv.split(X, y, **split_params), np.arange(length(X) or 0))

    runner = Compare(named, scorers=scorers, n_jobs=n_jobs, error_score=error_score)
    if callbacks is not None:
        many = isinstance(callbacks, Iterable) and not hasattr(callbacks, "setup")
        runner.set_callbacks(*(callbacks if many else [callbacks]))
    runner.fit(X, y, splits=splits, params=routed)
    warn_once(runner.results_)
    comparison = Comparison._of(
        runner.results_,
        splits,
        metric=scoring if isinstance(scoring, str) else "score",
        baseline=baseline,
        confidence_level=confidence_level,
        estimators=named,
        cv=cv,
        ranges=possible_scores(scoring, named.values()),
    )
    failed = [name for name in named if comparison.error(name)]
    if failed:
        texts = "\n".join(f"{name}: {comparison.error(name)}" for name in failed)
        warnings.warn(
            f"{len(failed)} of {len(named)} estimators failed and are not ranked.\n{texts}",
            FitFailedWarning,
            stacklevel=2,
        )
    return comparison


def _named(estimators: Mapping[str, Any] | Sequence[Any]) -> dict[str, Any]:
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


def _check_kinds(named: Mapping[str, Any], scoring: Any) -> None:
    """Raise ValueError where the estimators' own scores would not be of one kind."""
    classifiers = [name for name, estimator in named.items() if is_classifier(estimator)]
    regressors = [name for name, estimator in named.items() if is_regressor(estimator)]
    if scoring is None and classifiers and regressors:
        raise ValueError(
            f"estimators mixes classifiers ({', '.join(classifiers)}), whose score is accuracy, "
            f"and regressors ({', '.join(regressors)}), whose score is R²; set scoring to one that "
            "fits all."
        )


def _check_metrics(scoring: Any) -> None:
    """Raise ValueError where a metric would share its name with another column of the result."""
    taken = [name for name in _COLUMNS if isinstance(scoring, Mapping) and name in scoring]
    if taken:
        raise ValueError(
            f"The 'scoring' parameter of compare names a metric {taken[0]!r}, as a column of the "
            "result is called; give it another name."
        )


def _splits(
    folds: Iterable[tuple[Any, Any]], everyone: NDArray[np.intp]
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Return the row numbers of folds that may be given as masks, lists or slices too."""

    def rows(part: Any) -> NDArray[np.intp]:
        return everyone[list(part) if isinstance(part, tuple) else part]

    splits = [(rows(train), rows(test)) for train, test in folds]
    if not splits:
        raise ValueError("The 'cv' parameter of compare must give at least one fold. Got none.")
    for fold, (train, test) in enumerate(splits, 1):
        if not (len(train) and len(test)):
            raise ValueError(
                "The 'cv' parameter of compare must give folds with rows to fit and rows to score. "
                f"Got {len(train)} and {len(test)} in fold {fold}."
            )
    return splits


def _route(
    named: Mapping[str, Any], scorers: Mapping[str, Any], cv: Any, params: dict[str, Any]
) -> tuple[dict[str, Params], Mapping[str, Any]]:
    """Return who gets which of `params`: each estimator with its scorer, and the splitter."""
    if not get_config()["enable_metadata_routing"]:
        return {name: Params(fit=params) for name in named}, {}
    if not params:
        return {name: Params() for name in named}, {}

    router = MetadataRouter(owner="compare").add(splitter=cv, method_mapping=_from_fit("split"))
    for name, estimator in named.items():
        router.add(**{f"estimator {name}": estimator}, method_mapping=_from_fit("fit"))
        router.add(**{f"scorer {name}": scorers[name]}, method_mapping=_from_fit("score"))
    routed = process_routing(router, "fit", **params)
    return {
        name: Params(routed[f"estimator {name}"]["fit"], routed[f"scorer {name}"]["score"])
        for name in named
    }, routed["splitter"]["split"]


def _from_fit(method: str) -> MethodMapping:
    """Return the mapping from the comparison's run to `method`."""
    return MethodMapping().add(caller="fit", callee=method)
