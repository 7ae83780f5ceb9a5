"""What was measured: scores and times of every estimator on every fold, and the tests of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from skdeep.model_selection.corrected_test import PairedTest, corrected_ttest, mean_interval
from skdeep.model_selection.folds import FoldResult
from skdeep.utils.params import check_value, one_of

__all__ = ["Scores"]


@dataclass(frozen=True, repr=False, eq=False)
class Scores:
    """Scores by fold and what follows from them; the attributes are those of `Comparison`.

    A :class:`~skdeep.model_selection.Comparison` adds the ways to look at them. Tables and figures
    take these, so that nothing that draws a comparison has to know the class that it is drawn for.
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
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    preparation: str = ""

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
        ranges: dict[str, tuple[float, float]],
        preparation: str,
    ) -> Self:
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
            ranges=ranges,
            preparation=preparation,
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

    def by_metric(self, metric: str) -> Self:
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

        It ends where the metric does: no accuracy is above 1. To tell two estimators apart, look at
        the interval of their difference instead: scores of the same folds rise and fall together.

        Parameters
        ----------
        name : str
            One of `names`.

        Returns
        -------
        low, high : float
        """
        check_value("interval", "name", name, [one_of(*self.names)])
        level = self.confidence_level
        interval = mean_interval(self.scores[name], self.n_train, self.n_test, level)
        low, high = np.clip(interval, *self.ranges.get(self.metric, (-np.inf, np.inf)))
        return float(low), float(high)

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
