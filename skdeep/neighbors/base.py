"""What the estimators on nearest neighbours share: fitting an index, and asking it."""

from __future__ import annotations

from typing import Any

import numpy as np
from joblib import effective_n_jobs
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, csr_matrix, issparse
from sklearn import get_config
from sklearn.base import BaseEstimator

from skdeep.neighbors.rows import (
    NO_TARGET,
    as_kind_of,
    check_precomputed,
    check_rows,
    checked_target,
    training_rows,
)
from skdeep.neighbors.search.metric import choose_index, make_index, resolve_metric
from skdeep.neighbors.search_params import SearchParams
from skdeep.utils.parameters import check_parameters
from skdeep.utils.threads import available_threads
from skdeep.utils.weights import check_sample_weight

__all__ = ["NeighborsBase", "as_graph", "n_threads"]


class NeighborsBase(SearchParams, BaseEstimator):
    """Fit an index of the training rows, and check the queries to it.

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
    """

    def _check_params(self) -> None:
        check_parameters(self)

    def _validate(self, X: Any, y: Any = NO_TARGET) -> Any:
        """Return X, and y unless there is none, as arrays; set what scikit-learn keeps of them."""
        X = training_rows(X)
        if self._is_precomputed():
            X = check_precomputed(X, square=True)
        listed = (self.metric_params or {}).get("categorical_features", "from_dtype")
        checked = check_rows(
            self, X, y, reset=True, metric=self.metric, categorical_features=listed
        )
        if y is NO_TARGET:
            return checked
        return checked[0], checked_target(self, checked[1])

    def _is_precomputed(self) -> bool:
        return isinstance(self.metric, str) and self.metric == "precomputed"

    def _fit_index(self, X: Any, sample_weight: ArrayLike | None = None) -> None:
        params = self.metric_params
        if isinstance(self.metric, str) and self.metric == "gower":
            params = {**(params or {}), "categorical_features": self._is_categorical}
        metric = resolve_metric(self.metric, self.p, params)
        self._sample_weight = check_sample_weight(sample_weight, X)
        self._fit_method = choose_index(X, metric, self.metric, self.algorithm)
        self._fit_X, self._leaf_size = X, self.leaf_size
        self._index = make_index(X, metric, self._fit_method, self._leaf_size, self._sample_weight)
        self.effective_metric_ = metric.effective
        self.effective_metric_params_ = metric.effective_params
        self.n_samples_fit_ = X.shape[0]

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes without the index, which follows from them.

        So a stored model is arrays and numbers.
        """
        state = dict(super().__getstate__())
        state.pop("_index", None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "_fit_method" in state:
            metric = resolve_metric(self.effective_metric_, None, self.effective_metric_params_)
            self._index = make_index(
                self._fit_X, metric, self._fit_method, self._leaf_size, self._sample_weight
            )

    def _queries(self, X: Any) -> Any:
        """Return queries as an array that the index takes; None stays None."""
        if X is None:
            return None
        if self._is_precomputed():
            X = check_precomputed(X)
            if X.shape[1] != self.n_samples_fit_:
                raise ValueError(
                    f"X has {X.shape[1]} features, but {type(self).__name__} is expecting "
                    f"{self.n_samples_fit_} features as input: distances to the training rows."
                )
            return X
        X = check_rows(self, X, reset=False, metric=self.metric)
        if issparse(X) and self._fit_method != "brute" and self.algorithm != "auto":
            raise ValueError(
                f"{self._fit_method} does not work with sparse matrices. Densify the data, or "
                "set algorithm='brute'"
            )
        return as_kind_of(X, self._fit_X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = not (isinstance(self.metric, str) and self.metric == "gower")
        # So that cross-validation cuts rows and columns of a matrix of distances.
        tags.input_tags.pairwise = self._is_precomputed()
        tags.input_tags.positive_only = tags.input_tags.pairwise
        named = self.metric if isinstance(self.metric, str) else None
        tags.input_tags.allow_nan = named in ("nan_euclidean", "gower")
        tags.input_tags.categorical = tags.input_tags.string = named == "gower"
        return tags


def n_threads(n_jobs: int | None) -> int:
    """Return how many threads a search may use: without a wish, as many as BLAS."""
    available = available_threads()
    return available if n_jobs is None else max(1, min(effective_n_jobs(n_jobs), available))


def as_graph(
    mode: str,
    begin: NDArray[np.intp],
    index: NDArray[np.intp],
    distance: NDArray[np.float64],
    n_points: int,
) -> Any:
    """Return neighbourhoods as the rows of a sparse matrix.

    Parameters
    ----------
    mode : {"connectivity", "distance"}
        Whether a neighbour's entry is one or its distance.
    begin : ndarray of shape (n_queries + 1,)
        Where the neighbourhood of each query begins.
    index, distance : ndarrays of shape (n_neighbors_of_all,)
    n_points : int

    Returns
    -------
    CSR matrix of shape (n_queries, n_points)
    """
    data = distance if mode == "distance" else np.ones(len(index))
    kind = csr_array if get_config().get("sparse_interface") == "sparray" else csr_matrix
    return kind((data, index, begin), shape=(len(begin) - 1, n_points))


def check_mode(mode: str) -> None:
    """Raise ValueError unless `mode` is one of a graph's."""
    if mode not in ("connectivity", "distance"):
        raise ValueError(
            'Unsupported mode, must be one of "connectivity", or "distance" but got '
            f'"{mode}" instead'
        )
