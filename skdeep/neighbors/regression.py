"""Regression by the mean of the nearest neighbours' targets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from skdeep.neighbors.base import NeighborsBase, unchanged_on_error
from skdeep.neighbors.vote import distance_weights

__all__ = ["KNNRegressor"]


class KNNRegressor(RegressorMixin, NeighborsBase):
    """Regression by the (weighted) mean of the targets of the nearest training rows.

    A drop-in for :class:`sklearn.neighbors.KNeighborsRegressor` with an exact search that runs at
    the speed of a matrix product, see :class:`KNNClassifier` for how.

    Parameters
    ----------
    n_neighbors : int, default=5
        How many neighbours are averaged.
    weights : {"uniform", "distance"}, callable or None, default="uniform"
        What each neighbour counts: all the same; one over its distance (those at distance zero
        alone, if there are any); or what a function makes of the array of distances, of the same
        shape.
    algorithm : {"auto", "ball_tree", "kd_tree", "brute"}, default="auto"
        How neighbours are found. All are exact and find the same.
    leaf_size : int, default=30
        Points in a leaf of a tree.
    p : float, default=2
        The power of the "minkowski" metric.
    metric : str, callable or DistanceMetric, default="minkowski"
        Any metric of :func:`sklearn.metrics.pairwise_distances`, or "precomputed".
    metric_params : dict, default=None
        What the metric takes besides.
    n_jobs : int, default=None
        How many threads search. None: as many as matrix products use.

    Attributes
    ----------
    effective_metric_ : str or callable
        The metric in use, "euclidean" for "minkowski" with ``p=2``.
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
    KNNRegressorCV : Chooses the number of neighbours from a single search per fold.
    KNNClassifier : The classifier.

    Examples
    --------
    >>> from skdeep import KNNRegressor
    >>> model = KNNRegressor(n_neighbors=2).fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
    >>> model.predict([[1.5]])
    array([0.5])
    """

    def __init__(
        self,
        n_neighbors: int = 5,
        *,
        weights: Any = "uniform",
        algorithm: str = "auto",
        leaf_size: int = 30,
        p: float | None = 2,
        metric: Any = "minkowski",
        metric_params: dict[str, Any] | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.p = p
        self.metric = metric
        self.metric_params = metric_params
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> KNNRegressor:
        """Keep the training rows, and index them.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or (n_samples, \
n_samples) if metric == "precomputed"
            Training rows. A C-contiguous array of numbers is not copied, a memory map stays one.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            A row of weight w counts as w rows: the neighbourhood of a query are the nearest rows
            whose weights add up to `n_neighbors`.

        Returns
        -------
        KNNRegressor
            Itself.

        Raises
        ------
        ValueError
            If a parameter, `X`, `y` or `sample_weight` is not as described; the estimator is then
            left as it was.
        """
        self._check_params()
        with unchanged_on_error(self):
            X, y = self._validate(X, y)
            self._fit_index(X, sample_weight)
            self._y = y
        return self

    def predict(self, X: Any) -> NDArray:
        """Return the mean target of the neighbours of each query.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), or None
            None stands for the training rows, each without itself among its neighbours.

        Returns
        -------
        ndarray of shape (n_queries,) or (n_queries, n_outputs)

        Raises
        ------
        ValueError
            As :meth:`kneighbors`.
        """
        check_is_fitted(self, "n_samples_fit_")
        return self._averages(*self._neighborhoods(X))

    def _averages(self, distance: NDArray, index: NDArray, mass: NDArray | None) -> NDArray:
        """Return the mean targets of neighbours."""
        weight = distance_weights(distance, self.weights, mass)
        return averages(self._y, index, weight)


def averages(
    y: NDArray, index: NDArray[np.intp], weight: NDArray[np.floating] | None
) -> NDArray[np.float64]:
    """Return the weighted mean target of each row of neighbours.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
    index : ndarray of shape (n_queries, k)
    weight : ndarray of shape (n_queries, k), or None

    Returns
    -------
    ndarray of shape (n_queries,) or (n_queries, n_outputs)
    """
    if weight is None:
        return np.mean(y[index], axis=1)
    outputs = y.reshape(len(y), -1)
    total = weight.sum(axis=1)
    result = np.empty((len(index), outputs.shape[1]))
    for output in range(outputs.shape[1]):
        result[:, output] = (outputs[index, output] * weight).sum(axis=1) / total
    return result.reshape(-1) if y.ndim == 1 else result
