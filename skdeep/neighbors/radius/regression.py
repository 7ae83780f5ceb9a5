"""Regression by the mean of all training rows within a radius."""

from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from skdeep.neighbors.radius.base import RadiusNeighbors
from skdeep.neighbors.radius.votes import ball_weights
from skdeep.neighbors.regression import NeighborsRegressor
from skdeep.neighbors.search_params import SupervisedParams
from skdeep.neighbors.units import unit_of
from skdeep.utils.parameters import parameters
from skdeep.utils.params import real
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.user_warnings import warn_user

__all__ = ["RadiusNeighborsRegressor"]


@parameters(first=SupervisedParams)
class RadiusNeighborsRegressor(NeighborsRegressor, RadiusNeighbors, SupervisedParams):
    """Regression by the (weighted) mean of the targets of all training rows within a radius.

    A drop-in for :class:`sklearn.neighbors.RadiusNeighborsRegressor`: same keywords, same
    predictions, on the exact search of :class:`KNNClassifier`.

    See Also
    --------
    KNNRegressor : With a number of neighbours instead of a radius.
    RadiusNeighborsClassifier : The classifier.

    Examples
    --------
    >>> from skdeep import RadiusNeighborsRegressor
    >>> model = RadiusNeighborsRegressor().fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
    >>> model.predict([[1.5]])
    array([0.5])
    """

    radius: Annotated[float, real(0), "How near the rows that are averaged are."] = 1.0

    @all_or_nothing
    def fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> "RadiusNeighborsRegressor":
        """Keep the training rows, and index them.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or (n_samples, \
n_samples) if metric == "precomputed"
            Training rows. A C-contiguous array of numbers is not copied, a memory map stays one.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            A row of weight w counts as w rows.

        Returns
        -------
        RadiusNeighborsRegressor
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

    def predict(self, X: Any) -> NDArray:
        """Return the mean target within the radius of each query.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), or None
            None stands for the training rows, each without itself among its neighbours.

        Returns
        -------
        ndarray of shape (n_queries,) or (n_queries, n_outputs)
            NaN for a query without neighbours.

        Raises
        ------
        ValueError
            As :meth:`radius_neighbors`.

        Warns
        -----
        UserWarning
            If some query has no neighbours.
        """
        check_is_fitted(self, "n_samples_fit_")
        balls = self._voters(X)
        weight = ball_weights(balls, self.weights)
        weight = np.ones(len(balls.index)) if weight is None else weight.astype(np.float64)
        if self._sample_weight is not None:
            weight = weight * self._sample_weight[balls.index]
        query, n_queries = balls.query, len(balls.count)
        total = np.bincount(query, weights=weight, minlength=n_queries)
        outputs = self._y.reshape(len(self._y), -1)
        mean = np.empty((n_queries, outputs.shape[1]))
        with np.errstate(divide="ignore", invalid="ignore"):
            for output, column in enumerate(outputs.T):
                value = (column * self._y_unit)[balls.index] * weight
                sums = np.bincount(query, weights=value, minlength=n_queries)
                mean[:, output] = sums / total / self._y_unit
        mean[total == 0] = np.nan
        if (total == 0).any():
            warn_user(
                "One or more samples have no neighbors within specified radius; predicting NaN.",
            )
        return mean.reshape(-1) if self._y.ndim == 1 else mean
