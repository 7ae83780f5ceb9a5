"""The k nearest training rows of a query: what every estimator that asks for them shares."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.utils.validation import check_is_fitted

from skdeep.neighbors.base import NeighborsBase, as_graph, check_mode, n_threads
from skdeep.neighbors.search.graph import nearest_of_graph
from skdeep.neighbors.vote import masses

__all__ = ["KNeighbors"]


class KNeighbors(NeighborsBase):
    """Find the `n_neighbors` nearest training rows."""

    n_neighbors: Any

    def kneighbors(
        self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True
    ) -> Any:
        """Find the nearest training rows of each query.

        Sample weights have no part in this: every training row counts once.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), or (n_queries, \
n_samples_fit) if metric == "precomputed", default=None
            The queries. None stands for the training rows, none of which is then its own
            neighbour.
        n_neighbors : int, default=None
            How many; None stands for the parameter of the estimator.
        return_distance : bool, default=True
            Whether to return the distances.

        Returns
        -------
        neigh_dist : ndarray of shape (n_queries, n_neighbors)
            The distances, ascending. Only if `return_distance` is true.
        neigh_ind : ndarray of shape (n_queries, n_neighbors)
            The indices of the training rows; of rows at the same distance the lower index first.

        Raises
        ------
        NotFittedError
            If `fit` has not been called.
        TypeError, ValueError
            If `n_neighbors` is no integer, is not positive or exceeds the rows there are, or if
            the queries do not fit the training rows.

        Examples
        --------
        >>> from skdeep import KNNRegressor
        >>> model = KNNRegressor(n_neighbors=2).fit([[0.0], [1.0], [5.0]], [0, 1, 2])
        >>> model.kneighbors([[0.9]])
        (array([[0.1, 0.9]]), array([[1, 0]]))
        """
        check_is_fitted(self, "n_samples_fit_")
        if n_neighbors is None:
            n_neighbors = self.n_neighbors
        if not isinstance(n_neighbors, Integral) or isinstance(n_neighbors, bool):
            raise TypeError(
                f"n_neighbors does not take {type(n_neighbors)} value, enter integer value"
            )
        if n_neighbors <= 0:
            raise ValueError(f"Expected n_neighbors > 0. Got {n_neighbors}")
        X = self._queries(X)
        distance, index = self._search(X, int(n_neighbors))
        return (distance, index) if return_distance else index

    def _search(self, X: Any, k: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Return distances and indices of the k nearest; X is validated, or None."""
        n_samples = self.n_samples_fit_
        own = X is None
        if k > n_samples - own:
            raise ValueError(
                f"Expected n_neighbors {'<' if own else '<='} n_samples_fit, but n_neighbors = "
                f"{k}, n_samples_fit = {n_samples}, n_samples = "
                f"{n_samples if own else X.shape[0]}"
            )
        queries = self._fit_X if own else X
        if self._is_precomputed() and issparse(queries):
            distance, index = nearest_of_graph(queries, k + own)
        else:
            distance, index = self._index.query(queries, k + own, n_threads(self.n_jobs))
        if isinstance(self.metric, str) and self.metric in ("nan_euclidean", "gower"):
            # Two rows that share no feature.
            distance[np.isinf(distance)] = np.nan
        if own:
            return _without_self(distance, index)
        return distance, index

    def _neighborhoods(
        self, X: Any
    ) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.float64] | None]:
        """Return distances and indices of the neighbours that vote, and their masses.

        Without sample weights these are the `n_neighbors` nearest, and their masses None. With
        them, the nearest whose weights add up to `n_neighbors`.
        """
        X = self._queries(X)
        k = self.n_neighbors
        if self._sample_weight is None:
            return (*self._search(X, k), None)
        weight = self._sample_weight
        n_rows = self.n_samples_fit_ - (X is None)
        total = weight.sum() - (weight.max() if X is None else 0)
        if total < k * (1 - 1e-12):
            raise ValueError(
                f"Expected n_neighbors <= the sum of sample_weight, but n_neighbors = {k} and the "
                f"weights add up to {total:g}: a row of weight w counts as w neighbours, so scale "
                "the weights to a mean of one."
            )
        n_found = min(k, n_rows)
        while True:
            distance, index = self._search(X, n_found)
            enough = weight[index].sum(axis=1).min() >= k
            if enough or n_found == n_rows:
                return distance, index, masses(weight[index], k)
            n_found = min(2 * n_found, n_rows)

    def kneighbors_graph(
        self, X: Any = None, n_neighbors: int | None = None, mode: str = "connectivity"
    ) -> Any:
        """Return the neighbours of each query as the rows of a sparse matrix.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), default=None
            As for :meth:`kneighbors`.
        n_neighbors : int, default=None
            As for :meth:`kneighbors`.
        mode : {"connectivity", "distance"}, default="connectivity"
            Whether a neighbour's entry is one or its distance.

        Returns
        -------
        CSR matrix of shape (n_queries, n_samples_fit)

        Raises
        ------
        ValueError
            For another mode, and as :meth:`kneighbors`.

        Examples
        --------
        >>> from skdeep import KNNRegressor
        >>> model = KNNRegressor(n_neighbors=2).fit([[0.0], [3.0], [1.0]], [0, 1, 2])
        >>> model.kneighbors_graph([[0.0], [3.0]]).toarray()
        array([[1., 0., 1.],
               [0., 1., 1.]])
        """
        check_is_fitted(self, "n_samples_fit_")
        check_mode(mode)
        distance, index = self.kneighbors(X, n_neighbors)
        k = index.shape[1]
        begin = np.arange(0, index.size + 1, k)
        return as_graph(mode, begin, index.reshape(-1), distance.reshape(-1), self.n_samples_fit_)


def _without_self(
    distance: NDArray[np.float64], index: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Drop each row's own index; where ties kept it out, the last neighbour is one too many."""
    n_rows, found = index.shape
    keep = index != np.arange(n_rows)[:, None]
    keep[keep.all(axis=1), -1] = False
    shape = (n_rows, found - 1)
    return distance[keep].reshape(shape), index[keep].reshape(shape)
