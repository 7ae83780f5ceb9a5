"""What the estimators on nearest neighbours share: fitting an index, and asking it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, csr_matrix, issparse
from sklearn import get_config
from sklearn.base import BaseEstimator, MultiOutputMixin, is_classifier
from sklearn.metrics import DistanceMetric
from sklearn.neighbors import BallTree, KDTree
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from skdeep.neighbors.search.direct import nearest_of_graph
from skdeep.neighbors.search.metric import KNOWN_METRICS, build_index, resolve_metric
from skdeep.neighbors.vote import masses
from skdeep.utils.clean import is_clean
from skdeep.utils.params import check_params, integer, none, one_of, real, rule
from skdeep.utils.threads import available_threads
from skdeep.utils.weights import check_sample_weight

__all__ = ["NeighborsBase", "checked_target", "unchanged_on_error"]

ANY_CALLABLE = rule("a callable", callable)
METRIC_RULES = [
    rule(
        "a metric that sklearn.metrics.pairwise_distances knows, 'precomputed', a callable or a "
        "sklearn.metrics.DistanceMetric",
        lambda value: (
            callable(value)
            or isinstance(value, DistanceMetric)
            or (isinstance(value, str) and value in KNOWN_METRICS)
        ),
    )
]
SEARCH_RULES = {
    "algorithm": [one_of("auto", "ball_tree", "kd_tree", "brute")],
    "leaf_size": [integer(1)],
    "p": [real(0, closed="right"), none()],
    "metric_params": [rule("a dict", lambda value: isinstance(value, dict)), none()],
    "n_jobs": [integer(), none()],
}
WEIGHTS_RULES = [one_of("uniform", "distance"), ANY_CALLABLE, none()]


@contextmanager
def unchanged_on_error(estimator: Any) -> Iterator[None]:
    """Give an estimator its attributes back if the block raises."""
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


class NeighborsBase(MultiOutputMixin, BaseEstimator):
    """Fit an index of the training rows and find the neighbours of queries in it."""

    n_neighbors: Any
    weights: Any
    algorithm: Any
    leaf_size: Any
    p: Any
    metric: Any
    metric_params: Any
    n_jobs: Any

    def _check_params(self) -> None:
        check_params(
            self,
            {
                "n_neighbors": [integer(1)],
                "weights": WEIGHTS_RULES,
                "metric": METRIC_RULES,
                **SEARCH_RULES,
            },
        )

    def _validate(self, X: Any, y: Any) -> tuple[Any, NDArray]:
        """Return X and y as arrays, and set what scikit-learn keeps of them."""
        X = _training_rows(X)
        X, y = validate_data(
            self,
            X,
            y,
            skip_check_array=is_clean(X, y),
            accept_sparse="csr",
            multi_output=True,
            order="C",
            ensure_all_finite="allow-nan" if self.metric == "nan_euclidean" else True,
        )
        y = checked_target(self, y)
        if self.metric == "precomputed":
            X = _check_precomputed(X)
            if X.shape[0] != X.shape[1]:
                raise ValueError(
                    f"Precomputed matrix must be square. Input is a {X.shape[0]}x{X.shape[1]} "
                    "matrix."
                )
        return X, y

    def _fit_index(self, X: Any, sample_weight: ArrayLike | None) -> None:
        metric = resolve_metric(self.metric, self.p, self.metric_params)
        weight = check_sample_weight(sample_weight, X)
        self._index, self._fit_method = build_index(
            X, metric, self.metric, self.algorithm, self.leaf_size
        )
        self._fit_X, self._sample_weight = X, weight
        self.effective_metric_ = metric.effective
        self.effective_metric_params_ = metric.effective_params
        self.n_samples_fit_ = X.shape[0]

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

    def _queries(self, X: Any) -> Any:
        """Return queries as an array that the index takes; None stays None."""
        if X is None:
            return None
        if self.metric == "precomputed":
            X = _check_precomputed(X)
            if X.shape[1] != self.n_samples_fit_:
                raise ValueError(
                    f"X has {X.shape[1]} features, but {type(self).__name__} is expecting "
                    f"{self.n_samples_fit_} features as input: distances to the training rows."
                )
            return X
        X = validate_data(
            self,
            X,
            reset=False,
            skip_check_array=is_clean(X),
            accept_sparse="csr",
            order="C",
            ensure_all_finite="allow-nan" if self.metric == "nan_euclidean" else True,
        )
        if issparse(X) and not issparse(self._fit_X):
            if self._fit_method != "brute" and self.algorithm != "auto":
                raise ValueError(
                    f"{self._fit_method} does not work with sparse matrices. Densify the data, or "
                    "set algorithm='brute'"
                )
            return X.toarray()
        if issparse(self._fit_X) and not issparse(X):
            return csr_array(X)
        return X

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
        if self.metric == "precomputed" and issparse(queries):
            distance, index = nearest_of_graph(queries, k + own)
        else:
            distance, index = self._index.query(queries, k + own, n_threads(self.n_jobs))
        if self._fit_method == "brute" and self.metric == "nan_euclidean":
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
        if mode not in ("connectivity", "distance"):
            raise ValueError(
                'Unsupported mode, must be one of "connectivity", or "distance" but got '
                f'"{mode}" instead'
            )
        distance, index = self.kneighbors(X, n_neighbors)
        n_queries, k = index.shape
        data = distance.reshape(-1) if mode == "distance" else np.ones(index.size)
        begin = np.arange(0, index.size + 1, k)
        kind = csr_array if get_config().get("sparse_interface") == "sparray" else csr_matrix
        return kind((data, index.reshape(-1), begin), shape=(n_queries, self.n_samples_fit_))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        # So that cross-validation cuts rows and columns of a matrix of distances.
        tags.input_tags.pairwise = isinstance(self.metric, str) and self.metric == "precomputed"
        tags.input_tags.positive_only = tags.input_tags.pairwise
        tags.input_tags.allow_nan = isinstance(self.metric, str) and self.metric == "nan_euclidean"
        return tags


def n_threads(n_jobs: int | None) -> int:
    """Return how many threads a search may use: without a wish, as many as BLAS."""
    available = available_threads()
    return available if n_jobs is None else max(1, min(effective_n_jobs(n_jobs), available))


def checked_target(estimator: Any, y: Any) -> NDArray:
    """Return a validated target as an array, of numbers if a mean is to be taken of it."""
    y = y.toarray() if issparse(y) else np.asarray(y)
    if is_classifier(estimator) or y.dtype.kind in "biuf":
        return y
    if y.dtype.kind != "O":
        raise ValueError(
            f"{type(estimator).__name__} takes the mean of numbers, but y is of type {y.dtype}."
        )
    return y.astype(np.float64)


def _training_rows(X: Any) -> Any:
    """Return the rows that a tree or a fitted nearest-neighbour estimator was made from."""
    if isinstance(X, (KDTree, BallTree)):
        return np.asarray(X.data)
    if hasattr(X, "kneighbors") and hasattr(X, "_fit_X"):
        return X._fit_X
    return X


def _check_precomputed(X: Any) -> Any:
    """Return a matrix of distances, checked."""
    if not issparse(X):
        return check_array(X, ensure_non_negative=True, input_name="X")
    if X.format not in ("csr", "csc", "coo", "lil"):
        raise TypeError(
            f"Sparse matrix in {X.format!r} format is not supported due to its handling of "
            "explicit zeros"
        )
    return check_array(
        X,
        accept_sparse="csr",
        ensure_non_negative=True,
        input_name="precomputed distance matrix",
    )


def _without_self(
    distance: NDArray[np.float64], index: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Drop each row's own index; where ties kept it out, the last neighbour is one too many."""
    n_rows, found = index.shape
    keep = index != np.arange(n_rows)[:, None]
    keep[keep.all(axis=1), -1] = False
    shape = (n_rows, found - 1)
    return distance[keep].reshape(shape), index[keep].reshape(shape)
