"""The result of a comparison: scores by fold, tests, times, and the ways to look at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.model_selection.columns import by_estimator, by_fold, pairwise
from skdeep.model_selection.corrected_test import PairedTest, corrected_ttest, mean_interval
from skdeep.model_selection.folds import FoldResult
from skdeep.utils.params import check_value, one_of

__all__ = ["Comparison"]


@dataclass(frozen=True, repr=False, eq=False)
class Comparison:
    """What `compare` found; prints as a table, in a notebook too.

    Rows of all tables go from the best mean score to the worst, estimators that failed last.

    Attributes
    ----------
    names : list of str
        The estimators, in the order in which they were given.
    metric : str
        The metric that is compared; "score" for the estimators' own.
    metrics : list of str
        All metrics that were computed.
    all_scores : dict of str to dict of str to ndarray of shape (n_folds,)
        For each metric and estimator the score of each fold, NaN where it failed.
    fit_times, predict_times : dict of str to ndarray of shape (n_folds,)
        Seconds to fit a fold, and to predict its test rows.
    errors : dict of str to list of (str or None)
        For each estimator and fold what went wrong.
    n_train, n_test : ndarray of shape (n_folds,)
        Numbers of rows.
    confidence_level : float
        Of all intervals.
    baseline_given : str or None
        The `baseline` that `compare` was given.
    estimators : dict of str to estimator
        As they were given, not fitted.
    cv : splitter
        Where the folds come from.

    See Also
    --------
    compare : Makes one.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.dummy import DummyClassifier
    >>> from skdeep import KNNClassifier
    >>> from skdeep.model_selection import compare
    >>> X, y = load_iris(return_X_y=True)
    >>> candidates = {"dummy": DummyClassifier(), "neighbours": KNNClassifier()}
    >>> comparison = compare(candidates, X, y, baseline="dummy")
    >>> comparison.ranking
    ['neighbours', 'dummy']
    >>> comparison.scores["dummy"].shape
    (5,)
    """

    names: list[str]
    metric: str
    metrics: list[str]
    all_scores: dict[str, dict[str, NDArray[np.float64]]]
    fit_times: dict[str, NDArray[np.float64]]
    predict_times: dict[str, NDArray[np.float64]]
    errors: dict[str, list[str | None]]
    n_train: NDArray[np.intp]
    n_test: NDArray[np.intp]
    confidence_level: float
    baseline_given: str | None
    estimators: dict[str, Any]
    cv: Any

    @classmethod
    def _of(
        cls,
        results: Mapping[str, Sequence[FoldResult]],
        splits: Sequence[tuple[Any, Any]],
        *,
        metric: str,
        baseline: str | None,
        confidence_level: float,
        estimators: dict[str, Any],
        cv: Any,
    ) -> Comparison:
        """Return the comparison of fold results, whose only metric is to be called `metric`."""
        found = [key for folds in results.values() for fold in folds for key in fold.scores]
        keys = list(dict.fromkeys(found)) or [""]

        def column(read: Any) -> dict[str, NDArray[np.float64]]:
            return {name: np.array([read(fold) for fold in results[name]]) for name in results}

        all_scores = {}
        for key in keys:
            all_scores[key or metric] = column(lambda fold, key=key: fold.scores.get(key, np.nan))
        return cls(
            names=list(results),
            metric=keys[0] or metric,
            metrics=list(all_scores),
            all_scores=all_scores,
            fit_times=column(lambda fold: fold.fit_time),
            predict_times=column(lambda fold: fold.predict_time),
            errors={name: [fold.error for fold in folds] for name, folds in results.items()},
            n_train=np.array([len(train) for train, _ in splits]),
            n_test=np.array([len(test) for _, test in splits]),
            confidence_level=confidence_level,
            baseline_given=baseline,
            estimators=estimators,
            cv=cv,
        )

    @property
    def scores(self) -> dict[str, NDArray[np.float64]]:
        """The compared metric of each estimator, fold by fold."""
        return self.all_scores[self.metric]

    @property
    def n_folds(self) -> int:
        """Number of folds."""
        return len(self.n_test)

    @property
    def ranking(self) -> list[str]:
        """Names from the best mean score to the worst, those that failed last."""

        def key(name: str) -> tuple[bool, float]:
            mean = self.scores[name].mean()
            return bool(np.isnan(mean)), -mean

        return sorted(self.names, key=key)

    @property
    def baseline(self) -> str:
        """Name of the estimator that the others are compared with."""
        return self.ranking[0] if self.baseline_given is None else self.baseline_given

    def by_metric(self, metric: str) -> Comparison:
        """Return the same comparison by another of the metrics that were computed.

        Parameters
        ----------
        metric : str
            One of `metrics`.

        Returns
        -------
        Comparison
        """
        check_value("by_metric", "metric", metric, [one_of(*self.metrics)])
        return replace(self, metric=metric)

    def error(self, name: str) -> str:
        """Return what went wrong with an estimator, in a sentence; "" if nothing did.

        Parameters
        ----------
        name : str
            One of `names`.

        Returns
        -------
        str
        """
        check_value("error", "name", name, [one_of(*self.names)])
        texts = [(fold, text) for fold, text in enumerate(self.errors[name], 1) if text]
        if not texts:
            return ""
        where = f"{len(texts)} of {self.n_folds} folds"
        return f"failed in {where}, first in fold {texts[0][0]}: {texts[0][1]}"

    def interval(self, name: str) -> tuple[float, float]:
        """Return the confidence interval of an estimator's mean score.

        To tell two estimators apart, look at the interval of their difference instead: scores of
        the same folds rise and fall together.

        Parameters
        ----------
        name : str
            One of `names`.

        Returns
        -------
        low, high : float
        """
        check_value("interval", "name", name, [one_of(*self.names)])
        return mean_interval(self.scores[name], self.n_train, self.n_test, self.confidence_level)

    def test(self, name: str, other: str) -> PairedTest:
        """Return the corrected t-test between two of the estimators.

        Parameters
        ----------
        name, other : str
            Two of `names`.

        Returns
        -------
        PairedTest
            Its `difference` is the first's mean score minus the second's.
        """
        check_value("test", "name", name, [one_of(*self.names)])
        check_value("test", "other", other, [one_of(*self.names)])
        return corrected_ttest(
            self.scores[name],
            self.scores[other],
            n_train=self.n_train,
            n_test=self.n_test,
            confidence_level=self.confidence_level,
        )

    def pairwise(self) -> dict[str, list[Any]]:
        """Return the test between any two of the estimators, as a dict of columns.

        Returns
        -------
        dict of str to list
            "estimator", "other", "difference" (of the first from the second), "difference_low",
            "difference_high", "p_value", and "p_holm", which is adjusted for all of them.
        """
        return pairwise(self)

    def to_dict(self, by: str = "estimator") -> dict[str, list[Any]]:
        """Return the comparison as a dict of columns.

        Parameters
        ----------
        by : {"estimator", "fold"}, default="estimator"
            What a row is.

        Returns
        -------
        dict of str to list
            By estimator: "estimator", "mean_score", "std_score", and of the difference from the
            baseline "difference", "difference_low", "difference_high", "p_value" and "p_holm";
            the medians "fit_time" and "predict_time" in seconds; "error"; and the mean of every
            further metric, as "mean_f1". By fold: "estimator", "fold", every metric by its name,
            "fit_time", "predict_time", "n_train", "n_test", "error".
        """
        check_value("to_dict", "by", by, [one_of("estimator", "fold")])
        return by_estimator(self) if by == "estimator" else by_fold(self)

    def to_frame(self, by: str = "estimator") -> Any:
        """Return the comparison as a pandas DataFrame.

        Parameters
        ----------
        by : {"estimator", "fold"}, default="estimator"
            What a row is; columns are those of `to_dict`.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        ImportError
            If pandas is not there.
        """
        columns = self.to_dict(by)
        try:
            import pandas
        except ImportError as error:
            raise ImportError(
                "to_frame needs pandas, which is not installed; to_dict gives the same columns "
                "without it."
            ) from error
        return pandas.DataFrame(columns)

    def plot(self, ax: Any = None) -> Any:
        """Draw scores by fold, differences from the baseline and times; needs matplotlib.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw the scores alone; None makes a figure with all three.

        Returns
        -------
        ndarray of Axes, or `ax`
        """
        from skdeep.model_selection.figure import draw

        return draw(self, ax)

    def to_html(
        self,
        title: str = "Comparison of estimators",
        details: Mapping[str, str] | None = None,
    ) -> str:
        """Return a page of its own with table, figures and tests, which loads nothing.

        Parameters
        ----------
        title : str, default="Comparison of estimators"
            Its heading.
        details : dict of str to str, default=None
            What else the reader should know, such as ``{"data": "iris"}``.

        Returns
        -------
        str
            Write it to a file, as UTF-8, and open that in a browser.
        """
        from skdeep.model_selection.report import page

        return page(self, title, details)

    def __str__(self) -> str:
        from skdeep.model_selection.table import text_table

        return text_table(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from skdeep.model_selection.table import html_table

        return html_table(self)
