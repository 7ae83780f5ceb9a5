"""The training rows within a radius of a query: what every estimator that asks for them shares."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.utils.validation import check_is_fitted

from skdeep.neighbors.base import NeighborsBase, as_graph, check_mode, n_threads
from skdeep.neighbors.search.graph import within_of_graph
from skdeep.neighbors.search.radius import Balls

__all__ = ["RadiusNeighbors"]


class RadiusNeighbors(NeighborsBase):
    """Find the training rows within `radius`."""

    radius: Any

    def radius_neighbors(
        self,
        X: Any = None,
        radius: ArrayLike | None = None,
        return_distance: bool = True,
        sort_results: bool = False,
    ) -> Any:
        """Find the training rows within a radius of each query, its border included.

        Sample weights have no part in this: every training row counts once.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), or (n_queries, \
n_samples_fit) if metric == "precomputed", default=None
            The queries. None stands for the training rows, none of which is then its own
            neighbour.
        radius : float or array-like of shape (n_queries,), default=None
            None stands for the parameter of the estimator.
        return_distance : bool, default=True
            Whether to return the distances.
        sort_results : bool, default=False
            Whether neighbours come by distance, equal ones by index, or all by index.

        Returns
        -------
        neigh_dist : ndarray of shape (n_queries,) of arrays
            The distances of each query's neighbours. Only if `return_distance` is true.
        neigh_ind : ndarray of shape (n_queries,) of arrays
            The indices of the training rows.

        Raises
        ------
        NotFittedError
            If `fit` has not been called.
        ValueError
            If `radius` is no number that is at least zero, if results are to be sorted by
            distances that are not returned, or if the queries do not fit the training rows.

        Examples
        --------
        >>> from skdeep import NearestNeighbors
        >>> model = NearestNeighbors(radius=1.5).fit([[0.0], [1.0], [5.0]])
        >>> distances, rows = model.radius_neighbors([[0.9]])
        >>> distances[0], rows[0]
        (array([0.9, 0.1]), array([0, 1]))
        """
        check_is_fitted(self, "n_samples_fit_")
        if sort_results and not return_distance:
            raise ValueError("return_distance must be True if sort_results is True.")
        balls = self._balls(self._queries(X), radius)
        if sort_results:
            balls = balls.by_distance()
        index = balls.in_arrays(balls.index)
        return (balls.in_arrays(balls.distance), index) if return_distance else index

    def radius_neighbors_graph(
        self,
        X: Any = None,
        radius: ArrayLike | None = None,
        mode: str = "connectivity",
        sort_results: bool = False,
    ) -> Any:
        """Return the training rows within a radius of each query as rows of a sparse matrix.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), default=None
            As for :meth:`radius_neighbors`.
        radius : float, default=None
            As for :meth:`radius_neighbors`.
        mode : {"connectivity", "distance"}, default="connectivity"
            Whether a neighbour's entry is one or its distance.
        sort_results : bool, default=False
            Whether the entries of a row are stored by distance, with ``mode="distance"``.

        Returns
        -------
        CSR matrix of shape (n_queries, n_samples_fit)

        Raises
        ------
        ValueError
            For another mode, and as :meth:`radius_neighbors`.

        Examples
        --------
        >>> from skdeep import NearestNeighbors
        >>> model = NearestNeighbors(radius=1.5).fit([[0.0], [3.0], [1.0]])
        >>> model.radius_neighbors_graph([[0.0], [3.0], [1.0]]).toarray()
        array([[1., 0., 1.],
               [0., 1., 0.],
               [1., 0., 1.]])
        """
        check_is_fitted(self, "n_samples_fit_")
        check_mode(mode)
        balls = self._balls(self._queries(X), radius)
        if sort_results and mode == "distance":
            balls = balls.by_distance()
        return as_graph(mode, balls.begin, balls.index, balls.distance, self.n_samples_fit_)

    def _balls(self, X: Any, radius: ArrayLike | None = None) -> Balls:
        """Return the neighbours of validated queries; of the training rows for None."""
        queries = self._fit_X if X is None else X
        reach = self._checked_radius(self.radius if radius is None else radius, queries.shape[0])
        largest = float(reach.max())
        if self._is_precomputed() and issparse(queries):
            balls = Balls.of_rows(*within_of_graph(queries, largest))
        else:
            balls = self._index.within(queries, largest, n_threads(self.n_jobs))
        if reach.ndim:
            balls = balls.where(balls.distance <= reach[balls.query])
        return balls.where(balls.index != balls.query) if X is None else balls

    def _voters(self, X: Any) -> Balls:
        """Return the neighbours of checked queries that count: no row of weight zero."""
        balls = self._balls(self._queries(X))
        if self._sample_weight is None:
            return balls
        return balls.where(self._sample_weight[balls.index] > 0)

    @staticmethod
    def _checked_radius(radius: Any, n_queries: int) -> NDArray:
        """Return a radius, or one for each query, as an array."""
        reach = np.asarray(radius)
        if reach.dtype.kind not in "iuf" or not (reach >= 0).all():
            raise ValueError(f"radius must be a number that is at least 0. Got {radius!r} instead.")
        if reach.shape not in ((), (n_queries,)):
            raise ValueError(
                f"radius must be one number, or one for each of the {n_queries} queries. Got an "
                f"array of shape {reach.shape} instead."
            )
        return reach
