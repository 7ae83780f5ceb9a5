"""Regression by the mean of the nearest neighbours' targets."""

from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from skdeep.neighbors.kneighbors import KNeighbors
from skdeep.neighbors.search.blocks import budget, spans
from skdeep.neighbors.search_params import SupervisedParams
from skdeep.neighbors.units import unit_of
from skdeep.neighbors.vote import distance_weights
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.parameters import parameters
from skdeep.utils.params import integer
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.scores.r2 import r2

__all__ = ["KNNRegressor", "NeighborsRegressor"]


class NeighborsRegressor(RegressorMixin, MultiOutputMixin):
    """What regressors on nearest neighbours share."""

    @in_kind
    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return R2 on some rows; on the training rows without themselves for None.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), or None
            ``score(None, y)`` on the training targets is leave-one-out cross-validation, from a
            single search.
        y : array-like of shape (n_queries,) or (n_queries, n_outputs)
            The right targets.
        sample_weight : array-like of shape (n_queries,), default=None
            What each row counts.

        Returns
        -------
        float
        """
        return r2(np.asarray(y), self.predict(X), sample_weight)


@parameters(first=SupervisedParams)
class KNNRegressor(NeighborsRegressor, KNeighbors, SupervisedParams):
    """Regression by the (weighted) mean of the targets of the nearest training rows.

    A drop-in for :class:`sklearn.neighbors.KNeighborsRegressor` with an exact search that runs at
    the speed of a matrix product, see :class:`KNNClassifier` for how.

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

    n_neighbors: Annotated[int, integer(1), "How many neighbours are averaged."] = 5

    @in_kind
    @all_or_nothing
    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> "KNNRegressor":
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
        X, self._y = self._validate(X, y)
        self._y_unit = unit_of(self._y)
        self._fit_index(X, sample_weight)
        return self

    @in_kind
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
        if self._y_unit == 1.0:
            return averages(self._y, index, weight)
        return averages(self._y * self._y_unit, index, weight) / self._y_unit


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
    n_queries, k = index.shape
    columns = y.reshape(len(y), -1)
    dtype = np.float64 if weight is not None else np.mean(y[:1]).dtype
    result = np.empty((n_queries, *y.shape[1:]), dtype=dtype)
    by_output = result.reshape(n_queries, -1)
    for begin, end in spans(0, n_queries, max(1, budget() // (32 * k * columns.shape[1]))):
        rows = slice(begin, end)
        if weight is None:
            np.mean(y[index[rows]], axis=1, out=result[rows])
            continue
        total = weight[rows].sum(axis=1)
        for output, column in enumerate(columns.T):
            by_output[rows, output] = (column[index[rows]] * weight[rows]).sum(axis=1) / total
    return result
