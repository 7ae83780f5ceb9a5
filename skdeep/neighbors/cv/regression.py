"""The nearest-neighbour regressor with cross-validation built in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin

from skdeep.neighbors.base import SEARCH_RULES
from skdeep.neighbors.cv.base import NeighborsCVBase
from skdeep.neighbors.cv.curves import Answer, regressor_answers
from skdeep.neighbors.regression import KNNRegressor
from skdeep.neighbors.units import r2

__all__ = ["KNNRegressorCV"]


class KNNRegressorCV(RegressorMixin, NeighborsCVBase):
    """KNNRegressor with the number of neighbours chosen by cross-validation.

    One search serves every k: each fold and metric is searched once, for the largest number of
    neighbours, and all smaller numbers and all weights are scored from it. The scores are those of
    :class:`sklearn.model_selection.GridSearchCV` over :class:`KNNRegressor`.

    Parameters
    ----------
    n_neighbors : int, sequence of int or None, default=None
        The numbers of neighbours to try. None: 1, 2, ..., 50, as far as the folds have the rows.
    weights : {"uniform", "distance"}, callable or None, or list of these, default="uniform"
        A list is searched.
    metric : str, callable or DistanceMetric, or list of these, default="minkowski"
        A list is searched.
    cv : int, splitter, list of (train, test) or None, default=None
        As in GridSearchCV; None is five folds. ``LeaveOneOut()`` takes a single search on all
        rows, none of them its own neighbour.
    scoring : str, callable or None, default=None
        A scorer; None is R2. ``LeaveOneOut()`` needs "neg_mean_squared_error" or
        "neg_mean_absolute_error".
    algorithm : {"auto", "ball_tree", "kd_tree", "brute"}, default="auto"
        As in :class:`KNNRegressor`, like all that follow.
    leaf_size : int, default=30
        Points in a leaf of a tree.
    p : float, default=2
        The power of the "minkowski" metric.
    metric_params : dict, default=None
        What the metric takes besides.
    n_jobs : int, default=None
        How many threads search. None: as many as matrix products use.

    Attributes
    ----------
    cv_results_ : dict of str to array
        In the form of GridSearchCV: "param_n_neighbors", "split0_test_score", ...,
        "mean_test_score", "std_test_score", "rank_test_score", "params", and seconds; the search
        that candidates share is shared evenly among their seconds.
    n_neighbors_ : int
        The best number of neighbours.
    best_params_ : dict
        The best candidate.
    best_score_ : float
        Its mean score.
    best_index_ : int
        Its place in `cv_results_`.
    best_estimator_ : KNNRegressor
        Fitted with it on all rows.
    n_splits_ : int
        The number of folds.
    effective_metric_ : str or callable
        The metric of the best candidate.
    effective_metric_params_ : dict
        What it takes besides.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features, if all are strings.
    n_samples_fit_ : int
        Number of training rows.

    See Also
    --------
    KNNRegressor : With a given number of neighbours.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from skdeep import KNNRegressorCV
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = KNNRegressorCV(n_neighbors=range(1, 31), weights=["uniform", "distance"])
    >>> model.fit(X, y).best_params_
    {'n_neighbors': 19, 'weights': 'distance'}
    """

    def __init__(
        self,
        n_neighbors: Any = None,
        *,
        weights: Any = "uniform",
        metric: Any = "minkowski",
        cv: Any = None,
        scoring: Any = None,
        algorithm: str = "auto",
        leaf_size: int = 30,
        p: float | None = 2,
        metric_params: dict[str, Any] | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.metric = metric
        self.cv = cv
        self.scoring = scoring
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.p = p
        self.metric_params = metric_params
        self.n_jobs = n_jobs

    def _plain(self, **candidate: Any) -> KNNRegressor:
        shared = {name: getattr(self, name) for name in SEARCH_RULES}
        return KNNRegressor(**{**shared, **candidate})

    def _answers(
        self, model: KNNRegressor, distance: NDArray, index: NDArray, ks: list[int], left_out: bool
    ) -> Iterator[Answer]:
        return regressor_answers(model, distance, index, ks)

    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the score by `scoring`, R2 if that is None.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), or None
        y : array-like of shape (n_queries,) or (n_queries, n_outputs)
        sample_weight : array-like of shape (n_queries,), default=None

        Returns
        -------
        float
        """
        if self.scoring is None:
            return r2(np.asarray(y), self.predict(X), sample_weight)
        return self._scored(X, y, sample_weight)
