"""Run several estimators on the same folds."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.exceptions import FitFailedWarning
from sklearn.utils import indexable

from skdeep.model_selection.arguments import (
    check_kinds,
    check_metrics,
    name_estimators,
    route,
    rows_of_folds,
)
from skdeep.model_selection.comparison import Comparison
from skdeep.model_selection.folds import length
from skdeep.model_selection.preparation import Preparation, is_mixed, plan, takes_tables
from skdeep.model_selection.ranges import possible_scores
from skdeep.model_selection.runner import Compare
from skdeep.model_selection.scorers import FoldScorer
from skdeep.model_selection.warn_once import warn_once
from skdeep.utils.clean import check_cv
from skdeep.utils.columns import is_frame
from skdeep.utils.params import boolean, check_value, none, one_of, real, rule

__all__ = ["compare"]

_ERROR_SCORE = [
    rule("'raise'", lambda value: isinstance(value, str) and value == "raise"),
    rule("NaN", lambda value: isinstance(value, float) and np.isnan(value)),
]
_PARAMS = rule("a dict of fit parameters", lambda value: isinstance(value, Mapping), "dict")


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
    prepare: Any = "auto",
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
    prepare : {'auto'} or bool, default='auto'
        Whether estimators are fitted behind a pipeline that fills in missing numbers, standardizes
        numbers and encodes categories, and leaves out free text and columns of one value. 'auto':
        where `X` is a data frame with columns that hold no numbers; a pipeline, or an estimator
        with a pipeline inside, prepares its columns itself and stays as it is. False: never. True:
        as 'auto', for data frames of numbers too.

    Returns
    -------
    Comparison
        Prints as a table; `plot`, `to_frame`, `to_dict`, `pairwise` and `to_html` tell more.

    Raises
    ------
    ValueError
        Before any fit: if there is no estimator, a name comes twice, `baseline` is none of them,
        lengths of `X` and `y` differ, classifiers and regressors are mixed without a `scoring`,
        `cv` or `scoring` is not known, a fold has no rows to fit or to score, a metric has the
        name of a column of :meth:`Comparison.to_dict`, `prepare` is True and `X` no data frame,
        or no column of a frame to be prepared can be used.
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
    named = name_estimators(estimators)
    if baseline is not None and not (isinstance(baseline, str) and baseline in named):
        raise ValueError(
            f"The 'baseline' parameter of compare must be None or one of {list(named)}. "
            f"Got {baseline!r} instead."
        )
    check_value("compare", "confidence_level", confidence_level, [real(0, 1, "neither")])
    check_value("compare", "params", params, [none(), _PARAMS])
    check_value("compare", "error_score", error_score, _ERROR_SCORE)
    check_kinds(named, scoring)
    check_metrics(scoring)
    check_value("compare", "prepare", prepare, [one_of("auto"), boolean()])
    n_rows = length(X)
    if n_rows is None:
        raise ValueError(f"The X of compare must have rows. Got {X!r} instead.")
    X, y, groups = indexable(X, y, groups)
    preparation, prepared = _prepared(named, X, prepare)
    named |= prepared
    scorers = {name: FoldScorer(estimator, scoring) for name, estimator in named.items()}
    cv = check_cv(cv, y, classifier=any(map(is_classifier, named.values())))
    routed, split_params = route(named, scorers, cv, dict(params or {}), prepared)
    if groups is not None:
        split_params = {**split_params, "groups": groups}
    splits = rows_of_folds(cv.split(X, y, **split_params), np.arange(n_rows))

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
        preparation=f"{_all_or(prepared, named)}: {preparation}" if prepared else "",
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


def _prepared(
    named: Mapping[str, Any], X: Any, prepare: Any
) -> tuple[Preparation | None, dict[str, Any]]:
    """Return how the table is prepared, and the estimators that are put behind that."""
    if prepare is True and not is_frame(X):
        raise ValueError(
            f"prepare=True needs a data frame, whose columns have types. Got {type(X).__name__}."
        )
    if prepare is False or not (prepare is True or is_mixed(X)):
        return None, {}
    wanting = {name: estimator for name, estimator in named.items() if not takes_tables(estimator)}
    if not wanting:
        return None, {}
    preparation = plan(X)
    return preparation, {name: preparation.before(wanting[name]) for name in wanting}


def _all_or(some: Mapping[str, Any], named: Mapping[str, Any]) -> str:
    return "all" if len(some) == len(named) > 1 else ", ".join(some)
