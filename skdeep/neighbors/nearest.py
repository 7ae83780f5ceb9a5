"""Nearest neighbours without a target."""

from dataclasses import KW_ONLY
from typing import Annotated, Any

from skdeep.neighbors.kneighbors import KNeighbors
from skdeep.neighbors.radius.base import RadiusNeighbors
from skdeep.utils.parameters import parameters
from skdeep.utils.params import integer, real
from skdeep.utils.restore import all_or_nothing

__all__ = ["NearestNeighbors"]


@parameters
class NearestNeighbors(KNeighbors, RadiusNeighbors):
    """The nearest training rows of queries, and all within a radius of them.

    A drop-in for :class:`sklearn.neighbors.NearestNeighbors` on the exact search of
    :class:`KNNClassifier`. So it serves whatever asks for neighbours or takes a graph of them:
    DBSCAN, Isomap, spectral clustering and UMAP with ``metric="precomputed"``, the oversampling of
    imbalanced-learn.

    See Also
    --------
    KNNClassifier : Lets the neighbours vote.
    KNNRegressor : Takes the mean of their targets.
    RadiusNeighborsClassifier : Lets all within a radius vote.

    Notes
    -----
    Temporary arrays of the search are bounded by scikit-learn's `working_memory`.

    Examples
    --------
    >>> from sklearn.cluster import DBSCAN
    >>> from sklearn.datasets import load_iris
    >>> from skdeep import NearestNeighbors
    >>> X, _ = load_iris(return_X_y=True)
    >>> search = NearestNeighbors(n_neighbors=3).fit(X)
    >>> distances, rows = search.kneighbors(X[:1])
    >>> rows
    array([[ 0, 17,  4]])
    >>> graph = search.radius_neighbors_graph(radius=0.5, mode="distance")
    >>> int(DBSCAN(eps=0.5, metric="precomputed").fit_predict(graph).max()) + 1  # clusters
    2
    """

    _: KW_ONLY
    n_neighbors: Annotated[int, integer(1), "How many rows :meth:`kneighbors` returns."] = 5
    radius: Annotated[float, real(0), "The radius of :meth:`radius_neighbors`."] = 1.0

    @all_or_nothing
    def fit(self, X: Any, y: Any = None) -> "NearestNeighbors":
        """Keep the training rows, and index them.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or (n_samples, \
n_samples) if metric == "precomputed"
            Training rows. A C-contiguous array of numbers is not copied, a memory map stays one.
        y : object, default=None
            Not used.

        Returns
        -------
        NearestNeighbors
            Itself.

        Raises
        ------
        ValueError
            If a parameter or `X` is not as described; the estimator is then left as it was.
        """
        self._check_params()
        self._fit_index(self._validate(X))
        return self
