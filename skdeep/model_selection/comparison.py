"""The result of a comparison, and the ways to look at it: tables, a figure, a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from skdeep.model_selection.report.columns import by_estimator, by_fold, pairwise
from skdeep.model_selection.report.figure import draw
from skdeep.model_selection.report.page import page
from skdeep.model_selection.report.table import html_table, text_table
from skdeep.model_selection.scores import Scores
from skdeep.utils.params import check_value, one_of

__all__ = ["Comparison"]


@dataclass(frozen=True, repr=False, eq=False)
class Comparison(Scores):
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
        Not fitted: as they were given, or behind a preparation of the columns.
    cv : splitter
        Where the folds come from.
    ranges : dict of str to (float, float)
        The least and the greatest value that a metric can have, where that is known.
    preparation : str
        Which estimators were fitted behind a preparation of the columns, and what those are; "" if
        none was.

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
        return page(self, title, details)

    def __str__(self) -> str:
        return text_table(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(self)
